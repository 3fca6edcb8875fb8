//! `[liveness]`: what a person must do to show that they are no picture.

use std::{collections::BTreeMap, time::Duration};

use fpass_face::liveness::{LivenessAttempt, LivenessDemand};
use fpass_proto::{ServiceName, seat_config::SERVICES_MAX};
use serde::{Deserialize, Deserializer, de::Error};

use crate::liveness_check::LivenessCheck;

/// Time in which a camera starts, before the first prompt.
const CAMERA_START: Duration = Duration::from_secs(2);

/// Which liveness check is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LivenessMode {
    /// One turn of the head.
    #[default]
    Turn,
    /// Three prompts, at least one of them a turn.
    Strict,
    /// None, but the face must be lit by the emitter of an infra-red camera.
    InfraRed,
    /// None: a picture passes.
    Off,
}

impl LivenessMode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Strict => "strict",
            Self::InfraRed => "infra-red",
            Self::Off => "off",
        }
    }

    /// Whether a turn in this mode may be relied on later, and made up for by an earlier one.
    pub(crate) fn is_remembered(self) -> bool {
        match self {
            Self::Turn => true,
            Self::Strict | Self::InfraRed | Self::Off => false,
        }
    }

    /// How hard it is to pass for something that is no person: more is stricter.
    fn strictness(self) -> u8 {
        match self {
            Self::Off => 0,
            // Not measured.
            Self::InfraRed => 1,
            Self::Turn => 2,
            Self::Strict => 3,
        }
    }

    /// What is checked; `None` for nothing.
    pub(crate) fn check(self) -> Option<LivenessCheck> {
        match self {
            Self::Turn => Some(LivenessCheck::Turn(LivenessDemand::Turn)),
            Self::Strict => Some(LivenessCheck::Turn(LivenessDemand::Strict)),
            Self::InfraRed => Some(LivenessCheck::Infrared),
            Self::Off => None,
        }
    }
}

/// Time in front of the camera: each prompt of a demand and one retry at their longest, and the
/// start of the camera.
pub(crate) fn turn_time(demand: LivenessDemand) -> Duration {
    CAMERA_START + LivenessAttempt::PROMPT_MAX * (u32::from(demand.prompts()) + 1)
}

/// `[liveness]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LivenessConfig {
    /// The check, unless `services` names another one.
    pub(crate) mode: LivenessMode,
    /// Minutes after a turn in which the same session need not ask for another one; 0 for never.
    pub(crate) remember_minutes: u32,
    /// The check for attempts of single PAM services.
    #[serde(deserialize_with = "services")]
    pub(crate) services: BTreeMap<String, LivenessMode>,
}

impl Default for LivenessConfig {
    fn default() -> Self {
        Self { mode: LivenessMode::Turn, remember_minutes: 15, services: BTreeMap::new() }
    }
}

impl LivenessConfig {
    /// Most minutes.
    pub(super) const REMEMBER_MINUTES_MAX: u32 = 120;

    /// The check for an attempt of this PAM service; `None` for a self-test.
    pub(crate) fn mode(&self, service: Option<&ServiceName>) -> LivenessMode {
        let named = service.and_then(|service| self.services.get(service.as_str()));
        named.copied().unwrap_or(self.mode)
    }

    /// The check for an attempt whose caller may name any service: that of the service or that of a
    /// self-test, whichever is stricter. So nobody chooses a weaker check by a name.
    pub(crate) fn mode_for_anybody(&self, named: Option<&ServiceName>) -> LivenessMode {
        std::cmp::max_by_key(self.mode, self.mode(named), |mode| mode.strictness())
    }

    /// The mode, in brackets the services with another one, and how long a turn is remembered.
    pub(crate) fn summary(&self) -> String {
        let modes = self.modes();
        let memory = match self.remember_minutes {
            minutes @ 1.. if self.all_modes().any(LivenessMode::is_remembered) => {
                format!(", remembered for {minutes} min")
            }
            _ => String::new(),
        };
        modes + &memory
    }

    /// Whether any attempt needs an infra-red camera.
    pub(crate) fn needs_infrared(&self) -> bool {
        self.all_modes().any(|mode| mode == LivenessMode::InfraRed)
    }

    fn all_modes(&self) -> impl Iterator<Item = LivenessMode> {
        std::iter::once(self.mode).chain(self.services.values().copied())
    }

    fn modes(&self) -> String {
        let others = self.services.iter().filter(|(_, mode)| **mode != self.mode);
        let others: Vec<String> =
            others.map(|(service, mode)| format!("{service}: {}", mode.as_str())).collect();
        let mode = self.mode.as_str();
        if others.is_empty() { mode.to_owned() } else { format!("{mode} ({})", others.join(", ")) }
    }

