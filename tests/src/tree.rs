//! Paths of build products, models and pictures in the source tree.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::TestbedError;

/// Root of the source tree.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An existing path below the root.
///
/// # Errors
/// Names what is missing and what makes it.
pub fn require(relative: &str) -> Result<PathBuf, TestbedError> {
    let path = root().join(relative);
    path.canonicalize().map_err(|_| TestbedError::Missing(path))
}

/// A program of this crate; test programs are one directory below it.
///
/// # Errors
/// Says when it has not been built.
pub(crate) fn helper(name: &str) -> Result<PathBuf, TestbedError> {
    let here = std::env::current_exe().map_err(TestbedError::io("finding the running program"))?;
    here.ancestors()
        .skip(1)
        .take(2)
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| TestbedError::Missing(PathBuf::from(name)))
}

/// Installs a program of this crate where every account of the private machine can run it. Returns
/// its path there.
///
/// # Errors
/// Says when it has not been built.
pub fn install(name: &str) -> Result<String, TestbedError> {
    let target = format!("/usr/local/bin/fpass-{name}");
    if !fs::exists(&target).unwrap_or_default() {
        fs::copy(helper(name)?, &target).map_err(TestbedError::io(format!("installing {name}")))?;
    }
    Ok(target)
}
