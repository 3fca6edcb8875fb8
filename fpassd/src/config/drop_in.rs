//! The configuration in pieces: the main file, and over it each `*.toml` of the directory beside it,
//! in the order of their names.

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
const PIECES_MAX: usize = 64;
/// What the directory of the drop-ins is called: the main file's name with this behind it.
const DIRECTORY_SUFFIX: &str = ".d";

/// One file of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// What it says, by section and key.
    pub(super) table: toml::Table,
}

/// Reads the main file and its drop-ins, the main file first.
pub(super) fn read(path: &Path) -> Result<Vec<Piece>, ConfigError> {
    let mut pieces = vec![parse(&text(path)?, path)?];
    for path in names(path)? {
        pieces.push(parse(&text(&path)?, &path)?);
    }
    Ok(pieces)
}

/// Checks the text of one file by itself, so that whatever is wrong with a key names this file.
pub(super) fn parse(text: &str, path: &Path) -> Result<Piece, ConfigError> {
    let syntax = |cause| ConfigError::Syntax { path: path.to_owned(), cause: Box::new(cause) };
    let alone: Config = toml::from_str(text).map_err(syntax)?;
    // What this file leaves out has its default here, and those are in range.
    alone.check_keys(path)?;
    Ok(Piece { path: path.to_owned(), table: toml::from_str(text).map_err(syntax)? })
}

/// Puts the pieces over one another, key by key within their sections: the later one wins. A list
/// replaces a list.
pub(super) fn merge(pieces: &[Piece]) -> toml::Table {
    let mut merged = toml::Table::new();
    for (section, value) in pieces.iter().flat_map(|piece| &piece.table) {
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

/// The last file that sets one of these keys of a section; the main file when none does.
pub(super) fn origin(pieces: &[Piece], keys: &[(&str, &str)]) -> PathBuf {
    let sets = |piece: &&Piece| {
        keys.iter().any(|(section, key)| {
            piece.table.get(*section).and_then(|table| table.get(*key)).is_some()
        })
    };
    let piece = pieces.iter().rev().find(sets).or(pieces.first());
    piece.map(|piece| piece.path.clone()).unwrap_or_default()
}

/// The paths of the drop-ins in the order of their names. A directory that does not exist has none.
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
            if names.len() == PIECES_MAX {
                return Err(ConfigError::TooMany { path: directory });
            }
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names.iter().map(|name| directory.join(name)).collect())
}

/// Reads a file that must be a plain one of root which nobody else may write.
fn text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
    let mut options = File::options();
    // A pipe in its place must not hold the daemon up.
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

/// Whether only root may change what this is about.
fn is_trusted(facts: &fs::Metadata) -> bool {
    facts.uid() == 0 && facts.mode() & 0o022 == 0
}

#[cfg(test)]
mod tests;
