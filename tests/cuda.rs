//! Training on a graphics card, on a machine without one: the command itself, unchanged, against a driver library over the
//! emulated kernels. What a run leaves is byte for byte what it leaves on the processor, and what can go wrong is said in one
//! sentence.

use embedded_rl::cuda::measure::{Card, Limits, Measurement, Scale, workloads};
use embedded_rl_checks::command::{self, Finished, Scratch, assert_same_record, command};
use embedded_rl_checks::stand_in_driver::{driver_folder, nvrtc_folder};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// A short run on CartPole with a network of 16-16: 1,001 updates of double DQN with a soft target and Adam whose rate is
/// scheduled; a ring that goes round.
const CART_POLE: &[&str] = &[
    "train",
    "cart-pole",
    "--set=environment=CartPole-v1",
    "--set=seed=3",
    "--set=steps=1100",
    "--set=network={hidden=[16,16],activation='relu',initialisation='pytorch'}",
    "--set=replay={capacity=700,batch=16}",
    "--set=agent.learning_starts=100",
    "--set=agent.train_every=1",
    "--set=agent.clip_norm=10.0",
    "--set=evaluation={every=500,episodes=2,final_episodes=3,keep='best',stop_at=inf,only_solved=false}",
    "--set=checkpoint_every=400",
];

/// The same for fewer steps, so 51 updates.
const FEW: &[&str] = &["--set=steps=150", "--set=replay={capacity=100,batch=8}"];

/// The convolutional network of grid-planes with fewer filters: 200 updates with priorities over five steps, from frames
/// that are kept once in a ring that goes round.
const PLANES: &[&str] = &[
    "train",
    "grid-planes",
    "--set=steps=249",
    "--set=network.convolutions=[{filters=10,kernel=[4,4],stride=[2,2],padding=[0,0]},\
     {filters=18,kernel=[3,3],stride=[1,1],padding=[0,0]}]",
    "--set=replay={capacity=150,batch=3,frames=160}",
    "--set=agent.learning_starts=50",
    "--set=agent.train_every=1",
    "--set=evaluation={every=100,episodes=1,final_episodes=1,keep='last',stop_at=inf,only_solved=false}",
    "--set=checkpoint_every=100",
];

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The command on a machine with a card and everything that belongs to it; `changed` are variables of its environment.
fn on_a_machine_with_a_card(
    folder: &Path,
    arguments: &[&str],
    changed: &[(&str, &str)],
) -> Finished {
    let libraries = env::join_paths([driver_folder(&kept()), &nvrtc_folder()]).expect("paths");
    let mut command = command(PROGRAM, folder, arguments);
    command.env("LD_LIBRARY_PATH", libraries).env("XDG_CACHE_HOME", kept().join("cuda-cache"));
    command.envs(changed.iter().copied());
    command.output().expect("the command can be started").into()
}

/// Trains on both, and holds what they leave against each other. What the driver counted.
#[track_caller]
fn assert_same_on_both(name: &str, arguments: &[&str], changed: &[(&str, &str)]) -> String {
    let scratch = Scratch::new("card");
    command::run(PROGRAM, scratch.path(), &[arguments, &["--out=cpu"]].concat()).success();
    let started = Instant::now();
    let report = scratch.join("report");
    let on_card = [arguments, &["--out=card", "--device=cuda"]].concat();
    let reported = [("EMULATION_REPORT", report.to_str().expect("a plain path"))];
    let changed = [&reported, changed].concat();
    let finished = on_a_machine_with_a_card(scratch.path(), &on_card, &changed).success();
    assert!(finished.errors.contains("device: Emulated Device (cuda:0, "), "{finished:#?}");
    assert_same_record(&scratch.join("card"), &scratch.join("cpu"));
    let report = fs::read_to_string(report).expect("a report");
    println!("{name}: {:.1} s, {}", started.elapsed().as_secs_f64(), report.replace('\n', ", "));
    report
}

/// A number of a report.
fn counted(report: &str, what: &str) -> u64 {
    let line = report.lines().find_map(|line| line.strip_prefix(what)).expect("a count");
    line.trim().parse().expect("a number")
}

#[test]
fn a_thousand_updates_on_cart_pole_leave_the_bytes_of_the_processor() {
    let report = assert_same_on_both("CartPole", CART_POLE, &[]);
    // Nothing is launched but graphs: one an update, of four kernels, and one an action that is not drawn, of three.
    let graphs = counted(&report, "graph launches");
    assert_eq!(counted(&report, "launches"), 0);
    assert!((1_001..1_101).contains(&graphs), "{report}");
    assert_eq!(counted(&report, "kernels"), 4 * 1_001 + 3 * (graphs - 1_001), "{report}");
    assert_eq!(counted(&report, "left allocated"), 0);
}

