//! The main file and its drop-ins: each `*.toml` of a directory next to it overrides keys, in the
//! order of the file names.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{Config, ConfigError};

/// Largest configuration file in bytes.
const SIZE_MAX: u64 = 64 * 1024;
/// Most drop-ins.
const DROP_INS_MAX: usize = 64;
/// Suffix that turns the name of the main file into that of the directory.
const DIRECTORY_SUFFIX: &str = ".d";

/// One file of the configuration.
#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    /// Its path.
    pub(super) path: PathBuf,
    /// Its content, by section and key.
    pub(super) table: toml::Table,
}

/// Sections and keys of earlier versions that no longer have an effect.
const RETIRED_KEYS: &[(&str, &str)] = &[("recognition", "detector")];

/// Reads the main file and its drop-ins, the main file first.
pub(super) fn read(path: &Path) -> Result<Vec<ConfigFile>, ConfigError> {
    let mut files = vec![parse(&text(path)?, path)?];
    for path in names(path)? {
        files.push(parse(&text(&path)?, &path)?);
    }
    Ok(files)
}

/// Checks the text of one file by itself, so that an error names this file.
pub(super) fn parse(text: &str, path: &Path) -> Result<ConfigFile, ConfigError> {
    let syntax = |cause| ConfigError::Syntax { path: path.to_owned(), cause: Box::new(cause) };
    let mut table: toml::Table = toml::from_str(text).map_err(syntax)?;
    let alone: Config = if drop_retired(&mut table, path) {
        table.clone().try_into().map_err(syntax)?
    } else {
        // Only the text knows the line of an error.
        toml::from_str(text).map_err(syntax)?
    };
    // Keys that this file leaves out have their defaults here, which are in range.
    alone.check_keys(path)?;
    Ok(ConfigFile { path: path.to_owned(), table })
}

/// Drops the keys of earlier versions, with a warning. A package keeps an edited file at an
/// upgrade: refusing its old key would refuse every login. Returns whether there was one.
fn drop_retired(table: &mut toml::Table, path: &Path) -> bool {
    let mut found = false;
    for (section, key) in RETIRED_KEYS {
        let section_table = table.get_mut(*section).and_then(toml::Value::as_table_mut);
        if section_table.is_some_and(|keys| keys.remove(*key).is_some()) {
            tracing::warn!(path = %path.display(), "{section}.{key} has no effect; remove it");
            found = true;
        }
    }
    found
}

/// Merges files key by key: a later file overrides an earlier one. A list replaces a list.
pub(super) fn merge(files: &[ConfigFile]) -> toml::Table {
    let mut merged = toml::Table::new();
    for (section, value) in files.iter().flat_map(|file| &file.table) {
        match (merged.get_mut(section), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => {
                below.extend(above.clone());
            }
            _ => {
                merged.insert(section.clone(), value.clone());
            }
        }
    }
    merged
}

/// The last file that sets one of these keys; the main file when no file does.
pub(super) fn origin(files: &[ConfigFile], keys: &[(&str, &str)]) -> PathBuf {
    let sets = |file: &&ConfigFile| {
        keys.iter().any(|(section, key)| {
            file.table.get(*section).and_then(|table| table.get(*key)).is_some()
        })
    };
    let file = files.iter().rev().find(sets).or(files.first());
    file.map(|file| file.path.clone()).unwrap_or_default()
}

/// The paths of the drop-ins in the order of their names; none when the directory does not exist.
fn names(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let mut directory = OsString::from(path);
    directory.push(DIRECTORY_SUFFIX);
    let directory = PathBuf::from(directory);
    let unreadable = |cause| ConfigError::Unreadable { path: directory.clone(), cause };
    let facts = match fs::metadata(&directory) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        facts => facts.map_err(unreadable)?,
    };
    if !facts.is_dir() || !is_trusted(&facts) {
        return Err(ConfigError::UntrustedDirectory { path: directory });
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if name.as_encoded_bytes().ends_with(b".toml") {
            if names.len() == DROP_INS_MAX {
                return Err(ConfigError::TooMany { path: directory });
            }
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names.iter().map(|name| directory.join(name)).collect())
}

/// Reads a regular file that root owns and only root may write.
fn text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
    let mut options = File::options();
    // Opening a pipe must not block the daemon.
    options.read(true).custom_flags(nix::libc::O_NONBLOCK);
    let file = options.open(path).map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    if !facts.is_file() || !is_trusted(&facts) {
        return Err(ConfigError::Untrusted { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(SIZE_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > SIZE_MAX {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    Ok(text)
}

/// Whether root owns the file and only root may write it.
fn is_trusted(facts: &fs::Metadata) -> bool {
    facts.uid() == 0 && facts.mode() & 0o022 == 0
}

#[cfg(test)]
mod tests;
