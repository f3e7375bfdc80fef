//! Settings and configuration files: each mistake is told with its place.

use crate::refusal::{FAILED, WRONG_USE, assert_refused, files, trained};
use embedded_rl_checks::command::Scratch;
use std::fs;

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
