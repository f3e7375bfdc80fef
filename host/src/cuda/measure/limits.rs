//! What a card can do at most, from what it says of itself, and the table of what was reached.

use super::Measurement;
use crate::cuda::device::Device;
use cudarc::driver::sys::CUdevice_attribute as Attribute;

/// Limits that a card says. An attribute that is zero is one that it does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bytes a second to and from memory: its clock, twice, times the width of its bus.
    pub bytes: Option<f64>,
    /// Multiplications and additions a second in single precision: multiprocessors times clock times lanes, two a cycle. Only
    /// who fuses both reaches it; the exact kernels do not, and are at most half as fast. Tensor cores are not in it.
    pub operations: Option<f64>,
}

impl Limits {
    pub(super) fn of(device: &Device) -> Self {
        let of = |attribute| f64::from(device.attribute(attribute).unwrap_or(0));
        let memory_clock = 1e3 * of(Attribute::CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
        let bus = of(Attribute::CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH) / 8.0;
        let multiprocessors = of(Attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        let clock = 1e3 * of(Attribute::CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
        Self::from(memory_clock, bus, multiprocessors, clock, lanes(device.capability()))
    }

    /// Clocks in Hz, the bus in bytes, lanes a multiprocessor.
    fn from(memory_clock: f64, bus: f64, multiprocessors: f64, clock: f64, lanes: f64) -> Self {
        let said = |limit: f64| (limit > 0.0).then_some(limit);
        Self {
            bytes: said(2.0 * memory_clock * bus),
            operations: said(2.0 * multiprocessors * clock * lanes),
        }
    }

    /// The head of the table whose rows are [`Self::row`].
    pub const HEAD: &'static str = "| kernel | \u{b5}s, fastest | \u{b5}s, median | GB/s | GFLOP/s | of the card's limit |\n\
         |---|---|---|---|---|---|";

    /// What was measured, as a row; rates are of the fastest round.
    pub fn row(&self, measured: &Measurement) -> String {
        let Measurement { kernel, minimum, median, bytes, operations } = *measured;
        let operations = operations.map(|operations| operations / minimum);
        let share = |rate: Option<f64>, limit: Option<f64>| Some(rate? / limit?);
        let of_memory = share(Some(bytes / minimum), self.bytes);
        let of_arithmetic = share(operations, self.operations);
        // The one that is nearer.
        let said = match (of_memory, of_arithmetic) {
            (Some(memory), arithmetic) if arithmetic.is_none_or(|share| share < memory) => {
                format!("{:.1} % of memory", 100.0 * memory)
            }
            (_, Some(share)) => format!("{:.1} % of arithmetic", 100.0 * share),
            _ => String::new(),
        };
        let operations =
            operations.map_or(String::new(), |operations| format!("{:.1}", operations / 1e9));
        let [minimum, median] = [minimum, median].map(|seconds| 1e6 * seconds);
        let rate = bytes / measured.minimum / 1e9;
        format!("| {kernel} | {minimum:.2} | {median:.2} | {rate:.1} | {operations} | {said} |")
    }
}

/// Lanes of single precision of a multiprocessor, by compute capability (CUDA C++ Programming Guide, arithmetic
/// instructions); zero for cards that are older than what NVRTC 12 compiles for.
fn lanes([major, minor]: [i32; 2]) -> f64 {
    match (major, minor) {
        (..=4, _) => 0.0,
        (6, 0) | (7, _) | (8, 0) => 64.0,
        _ => 128.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Measurement =
        Measurement { kernel: "k", minimum: 1e-6, median: 2e-6, bytes: 1e5, operations: Some(1e6) };

    #[test]
    fn limits_of_an_h100_are_the_printed_ones() {
        let limits = Limits::from(2.619e9, 640.0, 132.0, 1.98e9, lanes([9, 0]));
        assert!((limits.bytes.expect("memory") / 3.35e12 - 1.0).abs() < 1e-3);
        assert!((limits.operations.expect("arithmetic") / 66.9e12 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_row_says_which_limit_is_nearer_and_leaves_out_what_is_not_known() {
        let known = Limits { bytes: Some(1e12), operations: Some(4e12) };
        let row = "| k | 1.00 | 2.00 | 100.0 | 1000.0 | 25.0 % of arithmetic |";
        assert_eq!(known.row(&MEASURED), row);
        let unknown = Limits::from(0.0, 640.0, 132.0, 0.0, 128.0);
        assert_eq!(unknown.row(&MEASURED), "| k | 1.00 | 2.00 | 100.0 | 1000.0 |  |");
        let uncounted = Measurement { operations: None, ..MEASURED };
        let row = "| k | 1.00 | 2.00 | 100.0 |  | 10.0 % of memory |";
        assert_eq!(known.row(&uncounted), row);
    }
}
