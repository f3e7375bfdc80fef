//! A graphics card: found, named, opened, with one stream on which everything happens in the order in which it is said.
//!
//! Libraries of NVIDIA's are looked for when a card is asked for and not before, and what is missing is said in one
//! sentence. What is computed on the card is not known here.

use crate::failure::{Failure, Outcome};
use core::cell::Cell;
use cudarc::driver::result::{self, DriverError};
use cudarc::driver::sys::{self, CUdevice_attribute, CUresult};
use std::rc::Rc;

/// What the driver has to know at least, as CUDA counts versions: 12.0, whose functions are called here.
const DRIVER_VERSION: i32 = 12_000;

/// A card that is in use. The thread that opened it has to be the one that uses it.
#[derive(Debug)]
pub(super) struct Device {
    ordinal: u32,
    name: String,
    /// Bytes.
    memory: usize,
    /// Compute capability, as in sm_90: 9 and 0.
    capability: [i32; 2],
    device: sys::CUdevice,
    stream: sys::CUstream,
    /// How often everything that was asked for was waited for.
    waits: Cell<u64>,
    /// Bytes that buffers have taken so far.
    used: Cell<usize>,
}

impl Device {
    /// Opens the card with this number.
    pub(super) fn open(ordinal: u32) -> Outcome<Rc<Self>> {
        check(ordinal)?;
        let opened = || -> Result<Self, DriverError> {
            let device = result::device::get(ordinal as i32)?;
            let name = result::device::get_name(device)?;
            let attribute = |which| {
                // SAFETY: `device` is what the driver just gave.
                unsafe { result::device::get_attribute(device, which) }
            };
            let major = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
            let minor = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
            let capability = [attribute(major)?, attribute(minor)?];
            // SAFETY: as above; it is released where `Device` is dropped.
            let memory = unsafe { result::device::total_mem(device) }?;
            // SAFETY: as above; the context stays valid until it is released, and every use comes from this thread.
            let stream = unsafe {
                let context = result::primary_ctx::retain(device)?;
                result::ctx::set_current(context)?;
                result::stream::create(result::stream::StreamKind::NonBlocking)?
            };
            let (waits, used) = (Cell::new(0), Cell::new(0));
            Ok(Self { ordinal, name, memory, capability, device, stream, waits, used })
        };
        opened().map(Rc::new).map_err(|error| failure(&error, "opening the device"))
    }

    /// `NVIDIA H100 (cuda:0, compute capability 9.0, 81559 MiB)`
    pub(super) fn description(&self) -> String {
        let Self { name, ordinal, capability: [major, minor], memory, .. } = self;
        format!("{name} (cuda:{ordinal}, compute capability {major}.{minor}, {} MiB)", memory >> 20)
    }

    /// Major and minor number of what the card can do.
    pub(super) fn capability(&self) -> [i32; 2] {
        self.capability
    }

    /// What the card says of itself.
    pub(super) fn attribute(&self, attribute: CUdevice_attribute) -> Option<i32> {
        // SAFETY: `device` is what the driver gave.
        unsafe { result::device::get_attribute(self.device, attribute) }.ok()
    }

    pub(super) fn stream(&self) -> sys::CUstream {
        self.stream
    }

    /// Waits until everything that was asked for is done.
    pub(super) fn synchronise(&self) -> Outcome<()> {
        self.waits.set(self.waits.get() + 1);
        // SAFETY: the stream lives as long as `self`.
        let done = unsafe { result::stream::synchronize(self.stream) };
        done.map_err(|error| failure(&error, "waiting for the device"))
    }

    /// How often it was waited for.
    pub(super) fn waits(&self) -> u64 {
        self.waits.get()
    }

    /// Notes that a buffer has taken so many bytes.
    pub(super) fn uses(&self, bytes: usize) {
        self.used.set(self.used.get() + bytes);
    }

    /// Bytes that buffers have taken.
    pub(super) fn used_memory(&self) -> usize {
        self.used.get()
    }

