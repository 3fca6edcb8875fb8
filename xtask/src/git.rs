//! What git knows about the tree.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;

/// The root of the tree in which the task runs.
pub(crate) fn root() -> Result<PathBuf, Error> {
    Ok(PathBuf::from(output(&["rev-parse", "--show-toplevel"], &[])?.trim_end_matches('\n')))
}

/// The files below `paths`, or below the working directory, as paths from the root of the tree. New
/// files that are not ignored belong to them.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<String>, Error> {
    let options =
        ["ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard", "--"];
    let listed = output(&options, paths)?;
    let mut files: Vec<String> =
        listed.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

fn output(arguments: &[&str], paths: &[PathBuf]) -> Result<String, Error> {
    let output = Command::new("git").args(arguments).args(paths).output().map_err(Error::Git)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Git(io::Error::other(said)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
