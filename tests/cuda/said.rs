//! What is missing, fails, or cannot be trained on a card, in one sentence.

use super::{CART_POLE, FEW, PROGRAM, kept, on_a_machine_with_a_card};
use embedded_rl_checks::command::{self, Scratch, assert_same_record};
use embedded_rl_checks::stand_in_driver::driver_folder;
use std::time::Instant;

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
