//! Whatever is typed or handed in, and whatever the disk does: one plain sentence on standard error, the right exit
//! status, nothing on standard output that is not JSON under `--json`, and no file the worse for it.

use embedded_rl::export::PolicyFile;
use embedded_rl_checks::command::{self, Finished, SHORT_RUN, Scratch, command};
use embedded_rl_core::nn::{Activation, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{encode, encoded_len};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");
const FAILED: i32 = 1;
const WRONG_USE: i32 = 2;

fn run(folder: &Path, arguments: &[&str]) -> Finished {
    command::run(PROGRAM, folder, arguments)
}

/// The short run, in the folder `run`, cut to 600 steps (a hundred of them with learning), changed by `more`.
fn brief(more: &[&str]) -> Vec<String> {
    let arguments =
        [SHORT_RUN, &["--out=run", "--set=steps=600", "--set=checkpoint_every=200"], more];
    arguments.concat().into_iter().map(str::to_owned).collect()
}

fn trained(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let arguments = brief(&[]);
    run(scratch.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>()).success();
    scratch
}

/// Asserts that the command is refused in one sentence that holds `expected`, and no differently under `--json`.
#[track_caller]
fn assert_refused(folder: &Path, arguments: &[&str], status: i32, expected: &str) {
    let plain = run(folder, arguments);
    let sentence = plain.sentence(status);
    assert!(sentence.contains(expected), "{arguments:?}: '{expected}' is not in: {sentence}");
    let json = run(folder, &[arguments, &["--json"]].concat());
    json.objects();
    assert_eq!(json.sentence(status), sentence);
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let inside = files_of(&entry.path(), &name);
            files.extend(inside);
        } else {
            files.insert(name, fs::read(entry.path()).expect("a file"));
        }
    }
    files
}

fn files_of(folder: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().map(|(file, content)| (format!("{name}/{file}"), content)).collect()
}

