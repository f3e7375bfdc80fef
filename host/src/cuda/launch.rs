//! Launching: kernels by their names, with arguments that are held against the list of the kernels' package; copies beside
//! them; and sequences of both, recorded once as a graph and replayed.
//!
//! Which buffers a kernel needs and how long they are is said in `kernels/`, whose functions are the only callers of
//! [`Call::start`].

use super::buffers::{Buffer, DeviceMemory, Pinned, PinnedMemory};
use super::device::{Device, failure};
use super::text::{self, Files};
use crate::failure::Outcome;
use bytemuck::Pod;
use core::cell::{Cell, RefCell};
use cudarc::driver::result;
use cudarc::driver::sys::{self, CUstreamCaptureMode};
use embedded_rl_kernels::{FILES, KERNELS, Kernel, Launch, Parameter};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::rc::Rc;

/// What happens to a launch or a copy that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It is done.
    Running,
    /// Only its kernel is made ready.
    Rehearsing,
    /// It becomes part of a graph.
    Recording,
}

/// The kernels of a card, each made ready when it is first asked for.
#[derive(Debug)]
pub(super) struct Launcher {
    device: Rc<Device>,
    kernels: &'static [&'static [Kernel]],
    files: &'static [Files],
    modules: RefCell<BTreeMap<&'static str, Rc<Module>>>,
    functions: RefCell<BTreeMap<&'static str, sys::CUfunction>>,
    mode: Cell<Mode>,
    launches: Cell<u32>,
    kept: RefCell<Kept>,
}

/// What a graph uses each time it is replayed.
#[derive(Debug, Default)]
struct Kept {
    memory: Vec<Rc<DeviceMemory>>,
    pinned: Vec<Rc<PinnedMemory>>,
    modules: Vec<Rc<Module>>,
}

/// The kernels of one file on the card.
#[derive(Debug)]
struct Module(sys::CUmodule);

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: it was loaded, is unloaded once, and neither a launcher nor a graph is left that has a function of it.
        let _ = unsafe { result::module::unload(self.0) };
    }
}

impl Launcher {
    /// With the kernels that train.
    pub(super) fn new(device: &Rc<Device>) -> Self {
        Self::with(device, &[KERNELS], &[FILES])
    }

