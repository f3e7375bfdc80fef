//! From the text of a kernel file to what a card runs: compiled by NVRTC, which is found at run time, and kept on disk.
//!
//! What is kept is named after the text, the options and the architecture, so that none of them can change unnoticed; an
//! entry that is damaged is compiled again, and without a folder to keep it in everything works, slower. Machine code is
//! made for exactly the card's architecture, which any driver of CUDA 12 takes; for a card that is newer than NVRTC, text
//! for the driver's own compiler.

use crate::failure::{Failure, Outcome};
use core::ffi::c_char;
use cudarc::nvrtc::{result, sys};
use embedded_rl_kernels::{EXACT_OPTIONS, translation_unit_among};
use std::env;
use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::id;
use std::thread;

/// In front of what is kept: a mark, and the CRC-32 of the rest.
const MAGIC: [u8; 8] = *b"\x89RLK\r\n\x1a\n";
const HEADER: usize = 12;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// The newest NVRTC that is too old: what it is asked here, it does not know.
const TOO_OLD: i32 = 11;

/// Files with kernels' text, by name.
pub(super) type Files = &'static [(&'static str, &'static str)];

/// What a driver loads for a file among these: machine code, or text with a zero behind it.
///
/// # Panics
/// If there is no such file.
pub(super) fn image(files: &[Files], file: &str, capability: [i32; 2]) -> Outcome<Vec<u8>> {
    let text = translation_unit_among(files, file);
    let [major, minor] = capability;
    let architecture = format!("sm_{major}{minor}");
    let entry = entry(file, &architecture, &text);
    if let Some(kept) = entry.as_ref().and_then(|path| fs::read(path).ok())
        && let Some(image) = sound(&kept)
    {
        return Ok(image.to_vec());
    }
    let image = compile(file, &text, &architecture)?;
    if let Some(path) = entry {
        keep(&path, &image);
    }
    Ok(image)
}

/// Where the image of a text is kept, if there is a place for such things.
fn entry(file: &str, architecture: &str, text: &str) -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    let options = EXACT_OPTIONS.concat();
    let hash = hash(&[env!("CARGO_PKG_VERSION"), &options, architecture, text]);
    let stem = file.trim_end_matches(".cu");
    Some(folder.join(format!("embedded-rl/kernels/{stem}-{architecture}-{hash:016x}")))
}

/// FNV-1a over texts and their ends.
fn hash(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The image in what was kept, unless it is damaged.
fn sound(kept: &[u8]) -> Option<&[u8]> {
    let (header, image) = kept.split_at_checked(HEADER)?;
    let (magic, checksum) = header.split_at(MAGIC.len());
    let is_sound = magic == MAGIC && checksum == CRC.checksum(image).to_le_bytes();
    is_sound.then_some(image)
}

/// Keeps an image. That it cannot be kept is no failure: it is made again the next time.
fn keep(path: &Path, image: &[u8]) {
    let content = [&MAGIC[..], &CRC.checksum(image).to_le_bytes(), image].concat();
    // Several programs and threads may write the same entry; each has a name of its own until it is whole.
    let unfinished = path.with_extension(format!("{}-{:?}.part", id(), thread::current().id()));
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&unfinished, content))
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
}

