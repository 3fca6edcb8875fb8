//! `[seat]`: which PAM services may ask from outside a session.

use fpass_proto::ServiceName;
use serde::Deserialize;

/// Most services in one list.
const LISTED_MAX: usize = 64;

/// `[seat]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeatConfig {
    /// Services that log in at a text console.
    pub(crate) console_services: Vec<String>,
    /// Services of graphical login screens, which unlock sessions too.
    pub(crate) login_screen_services: Vec<String>,
    /// Services that ask on behalf of an agent in a session.
    pub(crate) agent_services: Vec<String>,
    /// Whether programs that a user's own manager started may ask, such as a desktop's terminals.
    pub(crate) user_manager: bool,
}

impl Default for SeatConfig {
    fn default() -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            console_services: owned(&["login"]),
            login_screen_services: owned(&["gdm-password", "lightdm", "sddm", "greetd"]),
            agent_services: owned(&["polkit-1"]),
            user_manager: true,
        }
    }
}

impl SeatConfig {
    /// The key of the first list that is too long or holds what is no service name.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        [
            ("seat.console_services", &self.console_services),
            ("seat.login_screen_services", &self.login_screen_services),
            ("seat.agent_services", &self.agent_services),
        ]
        .into_iter()
        .find(|(_, names)| {
            names.len() > LISTED_MAX || names.iter().any(|name| ServiceName::parse(name).is_err())
        })
        .map(|(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_service_name_and_a_list_too_long_are_faults() {
        let with = |names: Vec<String>| SeatConfig {
            login_screen_services: names,
            ..SeatConfig::default()
        };
        for name in ["", "su do", "*", "../login"] {
            let fault = with(vec![name.to_owned()]).fault();
            assert_eq!(fault, Some("seat.login_screen_services"), "{name:?}");
        }
        assert!(with(vec!["x".to_owned(); LISTED_MAX + 1]).fault().is_some());
        assert_eq!(with(vec!["x".to_owned(); LISTED_MAX]).fault(), None);
        assert_eq!(SeatConfig::default().fault(), None);
    }
}
