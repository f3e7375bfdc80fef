//! What a run on a card leaves is what the processor leaves, whatever is set, and wherever it goes on.

use super::{
    CART_POLE, FEW, PLANES, PROGRAM, assert_same_on_both, counted, on_a_machine_with_a_card,
};
use embedded_rl_checks::command::{self, Scratch, assert_same_record};

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
                "--set=agent.clip_norm=0.5",
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
        ("noise in the weights", &["--set=agent.weight_noise=0.5", "--set=agent.clip_norm=0.5"]),
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
    for (name, more) in [
        ("branches", "--set=agent.double=false"),
        ("branches, the online network's choice", "--set=agent.loss=squared-error"),
    ] {
        let branched =
            ["train", "docking", "--set=network.actions=branched", "--set=agent.double=true"];
        let arguments = [&branched[..], &CART_POLE[3..4], &CART_POLE[7..], FEW, often, &[more]];
        assert_same_on_both(name, &arguments.concat(), &[]);
    }
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
