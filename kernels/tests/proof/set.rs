//! A set of kernels that is proven: which, their text, their cases, their budget. There are two, the kernels in use and the
//! ladder, and both go through the same checks.

use crate::case::Case;
use crate::cases;
use crate::compiler::{Build, program_of};
use embedded_rl_kernels::ladder::{LADDER, LADDER_FILES};
use embedded_rl_kernels::{FILES, KERNELS, Kernel, translation_unit_among};
use std::path::PathBuf;

pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) kernels: &'static [Kernel],
    /// The set's own files first, then those that they include.
    files: &'static [&'static [(&'static str, &'static str)]],
    pub(crate) cases: fn() -> Vec<Case>,
    /// Registers a thread and bytes of static shared memory a block, at most.
    pub(crate) budget: &'static str,
}

/// What trains.
pub(crate) const IN_USE: Set = Set {
    name: "in use",
    kernels: KERNELS,
    files: &[FILES],
    cases: cases::all,
    budget: include_str!("../../budget.csv"),
};

/// What is read and measured.
pub(crate) const OF_LADDER: Set = Set {
    name: "of the ladder",
    kernels: LADDER,
    files: &[LADDER_FILES, FILES],
    cases: cases::ladder::cases,
    budget: include_str!("../../ladder/budget.csv"),
};

impl Set {
    /// The set's own files, with their text.
    pub(crate) fn own_files(&self) -> &'static [(&'static str, &'static str)] {
        self.files[0]
    }

    /// The files that have kernels.
    pub(crate) fn kernel_files(&self) -> impl Iterator<Item = &'static str> {
        self.own_files().iter().map(|(name, _)| *name).filter(|name| name.ends_with(".cu"))
    }

    /// One of its files as a compiler takes it.
    pub(crate) fn translation_unit(&self, file: &str) -> String {
        translation_unit_among(self.files, file)
    }

    /// The program that replays cases on all kernels.
    pub(crate) fn program(&self, build: Build) -> PathBuf {
        let units = self.kernel_files().map(|file| (file, self.translation_unit(file)));
        program_of(build, units).unwrap_or_else(|message| panic!("{message}"))
    }
}
