//! Memory on the card, and memory of the host that the card copies from and to by itself.
//!
//! A [`Buffer`] is a handle: copies of it, and parts, are of the same memory, which is given back when the last one is gone.
//! So a launch that is recorded in a graph can keep what it needs. A [`Pinned`] is only ever read and written whole copies
//! at a time, and waits for the card where that is still at work on it.

use super::device::{Device, failure};
use crate::failure::Outcome;
use bytemuck::Pod;
use core::cell::Cell;
use core::marker::PhantomData;
use cudarc::driver::result;
use cudarc::driver::sys::{self, CUdeviceptr};
use std::rc::Rc;

/// Numbers on the card.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    memory: Rc<DeviceMemory>,
    start: usize,
    length: usize,
    element: PhantomData<T>,
}

/// What several buffers may be parts of.
#[derive(Debug)]
pub(super) struct DeviceMemory {
    pointer: CUdeviceptr,
    device: Rc<Device>,
}

impl Drop for DeviceMemory {
    fn drop(&mut self) {
        if self.pointer != 0 {
            // SAFETY: it was allocated, is given back once, and no buffer is left that points into it. Giving back waits for
            // launches that still use it.
            let _ = unsafe { result::free_sync(self.pointer) };
        }
    }
}

impl<T> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self { memory: Rc::clone(&self.memory), element: PhantomData, ..*self }
    }
}

impl<T: Pod> Buffer<T> {
    /// So many zeros; `purpose` is what a person is told who has not enough memory.
    pub(super) fn zeros(device: &Rc<Device>, length: usize, purpose: &str) -> Outcome<Self> {
        let bytes = length * size_of::<T>();
        let pointer = if bytes == 0 {
            0
        } else {
            let allocate = || {
                // SAFETY: nothing is read from it before it is zeroed, which is the first thing that is asked for.
                unsafe {
                    let pointer = result::malloc_sync(bytes)?;
                    result::memset_d8_async(pointer, 0, bytes, device.stream())?;
                    Ok(pointer)
                }
            };
            let wanted = || {
                let free = device.free_memory() >> 20;
                format!("{} MiB for {purpose}, {free} MiB are free", bytes.div_ceil(1 << 20))
            };
            let pointer = allocate().map_err(|error| failure(&error, &wanted()))?;
            device.uses(bytes);
            pointer
        };
        let memory = Rc::new(DeviceMemory { pointer, device: Rc::clone(device) });
        Ok(Self { memory, start: 0, length, element: PhantomData })
    }

    /// A buffer with this content.
    pub(super) fn of(device: &Rc<Device>, values: &[T], purpose: &str) -> Outcome<Self> {
        let buffer = Self::zeros(device, values.len(), purpose)?;
        buffer.write(values)?;
        Ok(buffer)
    }

    /// How many numbers.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// So many numbers of it, from `start` on.
    ///
    /// # Panics
    /// If it has not as many.
    pub(super) fn part(&self, start: usize, length: usize) -> Self {
        assert!(start + length <= self.length, "a part of a buffer is within it");
        Self { start: self.start + start, length, ..self.clone() }
    }

    /// From `start` to the end.
    ///
    /// # Panics
    /// If it ends before.
    pub(super) fn from(&self, start: usize) -> Self {
        self.part(start, self.length - start)
    }

    /// The same numbers' bits as another type's.
    ///
    /// # Panics
    /// If that has another size.
    pub(super) fn cast<U: Pod>(&self) -> Buffer<U> {
        assert_eq!(size_of::<T>(), size_of::<U>(), "numbers of one size");
        let Self { memory, start, length, .. } = self.clone();
        Buffer { memory, start, length, element: PhantomData }
    }

    /// Copies `values` to its front, and waits for that.
    ///
    /// # Panics
    /// If they are more than it holds.
    pub(super) fn write(&self, values: &[T]) -> Outcome<()> {
        assert!(values.len() <= self.length, "more numbers than the buffer holds");
        if values.is_empty() {
            return Ok(());
        }
        let device = &self.memory.device;
        // SAFETY: the buffer holds as many, and `values` lives until the copy is waited for.
        let copied = unsafe { result::memcpy_htod_async(self.address(), values, device.stream()) };
        copied.map_err(|error| failure(&error, "copying to the device"))?;
        device.synchronise()
    }

    /// Copies its front to all of `into`, and waits for that.
    ///
    /// # Panics
    /// If it holds fewer.
    pub(super) fn read(&self, into: &mut [T]) -> Outcome<()> {
        assert!(into.len() <= self.length, "fewer numbers than are asked for");
        if into.is_empty() {
            return Ok(());
        }
        let device = &self.memory.device;
        // SAFETY: the buffer holds as many, and `into` is borrowed until the copy is waited for.
        let copied = unsafe { result::memcpy_dtoh_async(into, self.address(), device.stream()) };
        copied.map_err(|error| failure(&error, "copying from the device"))?;
        device.synchronise()
    }

    /// Its first `count` numbers, on the host.
    ///
    /// # Panics
    /// If it has not as many.
    pub(super) fn front(&self, count: usize) -> Outcome<Vec<T>> {
        let mut numbers = vec![T::zeroed(); count];
        self.read(&mut numbers)?;
        Ok(numbers)
    }