#[test]
fn two_hundred_updates_of_a_convolutional_network_leave_the_bytes_of_the_processor() {
    let report = assert_same_on_both("planes", PLANES, &[]);
    assert!((200..450).contains(&counted(&report, "graph launches")), "{report}");
}

#[test]
fn every_setting_that_a_card_takes_leaves_the_bytes_of_the_processor() {
    let variants: &[(&str, &[&str])] = &[
        (
            "hard target, SGD",
            &[
                "--set=agent.target={name='hard',every=20}",
                "--set=agent.optimiser={name='sgd',learning_rate=1e-3}",
                "--set=agent.double=false",
            ],
        ),
        (
            "no target, momentum, rewards of three steps",
            &[
                "--set=agent.target={name='none'}",
                "--set=agent.optimiser={name='sgd',learning_rate=1e-3,momentum=0.9}",
                "--set=agent.double=false",
                "--set=agent.n_step=3",
            ],
        ),
        (
            "RMSProp, tanh",
            &[
                "--set=agent.optimiser={name='rms-prop',learning_rate=1e-3,decay=0.95,epsilon=0.01,form='plain'}",
                "--set=network={hidden=[12],activation='tanh',initialisation='pytorch'}",
            ],
        ),
        (
            "centred RMSProp, elu, Huber",
            &[
                "--set=agent.optimiser={name='rms-prop',learning_rate=1e-3,decay=0.95,epsilon=0.01,form='centred'}",
                "--set=network={hidden=[12],activation='elu',initialisation='pytorch'}",
                "--set=agent.loss=huber",
            ],
        ),
        (
            "RMSProp of TensorFlow, sigmoid",
            &[
                "--set=agent.optimiser={name='rms-prop',learning_rate=1e-3,decay=0.95,epsilon=0.01,form='centred-epsilon-inside'}",
                "--set=network={hidden=[12],activation='sigmoid',initialisation='pytorch'}",
            ],
        ),
        (
            "priorities, several updates a batch",
            &[
                "--set=agent.sampling={name='prioritised',alpha=0.6,beta={name='linear',from=0.4,to=1.0,over=150,per='step'},epsilon=0.01}",
                "--set=agent.updates_per_batch=2",
                "--set=agent.updates_per_round=2",
            ],
        ),
        (
            "Munchausen",
            &[
                "--set=agent.backup={name='munchausen',alpha=0.9,temperature=0.03,lowest=-1.0}",
                "--set=agent.double=false",
                "--set=agent.clip_norm=inf",
            ],
        ),
        (
            "atoms, the chooser's",
            &[
                "--set=agent.distribution={name='categorical',atoms=11,lowest=-1.0,highest=20.0}",
                "--set=agent.clip_norm=inf",
            ],
        ),
        (
            "atoms, priorities, rewards of three steps",
            &[
                "--set=agent.distribution={name='categorical',atoms=7,lowest=0.0,highest=9.0}",
                "--set=agent.double=false",
                "--set=agent.n_step=3",
                "--set=agent.sampling={name='prioritised',alpha=0.6,beta={name='constant',value=0.4},epsilon=0.01}",
            ],
        ),
        (
            "quantiles, Munchausen",
            &[
                "--set=agent.distribution={name='quantiles',count=7}",
                "--set=agent.loss=huber",
                "--set=agent.backup={name='munchausen',alpha=0.9,temperature=0.03,lowest=-1.0}",
                "--set=agent.double=false",
            ],
        ),
        (
            "implicit quantiles",
            &[
                "--set=agent.distribution={name='implicit',cosines=6,fractions=3,target_fractions=5,policy_fractions=4}",
                "--set=agent.loss=huber",
                "--set=agent.double=false",
                "--set=agent.target={name='hard',every=20}",
            ],
        ),
        (
            "implicit quantiles and noise, the online network's choice, priorities, a dueling end",
            &[
                "--set=agent.distribution={name='implicit',cosines=5,fractions=4,target_fractions=2,policy_fractions=3}",
                "--set=agent.loss=huber",
                "--set=agent.weight_noise=0.5",
                "--set=network={hidden=[16,16],activation='relu',dueling='mean',initialisation='pytorch'}",
                "--set=agent.sampling={name='prioritised',alpha=0.6,beta={name='constant',value=0.4},epsilon=0.01}",
            ],
        ),
        (
            "implicit quantiles, Munchausen",
            &[
                "--set=agent.distribution={name='implicit',cosines=4,fractions=2,target_fractions=3,policy_fractions=2}",
                "--set=agent.loss=huber",
                "--set=agent.backup={name='munchausen',alpha=0.9,temperature=0.03,lowest=-1.0}",
                "--set=agent.double=false",
            ],
        ),
        ("noise in the weights", &["--set=agent.weight_noise=0.5"]),
        (
            "noise without a chooser or a target, rewards of three steps",
            &[
                "--set=agent.weight_noise=0.5",
                "--set=agent.target={name='none'}",
                "--set=agent.double=false",
                "--set=agent.n_step=3",
            ],
        ),
        (
            "noise, quantiles, priorities",
            &[
                "--set=agent.weight_noise=0.5",
                "--set=agent.distribution={name='quantiles',count=5}",
                "--set=agent.loss=huber",
                "--set=agent.sampling={name='prioritised',alpha=0.6,beta={name='constant',value=0.4},epsilon=0.01}",
            ],
        ),
        (
            "gradients cut number by number",
            &["--set=agent.clip_norm=inf", "--set=agent.clip_value=0.01"],
        ),
        (
            "quantiles",
            &[
                "--set=agent.distribution={name='quantiles',count=7}",
                "--set=agent.loss=huber",
                "--set=agent.target={name='hard',every=20}",
            ],
        ),
    ];
    for (name, more) in variants {
        assert_same_on_both(name, &[CART_POLE, FEW, more].concat(), &[]);
    }
    // Whole transitions of planes, and the convolutional network's Munchausen targets.
    let planes = [
        "--set=steps=80",
        "--set=replay={capacity=60,batch=2}",
        "--set=agent.double=false",
        "--set=agent.n_step=1",
        "--set=agent.clip_norm=inf",
        "--set=agent.clip_value=0.001",
        "--set=agent.backup={name='munchausen',alpha=0.9,temperature=0.03,lowest=-1.0}",
    ];
    assert_same_on_both("whole planes, Munchausen", &[PLANES, &planes].concat(), &[]);
    let planes = [
        "--set=steps=80",
        "--set=replay={capacity=60,batch=2,frames=70}",
        "--set=agent.weight_noise=0.5",
    ];
    assert_same_on_both("planes with noise in the weights", &[PLANES, &planes].concat(), &[]);
    let often = &[
        "--set=agent.train_per=step",
        "--set=agent.train_every=1",
        "--set=agent.updates_per_round=1",
    ];
    for preset in [
        "cart-pole-dueling",
        "cart-pole-batch-norm",
        "cart-pole-noisy",
        "cart-pole-c51",
        "cart-pole-iqn",
    ] {
        let (settings, others) = (&CART_POLE[2..5], &CART_POLE[7..]);
        let arguments = [&["train", preset], settings, others, FEW, often].concat();
        assert_same_on_both(preset, &arguments, &[]);
    }
}

