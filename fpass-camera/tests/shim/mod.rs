//! The fake V4L2 device, a library that is preloaded into a program.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles the fake device into `directory` and gives the library to preload.
pub(crate) fn compiled(directory: &Path) -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = crate_root.join("../../shared/e2e/host/v4l2shim.c");
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
