//! Figures that tests print when a whole run is over: `scripts/test` shows the files.

use std::{
    fs::{self, File},
    io::Write,
};

use crate::{GroundError, tree};

/// Adds lines to a file below `target/fpass`. Tests run at the same time, each adds its lines at once.
///
/// # Errors
/// Says why the file cannot be written.
pub fn note(file: &str, text: &str) -> Result<(), GroundError> {
    let directory = tree::root().join("target/fpass");
    let path = directory.join(file);
    fs::create_dir_all(directory)
        .and_then(|()| File::options().create(true).append(true).open(&path))
        .and_then(|mut file| file.write_all(format!("{text}\n").as_bytes()))
        .map_err(GroundError::io(format!("writing {}", path.display())))
}
