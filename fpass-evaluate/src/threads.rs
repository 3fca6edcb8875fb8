//! Settings that libraries read from the environment when they are loaded.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// One BLAS thread for each worker, because more threads only wait for each other. The allocator
/// keeps the buffers of a network instead of returning them to the kernel after each picture.
const SETTINGS: [(&str, &str); 3] = [
    ("OPENBLAS_NUM_THREADS", "1"),
    ("MALLOC_TRIM_THRESHOLD_", "268435456"),
    ("MALLOC_MMAP_THRESHOLD_", "268435456"),
];

/// Executes this program again when its environment lacks a setting; does not return then. Settings
/// of the user stay. The second start finds every setting, so it does not execute the program
/// again.
///
/// # Errors
/// When the program cannot be executed again. It can continue, but more slowly.
pub(crate) fn one_blas_thread_each() -> io::Result<()> {
    let missing = missing(|name| env::var_os(name));
    if missing.is_empty() {
        return Ok(());
    }
    let mut arguments = env::args_os();
    let name = arguments.next().unwrap_or_default();
    Err(Command::new(env::current_exe()?).arg0(name).args(arguments).envs(missing).exec())
}

fn missing(set: impl Fn(&str) -> Option<OsString>) -> Vec<(&'static str, &'static str)> {
    SETTINGS.into_iter().filter(|(name, _)| set(name).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_start_misses_nothing() {
        assert_eq!(missing(|_| None), SETTINGS);
        assert!(missing(|name| Some(name.into())).is_empty());
        assert!(missing(|_| Some(OsString::new())).is_empty());
    }

    #[test]
    fn what_the_user_set_stays() {
        let user = |name: &str| (name == "OPENBLAS_NUM_THREADS").then(|| "4".into());
        assert_eq!(missing(user), SETTINGS[1..]);
    }
}
