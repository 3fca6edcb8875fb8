//! Sections of the daemon's configuration, merged as the daemon merges them.

use std::path::{Path, PathBuf};

use crate::finding::{Problem, writers_problem};
use crate::root::Files;

/// The daemon's main file.
pub(crate) const MAIN: &str = "/etc/fpass/fpassd.toml";
/// The directory of its drop-ins.
pub(crate) const DROP_INS: &str = "/etc/fpass/fpassd.toml.d";

/// The keys of a section in each file that exists, the main file first. A later file overrides
/// keys. Without a file there are no keys.
///
/// # Errors
/// A file that the daemon cannot use.
pub(crate) fn section(
    files: &dyn Files,
    name: &str,
) -> Result<Vec<(PathBuf, toml::Table)>, Problem> {
    check_writers(files, Path::new(DROP_INS))?;
    if files.is_hidden(Path::new(DROP_INS)) {
        return Err(unusable(Path::new(DROP_INS), &"its files cannot be listed; run this as root"));
    }
    let names = files.list(Path::new(DROP_INS));
    let drop_ins = names
        .iter()
        .filter(|name| name.ends_with(".toml"))
        .map(|name| Path::new(DROP_INS).join(name));
    let mut sections = Vec::new();
    for path in std::iter::once(PathBuf::from(MAIN)).chain(drop_ins) {
        if let Some(keys) = keys(files, &path, name)? {
            sections.push((path, keys));
        }
    }
    Ok(sections)
}

/// A user who may write a file of the configuration, or make one, changes it.
fn check_writers(files: &dyn Files, path: &Path) -> Result<(), Problem> {
    writers_problem(files, path).map_or(Ok(()), Err)
}

/// The section of one file; `None` if the file does not exist.
fn keys(files: &dyn Files, path: &Path, name: &str) -> Result<Option<toml::Table>, Problem> {
    check_writers(files, path)?;
    let Some(text) = files.read(path).map_err(|error| unusable(path, &error))? else {
        return Ok(None);
    };
    let mut table: toml::Table = toml::from_str(&text).map_err(|error| unusable(path, &error))?;
    match table.remove(name) {
        Some(toml::Value::Table(keys)) => Ok(Some(keys)),
        Some(_) => Err(unusable(path, &format_args!("[{name}] is not a section"))),
        None => Ok(Some(toml::Table::new())),
    }
}

/// The problem of a file that the daemon cannot use.
pub(crate) fn unusable(path: &Path, cause: &dyn std::fmt::Display) -> Problem {
    // The first line of a parser's error says where; the others draw the place.
    let cause = cause.to_string().lines().next().unwrap_or_default().to_owned();
    Problem::Configuration { file: path.to_owned(), cause }
}
