//! Settings of libraries that read them from the environment when they are loaded.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// One BLAS thread for each worker: more of them only wait for one another. Buffers of a network
/// stay with the allocator instead of going back to the kernel with each picture.
const SETTINGS: [(&str, &str); 3] = [
    ("OPENBLAS_NUM_THREADS", "1"),
    ("MALLOC_TRIM_THRESHOLD_", "268435456"),
    ("MALLOC_MMAP_THRESHOLD_", "268435456"),
];

/// Starts this program anew in its own place when settings are missing from its environment; does
/// not return then. What the user set stays. The new start finds them all, so that there is no
/// third.
///
/// # Errors
/// When it cannot be started; it can go on as it is, only slower.
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
