//! What the daemon of this machine will do with the calls of a service.

use std::path::Path;

use fpass_proto::{SeatConfig, SeatRefusal, ServiceName};

use crate::daemon_config::{self, MAIN, unusable};
use crate::finding::Problem;
use crate::root::Files;

/// The section about services.
const SECTION: &str = "seat";

/// Reads `[seat]` of the daemon's configuration as the daemon does: a drop-in overrides keys, in
/// the order of the names. Without a file the defaults apply.
///
/// # Errors
/// A file that the daemon cannot use.
pub fn config(files: &dyn Files) -> Result<SeatConfig, Problem> {
    let mut merged = toml::Table::new();
    for (path, keys) in daemon_config::section(files, SECTION)? {
        merged.extend(keys);
        // Each file must be valid by itself.
        merged.clone().try_into::<SeatConfig>().map_err(|error| unusable(&path, &error))?;
    }
    merged.try_into().map_err(|error| unusable(Path::new(MAIN), &error))
}

/// Whether the daemon checks faces for a service.
///
/// # Errors
/// Why it refuses every call.
pub fn admit(config: &SeatConfig, service: &str) -> Result<(), SeatRefusal> {
    // The module refuses an invalid name before it asks the daemon.
    ServiceName::parse(service).map_or(Ok(()), |service| config.admit(&service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon_config::DROP_INS;
    use crate::root::Memory;

    fn machine(files: &[(&str, &str)]) -> Memory {
        let mut memory = Memory::default();
        for (path, text) in files {
            memory.files.insert((*path).into(), (*text).to_owned());
        }
        memory
    }

    fn names(config: &SeatConfig) -> Vec<&str> {
        config.login_screen_services.iter().map(ServiceName::as_str).collect()
    }

    #[test]
    fn without_a_file_the_defaults_apply() {
        assert_eq!(config(&Memory::default()), Ok(SeatConfig::default()));
        let other = machine(&[(MAIN, "[camera]\nwidth = 640\n")]);
        assert_eq!(config(&other), Ok(SeatConfig::default()));
    }

    #[test]
    fn a_later_file_overrides_a_key() {
        let files = machine(&[
            (MAIN, "[seat]\nlogin_screen_services = [\"sddm\"]\nuser_manager = false\n"),
            (
                "/etc/fpass/fpassd.toml.d/10-a.toml",
                "[seat]\nlogin_screen_services = [\"lightdm\"]\n",
            ),
            ("/etc/fpass/fpassd.toml.d/20-b.toml", "[seat]\nagent_services = []\n"),
            ("/etc/fpass/fpassd.toml.d/30-c.conf", "[seat]\nlogin_screen_services = [\"ly\"]\n"),
        ]);
        let found = config(&files).unwrap();
        assert_eq!(names(&found), ["lightdm"]);
        assert!(found.agent_services.is_empty() && !found.user_manager);
    }

    #[test]
    fn a_file_that_the_daemon_refuses_is_a_problem() {
        for text in
            ["[seat", "seat = 1\n", "[seat]\nagent_services = [\"su do\"]\n", "[seat]\nx = 1\n"]
        {
            let found = config(&machine(&[(MAIN, text)]));
            assert!(matches!(found, Err(Problem::Configuration { .. })), "{text:?}: {found:?}");
        }
        let mut files = machine(&[(MAIN, "[seat]\n")]);
        files.writable.insert(MAIN.into());
        assert_eq!(config(&files), Err(Problem::WritableByOthers(MAIN.into())));
    }

    #[test]
    fn a_directory_in_which_others_may_make_a_file_is_a_problem() {
        for directory in [DROP_INS, "/etc/fpass"] {
            let mut files = Memory::default();
            files.writable.insert(directory.into());
            let found = config(&files);
            assert_eq!(found, Err(Problem::WritableByOthers(directory.into())), "{directory}");
        }
    }
}