#[test]
fn settings_that_mean_nothing_are_wrong_use() {
    let scratch = Scratch::new("settings");
    for (setting, expected) in [
        ("", "KEY=VALUE"),
        ("steps", "KEY=VALUE"),
        ("=", "no key ''"),
        ("=3", "no key ''"),
        (".=3", "no key '.'"),
        ("step=3", "no key 'step'"),
        ("steps.more=3", "no key 'steps.more'"),
        (".steps=3", "no key '.steps'"),
        ("agent..discount=0.5", "no key 'agent..discount'"),
        ("agent.discont=1", "no key 'agent.discont'"),
        ("steps=", "invalid type"),
        ("steps=many", "invalid type"),
        ("steps=-1", "invalid value"),
        ("steps=1.5", "invalid type"),
        ("steps=0", "at least 1"),
        ("seed=99999999999999999999999", "invalid type"),
        ("environment=3", "invalid type"),
        ("environment=NoSuch-v1", "NoSuch-v1 is not built"),
        ("environment=Taxi-v4", "no network can be trained on Taxi-v4"),
        ("environment=", "is not built"),
        ("agent=3", "invalid type"),
        ("agent={}", "missing field"),
        ("agent.discount=nan", "between 0 and 1"),
        ("agent.discount=1.01", "between 0 and 1"),
        ("agent.train_every=0", "train_every"),
        ("agent.updates_per_round=0", "updates_per_round"),
        ("agent.updates_per_round=4294967296", "invalid value"),
        ("agent.target={name='hard',every=0}", "every must be at least 1"),
        ("agent.target={name='hard'}", "missing field"),
        ("agent.target={name='soft',tau=0.0}", "tau"),
        ("agent.target={name='gentle',tau=0.1}", "unknown variant"),
        ("agent.target={name='soft',tau=0.1,every=3}", "unknown field"),
        ("agent.optimiser={name='adam',learning_rate=nan}", "learning_rate"),
        ("agent.optimiser={name='adam',learning_rate=-1e-3}", "learning_rate"),
        ("agent.optimiser={name='adam',learning_rate=1e-3,beta1=1.0}", "beta1"),
        ("agent.optimiser={name='sgd',learning_rate=1e-3,momentum=1.5}", "momentum"),
        ("agent.clip_norm=0", "clip_norm"),
        ("agent.clip_norm=nan", "clip_norm"),
        ("agent.exploration={name='constant',value=1.5}", "exploration"),
        ("agent.exploration={name='exponential',from=1.0,to=0.1,decay=-2.0}", "decay"),
        ("agent.learning_rate_schedule={name='constant',value=nan}", "schedule"),
        ("agent.learning_rate_schedule={name='constant',value=-1.0}", "negative"),
        ("network.hidden=[0]", "outside 1 to 65536"),
        ("network.hidden=[1,1,1,1,1,1,1,1,1]", "more than 8 layers"),
        ("network.hidden=[65536,65536]", "too many for a policy file"),
        ("network.activation=softish", "unknown variant"),
        ("observation.offset=[1,2]", "same length"),
        ("observation={offset=[1,2],scale=[1,2]}", "observes 4"),
        ("observation={offset=[1,2,3,nan],scale=[1,2,3,4]}", "finite"),
        ("replay.batch=0", "replay.batch"),
        ("replay.capacity=0", "replay.capacity"),
        ("replay.capacity=9999999999", "replay.capacity"),
        ("replay.frames=100", "CartPole-v1 observes"),
        ("replay.frames=9999999999", "replay.frames"),
        ("evaluation.episodes=0", "at least 1"),
        ("evaluation.keep=worst", "unknown variant"),
        ("evaluation.stop_at=nan", "stop_at"),
        ("checkpoint_every=0", "at least 1"),
    ] {
        let arguments = ["train", "cart-pole", "--out=run", "--set", setting];
        assert_refused(scratch.path(), &arguments, WRONG_USE, expected);
    }
    // A stack of four frames, and the one that a step leads to.
    for (setting, expected) in [
        ("replay.frames=4", "replay.frames must be at least 5"),
        ("observation={offset=[1.0],scale=[1.0]}", "replay.frames keeps observations as bytes"),
    ] {
        let arguments = ["train", "breakout", "--out=run", "--set", setting];
        assert_refused(scratch.path(), &arguments, WRONG_USE, expected);
    }
    assert!(files(scratch.path()).is_empty(), "nothing was made for what cannot be done");
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let scratch = Scratch::new("missing");
    fs::create_dir(scratch.join("empty")).expect("a folder");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["train", "no-such-preset"], WRONG_USE, "there is no preset 'no-such-preset'"),
        (&["train", "none.toml"], FAILED, "cannot read none.toml"),
        (&["train", "--resume", "none"], FAILED, "there is no folder none"),
        (&["train", "--resume", "empty"], FAILED, "empty holds no run"),
        (&["eval", "none"], FAILED, "cannot read none"),
        (&["eval", "empty"], FAILED, "empty holds no run"),
        (&["export", "none", "--out", "file"], FAILED, "cannot read none"),
        (&["export", "empty", "--out", "file"], FAILED, "empty holds no run"),
        (&["replay", "none.jsonl"], FAILED, "cannot replay none.jsonl"),
        (&["replay", "empty"], FAILED, "cannot replay empty"),
    ];
    for (arguments, status, expected) in cases {
        assert_refused(scratch.path(), arguments, *status, expected);
    }
    assert!(files(scratch.path()).is_empty());
}

#[test]
fn a_configuration_file_is_refused_with_the_place_of_its_mistake() {
    let scratch = trained("configuration");
    // Of a finished run only the summary is read.
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    let right = fs::read_to_string(scratch.join("run/config.toml")).expect("a configuration");
    let without = |key: &str| {
        let lines = right.lines().filter(|line| !line.starts_with(key));
        lines.map(|line| line.to_owned() + "\n").collect::<String>()
    };
    let cases: &[(Vec<u8>, i32, &str)] = &[
        (Vec::new(), WRONG_USE, "missing field `environment`"),
        (format!("colour = 3\n{right}").into(), WRONG_USE, "line 1: unknown field `colour`"),
        (format!("{right}\n[colours]\nred = 1\n").into(), WRONG_USE, "unknown field `colours`"),
        (without("seed").into(), WRONG_USE, "missing field `seed`"),
        (format!("{}steps = 5\n", without("[")).into(), WRONG_USE, "mine.toml, line"),
        (right.replace("steps = 600", "steps = 'all'").into(), WRONG_USE, "invalid type"),
        (right.replace("steps = 600", "steps = = 600").into(), WRONG_USE, "mine.toml, line"),
        (right.replace("steps = 600", "steps = 0").into(), WRONG_USE, "at least 1"),
        (right.replace("CartPole-v1", "CartPole-v7").into(), WRONG_USE, "CartPole-v7 is not built"),
        (b"\x00\x00\x00".to_vec(), WRONG_USE, "mine.toml, line 1"),
        (b"a \xFF\xFE z".to_vec(), FAILED, "cannot read mine.toml"),
        (b"PK\x03\x04 a zip file".to_vec(), WRONG_USE, "mine.toml, line 1"),
    ];
    for (content, status, expected) in cases {
        scratch.write("mine.toml", content);
        let train: &[&str] = &["train", "mine.toml", "--out", "other"];
        assert_refused(scratch.path(), train, *status, expected);
        assert_refused(scratch.path(), &[train, &["--set=seed=1"]].concat(), *status, expected);
        fs::write(scratch.join("run/config.toml"), content).expect("a configuration");
        let expected = expected.replace("mine.toml", "run/config.toml");
        assert_refused(scratch.path(), &["train", "--resume", "run"], *status, &expected);
    }
    assert!(!scratch.join("other").exists());
    fs::create_dir(scratch.join("folder.toml")).expect("a folder");
    assert_refused(scratch.path(), &["train", "folder.toml"], FAILED, "cannot read folder.toml");
}