    /// With the kernels of these lists, whose text is in these files.
    pub(super) fn with(
        device: &Rc<Device>,
        kernels: &'static [&'static [Kernel]],
        files: &'static [Files],
    ) -> Self {
        Self {
            device: Rc::clone(device),
            kernels,
            files,
            modules: RefCell::default(),
            functions: RefCell::default(),
            mode: Cell::new(Mode::Running),
            launches: Cell::new(0),
            kept: RefCell::default(),
        }
    }

    /// Goes through `sequence` without doing any of it, so that what it needs is there and its arguments fit. How many
    /// launches it has.
    pub(super) fn rehearse(&self, sequence: impl FnOnce() -> Outcome<()>) -> Outcome<u32> {
        self.launches.set(0);
        self.mode.set(Mode::Rehearsing);
        let done = sequence();
        self.mode.set(Mode::Running);
        done.map(|()| self.launches.get())
    }

    /// Records `sequence`, which has been rehearsed, as a graph; none of it is done.
    pub(super) fn record(&self, sequence: impl FnOnce() -> Outcome<()>) -> Outcome<Graph> {
        let stream = self.device.stream();
        let cannot = |error| failure(&error, "recording an update");
        let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
        // SAFETY: the stream lives as long as the device, and is no stream of another thread.
        unsafe { result::stream::begin_capture(stream, mode) }.map_err(cannot)?;
        self.mode.set(Mode::Recording);
        let done = sequence();
        self.mode.set(Mode::Running);
        let kept = self.kept.take();
        // SAFETY: as above; the capture was begun. It has to be ended even if something went wrong on the way.
        let graph = unsafe { result::stream::end_capture(stream) };
        done?;
        let graph = graph.map_err(cannot)?;
        // SAFETY: the graph was just made, and is not used after it became executable.
        let executable = unsafe {
            let executable = result::graph::instantiate(graph, no_flags());
            let _ = result::graph::destroy(graph);
            executable.map_err(cannot)?
        };
        Ok(Graph { executable, device: Rc::clone(&self.device), kept })
    }

    /// Copies so many numbers of `pinned`, from `start` on, to the front of `buffer`.
    pub(super) fn send<T: Pod>(
        &self,
        pinned: &Pinned<T>,
        start: usize,
        length: usize,
        buffer: &Buffer<T>,
    ) -> Outcome<()> {
        if self.copies(pinned, buffer) { pinned.send(start, length, buffer) } else { Ok(()) }
    }

    /// Copies the front of `buffer`, so many numbers, to the front of `pinned`.
    pub(super) fn fetch<T: Pod>(
        &self,
        pinned: &Pinned<T>,
        length: usize,
        buffer: &Buffer<T>,
    ) -> Outcome<()> {
        if self.copies(pinned, buffer) { pinned.fetch(length, buffer) } else { Ok(()) }
    }

    /// Whether copies are made; keeps what they use where they are recorded.
    fn copies<T: Pod>(&self, pinned: &Pinned<T>, buffer: &Buffer<T>) -> bool {
        if self.mode.get() == Mode::Recording {
            let mut kept = self.kept.borrow_mut();
            kept.memory.push(Rc::clone(buffer.memory()));
            kept.pinned.push(Rc::clone(pinned.memory()));
        }
        self.mode.get() != Mode::Rehearsing
    }

    /// What the lists say of this kernel.
    fn listed(&self, name: &str) -> Option<&'static Kernel> {
        self.kernels.iter().copied().flatten().find(|kernel| kernel.name == name)
    }

    /// This kernel on the card, and the module that it is of.
    fn function(&self, kernel: &'static Kernel) -> Outcome<(sys::CUfunction, Rc<Module>)> {
        let Kernel { name, file, .. } = *kernel;
        let module = self.modules.borrow().get(file).cloned();
        let module = match module {
            Some(module) => module,
            None => {
                let image = text::image(self.files, file, self.device.capability())?;
                // SAFETY: machine code, or text that ends with a zero.
                let loaded = unsafe { result::module::load_data(image.as_ptr().cast()) };
                let module = loaded.map_err(|error| failure(&error, &format!("loading {file}")))?;
                let module = Rc::new(Module(module));
                self.modules.borrow_mut().insert(file, Rc::clone(&module));
                module
            }
        };
        if let Some(&function) = self.functions.borrow().get(name) {
            return Ok((function, module));
        }
        let symbol = CString::new(name).unwrap_or_default();
        // SAFETY: the module is loaded.
        let found = unsafe { result::module::get_function(module.0, symbol) };
        let function = found.map_err(|error| failure(&error, &format!("looking for {name}")))?;
        self.functions.borrow_mut().insert(name, function);
        Ok((function, module))
    }
}

/// No flags at all, in the type of the flags' names.
fn no_flags() -> sys::CUgraphInstantiate_flags {
    sys::CUgraphInstantiate_flags(0)
}

/// A recorded sequence.
#[derive(Debug)]
pub(super) struct Graph {
    executable: sys::CUgraphExec,
    device: Rc<Device>,
    kept: Kept,
}

impl Graph {
    /// Asks for all of it, in one launch.
    pub(super) fn replay(&self) -> Outcome<()> {
        self.kept.pinned.iter().for_each(|pinned| pinned.is_used());
        // SAFETY: all that it uses is kept, and the stream lives as long as the device.
        let launched = unsafe { result::graph::launch(self.executable, self.device.stream()) };
        launched.map_err(|error| failure(&error, "replaying an update"))
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        let _ = self.device.synchronise();
        // SAFETY: it was instantiated, is destroyed once, and is at work no more.
        let _ = unsafe { result::graph::exec_destroy(self.executable) };
    }
}

/// A launch that is being put together: a kernel's arguments in order.
#[derive(Debug)]
pub(super) struct Call {
    name: &'static str,
    /// The arguments' bytes in words of eight, and where each begins.
    words: Vec<u64>,
    arguments: Vec<(Parameter, usize)>,
    memory: Vec<Rc<DeviceMemory>>,
}

impl Call {
    pub(super) fn of(name: &'static str) -> Self {
        Self { name, words: Vec::new(), arguments: Vec::new(), memory: Vec::new() }
    }

