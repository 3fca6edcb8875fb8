//! Which services a line of `pam_fpass` serves.

use fpass_proto::{PamArguments, ServiceName};

/// Whether a line with these arguments serves a service. In other services the line refuses
/// everybody.
#[must_use]
pub fn serves(arguments: &PamArguments, service: &str) -> bool {
    // The module serves no service with an invalid name.
    ServiceName::parse(service).is_ok_and(|service| arguments.serves(&service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_on_the_line_replaces_that_of_the_module() {
        let plain = PamArguments::default();
        assert!(!serves(&plain, "sshd") && serves(&plain, "sudo"));
        let services = Some(vec![ServiceName::parse("sshd").unwrap()]);
        let named = PamArguments { services, ..PamArguments::default() };
        assert!(serves(&named, "sshd") && !serves(&named, "sudo"));
    }

    #[test]
    fn an_invalid_name_is_not_served() {
        for name in ["", "su do", "../sudo"] {
            assert!(!serves(&PamArguments::default(), name), "{name:?}");
        }
    }
}
