//! Measurements of tests: `scripts/test` prints the files at the end of a run.

use std::{
    fs::{self, File},
    io::Write,
};

use crate::{TestbedError, tree};

/// Appends lines to a file below `target/fpass` in one write, because tests run in parallel.
///
/// # Errors
/// Says why the file cannot be written.
pub fn note(file: &str, text: &str) -> Result<(), TestbedError> {
    let directory = tree::root().join("target/fpass");
    let path = directory.join(file);
    fs::create_dir_all(directory)
        .and_then(|()| File::options().create(true).append(true).open(&path))
        .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()))
        .map_err(TestbedError::io(format!("writing {}", path.display())))
}
