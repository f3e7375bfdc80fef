//! Tells the linker where the memory is and the compiler which policy goes into flash.

use std::env;
use std::path::Path;

fn main() {
    let folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&folder);
    // memory.x is found beside this file; link.x is cortex-m-rt's and includes it.
    println!("cargo::rustc-link-search={}", folder.display());
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rerun-if-changed=memory.x");

    println!("cargo::rerun-if-env-changed=EMBEDDED_RL_POLICY");
    let chosen = env::var_os("EMBEDDED_RL_POLICY").filter(|path| !path.is_empty());
    let policy = folder.join(chosen.unwrap_or_else(|| "policy.rlp".into()));
    if let Err(error) = std::fs::File::open(&policy) {
        println!("cargo::error=the policy {} cannot be read: {error}", policy.display());
    }
    println!("cargo::rerun-if-changed={}", policy.display());
    println!("cargo::rustc-env=EMBEDDED_RL_POLICY={}", policy.display());
}
