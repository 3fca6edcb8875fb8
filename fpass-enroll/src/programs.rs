//! The programs of F-pass that are installed next to this one, so that this one needs none of their
//! libraries: `fpass-evaluate` and `fpass-models`.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;

/// Measures how good recognition is.
pub(crate) const EVALUATE: &str = "fpass-evaluate";
/// Fetches, installs and checks the face models.
pub(crate) const MODELS: &str = "fpass-models";

/// Path of a program in the directory of this one. Root runs it, so `PATH` is not searched.
///
/// # Errors
/// When `/proc` does not say where this program is.
pub(crate) fn path(program: &str) -> io::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(program))
}

/// Replaces this program with another one, which gets the arguments. Its output and its exit code
/// are then those of this command. Returns only when it cannot be started.
pub(crate) fn become_program(
    program: &'static str,
    arguments: impl Iterator<Item = OsString>,
) -> Error {
    let cause = match path(program) {
        Ok(path) => Command::new(path).args(arguments).exec(),
        Err(cause) => cause,
    };
    Error::NotInstalled { program, cause }
}

/// What was given after the command, as it was given: clap keeps a first `--` for itself.
pub(crate) fn given_arguments() -> impl Iterator<Item = OsString> {
    env::args_os().skip(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_code::ExitCode;

    #[test]
    fn a_program_is_taken_from_the_directory_of_this_one() {
        let path = path(MODELS).unwrap();
        assert!(path.is_absolute());
        assert_eq!(path.parent(), env::current_exe().unwrap().parent());
        assert_eq!(path.file_name().unwrap(), MODELS);
    }

    #[test]
    fn a_program_that_is_not_installed_is_named() {
        let error = become_program("fpass-absent", [].into_iter());
        let sentence = error.to_string();
        assert!(sentence.starts_with("fpass-absent ") && sentence.contains("; "), "{sentence}");
        assert_eq!(error.exit_code(), ExitCode::Failed);
    }
}
