//! What cannot be finished: a place that cannot be written, a full disk, too little memory, numbers that diverge.

use crate::refusal::{FAILED, PROGRAM, assert_refused, files, run, trained};
use embedded_rl_checks::command::{Finished, SHORT_RUN, Scratch, command};
use std::fs;
use std::path::Path;

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let scratch = trained("place");
    // Permissions do not bind everyone; a file where a folder should be does.
    scratch.write("file", "not a folder");
    let before = files(scratch.path());
    let cases: &[(&[&str], &str)] = &[
        (&["train", "cart-pole", "--out", "file/run"], "cannot make the folder file/run"),
        (&["train", "cart-pole", "--out", "file"], "cannot make the folder file"),
        (&["export", "run", "--out", "file/policy.rlp"], "cannot write file/policy.rlp"),
        (&["export", "run", "--out", "none/policy.rlp"], "cannot write none/policy.rlp"),
        (&["export", "run", "--out", "run"], "cannot write run"),
        (&["export", "run", "--out", "/"], "cannot write /"),
        (&["export", "run", "--format=safetensors", "--out", "run"], "cannot write run"),
    ];
    for (arguments, expected) in cases {
        assert_refused(scratch.path(), arguments, FAILED, expected);
    }
    scratch.write("runs", "not a folder");
    let expected = "cannot make the folder runs/cart-pole-seed0";
    assert_refused(scratch.path(), &["train", "cart-pole", "--seed=0"], FAILED, expected);
    fs::remove_file(scratch.join("runs")).expect("a file");
    assert!(files(scratch.path()) == before, "a file was changed");
}

/// Runs the command in a shell that has first set a limit of its own.
fn run_limited(folder: &Path, limit: &str, arguments: &[&str]) -> Finished {
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    let shell = [&["-c", &script, PROGRAM], arguments].concat();
    command("sh", folder, &shell).output().expect("a shell").into()
}

/// A limit on the size of files makes a write fail as a full disk does, for root too, and takes nobody's space.
#[test]
fn a_full_disk_ends_a_run_in_one_sentence_and_it_goes_on_where_there_is_room() {
    let reference = Scratch::new("room");
    run(reference.path(), &[SHORT_RUN, &["--out=run"]].concat()).success();
    let strip = |folder: &Path| {
        let mut files = files(folder);
        // The wall clock; cli_train compares what stands beside it.
        files.retain(|name, _| name != "summary.json" && !name.ends_with(".csv"));
        files
    };
    // In blocks of 512 bytes. The checkpoint grows with the replay memory: 200 KB at the end.
    for (blocks, file, saved) in
        [(6, "metrics.csv", false), (40, "checkpoint", false), (200, "checkpoint", true)]
    {
        let scratch = Scratch::new("full");
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}");
        let arguments = [SHORT_RUN, &["--out=run", "--json"]].concat();
        let full = run_limited(scratch.path(), &limit, &arguments);
        full.objects();
        let sentence = full.last_sentence(FAILED);
        assert!(sentence.starts_with(&format!("cannot write run/{file}: ")), "{sentence}");
        let left = files(&scratch.join("run"));
        assert!(left.keys().all(|name| !name.ends_with(".part")), "{:?}", left.keys());
        assert_eq!(left.contains_key("checkpoint"), saved, "at {blocks} blocks");
        // Still full: still a sentence, and the last good checkpoint stays what it was.
        let again = run_limited(scratch.path(), &limit, &["train", "--resume", "run"]);
        again.last_sentence(FAILED);
        assert_eq!(files(&scratch.join("run")).get("checkpoint"), left.get("checkpoint"));

        run(scratch.path(), &["train", "--resume", "run"]).success();
        assert!(strip(&scratch.join("run")) == strip(&reference.join("run")), "at {blocks} blocks");
    }
    let copy = ["export", "run", "--out", "copy.rlp"];
    fs::write(reference.join("copy.rlp"), "what was there before").expect("a file");
    let full = run_limited(reference.path(), "trap '' XFSZ; ulimit -f 0", &copy);
    assert!(full.sentence(FAILED).starts_with("cannot write copy.rlp: "));
    let kept = fs::read_to_string(reference.join("copy.rlp")).expect("a file");
    assert_eq!(kept, "what was there before");
}

#[test]
fn too_little_memory_is_said_in_words() {
    let scratch = Scratch::new("memory");
    let arguments = [SHORT_RUN, &["--out=run", "--set=replay.capacity=268435456"]].concat();
    let refused = run_limited(scratch.path(), "ulimit -v 1000000", &arguments);
    let sentence = refused.sentence(FAILED);
    assert!(sentence.contains("there is no memory for 4096 MiB"), "{sentence}");
    assert!(sentence.contains("takes 11264 MiB for transitions"), "{sentence}");
}

#[test]
fn a_network_that_diverges_is_not_exported() {
    let scratch = Scratch::new("diverged");
    let wild = "--set=agent.optimiser={name='sgd',learning_rate=1e38}";
    for json in [&[][..], &["--json"]] {
        let out = format!("--out=run{}", json.len());
        let more = [wild, "--set=agent.clip_norm=inf", "--set=agent.learning_starts=32", &out];
        let diverged = run(scratch.path(), &[SHORT_RUN, &more, json].concat());
        let sentence = diverged.last_sentence(FAILED);
        assert!(sentence.contains("diverged") && sentence.contains("learning rate"), "{sentence}");
        if !json.is_empty() {
            assert!(diverged.objects().len() > 100);
        }
        let run = scratch.join(&out["--out=".len()..]);
        assert!(!run.join("policy.rlp").exists() && !run.join("summary.json").exists());
    }
}