    /// Says in the journal where pictures pass.
    pub(crate) fn warn_if_off(&self) {
        if self.all_modes().any(|mode| mode == LivenessMode::Off) {
            let liveness = self.summary();
            tracing::warn!(liveness, "a picture of a face passes where the liveness check is off");
        }
    }
}

fn services<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, LivenessMode>, D::Error> {
    let services = BTreeMap::<String, LivenessMode>::deserialize(deserializer)?;
    if services.len() > SERVICES_MAX {
        return Err(D::Error::custom(format_args!("at most {SERVICES_MAX} services are allowed")));
    }
    match services.keys().find(|name| ServiceName::parse(name).is_err()) {
        Some(name) => Err(D::Error::custom(format_args!("{name:?} is not a PAM service name"))),
        None => Ok(services),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LivenessConfig, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn a_turn_is_asked_for_unless_the_service_says_otherwise() {
        let config = parse("[services]\nsudo = \"off\"\ngdm-password = \"strict\"\n").unwrap();
        let mode = |name: &str| config.mode(Some(&ServiceName::parse(name).unwrap()));
        assert_eq!(mode("sudo"), LivenessMode::Off);
        assert_eq!(mode("gdm-password"), LivenessMode::Strict);
        assert_eq!(mode("login"), LivenessMode::Turn);
        assert_eq!(config.mode(None), LivenessMode::Turn);
        let summary = "turn (gdm-password: strict, sudo: off), remembered for 15 min";
        assert_eq!(config.summary(), summary);
        let summary = |text: &str| parse(text).unwrap().summary();
        assert_eq!(summary(""), "turn, remembered for 15 min");
        assert_eq!(summary("remember_minutes = 0\n"), "turn");
        assert_eq!(summary("mode = \"strict\"\n"), "strict");
    }

    #[test]
    fn nobody_chooses_a_weaker_check_by_the_name_of_a_service() {
        use LivenessMode::{InfraRed, Off, Strict, Turn};
        let ascending = [Off, InfraRed, Turn, Strict];
        let sudo = ServiceName::parse("sudo").unwrap();
        for (weaker, mode) in ascending.into_iter().enumerate() {
            for (place, named) in ascending.into_iter().enumerate() {
                let services = BTreeMap::from([("sudo".to_owned(), named)]);
                let config = LivenessConfig { mode, services, ..LivenessConfig::default() };
                let stricter = ascending[weaker.max(place)];
                assert_eq!(config.mode_for_anybody(Some(&sudo)), stricter, "{mode:?} {named:?}");
                assert_eq!(config.mode_for_anybody(None), mode);
                assert_eq!(config.mode(Some(&sudo)), named);
            }
        }
    }

    #[test]
    fn only_a_single_turn_is_remembered() {
        assert_eq!(LivenessConfig::default().remember_minutes, 15);
        assert_eq!(parse("remember_minutes = 0\n").unwrap().remember_minutes, 0);
        assert!(LivenessMode::Turn.is_remembered());
        for mode in [LivenessMode::Strict, LivenessMode::InfraRed, LivenessMode::Off] {
            assert!(!mode.is_remembered(), "{mode:?}");
        }
    }

    #[test]
    fn infra_red_is_a_mode_that_is_not_the_default() {
        assert!(!LivenessConfig::default().needs_infrared());
        let config = parse("mode = \"infra-red\"\n").unwrap();
        assert!(config.needs_infrared());
        assert_eq!(config.mode(None).check(), Some(LivenessCheck::Infrared));
        assert_eq!(config.summary(), "infra-red");
        assert!(parse("[services]\nsudo = \"infra-red\"\n").unwrap().needs_infrared());
    }

    #[test]
    fn other_modes_names_and_keys_are_refused() {
        let many: String = (0..65).map(|n| format!("s{n} = \"off\"\n")).collect();
        for text in [
            "mode = \"none\"\n",
            "mode = \"Turn\"\n",
            "modes = \"off\"\n",
            "remember_minutes = -1\n",
            "remember_minutes = 1.5\n",
            "remember_minutes = \"never\"\n",
            "[services]\n\"a b\" = \"off\"\n",
            "[services]\nsudo = true\n",
            &format!("[services]\n{many}"),
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_prompt_and_a_retry_fit_into_the_time() {
        assert_eq!(turn_time(LivenessDemand::Turn), Duration::from_secs(18));
        assert_eq!(turn_time(LivenessDemand::Strict), Duration::from_secs(34));
    }
}
