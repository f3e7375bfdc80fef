//! Tells the linker where the memory is and the compiler which policy goes into flash.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    // memory.x is found beside this file; link.x is cortex-m-rt's and includes it.
    println!("cargo:rustc-link-search={}", folder.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=memory.x");

    let policy = match env::var_os("EMBEDDED_RL_POLICY") {
        Some(path) => PathBuf::from(path),
        None => folder.join("policy.rlp"),
    };
    if !Path::new(&policy).is_absolute() {
        panic!("EMBEDDED_RL_POLICY is to be an absolute path, not {}", policy.display());
    }
    if let Err(error) = std::fs::metadata(&policy) {
        panic!("the policy {} cannot be read: {error}", policy.display());
    }
    println!("cargo:rerun-if-env-changed=EMBEDDED_RL_POLICY");
    println!("cargo:rerun-if-changed={}", policy.display());
    println!("cargo:rustc-env=EMBEDDED_RL_POLICY={}", policy.display());
}