fn compile(file: &str, text: &str, architecture: &str) -> Outcome<Vec<u8>> {
    // SAFETY: looks for the library and calls nothing in it.
    if !unsafe { sys::is_culib_present() } {
        return Err(Failure::failed(
            "NVRTC, which compiles the kernels, was not found: install libnvrtc.so.12 (CUDA 12, or pip install nvidia-cuda-nvrtc-cu12) where the linker or LD_LIBRARY_PATH finds it",
        ));
    }
    let refused = |error: result::NvrtcError| {
        Failure::failed(format!("NVRTC does not compile {file}: {:?}", error.0))
    };
    let (mut major, mut minor) = (0, 0);
    // SAFETY: writes two numbers.
    unsafe { sys::nvrtcVersion(&raw mut major, &raw mut minor) }.result().map_err(refused)?;
    if major <= TOO_OLD {
        return Err(Failure::failed(format!(
            "NVRTC {major}.{minor} is too old: the kernels need NVRTC 12.0 or newer"
        )));
    }
    let known = architectures().map_err(refused)?;
    let own: i32 = architecture.trim_start_matches("sm_").parse().unwrap_or(0);
    let is_known = known.contains(&own);
    let target = match known.into_iter().filter(|&known| known < own).max() {
        _ if is_known => architecture.to_owned(),
        Some(before) => format!("compute_{before}"),
        None => {
            return Err(Failure::failed(format!(
                "NVRTC {major}.{minor} makes nothing for a device of {architecture}, which is too old for it"
            )));
        }
    };

    // A kernel's text has no zero in it.
    let source = CString::new(text).unwrap_or_default();
    let name = CString::new(file).unwrap_or_default();
    let program = Program(result::create_program(&source, Some(&name)).map_err(refused)?);
    let mut options = vec![format!("--gpu-architecture={target}")];
    options.extend(EXACT_OPTIONS.iter().map(|&option| option.to_owned()));
    // SAFETY: the program was just made, and lives until it is dropped behind its last use.
    let image = unsafe {
        if let Err(error) = result::compile_program(program.0, &options) {
            let log = result::get_program_log(program.0).map(text_of).unwrap_or_default();
            let line = log.lines().find(|line| line.contains("error")).unwrap_or_default();
            let said = refused(error);
            return Err(Failure::failed(format!("{said} for {target} {line}")));
        }
        if is_known { machine_code(program.0) } else { result::get_ptx(program.0).map(bytes_of) }
    };
    image.map_err(refused)
}

/// A program of NVRTC's.
struct Program(sys::nvrtcProgram);

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: it was made by `create_program`, and nobody else has it.
        let _ = unsafe { result::destroy_program(self.0) };
    }
}

/// The architectures that NVRTC knows, as numbers: 90 for sm_90.
fn architectures() -> Result<Vec<i32>, result::NvrtcError> {
    let mut count = 0;
    // SAFETY: writes one number, then as many as it said.
    unsafe {
        sys::nvrtcGetNumSupportedArchs(&raw mut count).result()?;
        let mut known = vec![0; usize::try_from(count).unwrap_or(0)];
        sys::nvrtcGetSupportedArchs(known.as_mut_ptr()).result()?;
        Ok(known)
    }
}

/// # Safety
/// The program was compiled for a real architecture.
unsafe fn machine_code(program: sys::nvrtcProgram) -> Result<Vec<u8>, result::NvrtcError> {
    let mut size = 0;
    // SAFETY: the program was compiled, as the caller says; the second call writes as many bytes as the first one said.
    unsafe {
        sys::nvrtcGetCUBINSize(program, &raw mut size).result()?;
        let mut code = vec![0; size];
        sys::nvrtcGetCUBIN(program, code.as_mut_ptr()).result()?;
        Ok(bytes_of(code))
    }
}

fn bytes_of(characters: Vec<c_char>) -> Vec<u8> {
    characters.into_iter().map(|character| character as u8).collect()
}

fn text_of(characters: Vec<c_char>) -> String {
    String::from_utf8_lossy(&bytes_of(characters)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_entry_is_no_image() {
        let image = b"machine code";
        let kept = [&MAGIC[..], &CRC.checksum(image).to_le_bytes(), image].concat();
        assert_eq!(sound(&kept), Some(&image[..]));
        assert_eq!(sound(&kept[..kept.len() - 1]), None);
        assert_eq!(sound(&kept[..5]), None);
        let mut flipped = kept;
        flipped[HEADER] ^= 1;
        assert_eq!(sound(&flipped), None);
    }

    #[test]
    fn text_options_and_architecture_each_have_an_entry_of_their_own() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["a", "b"]), hash(&["b", "a"]));
    }
}