    /// Where it is.
    pub(super) fn address(&self) -> CUdeviceptr {
        self.memory.pointer + (self.start * size_of::<T>()) as CUdeviceptr
    }

    /// What has to be kept for as long as that is used.
    pub(super) fn memory(&self) -> &Rc<DeviceMemory> {
        &self.memory
    }
}

/// Numbers of the host at a place that the card can reach.
#[derive(Debug)]
pub(super) struct Pinned<T> {
    memory: Rc<PinnedMemory>,
    length: usize,
    element: PhantomData<T>,
}

/// What a copy that was asked for may still use.
#[derive(Debug)]
pub(super) struct PinnedMemory {
    pointer: *mut core::ffi::c_void,
    device: Rc<Device>,
    /// How often the device had been waited for when the last copy was asked for.
    used_at: Cell<Option<u64>>,
}

impl PinnedMemory {
    /// From now until the device is waited for, a copy uses it.
    pub(super) fn is_used(&self) {
        self.used_at.set(Some(self.device.waits()));
    }

    fn wait(&self) -> Outcome<()> {
        match self.used_at.take() {
            Some(used_at) if used_at == self.device.waits() => self.device.synchronise(),
            _ => Ok(()),
        }
    }
}

impl Drop for PinnedMemory {
    fn drop(&mut self) {
        let _ = self.wait();
        // SAFETY: it was allocated, is given back once, and no copy uses it any more.
        let _ = unsafe { result::free_host(self.pointer) };
    }
}

impl<T: Pod> Pinned<T> {
    /// So many zeros.
    pub(super) fn zeros(device: &Rc<Device>, length: usize) -> Outcome<Self> {
        let bytes = (length * size_of::<T>()).max(1);
        // SAFETY: an allocation, which is page-aligned and `bytes` long; all of it is written before any of it is read.
        let pointer = unsafe {
            result::malloc_host(bytes, 0)
                .inspect(|pointer| pointer.cast::<u8>().write_bytes(0, bytes))
        };
        let pointer = pointer.map_err(|error| failure(&error, "memory for copies"))?;
        let memory = PinnedMemory { pointer, device: Rc::clone(device), used_at: Cell::new(None) };
        Ok(Self { memory: Rc::new(memory), length, element: PhantomData })
    }

    /// How many numbers.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Puts `values` at `start`, once no copy is at work here.
    ///
    /// # Panics
    /// If they do not fit.
    pub(super) fn write(&self, start: usize, values: &[T]) -> Outcome<()> {
        assert!(start + values.len() <= self.length, "more numbers than there is place for");
        self.memory.wait()?;
        // SAFETY: within the allocation, as was just asked; no copy is at work here, and no reference into it exists.
        unsafe {
            let place = self.memory.pointer.cast::<T>().add(start);
            place.copy_from_nonoverlapping(values.as_ptr(), values.len());
        }
        Ok(())
    }

    /// Copies its front to all of `into`, once no copy is at work here.
    ///
    /// # Panics
    /// If it holds fewer.
    pub(super) fn read(&self, into: &mut [T]) -> Outcome<()> {
        assert!(into.len() <= self.length, "fewer numbers than are asked for");
        self.memory.wait()?;
        // SAFETY: as above.
        unsafe {
            let place = self.memory.pointer.cast::<T>();
            into.as_mut_ptr().copy_from_nonoverlapping(place, into.len());
        }
        Ok(())
    }

    /// Asks for a copy of so many numbers from `start` on to the front of `buffer`.
    ///
    /// # Panics
    /// If either has not as many.
    pub(super) fn send(&self, start: usize, length: usize, buffer: &Buffer<T>) -> Outcome<()> {
        assert!(start + length <= self.length && length <= buffer.len(), "a copy within both");
        self.memory.is_used();
        // SAFETY: both are as long, and `write` and `drop` wait for the copy.
        let copied = unsafe {
            sys::cuMemcpyHtoDAsync_v2(
                buffer.address(),
                self.memory.pointer.cast::<T>().add(start).cast(),
                length * size_of::<T>(),
                self.memory.device.stream(),
            )
        };
        copied.result().map_err(|error| failure(&error, "copying to the device"))
    }

    /// Asks for a copy of the front of `buffer`, so many numbers, to the front of this.
    ///
    /// # Panics
    /// If either has not as many.
    pub(super) fn fetch(&self, length: usize, buffer: &Buffer<T>) -> Outcome<()> {
        assert!(length <= self.length && length <= buffer.len(), "a copy within both");
        self.memory.is_used();
        // SAFETY: both are as long, and `read`, `write` and `drop` wait for the copy.
        let copied = unsafe {
            sys::cuMemcpyDtoHAsync_v2(
                self.memory.pointer,
                buffer.address(),
                length * size_of::<T>(),
                self.memory.device.stream(),
            )
        };
        copied.result().map_err(|error| failure(&error, "copying from the device"))
    }

    /// What has to be kept for as long as copies may be made.
    pub(super) fn memory(&self) -> &Rc<PinnedMemory> {
        &self.memory
    }
}