    /// Bytes that are free.
    pub(super) fn free_memory(&self) -> usize {
        result::mem_get_info().map_or(0, |(free, _)| free)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: both are this device's, and nobody else has them: buffers and modules keep the device alive. A card that
        // was lost refuses, and there is nothing to be done about it.
        unsafe {
            let _ = result::stream::destroy(self.stream);
            let _ = result::primary_ctx::release(self.device);
        }
    }
}

/// Whether there is a card with this number, and a driver that is not too old.
pub fn check(ordinal: u32) -> Outcome<()> {
    let count = count()?;
    if ordinal < count {
        return Ok(());
    }
    let others = if count == 1 { "one, cuda:0".to_owned() } else { format!("{count}") };
    Err(Failure::failed(format!("there is no CUDA device {ordinal}: this machine has {others}")))
}

/// How many cards there are, at least one.
fn count() -> Outcome<u32> {
    // SAFETY: looks for the library and calls nothing in it.
    if !unsafe { sys::is_culib_present() } {
        return Err(Failure::failed(
            "there is no CUDA driver on this machine (libcuda was not found); --device cpu trains to the same bits",
        ));
    }
    let nothing =
        "the CUDA driver finds no device that it can use; --device cpu trains to the same bits";
    match result::init() {
        Err(DriverError(CUresult::CUDA_ERROR_NO_DEVICE)) => return Err(Failure::failed(nothing)),
        done => done.map_err(|error| failure(&error, "starting the driver"))?,
    }
    let mut version = 0;
    // SAFETY: writes one number.
    let asked = unsafe { sys::cuDriverGetVersion(&raw mut version) }.result();
    asked.map_err(|error| failure(&error, "asking for the driver's version"))?;
    if version < DRIVER_VERSION {
        let [known, needed] =
            [version, DRIVER_VERSION].map(|v| format!("{}.{}", v / 1_000, v % 1_000 / 10));
        return Err(Failure::failed(format!(
            "the CUDA driver is too old: it knows CUDA {known}, and {needed} is needed; a newer driver has to be installed"
        )));
    }
    let count = result::device::get_count()
        .map_err(|error| failure(&error, "counting the devices"))?
        .unsigned_abs();
    if count == 0 { Err(Failure::failed(nothing)) } else { Ok(count) }
}

/// What the driver said, as a sentence.
pub(super) fn failure(error: &DriverError, during: &str) -> Failure {
    use CUresult as R;
    let DriverError(code) = *error;
    let sentence = match code {
        R::CUDA_ERROR_OUT_OF_MEMORY => format!(
            "the device has no memory left ({during}); make replay.capacity, replay.batch or the network smaller"
        ),
        R::CUDA_ERROR_UNSUPPORTED_PTX_VERSION | R::CUDA_ERROR_NO_BINARY_FOR_GPU => format!(
            "the CUDA driver is too old for the installed NVRTC, whose code it does not take ({during})"
        ),
        R::CUDA_ERROR_SYSTEM_DRIVER_MISMATCH | R::CUDA_ERROR_STUB_LIBRARY => {
            format!("the CUDA driver's library and the driver do not belong together ({during})")
        }
        R::CUDA_ERROR_DEVICE_UNAVAILABLE
        | R::CUDA_ERROR_ECC_UNCORRECTABLE
        | R::CUDA_ERROR_CONTEXT_IS_DESTROYED
        | R::CUDA_ERROR_DEINITIALIZED
        | R::CUDA_ERROR_HARDWARE_STACK_ERROR
        | R::CUDA_ERROR_MPS_SERVER_NOT_READY
        | R::CUDA_ERROR_UNKNOWN => format!("the device was lost ({during}: {code:?})"),
        R::CUDA_ERROR_ILLEGAL_ADDRESS
        | R::CUDA_ERROR_LAUNCH_FAILED
        | R::CUDA_ERROR_LAUNCH_TIMEOUT => {
            format!("a kernel failed on the device ({during}: {code:?})")
        }
        _ => format!("the CUDA driver refuses: {code:?} ({during})"),
    };
    Failure::failed(sentence)
}
