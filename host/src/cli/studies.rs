//! `train` of several networks: runs them and prints what they came to.

use crate::console::{print_json, print_line};
use crate::failure::Outcome;
use crate::record::{RunFolder, Summary};
use crate::study::{self, Finished, Study};
use crate::train::Device;
use core::sync::atomic::AtomicBool;
use serde::Serialize;

/// The summary of a run and whose it is.
#[derive(Serialize)]
struct Run<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    variant: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
}

pub(super) fn run(
    study: &Study,
    folder: &RunFolder,
    device: Device,
    interrupted: &AtomicBool,
    json: bool,
) -> Outcome<()> {
    let Finished { outcomes, summary } = study::run(study, folder, device, interrupted)?;
    if json {
        for (variant, summary) in outcomes.iter().flat_map(|outcome| outcome.summaries()) {
            print_json(&Run { kind: "run", variant, summary });
        }
        print_json(&summary);
        return Ok(());
    }
    print_line(&summary.table().to_string());
    print_line(&format!(
        "{} runs in {:.1} s; everything is in {}",
        study.variants.len() * study.seeds.count(),
        summary.wall_seconds,
        folder.path().display()
    ));
    Ok(())
}