#[test]
fn runs_side_by_side_share_a_card() {
    let scratch = Scratch::new("seeds");
    let settings = [CART_POLE, FEW].concat();
    let seeds: Vec<&str> =
        settings.iter().copied().filter(|setting| !setting.starts_with("--set=seed")).collect();
    let seeds = [&seeds[..], &["--seeds=0..3"]].concat();
    command::run(PROGRAM, scratch.path(), &[&seeds[..], &["--out=cpu"]].concat()).success();
    let on_card = [&seeds[..], &["--out=card", "--device=cuda"]].concat();
    on_a_machine_with_a_card(scratch.path(), &on_card, &[]).success();
    for seed in ["seed0", "seed1", "seed2"] {
        let of = |out: &str| scratch.join(out).join(seed);
        assert_same_record(&of("card"), &of("cpu"));
    }
}

#[test]
fn a_card_that_is_newer_than_nvrtc_gets_text_for_its_own_compiler() {
    let new = [("EMULATION_CAPABILITY", "219")];
    assert_same_on_both("a new card", &[CART_POLE, FEW].concat(), &new);
}

/// What a run learns and draws, and the kernels before which its card is lost: twice.
const LOST: &[(&[&str], [&str; 2])] = &[
    (&[], ["40", "100"]),
    (
        &[
            "--set=agent.weight_noise=0.5",
            "--set=agent.distribution={name='categorical',atoms=5,lowest=0.0,highest=20.0}",
        ],
        ["300", "500"],
    ),
    (
        &[
            "--set=agent.weight_noise=0.5",
            "--set=agent.loss=huber",
            "--set=agent.distribution={name='implicit',cosines=5,fractions=4,target_fractions=2,policy_fractions=3}",
        ],
        ["500", "900"],
    ),
];

