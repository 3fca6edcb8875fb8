//! Which services a line of `pam_fpass` serves.

use fpass_proto::ServiceName;

use crate::arguments::Arguments;

/// Whether a line with these arguments serves a service; it refuses everybody in others.
#[must_use]
pub fn serves(arguments: &Arguments, service: &str) -> bool {
    // What is no name of a service is none that the module serves.
    let Ok(service) = ServiceName::parse(service) else { return false };
    match &arguments.services {
        Some(services) => services.contains(&service),
        None => service.has_a_seat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_on_the_line_stands_instead_of_the_modules() {
        let plain = Arguments::default();
        assert!(!serves(&plain, "sshd") && serves(&plain, "sudo"));
        let services = Some(vec![ServiceName::parse("sshd").unwrap()]);
        let named = Arguments { services, ..Arguments::default() };
        assert!(serves(&named, "sshd") && !serves(&named, "sudo"));
    }

    #[test]
    fn what_is_no_service_is_not_served() {
        for name in ["", "su do", "../sudo"] {
            assert!(!serves(&Arguments::default(), name), "{name:?}");
        }
    }
}
