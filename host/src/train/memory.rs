//! How many bytes a run needs, and getting them.

use super::buffers;
use super::replay_memory::Form;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use core::fmt::{self, Display, Formatter};
use embedded_rl_core::dqn::{AgentMemory, LearnerMemory};

/// Bytes that a configuration takes, by what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryNeed {
    /// Transitions.
    pub replay: usize,
    /// Networks, optimiser, a batch, and what the agent has of its own.
    pub learning: usize,
}

impl MemoryNeed {
    /// What this configuration takes, if it fits its environment.
    pub fn of(config: &Config) -> Outcome<Self> {
        let (task, _, spec) = buffers::check(config)?;
        let (batch, capacity) = (config.replay.batch, config.replay.capacity);
        let inputs = spec.inputs();
        let floats = 2 * inputs
            + AgentMemory::float_count(&config.agent, inputs, capacity, batch)
            + LearnerMemory::float_count(&spec, &config.agent, batch);
        let words = AgentMemory::word_count(&config.agent, batch) + batch;
        Ok(Self {
            replay: Form::of(config, &task)?.byte_count(capacity),
            learning: (floats + words) * size_of::<f32>(),
        })
    }

    /// What there should be free for it and is not, in words; nothing where the system does not say what is free.
    pub(super) fn shortage(&self) -> Option<String> {
        let text = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        let free = line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? << 10;
        let short = self.replay.saturating_add(self.learning) > free;
        short.then(|| format!("this run takes {self}; only {} MiB are free", free >> 20))
    }
}

impl Display for MemoryNeed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [replay, learning] = [self.replay, self.learning].map(|bytes| bytes.div_ceil(1 << 20));
        write!(f, "{replay} MiB for transitions and {learning} MiB for learning")
    }
}

/// Memory full of zeros, if there is as much.
pub(super) fn zeros<T: Copy + Default>(count: usize) -> Outcome<Vec<T>> {
    // Two steps, because the first can say no, and the second gets zeroed pages that are not touched yet.
    let mut probe = Vec::<T>::new();
    probe.try_reserve_exact(count).map_err(|_| {
        let megabytes = count.saturating_mul(size_of::<T>()) >> 20;
        Failure::failed(format!("there is no memory for {megabytes} MiB at once"))
    })?;
    // Otherwise the compiler may leave the question out.
    drop(core::hint::black_box(probe));
    Ok(vec![T::default(); count])
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::MemoryNeed;

    #[test]
    fn what_is_more_than_free_is_said_with_its_parts() {
        let need = MemoryNeed { replay: 1 << 60, learning: (1 << 20) + 1 };
        let words = need.shortage().expect("nobody has an exbibyte");
        let parts =
            "this run takes 1099511627776 MiB for transitions and 2 MiB for learning; only ";
        assert!(words.starts_with(parts) && words.ends_with(" MiB are free"), "{words}");
        assert_eq!(MemoryNeed { replay: 0, learning: 1 }.shortage(), None);
    }
}