#[test]
fn a_run_goes_on_where_its_card_was_lost_on_any_device() {
    for (kind, [first, second]) in LOST {
        let scratch = Scratch::new("lost");
        let arguments = [CART_POLE, FEW, &["--set=checkpoint_every=20"], kind].concat();
        let whole = [&arguments[..], &["--out=whole"]].concat();
        command::run(PROGRAM, scratch.path(), &whole).success();
        let begin = [&arguments[..], &["--out=run", "--device=cuda"]].concat();
        let resume = ["train", "--resume=run", "--device=cuda"];
        let lost = |arguments: &[&str], at: &str| {
            let changed = [("EMULATION_LOST_AT", at)];
            let finished = on_a_machine_with_a_card(scratch.path(), arguments, &changed);
            let sentence = finished.last_sentence(1);
            assert!(sentence.starts_with("the device was lost ("), "{sentence}");
            let continued = "continue with: embedded-rl train --resume run";
            assert!(sentence.ends_with(continued), "{sentence}");
            assert!(scratch.join("run/checkpoint").exists());
            assert!(!scratch.join("run/summary.json").exists());
        };
        lost(&begin, first);
        lost(&resume, second);
        command::run(PROGRAM, scratch.path(), &["train", "--resume=run"]).success();
        assert_same_record(&scratch.join("run"), &scratch.join("whole"));
    }
}

#[test]
fn without_a_card_one_sentence_says_so_at_once_and_nothing_is_left() {
    let scratch = Scratch::new("none");
    let started = Instant::now();
    let arguments = [CART_POLE, &["--out=run", "--device=cuda"]].concat();
    let finished = command::run(PROGRAM, scratch.path(), &arguments);
    let sentence = finished.sentence(1);
    assert!(sentence.starts_with("there is no CUDA driver on this machine"), "{sentence}");
    assert!(started.elapsed().as_secs_f64() < 1.0, "{:?}", started.elapsed());
    assert!(!scratch.join("run").exists());
}

#[test]
fn without_a_card_auto_takes_the_processor_and_says_why() {
    let scratch = Scratch::new("auto");
    let arguments = [CART_POLE, FEW, &["--out=run", "--device=auto"]].concat();
    let finished = command::run(PROGRAM, scratch.path(), &arguments).success();
    let said = "device: the CPU, because there is no CUDA driver on this machine";
    assert!(finished.errors.starts_with(said), "{finished:#?}");
    let finished = on_a_machine_with_a_card(
        scratch.path(),
        &[CART_POLE, FEW, &["--out=card", "--device=auto"]].concat(),
        &[],
    );
    assert!(finished.success().errors.starts_with("device: Emulated Device (cuda:0, "));
    assert_same_record(&scratch.join("card"), &scratch.join("run"));
}

