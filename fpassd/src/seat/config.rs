//! `[seat]`: which PAM services may ask from outside a session.

use fpass_proto::ServiceName;
use serde::{Deserialize, Deserializer, de::Error};

/// Most services in one list.
const SERVICES_MAX: usize = 64;

/// `[seat]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SeatConfig {
    /// Services that log in at a text console.
    #[serde(deserialize_with = "services")]
    pub(crate) console_services: Vec<ServiceName>,
    /// Services of graphical login screens, which unlock sessions too.
    #[serde(deserialize_with = "services")]
    pub(crate) login_screen_services: Vec<ServiceName>,
    /// Services that ask on behalf of an agent in a session.
    #[serde(deserialize_with = "services")]
    pub(crate) agent_services: Vec<ServiceName>,
    /// Whether programs started by the service manager of a user may ask, such as the terminals of
    /// a desktop.
    pub(crate) user_manager: bool,
}

impl Default for SeatConfig {
    fn default() -> Self {
        let parse = |names: &[&str]| {
            names.iter().filter_map(|name| ServiceName::parse(name).ok()).collect()
        };
        Self {
            console_services: parse(&["login"]),
            login_screen_services: parse(&["gdm-password", "lightdm", "sddm", "greetd"]),
            agent_services: parse(&["polkit-1"]),
            user_manager: true,
        }
    }
}

/// Reads a list of at most [`SERVICES_MAX`] service names.
fn services<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ServiceName>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    if names.len() > SERVICES_MAX {
        return Err(D::Error::custom(format!("the list holds more than {SERVICES_MAX} names")));
    }
    let parse = |name: &String| {
        ServiceName::parse(name)
            .map_err(|error| D::Error::custom(format!("{name:?} is not a PAM service: {error}")))
    };
    names.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_service_names_and_long_lists_are_refused() {
        let read = |names: &[&str]| {
            toml::from_str::<SeatConfig>(&format!("login_screen_services = {names:?}"))
        };
        for name in ["", "su do", "*", "../login"] {
            let error = read(&[name]).unwrap_err().to_string();
            assert!(error.contains(&format!("{name:?} is not a PAM service")), "{error}");
        }
        assert!(read(&["x"; SERVICES_MAX + 1]).is_err());
        assert_eq!(read(&["x"; SERVICES_MAX]).unwrap().login_screen_services.len(), SERVICES_MAX);
    }

    #[test]
    fn every_default_is_a_service_name() {
        let config = SeatConfig::default();
        let lists = [config.console_services, config.login_screen_services, config.agent_services];
        assert_eq!(lists.map(|list| list.len()), [1, 4, 1]);
    }
}