    /// A buffer of which the kernel uses the first `count` numbers.
    ///
    /// # Panics
    /// If it has not as many.
    pub(super) fn buffer<T: Pod>(mut self, buffer: &Buffer<T>, count: usize) -> Self {
        let (name, place) = (self.name, self.arguments.len());
        let length = buffer.len();
        assert!(count <= length, "{name}: argument {place} has {length} numbers, not {count}");
        self.memory.push(Rc::clone(buffer.memory()));
        self.word(Parameter::Pointer, buffer.address())
    }

    /// A buffer, or nothing where the kernel can do without.
    pub(super) fn optional<T: Pod>(self, buffer: Option<&Buffer<T>>, count: usize) -> Self {
        match buffer {
            Some(buffer) => self.buffer(buffer, count),
            None => self.word(Parameter::Pointer, 0),
        }
    }

    /// A size.
    ///
    /// # Panics
    /// If it has more than 32 bits.
    pub(super) fn size(self, size: usize) -> Self {
        let Ok(size) = u32::try_from(size) else { panic!("{}: a size of 32 bits", self.name) };
        self.word(Parameter::U32, size.into())
    }

    /// A number.
    pub(super) fn number(self, number: f32) -> Self {
        self.word(Parameter::F32, number.to_bits().into())
    }

    /// A number in double precision.
    pub(super) fn double(self, number: f64) -> Self {
        self.word(Parameter::F64, number.to_bits())
    }

    /// A structure of words of four bytes.
    pub(super) fn structure(mut self, words: &[u32]) -> Self {
        self.arguments.push((Parameter::Struct(4 * words.len()), self.words.len()));
        let pairs = words.chunks(2).map(|pair| {
            u64::from(pair[0]) | pair.get(1).map_or(0, |&second| u64::from(second) << 32)
        });
        self.words.extend(pairs);
        self
    }

    /// A structure of numbers in double precision.
    pub(super) fn doubles(mut self, numbers: &[f64]) -> Self {
        self.arguments.push((Parameter::Struct(8 * numbers.len()), self.words.len()));
        self.words.extend(numbers.iter().map(|number| number.to_bits()));
        self
    }

    fn word(mut self, parameter: Parameter, word: u64) -> Self {
        self.arguments.push((parameter, self.words.len()));
        self.words.push(word);
        self
    }

    /// Asks for the launch.
    ///
    /// # Panics
    /// If the kernel takes other arguments.
    ///
    /// # Safety
    /// The counts that the buffers were given with are what the kernel uses in a launch like this one.
    pub(super) unsafe fn start(mut self, launcher: &Launcher, launch: Launch) -> Outcome<()> {
        let name = self.name;
        let Some(listed) = launcher.listed(name) else { panic!("no kernel {name}") };
        let passed: Vec<Parameter> =
            self.arguments.iter().map(|&(parameter, _)| parameter).collect();
        assert_eq!(passed, listed.parameters, "{name} takes other arguments");
        let (function, module) = launcher.function(listed)?;
        launcher.launches.set(launcher.launches.get() + 1);
        match launcher.mode.get() {
            Mode::Rehearsing => return Ok(()),
            Mode::Recording => {
                let mut kept = launcher.kept.borrow_mut();
                kept.memory.append(&mut self.memory);
                kept.modules.push(module);
            }
            Mode::Running => {}
        }
        let place =
            |&(_, start): &(Parameter, usize)| (&raw const self.words[start]).cast_mut().cast();
        let mut places: Vec<*mut core::ffi::c_void> = self.arguments.iter().map(place).collect();
        let [[blocks_x, blocks_y, blocks_z], [threads_x, threads_y, threads_z]] =
            [launch.blocks, launch.threads];
        // SAFETY: the arguments are of the types that the list has, which a test compares with the compiled kernel; buffers
        // are as long as the kernel needs, as the caller says; a word is little-endian, so that its first bytes are those of
        // a smaller number. The driver copies the arguments before it returns.
        let launched = unsafe {
            result::launch_kernel(
                function,
                (blocks_x, blocks_y, blocks_z),
                (threads_x, threads_y, threads_z),
                launch.shared_bytes,
                launcher.device.stream(),
                &mut places,
            )
        };
        launched.map_err(|error| failure(&error, &format!("launching {name}")))
    }
}