#[test]
fn what_can_go_wrong_is_said_in_one_sentence() {
    let only_driver = driver_folder(&kept()).to_str().expect("a plain path");
    let scratch = Scratch::new("wrong");
    let empty = scratch.path().to_str().expect("a plain path");
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: &[Case<'_>] = &[
        (&[("EMULATION_DEVICES", "0")], "cuda", "the CUDA driver finds no device that it can use"),
        (&[], "cuda:1", "there is no CUDA device 1: this machine has one, cuda:0"),
        (&[("EMULATION_DEVICES", "3")], "cuda:3", "there is no CUDA device 3: this machine has 3"),
        (
            &[("EMULATION_DRIVER", "11040")],
            "cuda",
            "the CUDA driver is too old: it knows CUDA 11.4, and 12.0 is needed",
        ),
        (
            &[("LD_LIBRARY_PATH", only_driver), ("XDG_CACHE_HOME", empty)],
            "cuda",
            "NVRTC, which compiles the kernels, was not found",
        ),
        (&[("EMULATION_MEMORY", "5000")], "cuda", "the device has no memory left (1 MiB for "),
        (
            &[("EMULATION_CAPABILITY", "30")],
            "cuda",
            "NVRTC 12.9 makes nothing for a device of sm_30, which is too old for it",
        ),
        (
            &[("EMULATION_REFUSES_AT", "30")],
            "cuda",
            "the CUDA driver refuses: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (replaying an update)",
        ),
        (
            &[("EMULATION_FAILS_AT", "100")],
            "cuda",
            "a kernel failed on the device (waiting for the device: CUDA_ERROR_ILLEGAL_ADDRESS)",
        ),
        (
            &[("EMULATION_LOST_AT", "100")],
            "cuda",
            "the device was lost (waiting for the device: CUDA_ERROR_UNKNOWN)",
        ),
    ];
    for (index, (changed, device, expected)) in cases.iter().enumerate() {
        let (device, out) = (format!("--device={device}"), format!("--out={index}"));
        let capability = [("XDG_CACHE_HOME", empty)];
        let changed = if *expected == cases[6].2 {
            [&capability, *changed].concat()
        } else {
            changed.to_vec()
        };
        let arguments = [CART_POLE, FEW, &[&device, &out]].concat();
        let finished = on_a_machine_with_a_card(scratch.path(), &arguments, &changed);
        let sentence = finished.last_sentence(1);
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn what_a_card_cannot_train_is_named() {
    let scratch = Scratch::new("cannot");
    let wide = "--set=network.convolutions=[{filters=2,kernel=[3,3],stride=[1,1],padding=[0,0]}]";
    let many = "--set=agent.distribution={name='implicit',cosines=16,fractions=1000,target_fractions=8,policy_fractions=16}";
    let branched = ["train", "docking", "--set=network.actions=branched", "--device=cuda"];
    let finished = on_a_machine_with_a_card(scratch.path(), &branched, &[]);
    let said = "network.actions: branched values cannot be trained on a device yet";
    assert_eq!(finished.sentence(1), said);
    for arguments in [
        &["train", "grid-planes", "--set=replay.batch=65536", wide][..],
        &["train", "cart-pole-iqn", "--set=replay.batch=2000", many],
    ] {
        let arguments = [arguments, &["--device=cuda"]].concat();
        let finished = on_a_machine_with_a_card(scratch.path(), &arguments, &[]);
        let sentence = finished.sentence(1);
        let said = "replay.batch: a batch of this network is too large for one launch";
        assert_eq!(sentence, said);
    }
    let finished = command::run(PROGRAM, scratch.path(), &["train", "taxi", "--device=cuda"]);
    assert!(finished.sentence(2).contains("leave --device out"));
    let finished = command::run(PROGRAM, scratch.path(), &["train", "cart-pole", "--device=gpu"]);
    assert_eq!(finished.status, Some(2));
    assert!(finished.errors.contains("a device is cpu, cuda, cuda:N or auto"), "{finished:#?}");
}

#[test]
fn compiled_kernels_are_kept_damaged_ones_made_again_and_none_kept_where_there_is_no_place() {
    let scratch = Scratch::new("kept");
    let folder = scratch.join("cache");
    let cache = folder.to_str().expect("a plain path");
    let only_driver = driver_folder(&kept()).to_str().expect("a plain path");
    let train = |out: &str, changed: &[(&str, &str)]| {
        let out = format!("--out={out}");
        let arguments = [CART_POLE, FEW, &["--device=cuda", &out]].concat();
        on_a_machine_with_a_card(scratch.path(), &arguments, changed)
    };
    train("first", &[("XDG_CACHE_HOME", cache)]).success();
    let entries = || {
        let folder = fs::read_dir(folder.join("embedded-rl/kernels")).expect("kept kernels");
        folder.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    // Of the fused update: rows and gradients, sums, the optimiser, the target network; and of acting, dense layers.
    assert_eq!(entries().len(), 5, "{:?}", entries());

    // All are there: NVRTC is not needed.
    let without_nvrtc = [("XDG_CACHE_HOME", cache), ("LD_LIBRARY_PATH", only_driver)];
    train("second", &without_nvrtc).success();

    let damaged = &entries()[0];
    let mut content = fs::read(damaged).expect("an entry");
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::write(damaged, &content).expect("an entry");
    let finished = train("third", &without_nvrtc);
    assert!(finished.sentence(1).starts_with("NVRTC, which compiles"), "{finished:#?}");
    train("fourth", &[("XDG_CACHE_HOME", cache)]).success();
    assert_ne!(fs::read(damaged).expect("an entry"), content);

    train("fifth", &[("XDG_CACHE_HOME", "relative"), ("HOME", "")]).success();
    train("sixth", &[("XDG_CACHE_HOME", "/dev/null")]).success();
    assert_same_record(&scratch.join("sixth"), &scratch.join("first"));
}

/// CRC-32 as zip files have it.
fn checksum(bytes: &[u8]) -> u32 {
    let shift = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), shift))
}