/// Ways of damaging a file, each with its name.
fn damages(content: &[u8]) -> Vec<(String, Vec<u8>)> {
    let length = content.len();
    let cuts = [0, 1, 7, 8, 15, 16, 17, 63, 64, length / 2, length - 4, length - 1];
    let cuts = cuts.iter().map(|&cut| (format!("cut to {cut}"), content[..cut].to_vec()));
    let places = [0, 5, 8, 9, 12, 15, 16, 40, length / 3, length / 2, length - 5, length - 1];
    let flips = places.iter().map(|&place| {
        let mut flipped = content.to_vec();
        flipped[place] ^= 0x04;
        (format!("byte {place} changed"), flipped)
    });
    let foreign = [
        ("text", b"This is a letter, not a network. It is about as long as a small one.".repeat(3)),
        ("zeros", vec![0; 4_096]),
        ("a longer one", [content, b"and more"].concat()),
    ];
    let foreign = foreign.map(|(name, content)| (name.to_owned(), content));
    cuts.chain(flips).chain(foreign).collect()
}

#[test]
fn a_damaged_or_foreign_policy_is_refused() {
    let scratch = trained("policy");
    let right = fs::read(scratch.join("run/policy.rlp")).expect("a policy");
    let checkpoint = fs::read(scratch.join("run/checkpoint")).expect("a checkpoint");
    let mut damaged = damages(&right);
    damaged.push(("a checkpoint".to_owned(), checkpoint));
    for (name, content) in damaged {
        scratch.write("mine.rlp", &content);
        scratch.write("run/policy.rlp", &content);
        for arguments in [
            &["eval", "mine.rlp"][..],
            &["eval", "run"],
            &["export", "mine.rlp", "--out", "copy"],
            &["export", "run", "--out", "copy", "--format", "safetensors"],
        ] {
            let refused = run(scratch.path(), arguments);
            let sentence = refused.sentence(FAILED);
            assert!(sentence.contains("cannot be used: it"), "{name}: {sentence}");
            assert_eq!(refused.output, "", "{name}");
        }
    }
    assert!(!scratch.join("copy").exists());
    assert_refused(scratch.path(), &["eval", "mine.rlp"], FAILED, "the policy mine.rlp");
    scratch.write("run/policy.rlp", right);
    run(scratch.path(), &["eval", "run"]).success();

    fs::remove_file(scratch.join("run/policy.rlp")).expect("a policy");
    let expected = "run has no policy yet; finish it with: embedded-rl train --resume run";
    assert_refused(scratch.path(), &["eval", "run"], FAILED, expected);
}

/// Writes a policy that has learned nothing.
fn write_policy(path: &Path, environment: &str, spec: &NetworkSpec) {
    let mut bytes = vec![0; encoded_len(spec, Normalise::IDENTITY)];
    let parameters = vec![0.5; spec.parameter_count()];
    encode(environment, spec, Normalise::IDENTITY, &parameters, &mut bytes);
    fs::write(path, bytes).expect("a policy");
    PolicyFile::read(path).expect("a right policy");
}

