//! How long kernels take on a card: every one that trains and every version of the ladder, each for one set of sizes.
//!
//! A kernel is launched a few times first, then in rounds: a graph of some launches between two events of the device, so that
//! what the host does is not in the time, and what a launch in a graph costs is, about a microsecond. Its buffers hold random
//! numbers and are larger than the caches of a card where the kernel's work allows. What is computed is not looked at here;
//! that is what `kernels/README.md` is about.

mod environments;
mod ladder;
mod layers;
mod limits;
mod updates;
mod workload;

pub use limits::Limits;
pub use workload::{Scale, Workload};

use super::buffers::Buffer;
use super::device::{Device, failure};
use super::launch::{Graph, Launcher};
use crate::failure::Outcome;
use cudarc::driver::result::event;
use cudarc::driver::sys::{CUevent, CUevent_flags};
use embedded_rl_core::rng::{Generator, SeedableRng};
use embedded_rl_kernels::ladder::{LADDER, LADDER_FILES};
use embedded_rl_kernels::{FILES, KERNELS, Launch, kernel};
use std::rc::Rc;
use workload::Content;

/// Launches before any is measured.
const WARM_UP: u32 = 3;

/// Seconds that a round takes at least, as far as [`MOST_LAUNCHES`] allow: events have steps of half a microsecond.
const ROUND: f64 = 1e-3;
const MOST_LAUNCHES: f64 = 100.0;

/// All that is measured: every kernel that trains, in the order of the concepts, then the ladder from the bottom up.
pub fn workloads(scale: Scale) -> Vec<Workload> {
    let lists = [
        layers::workloads(scale),
        updates::workloads(scale),
        environments::workloads(scale),
        ladder::workloads(scale),
    ];
    lists.into_iter().flatten().collect()
}

/// A launch of a kernel that trains.
///
/// # Panics
/// If there is none of this name, or it takes other arguments.
fn trains(
    name: &str,
    sizes: &[u32],
    numbers: &[f64],
    launch: Launch,
    buffers: &[Content],
) -> Workload {
    let Some(kernel) = kernel(name) else { panic!("no kernel {name}") };
    Workload::new(kernel, sizes, numbers, launch, buffers.to_vec())
}

/// A card that is measured on.
#[derive(Debug)]
pub struct Card {
    device: Rc<Device>,
    launcher: Launcher,
}

/// How long a launch took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// The kernel's name.
    pub kernel: &'static str,
    /// Seconds, in the fastest round.
    pub minimum: f64,
    /// Seconds, in the round in the middle.
    pub median: f64,
    /// Bytes that a launch moves.
    pub bytes: f64,
    /// Operations of a launch, where they are counted.
    pub operations: Option<f64>,
}

impl Card {
    /// Opens the card with this number.
    pub fn open(ordinal: u32) -> Outcome<Self> {
        let device = Device::open(ordinal)?;
        let launcher = Launcher::with(&device, &[KERNELS, LADDER], &[FILES, LADDER_FILES]);
        Ok(Self { device, launcher })
    }

    /// `NVIDIA H100 (cuda:0, compute capability 9.0, 81559 MiB)`
    pub fn description(&self) -> String {
        self.device.description()
    }

    /// What the card can do, as far as it says so.
    pub fn limits(&self) -> Limits {
        Limits::of(&self.device)
    }

    /// Launches the kernel in so many rounds, at least one.
    pub fn measure(&self, workload: &Workload, rounds: u32) -> Outcome<Measurement> {
        let kernel = workload.name();
        let rng = &mut Generator::seed_from_u64(1);
        let filled = |content: &Content| Buffer::of(&self.device, &content.drawn(rng), kernel);
        let buffers: Vec<Buffer<u8>> =
            workload.contents().iter().map(filled).collect::<Outcome<_>>()?;

        let launches = |count: u32| {
            (0..count).try_for_each(|_| {
                let call = workload.call(&buffers);
                // SAFETY: the lists in this folder say how long the buffers are, and how many threads there are, as the head
                // of the kernel asks for; whatever is an index in them is below what it is an index of.
                unsafe { call.start(&self.launcher, workload.launch) }
            })
        };
        launches(WARM_UP)?;
        let clock = Clock::new(&self.device)?;
        let once = clock.time(&self.recorded(|| launches(1))?)?;
        let each = (ROUND / once.max(1e-9)).ceil().clamp(1.0, MOST_LAUNCHES);
        let round = self.recorded(|| launches(each as u32))?;
        let mut seconds = Vec::new();
        for _ in 0..rounds.max(1) {
            seconds.push(clock.time(&round)? / each);
        }
        seconds.sort_by(f64::total_cmp);
        let (minimum, median) = (seconds[0], seconds[seconds.len() / 2]);
        let (bytes, operations) = (workload.bytes(), workload.operations());
        Ok(Measurement { kernel, minimum, median, bytes, operations })
    }

