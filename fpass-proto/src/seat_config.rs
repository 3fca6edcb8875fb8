//! `[seat]` of the daemon's configuration: which PAM services may ask from outside a session.
//!
//! The daemon and the proof of PAM stacks read it with the same code.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

use crate::ServiceName;
use crate::seat::Place;

/// Most services in one list.
pub const SERVICES_MAX: usize = 64;

/// `[seat]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeatConfig {
    /// Services that log in at a text console.
    #[serde(deserialize_with = "services")]
    pub console_services: Vec<ServiceName>,
    /// Services of graphical login screens, which unlock sessions too.
    #[serde(deserialize_with = "services")]
    pub login_screen_services: Vec<ServiceName>,
    /// Services that ask on behalf of an agent in a session.
    #[serde(deserialize_with = "services")]
    pub agent_services: Vec<ServiceName>,
    /// Whether programs started by the service manager of a user may ask, such as the terminals of
    /// a desktop.
    pub user_manager: bool,
}

impl Default for SeatConfig {
    fn default() -> Self {
        let parse = |place: Place| {
            place.services().filter_map(|name| ServiceName::parse(name).ok()).collect()
        };
        Self {
            console_services: parse(Place::Console),
            login_screen_services: parse(Place::LoginScreen),
            agent_services: parse(Place::Agent),
            user_manager: true,
        }
    }
}

/// Why the daemon refuses every check of a face for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatRefusal {
    /// A list of `[seat]` would have to name the service.
    NotListed(&'static str),
    /// logind has no session for the screen of the service.
    WithoutSession,
    /// The users of the service are not at this computer.
    Away,
}

impl fmt::Display for SeatRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed(list) => {
                write!(f, "{list} in [seat] of /etc/fpass/fpassd.toml does not name it")
            }
            Self::WithoutSession => f.write_str(
                "logind has no session for its screen, so nothing shows that its user is at this \
                 computer",
            ),
            Self::Away => f.write_str("its users are not at this computer"),
        }
    }
}

impl SeatConfig {
    /// Whether the daemon checks faces for a service at any place at which the service asks. In
    /// which sessions it does so is decided for each call.
    ///
    /// # Errors
    /// Why it refuses every call of the service.
    pub fn admit(&self, service: &ServiceName) -> Result<(), SeatRefusal> {
        let places = service.places();
        let refusals: Vec<SeatRefusal> =
            places.iter().filter_map(|place| self.admit_at(*place, service).err()).collect();
        match refusals.first() {
            Some(refusal) if refusals.len() == places.len() => Err(*refusal),
            _ => Ok(()),
        }
    }

    fn admit_at(&self, place: Place, service: &ServiceName) -> Result<(), SeatRefusal> {
        let listed = |list: &[ServiceName], key| {
            if list.contains(service) { Ok(()) } else { Err(SeatRefusal::NotListed(key)) }
        };
        match place {
            Place::Console => listed(&self.console_services, "console_services"),
            Place::LoginScreen => listed(&self.login_screen_services, "login_screen_services"),
            Place::Agent => listed(&self.agent_services, "agent_services"),
            Place::UserLocker | Place::Session => Ok(()),
            Place::WithoutSession => Err(SeatRefusal::WithoutSession),
            // An administrator may have moved it to the seat.
            Place::Away
                if [&self.login_screen_services, &self.agent_services]
                    .iter()
                    .any(|list| list.contains(service)) =>
            {
                Ok(())
            }
            Place::Away => Err(SeatRefusal::Away),
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

    fn admitted(config: &SeatConfig, name: &str) -> Result<(), SeatRefusal> {
        config.admit(&ServiceName::parse(name).unwrap())
    }

    #[test]
    fn the_daemon_refuses_screens_that_it_cannot_place() {
        let config = SeatConfig::default();
        for name in ["ly", "lxdm", "xdm", "physlock"] {
            assert_eq!(admitted(&config, name), Err(SeatRefusal::WithoutSession), "{name}");
        }
        for name in ["sshd", "gdm-autologin", "cron"] {
            assert_eq!(admitted(&config, name), Err(SeatRefusal::Away), "{name}");
        }
        let unlisted = Err(SeatRefusal::NotListed("login_screen_services"));
        assert_eq!(admitted(&config, "gdm-fingerprint"), unlisted);
    }

    #[test]
    fn the_daemon_admits_what_its_lists_name_and_what_runs_in_sessions() {
        let config = SeatConfig::default();
        for name in ["login", "gdm-password", "plasmalogin", "cosmic-greeter", "kde", "sudo", "own"]
        {
            assert_eq!(admitted(&config, name), Ok(()), "{name}");
        }
        let none = SeatConfig {
            console_services: Vec::new(),
            login_screen_services: vec![ServiceName::parse("vncserver").unwrap()],
            agent_services: Vec::new(),
            user_manager: true,
        };
        for (name, key) in [
            ("login", "console_services"),
            ("sddm", "login_screen_services"),
            ("polkit-1", "agent_services"),
        ] {
            assert_eq!(admitted(&none, name), Err(SeatRefusal::NotListed(key)), "{name}");
        }
        // The lock screen of a session needs no list.
        for name in ["cosmic-greeter", "swaylock", "sudo", "vncserver"] {
            assert_eq!(admitted(&none, name), Ok(()), "{name}");
        }
    }

    #[test]
    fn the_default_lists_are_those_of_the_table() {
        let config = SeatConfig::default();
        let lists = [config.console_services, config.login_screen_services, config.agent_services];
        for (list, place) in lists.iter().zip([Place::Console, Place::LoginScreen, Place::Agent]) {
            assert!(list.len() <= SERVICES_MAX);
            assert!(list.iter().map(ServiceName::as_str).eq(place.services()), "{place:?}");
        }
    }
}