#[test]
fn a_policy_of_another_environment_is_not_played() {
    let scratch = Scratch::new("other");
    let relu = Activation::Relu;
    for (environment, sizes, arguments, status, expected) in [
        ("NoSuch-v2", [8, 4], &[][..], WRONG_USE, "NoSuch-v2 is not built"),
        ("Taxi-v4", [1, 6], &[], WRONG_USE, "no network can be trained on Taxi-v4"),
        ("", [4, 2], &[], WRONG_USE, "give one with --environment"),
        ("", [4, 2], &["--environment", "none"], WRONG_USE, "none is not built"),
        ("CartPole-v1", [8, 2], &[], FAILED, "has 8 inputs and 2 actions, CartPole-v1 has 4 and 2"),
        ("CartPole-v1", [4, 3], &[], FAILED, "has 4 inputs and 3 actions, CartPole-v1 has 4 and 2"),
        ("NoSuch-v2", [8, 4], &["--environment=CartPole-v1"], FAILED, "has 8 inputs and 4 actions"),
    ] {
        write_policy(&scratch.join("mine.rlp"), environment, &NetworkSpec::mlp(&sizes, relu));
        let arguments = [&["eval", "mine.rlp"], arguments].concat();
        assert_refused(scratch.path(), &arguments, status, expected);
    }
    write_policy(&scratch.join("mine.rlp"), "", &NetworkSpec::mlp(&[4, 2], relu));
    let named = ["eval", "mine.rlp", "--environment", "CartPole-v0", "--episodes", "1"];
    run(scratch.path(), &named).success();
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_refused_and_nothing_is_changed() {
    let scratch = trained("checkpoint");
    // As if killed after the last checkpoint, before the end.
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    let right = fs::read(scratch.join("run/checkpoint")).expect("a checkpoint");
    let policy = fs::read(scratch.join("run/policy.rlp")).expect("a policy");
    let mut damaged = damages(&right);
    damaged.push(("a policy".to_owned(), policy));
    let mut older = right.clone();
    older[8] -= 1;
    scratch.write("run/checkpoint", &older);
    let refused = run(scratch.path(), &["train", "--resume", "run"]);
    let sentence = refused.sentence(FAILED);
    assert!(sentence.contains("it is version 2, this program reads version 3"), "{sentence}");
    for (name, content) in damaged {
        scratch.write("run/checkpoint", &content);
        let before = files(scratch.path());
        let refused = run(scratch.path(), &["train", "--resume", "run", "--json"]);
        let sentence = refused.sentence(FAILED);
        let expected = "the checkpoint run/checkpoint cannot be used: it";
        assert!(sentence.contains(expected), "{name}: {sentence}");
        assert_eq!(refused.output, "", "{name}");
        assert!(files(scratch.path()) == before, "{name}: a file was changed");
    }
    scratch.write("run/checkpoint", right);
    run(scratch.path(), &["train", "--resume", "run"]).success();
}

#[test]
fn a_run_whose_files_contradict_each_other_is_not_continued() {
    let scratch = trained("contradiction");
    let whole = files(&scratch.join("run"));
    let summary = &whole["summary.json"];
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    let replaced = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(whole[name].clone()).expect("text");
        assert!(text.contains(from), "{name} has no {from}");
        text.replace(from, to).into_bytes()
    };
    let metrics = String::from_utf8(whole["metrics.csv"].clone()).expect("text");
    let shorter: String = metrics.split_inclusive('\n').take(5).collect();
    let half_a_row = metrics.as_bytes()[..metrics.len() - 3].to_vec();
    for (name, content, expected) in [
        ("config.toml", replaced("config.toml", "steps = 600", "steps = 700"), "was changed after"),
        ("config.toml", replaced("config.toml", "seed = 0", "seed = 1"), "was changed after"),
        ("config.toml", replaced("config.toml", "[16]", "[17]"), "was changed after"),
        ("metrics.csv", shorter.into_bytes(), "metrics.csv has fewer than the"),
        ("metrics.csv", half_a_row, "metrics.csv has fewer than the"),
        ("metrics.csv", b"step,colour\n".repeat(99), "metrics.csv begins with another header"),
        ("metrics.csv", vec![0xFF; 99], "cannot read run/metrics.csv"),
        ("evaluations.csv", Vec::new(), "evaluations.csv"),
        ("summary.json", summary[..summary.len() / 2].to_vec(), "summary.json"),
        ("summary.json", b"{}".to_vec(), "summary.json"),
    ] {
        scratch.write(&format!("run/{name}"), content);
        let before = files(scratch.path());
        if name == "evaluations.csv" {
            // 600 steps have no evaluation, so that there is nothing to contradict.
            run(scratch.path(), &["train", "--resume", "run"]).success();
            fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
        } else {
            assert_refused(scratch.path(), &["train", "--resume", "run"], FAILED, expected);
            assert!(files(scratch.path()) == before, "{name}: a file was changed");
        }
        if name == "summary.json" {
            fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
        } else {
            scratch.write(&format!("run/{name}"), &whole[name]);
        }
    }
    run(scratch.path(), &["train", "--resume", "run"]).success();
    let mut again = files(&scratch.join("run"));
    // The only file with a clock that was not kept.
    again.insert("summary.json".to_owned(), summary.clone());
    assert!(again == whole, "once all is as it was, the run ends as it did");
}

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
        // The wall clock; cli_train.rs compares what stands beside it.
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