    /// A graph of what `launches` asks for.
    fn recorded(&self, launches: impl Fn() -> Outcome<()>) -> Outcome<Graph> {
        self.launcher.rehearse(&launches)?;
        self.launcher.record(&launches)
    }
}

/// Two events of a device.
struct Clock<'a> {
    device: &'a Device,
    start: Event,
    end: Event,
}

impl<'a> Clock<'a> {
    fn new(device: &'a Device) -> Outcome<Self> {
        Ok(Self { device, start: Event::new()?, end: Event::new()? })
    }

    /// Seconds that a graph takes.
    fn time(&self, graph: &Graph) -> Outcome<f64> {
        self.start.record(self.device)?;
        graph.replay()?;
        self.end.record(self.device)?;
        self.device.synchronise()?;
        // SAFETY: both exist, were recorded in the same stream, and have been waited for.
        let elapsed = unsafe { event::elapsed(self.start.0, self.end.0) };
        let milliseconds = elapsed.map_err(|error| failure(&error, "asking for the time"))?;
        Ok(f64::from(milliseconds) / 1e3)
    }
}

/// A time in what a device does.
struct Event(CUevent);

impl Event {
    fn new() -> Outcome<Self> {
        let event = event::create(CUevent_flags::CU_EVENT_DEFAULT);
        event.map(Self).map_err(|error| failure(&error, "measuring time"))
    }

    fn record(&self, device: &Device) -> Outcome<()> {
        // SAFETY: it exists, and the stream lives as long as the device.
        let recorded = unsafe { event::record(self.0, device.stream()) };
        recorded.map_err(|error| failure(&error, "measuring time"))
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: it was created, and is destroyed once.
        let _ = unsafe { event::destroy(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_is_measured_once_at_either_scale() {
        let mut known: Vec<&str> = KERNELS.iter().chain(LADDER).map(|kernel| kernel.name).collect();
        known.sort_unstable();
        for scale in [Scale::Large, Scale::Small] {
            let all = workloads(scale);
            let mut measured: Vec<&str> = all.iter().map(Workload::name).collect();
            measured.sort_unstable();
            assert_eq!(measured, known);
        }
    }

    #[test]
    fn work_is_what_the_buffers_say() {
        let all = workloads(Scale::Small);
        let of = |name: &str| {
            let found = all.iter().find(|workload| workload.name() == name).expect("a kernel");
            (found.bytes(), found.operations())
        };
        // 20 inputs, 12 outputs, a batch of 33.
        let numbers = 4.0 * f64::from(21 * 12 + 33 * 20 + 33 * 12);
        assert_eq!(of("dense_forward"), (numbers, Some(2.0 * 33.0 * 20.0 * 12.0)));
        assert_eq!(of("dense_naive"), of("dense_forward"));
        // A thousand numbers, read and written.
        assert_eq!(of("tanh_forward"), (8_000.0, None));
        assert_eq!(of("square_sum_one_pass").1, Some(2_000.0));
    }

    #[test]
    fn every_launch_is_one_that_any_card_takes() {
        for workload in [Scale::Large, Scale::Small].into_iter().flat_map(workloads) {
            let Launch { blocks: [x, y, z], threads, shared_bytes } = workload.launch;
            let fits = (1..1 << 31).contains(&x) && (1..1 << 16).contains(&y) && z == 1;
            let threads: u32 = threads.iter().product();
            let name = workload.name();
            assert!(fits && (1..=1_024).contains(&threads), "{name}: {:?}", workload.launch);
            assert!(shared_bytes <= 48 * 1_024, "{name}: {shared_bytes}");
            // A small card has as much memory.
            assert!(workload.buffer_bytes() < 2f64.powi(30), "{name}: {}", workload.buffer_bytes());
        }
    }

    #[test]
    fn buffers_are_as_long_as_what_is_counted_on_paper() {
        // What these move depends on what is drawn, but for the last, whose few numbers nobody counted exactly.
        let others = ["gather", "gather_frames", "mean_of_taken", "mlp_rows", "prepare_step"];
        let mut differences = Vec::new();
        let mut compared = 0;
        for workload in workloads(Scale::Large) {
            let Some(counted) = workload.counted() else { continue };
            if !others.contains(&workload.name()) {
                compared += 1;
                let own = workload.buffer_bytes();
                if (own / counted.bytes - 1.0).abs() > 0.01 {
                    differences.push((workload.name(), own, counted.bytes));
                }
            }
        }
        assert!(differences.is_empty(), "{differences:?}");
        assert!(compared > 10, "{compared}");
    }
}
