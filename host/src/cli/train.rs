//! `train`: finds out what is to be trained, makes or opens its folder, and prints what it came to.

use super::arguments::Train;
use super::{experiments, studies};
use crate::config::{Config, source_text};
use crate::console::{print_json, print_line, print_note};
use crate::experiment::{self, Experiment, Seeds};
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, Summary};
use crate::study::{self, Study};
use crate::task::Task;
use crate::train::{self, Device, Ended, Show};
use core::sync::atomic::{AtomicBool, Ordering};
use std::path::Path;
use std::sync::Arc;

pub(super) fn train(arguments: Train, json: bool) -> Outcome<()> {
    let device = arguments.device;
    let interrupted = Arc::new(AtomicBool::new(false));
    let signal = Arc::clone(&interrupted);
    ctrlc::set_handler(move || signal.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::failed(format!("cannot listen for Ctrl-C: {error}")))?;

    if let Some(run) = &arguments.resume {
        let folder = RunFolder::open(run)?;
        if let Some(experiment) = Experiment::of_folder(&folder)? {
            without_networks(device)?;
            experiment::check(&experiment)?;
            return experiments::run(&experiment, &folder, &interrupted, json);
        }
        if let Some(study) = Study::of_folder(&folder)? {
            return studies::run(&study, &folder, device, &interrupted, json);
        }
        let ended = train::resume(&folder, device, show(json), &interrupted)?;
        return finish(ended, &folder, json);
    }

    let name = arguments.preset.clone().unwrap_or_default();
    let (text, source) = source_text(&name)?;
    let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy();
    let make_folder = |numbered: String| match &arguments.out {
        Some(path) => RunFolder::create(path),
        None => RunFolder::create_numbered(&numbered),
    };
    if Experiment::is_one(&text) {
        let seeds = arguments.seeds.or(arguments.seed.map(Seeds::one));
        let experiment = Experiment::load(&text, &source, &arguments.set, seeds)?;
        without_networks(device)?;
        experiment::check(&experiment)?;
        let folder = make_folder(format!("{stem}-seed{}", experiment.seeds))?;
        return experiments::run(&experiment, &folder, &interrupted, json);
    }
    if Study::is_one(&text) || arguments.seeds.is_some() {
        let seeds = arguments.seeds.or(arguments.seed.map(Seeds::one));
        let study = Study::load(&text, &source, &arguments.set, seeds)?;
        study::check(&study, device)?;
        let folder = make_folder(format!("{stem}-seed{}", study.seeds))?;
        return studies::run(&study, &folder, device, &interrupted, json);
    }
    let config = Config::load(&text, &source, &arguments.set, arguments.seed)?;
    // A mistake that only the environment can notice is reported before a folder is made for it.
    train::check(&config)?;
    device.check(&config)?;
    let folder = make_folder(format!("{stem}-seed{}", config.seed))?;
    let ended = train::start(&config, &folder, device, show(json), &interrupted)?;
    finish(ended, &folder, json)
}

/// What learns online has no network, and stays on the processor.
fn without_networks(device: Device) -> Outcome<()> {
    match device {
        Device::Cuda(_) => Err(Failure::wrong_use(
            "agents that learn online have nothing for a graphics card to do: leave --device out",
        )),
        Device::Cpu | Device::Auto => Ok(()),
    }
}

fn show(json: bool) -> Show {
    if json { Show::Json } else { Show::Bar }
}

fn finish(ended: Ended, folder: &RunFolder, json: bool) -> Outcome<()> {
    let path = folder.path().display();
    match ended {
        Ended::Finished(summary) => {
            print_summary(&summary, folder, json);
            Ok(())
        }
        Ended::AlreadyFinished(summary) => {
            print_note(&format!("{path} was finished before; nothing was trained"));
            print_summary(&summary, folder, json);
            Ok(())
        }
        Ended::Interrupted { step } => Err(Failure::failed(format!(
            "stopped at step {step}, everything is saved; continue with: embedded-rl train --resume {path}"
        ))),
    }
}

fn print_summary(summary: &Summary, folder: &RunFolder, json: bool) {
    if json {
        return print_json(summary);
    }
    let has_threshold = Task::make(&summary.environment).is_ok_and(|(_, least)| least.is_finite());
    let solved = match summary.solved_at_episode {
        Some(episode) => format!(" (solved at training episode {episode})"),
        None if has_threshold => {
            " (the training episodes themselves did not reach the threshold)".to_owned()
        }
        None => String::new(),
    };
    print_line(&format!(
        "greedy return {:.1} +- {:.1} over {} fresh episodes{solved}",
        summary.eval_mean, summary.eval_std, summary.eval_episodes
    ));
    print_line(&format!(
        "{} steps, {} episodes, {} updates in {:.1} s; parameters {}",
        summary.env_steps,
        summary.episodes,
        summary.updates,
        summary.wall_seconds,
        summary.parameters_hash
    ));
    print_line(&format!("everything is in {}", folder.path().display()));
}