const RECORDING: &str = include_str!("golden/cart_pole_v1.jsonl");

#[test]
fn what_is_no_recording_is_not_replayed() {
    let scratch = Scratch::new("replay");
    let lines: Vec<_> = RECORDING.split_inclusive('\n').collect();
    let cut_off = lines[..lines.len() / 2].concat();
    for (content, expected) in [
        ("", "does not begin with a header"),
        ("environment = 'CartPole-v1'\n", "line 1 is not JSON"),
        ("{}\n", "line 1 is not a line of a trace"),
        ("[1, 2, 3]\n", "line 1"),
        (lines[1], "does not begin with a header"),
        (lines[0], "holds no episode"),
        (&RECORDING.replace("CartPole-v1", "CartPole-v9"), "CartPole-v9 is not built"),
        (&lines[..5].concat(), "cut off"),
        (&(lines[..4].concat() + &lines[4][..20]), "line 5 is not JSON"),
        (&cut_off, "cut off"),
    ] {
        scratch.write("mine.jsonl", content);
        assert_refused(scratch.path(), &["replay", "mine.jsonl"], FAILED, expected);
    }
    scratch.write("mine.jsonl", [0x89, b'P', b'N', b'G', 0xFF, 0, 0, 10, 0xFE]);
    assert_refused(scratch.path(), &["replay", "mine.jsonl"], FAILED, "line 1 is not JSON");
}

#[test]
fn a_recording_with_one_byte_changed_is_found_to_differ() {
    let scratch = Scratch::new("differs");
    scratch.write("right.jsonl", RECORDING);
    run(scratch.path(), &["replay", "right.jsonl"]).success();

    // The first digit of an observation, far into the file.
    let place = RECORDING.len() / 2;
    let place = place + RECORDING[place..].find("\"obs\":").expect("an observation");
    let place = place + RECORDING[place..].find(|c: char| c.is_ascii_digit()).expect("a digit");
    let mut changed = RECORDING.as_bytes().to_vec();
    changed[place] = if changed[place] == b'1' { b'2' } else { b'1' };
    scratch.write("changed.jsonl", changed);
    let expected = "changed.jsonl differs from CartPole-v1";
    assert_refused(scratch.path(), &["replay", "changed.jsonl"], FAILED, expected);
    let objects = run(scratch.path(), &["replay", "changed.jsonl", "--json"]).objects();
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0]["matches"], false);
    let difference = objects[0]["difference"].as_str().expect("words");
    assert!(difference.contains("observation[0] is "), "{difference}");
}

#[test]
fn what_cannot_be_solved_is_wrong_use() {
    let scratch = Scratch::new("solve");
    for (arguments, expected) in [
        (&["solve", "nothing"][..], "nothing called 'nothing' to solve"),
        (&["solve", "CartPole-v1"], "the rules of CartPole-v1 are no table"),
        (&["solve", "FrozenLake-v1", "--discount", "nan"], "between 0 and 1"),
        (&["solve", "FrozenLake-v1", "--discount", "1.5"], "between 0 and 1"),
        (&["solve", "FrozenLake-v1", "--discount=-0.1"], "between 0 and 1"),
    ] {
        assert_refused(scratch.path(), arguments, WRONG_USE, expected);
    }
}

#[test]
fn what_the_command_line_does_not_know_is_wrong_use_without_a_panic() {
    let scratch = Scratch::new("usage");
    for arguments in [
        &[][..],
        &["fly"],
        &["train"],
        &["train", "cart-pole", "--seed", "-1"],
        &["train", "cart-pole", "--seed", "x"],
        &["train", "cart-pole", "--resume", "run"],
        &["train", "--resume", "run", "--set", "steps=1"],
        &["eval"],
        &["eval", "run", "--episodes", "0"],
        &["export", "run"],
        &["export", "run", "--out", "file", "--format", "onnx"],
        &["replay"],
    ] {
        let refused = run(scratch.path(), arguments);
        assert_eq!(
            (refused.status, refused.output.as_str()),
            (Some(WRONG_USE), ""),
            "{arguments:?}"
        );
        assert!(refused.errors.contains("Usage:") || refused.errors.contains("--help"));
        assert!(!refused.errors.contains("panicked"), "{refused:#?}");
    }
    assert!(files(scratch.path()).is_empty());
}
