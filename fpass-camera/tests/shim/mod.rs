//! Fake V4L2 devices, libraries that are preloaded into a program.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles a fake device, whose path is relative to this crate, into `directory` and gives the
/// library to preload.
pub(crate) fn compiled(directory: &Path, device: &str) -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = crate_root.join(device);
    let shim = directory.join("shim.so");
    let built = Command::new("cc")
        .args(["-w", "-O1", "-shared", "-fPIC", "-o"])
        .arg(&shim)
        .arg(&source)
        .arg(crate_root.join("tests/syscall_ioctl.c"))
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(built.success(), "{} does not compile", source.display());
    shim
}