#[test]
fn the_stand_in_driver_sees_a_kernel_that_takes_something_else() {
    let scratch = Scratch::new("other");
    let folder = scratch.join("cache");
    let changed = [("XDG_CACHE_HOME", folder.to_str().expect("a plain path"))];
    let train = |out: &str| {
        let arguments = [CART_POLE, FEW, &["--device=cuda", out]].concat();
        on_a_machine_with_a_card(scratch.path(), &arguments, &changed)
    };
    train("--out=first").success();
    let kernels = fs::read_dir(folder.join("embedded-rl/kernels")).expect("kept kernels");
    let mut paths = kernels.map(|entry| entry.expect("an entry").path());
    let is_adam = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"adam-"))
    };
    let kept = paths.find(is_adam).expect("the kept optimiser");
    let nine = ".param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d, .param .u64 e, .param .u64 f, .param .f32 g, .param .f32 h, .param";
    for (last, status) in [(".u32 i", Some(0)), (".u64 i", Some(3))] {
        let text = format!(".visible .entry adam({nine} {last})\0");
        let content =
            [b"\x89RLK\r\n\x1a\n", &checksum(text.as_bytes()).to_le_bytes()[..], text.as_bytes()]
                .concat();
        fs::write(&kept, content).expect("an entry");
        let finished = train(&format!("--out={}", status.unwrap_or_default()));
        assert_eq!(finished.status, status, "{finished:#?}");
        let said = "adam has other parameters in the image than in the emulation";
        assert_eq!(finished.errors.contains(said), status == Some(3), "{finished:#?}");
    }
}

/// Set in the process that is to measure. A driver library is looked for once in a process, where it was started with.
const MEASURES: &str = "EMBEDDED_RL_TEST_MEASURES";

#[test]
fn every_kernel_is_measured_with_sizes_that_it_takes() {
    if env::var_os(MEASURES).is_some() {
        return measure_all();
    }
    let scratch = Scratch::new("measured");
    let report = scratch.join("report");
    let name = "every_kernel_is_measured_with_sizes_that_it_takes";
    let libraries = env::join_paths([driver_folder(&kept()), &nvrtc_folder()]).expect("paths");
    let finished: Finished = Command::new(env::current_exe().expect("this program"))
        .args([name, "--exact", "--nocapture"])
        .env("LD_LIBRARY_PATH", libraries)
        .env("XDG_CACHE_HOME", kept().join("cuda-cache"))
        .env("EMULATION_REPORT", &report)
        .env(MEASURES, "1")
        .output()
        .expect("this program can be started")
        .into();
    let finished = finished.success();
    assert!(finished.output.contains(Limits::HEAD), "{finished:#?}");
    // Three launches of each before any is measured; one in a graph of its own, and two rounds of one or more.
    let report = fs::read_to_string(report).expect("a report");
    let count = workloads(Scale::Small).len() as u64;
    assert_eq!(counted(&report, "launches"), 3 * count);
    assert_eq!(counted(&report, "graph launches"), 3 * count);
    assert!(counted(&report, "kernels") >= 6 * count, "{report}");
    assert_eq!(counted(&report, "left allocated"), 0);
}

/// On the card that this process seems to have.
fn measure_all() {
    let card = Card::open(0).expect("a card");
    assert!(card.description().starts_with("Emulated Device (cuda:0, "));
    let limits = card.limits();
    // As the stand-in says: 64 bits twice a nanosecond, and 4 multiprocessors of 128 lanes.
    assert_eq!(limits, Limits { bytes: Some(16e9), operations: Some(1_024e9) });
    println!("{}", Limits::HEAD);
    for workload in workloads(Scale::Small) {
        let measured = card.measure(&workload, 2).expect("a time");
        let Measurement { kernel, minimum, median, bytes, operations } = measured;
        println!("{}", limits.row(&measured));
        assert!(
            0.0 < minimum && minimum <= median && median < 10.0,
            "{kernel}: {minimum} {median}"
        );
        let rates = [bytes / minimum, operations.unwrap_or(1.0) / minimum];
        assert!(rates.iter().all(|&rate| rate > 0.0 && rate.is_finite()), "{kernel}: {rates:?}");
    }
}
