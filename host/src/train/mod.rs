//! `train`: turns the wheel of core's `run.rs` and keeps the record.
//!
//! Every number of the outcome comes from the configuration; the wall clock, the progress bar and the moments of
//! checkpoints change nothing.

mod buffers;
mod device;
mod learners;
mod memory;
mod progress_bar;
mod replay_memory;
mod session;

pub use device::Device;
pub(crate) use learners::LearnerState;
pub use memory::MemoryNeed;
pub use session::Ended;
use session::Session;

use crate::config::Config;
use crate::console::print_note;
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, Summary, write_atomically};
use core::sync::atomic::AtomicBool;
use progress_bar::Display;

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// A progress bar for people, on standard error.
    Bar,
    /// One JSON object a line on standard output; the bar stays on standard error.
    Json,
    /// Not at all: others run beside it.
    Nothing,
}

/// Starts a run in a new folder.
pub fn start(
    config: &Config,
    folder: &RunFolder,
    device: Device,
    show: Show,
    interrupted: &AtomicBool,
) -> Outcome<Ended> {
    // The configuration comes first: a run killed right after it can still be continued.
    write_atomically(&folder.config(), config.to_toml().as_bytes())?;
    run(config, folder, device, show, interrupted)
}

/// Continues a run from its last checkpoint, or from the start if it was killed before the first one.
pub fn resume(
    folder: &RunFolder,
    device: Device,
    show: Show,
    interrupted: &AtomicBool,
) -> Outcome<Ended> {
    let config = Config::read(&folder.config())?;
    if let Some(summary) = finished(folder)? {
        return Ok(Ended::AlreadyFinished(summary));
    }
    run(&config, folder, device, show, interrupted)
}

/// Whether the configuration fits its environment.
pub fn check(config: &Config) -> Outcome<()> {
    buffers::check(config).map(|_| ())
}

fn finished(folder: &RunFolder) -> Outcome<Option<Summary>> {
    let path = folder.summary();
    if !path.exists() {
        return Ok(None);
    }
    let broken = |error: &dyn core::fmt::Display| {
        Failure::failed(format!(
            "cannot read {}: {error}; remove it to train again",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| broken(&error))?;
    serde_json::from_str(&text).map(Some).map_err(|error| broken(&error))
}

fn run(
    config: &Config,
    folder: &RunFolder,
    device: Device,
    show: Show,
    interrupted: &AtomicBool,
) -> Outcome<Ended> {
    let say = |text: &str| {
        if show != Show::Nothing {
            print_note(text);
        }
    };
    if device == Device::Cpu
        && let Some(shortage) = MemoryNeed::of(config)?.shortage()
    {
        say(&format!("note: {shortage}"));
    }
    let number = match device {
        Device::Cpu => None,
        Device::Cuda(number) => Some(number),
        Device::Auto => Some(0),
    };
    if let Some(number) = number {
        let mut buffers = buffers::Buffers::new(config, false)?;
        let setting = buffers.setting();
        match buffers.parts_on_card(config, number) {
            Ok(parts) => {
                say(&format!("device: {}", parts.learner.description()));
                let display = Display::new(show, config.steps);
                let session = Session::open(config, folder, setting, parts, display)?;
                return session.finish(interrupted);
            }
            Err(reason) if device == Device::Auto => {
                say(&format!("device: the CPU, because {reason}"));
            }
            Err(failure) => return Err(failure),
        }
    }
    let mut buffers = buffers::Buffers::new(config, true)?;
    let (setting, display) = (buffers.setting(), Display::new(show, config.steps));
    let parts = buffers.parts(config);
    Session::open(config, folder, setting, parts, display)?.finish(interrupted)
}
