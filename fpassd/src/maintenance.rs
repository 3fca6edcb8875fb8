//! Work on the store while the daemon does not run.

use std::path::Path;

use fpass_face::Manifest;
use thiserror::Error;

use crate::{
    config::Config,
    machine_id, memory,
    start_error::StartError,
    store::{self, Binding, Format, KeySource, StoreError},
};

/// Creates the key of a new store, once per machine.
pub(crate) fn create_key(config_path: &Path) -> Result<(), StartError> {
    memory::forbid_core_dumps()?;
    let directory = Config::read(config_path)?.storage.directory;
    store::create_key(&directory).map_err(|cause| StartError::store(&directory, cause))
}

/// Replaces the key and reseals every record with the new one.
pub(crate) fn rotate_key(config_path: &Path) -> Result<(), StartError> {
    let records = reseal(config_path, store::rotate_key)?;
    tracing::info!(records, "the key was replaced");
    Ok(())
}

/// Writes every record in an older format.
pub(crate) fn downgrade_store(config_path: &Path, format: Format) -> Result<(), StartError> {
    let write = |directory: &Path, binding: &Binding| store::downgrade(directory, binding, format);
    let records = reseal(config_path, write)?;
    tracing::info!(records, format = format.number(), "records were written in an older format");
    Ok(())
}

/// Does `work` on the store with the key file, and returns the number of records.
fn reseal(
    config_path: &Path,
    work: impl FnOnce(&Path, &Binding) -> Result<usize, StoreError>,
) -> Result<usize, StartError> {
    memory::forbid_core_dumps()?;
    memory::lock();
    if KeySource::of_service() != KeySource::File {
        return Err(StartError::KeyIsCredential);
    }
    let config = Config::read(config_path)?;
    let binding = machine_id::binding(&Manifest::embedded()?.verify(&config.models.directory)?)?;
    let directory = config.storage.directory;
    work(&directory, &binding)
        .map_err(|cause| StartError::Reseal { path: directory.display().to_string(), cause })
}

/// The format cannot be written.
#[derive(Debug, Error)]
#[error("no older format has this number; the older formats are 3, 4 and 5")]
pub(crate) struct NoSuchFormat;

/// An older format than the current one, by its number.
pub(crate) fn older_format(number: &str) -> Result<Format, NoSuchFormat> {
    let format = number.parse().ok().and_then(Format::of);
    format.filter(|format| *format < Format::CURRENT).ok_or(NoSuchFormat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_older_formats_are_accepted() {
        for number in ["", "2", "6", "7", "-1", "three", "65539"] {
            assert!(older_format(number).is_err(), "{number}");
        }
        assert_eq!(older_format("3").unwrap(), Format::V3);
        assert_eq!(older_format("4").unwrap(), Format::V4);
        assert_eq!(older_format("5").unwrap(), Format::V5);
    }
}
