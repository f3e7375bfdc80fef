//! Where a run is trained: on the processor or on a graphics card. Both leave the same bytes, so this is no part of a run's
//! configuration: a run that was begun on one goes on on the other.

use super::buffers;
use crate::config::Config;
use crate::cuda;
use crate::failure::{Failure, Outcome};
use core::str::FromStr;

/// What `--device` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The card with this number.
    Cuda(u32),
    /// The first card if there is one that can train the run, else the processor.
    Auto,
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "auto" => Ok(Self::Auto),
            _ => match text.strip_prefix("cuda:").map(str::parse) {
                Some(Ok(number)) => Ok(Self::Cuda(number)),
                _ => Err("a device is cpu, cuda, cuda:N or auto".to_owned()),
            },
        }
    }
}

impl Device {
    /// Whether it is there and can train the run, as far as that can be said without starting.
    pub fn check(self, config: &Config) -> Outcome<()> {
        let Self::Cuda(number) = self else { return Ok(()) };
        let (_, _, spec) = buffers::check(config)?;
        cuda::check(number)?;
        match cuda::complaint(&spec, &config.agent, config.replay.batch) {
            Some(complaint) => Err(Failure::failed(complaint)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn devices_have_names() {
        let device = |text: &str| text.parse::<Device>();
        assert_eq!(device("cpu"), Ok(Device::Cpu));
        assert_eq!(device("cuda"), Ok(Device::Cuda(0)));
        assert_eq!(device("cuda:3"), Ok(Device::Cuda(3)));
        assert_eq!(device("auto"), Ok(Device::Auto));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert!(device(text).is_err(), "{text}");
        }
    }
}
