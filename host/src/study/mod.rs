//! Networks side by side: one training or several variants of it, over many seeds, on all cores.
//!
//! Every run is a whole run with its own folder, which `eval`, `export` and `train --resume` take like any other, and
//! gives what it gives alone. A study that was stopped goes on with the runs that are not finished. What agents without
//! networks do over seeds is in [`experiment`](crate::experiment).

mod config;
mod outcome;
mod picture;
mod records;

pub use config::{Study, Variant};
pub use outcome::{Finished, StudyOutcome, StudySummary, VariantSummary};

use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};
use crate::train::{self, Device, Ended, Show};
use core::sync::atomic::AtomicBool;
use indicatif::ProgressBar;
use outcome::RunOutcome;
use rayon::prelude::*;
use std::time::Instant;

/// Whether every variant fits its environment and the device.
pub fn check(study: &Study, device: Device) -> Outcome<()> {
    study.variants.iter().try_for_each(|variant| {
        train::check(&variant.config)?;
        device.check(&variant.config)
    })
}

/// Trains what is not trained yet, and writes tables and a picture of all into `folder`.
pub fn run(
    study: &Study,
    folder: &RunFolder,
    device: Device,
    interrupted: &AtomicBool,
) -> Outcome<Finished> {
    // The configuration comes first: a study killed right after it can still be continued.
    write_atomically(&folder.config(), study.text.as_bytes())?;
    let started = Instant::now();
    let seeds: Vec<u64> = study.seeds.each().collect();
    let runs: Vec<(&Variant, u64)> = study
        .variants
        .iter()
        .flat_map(|variant| seeds.iter().map(move |&seed| (variant, seed)))
        .collect();
    let bar = ProgressBar::new(runs.len() as u64);
    bar.tick();
    let finished: Vec<Option<RunOutcome>> = runs
        .par_iter()
        .map(|&(variant, seed)| {
            let outcome = one(study, folder, device, variant, seed, interrupted)?;
            bar.inc(1);
            Ok(outcome)
        })
        .collect::<Outcome<_>>()?;
    bar.finish_and_clear();
    let Some(finished) = finished.into_iter().collect::<Option<Vec<_>>>() else {
        return Err(Failure::failed(format!(
            "stopped, everything is saved; continue with: embedded-rl train --resume {}",
            folder.path().display()
        )));
    };
    let mut finished = finished.into_iter();
    let outcomes: Vec<StudyOutcome> = study
        .variants
        .iter()
        .map(|variant| StudyOutcome::of(variant, finished.by_ref().take(seeds.len()).collect()))
        .collect();
    let summary = StudySummary::of(study, &outcomes, started.elapsed().as_secs_f64());
    let finished = Finished { outcomes, summary };
    records::write(folder, &finished)?;
    picture::draw(&folder.curve(), &finished.outcomes)?;
    Ok(finished)
}

/// One run, begun or continued; `None` if it was interrupted.
fn one(
    study: &Study,
    folder: &RunFolder,
    device: Device,
    variant: &Variant,
    seed: u64,
    interrupted: &AtomicBool,
) -> Outcome<Option<RunOutcome>> {
    let path = folder.file("").join(Study::run_path(variant, seed));
    let mut config = variant.config.clone();
    config.seed = seed;
    let said = |failure: Failure| match study.variants.len() * study.seeds.count() {
        1 => failure,
        _ => Failure::failed(format!("{}: {failure}", path.display())),
    };
    // What stands there was begun by this study or is somebody else's.
    let ended = match RunFolder::open(&path) {
        Ok(begun) if config_of(&begun).is_some_and(|text| text == config.to_toml()) => {
            train::resume(&begun, device, Show::Nothing, interrupted)
        }
        Ok(_) => Err(Failure::failed(
            "the run there has another configuration; remove it or give another --out",
        )),
        Err(_) => RunFolder::create(&path)
            .and_then(|new| train::start(&config, &new, device, Show::Nothing, interrupted)),
    };
    match ended.map_err(said)? {
        Ended::Finished(summary) | Ended::AlreadyFinished(summary) => {
            RunOutcome::read(&RunFolder::open(&path)?, summary).map(Some)
        }
        Ended::Interrupted { .. } => Ok(None),
    }
}

fn config_of(folder: &RunFolder) -> Option<String> {
    std::fs::read_to_string(folder.config()).ok()
}
