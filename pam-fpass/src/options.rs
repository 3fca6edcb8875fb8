//! The arguments of the PAM line, the module's only configuration.

use std::time::Duration;

use fpass_proto::{ServiceName, limits};
use thiserror::Error;

/// Longest piece of a wrong argument that is repeated in the log, in characters.
const QUOTED_MAX: usize = 64;

/// What is wrong with the arguments. `Display` is the line for the log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum OptionsError {
    /// Not an option of this module, or a value where none belongs or none where one does.
    #[error("unknown argument \"{0}\"; see pam_fpass(8)")]
    Unknown(String),
    /// The option stands on the line twice.
    #[error("argument {0} is given twice; remove one")]
    Duplicate(&'static str),
    /// The value of `timeout` is not a number in its range.
    #[error("timeout must be a whole number of seconds from 1 to 30")]
    Timeout,
    /// The value of `service_ok` is not a list of distinct service names.
    #[error("service_ok must be a comma-separated list of distinct PAM service names")]
    Services,
    /// `prewarm` together with an option that judges.
    #[error(
        "prewarm can be combined only with debug and quiet; move the other arguments to another line"
    )]
    Prewarm,
    /// The value of `enroll` is another one than `required`.
    #[error("enroll accepts only enroll=required")]
    Enroll,
    /// `enroll=required` together with `nullok`.
    #[error("enroll=required and nullok cannot be combined; remove one")]
    EnrollOrNullok,
    /// An option of an `auth` line stands on an `account` or `password` line.
    #[error(
        "account and password lines accept only enroll, service_ok, quiet and debug; remove the rest"
    )]
    Judging,
    /// `recovery`, which asks a question, together with `quiet`, which forbids it.
    #[error("recovery and quiet cannot be combined; remove one")]
    QuietRecovery,
}

/// Word of a line that lets its user in by a recovery code. There is none without `recovery` on the
/// line, and without it no outcome that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecoveryAllowed(());

/// What a line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Judges the person in front of the camera.
    Verify,
    /// Starts the camera ahead of a later line and judges nothing.
    Prewarm,
}

/// The checked arguments of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// `prewarm` or not.
    pub(crate) mode: Mode,
    /// `timeout=`: bound on connecting, authenticating and the call together.
    pub(crate) timeout: Duration,
    /// `nullok`: leave out users of whom the daemon says that they never enrolled.
    pub(crate) nullok: bool,
    /// `quiet`: say nothing to the user.
    pub(crate) quiet: bool,
    /// `debug`: say more in the log.
    pub(crate) debug: bool,
    /// `sole_factor`: do not ask for a password typed earlier.
    pub(crate) sole_factor: bool,
    /// `enroll=required`: users of whom the daemon says that they never enrolled must set up an F-pass.
    pub(crate) enroll: bool,
    /// `recovery`: ask for a recovery code when the camera cannot judge.
    pub(crate) recovery: Option<RecoveryAllowed>,
    /// `service_ok=`: the only services that the line serves. `None`: the built-in rule.
    pub(crate) services: Option<Vec<ServiceName>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::Verify,
            timeout: limits::DEADLINE_DEFAULT,
            nullok: false,
            quiet: false,
            debug: false,
            sole_factor: false,
            enroll: false,
            recovery: None,
            services: None,
        }
    }
}

impl Options {
    /// Reads the arguments of a line.
    ///
    /// # Errors
    /// The first argument that is unknown, given twice, malformed, or out of place.
    pub(crate) fn parse<S: AsRef<str>>(arguments: &[S]) -> Result<Self, OptionsError> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        for argument in arguments {
            let argument = argument.as_ref();
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument, None),
            };
            let name = match (name, value) {
                ("timeout", Some(value)) => {
                    options.timeout = seconds(value)?;
                    "timeout"
                }
                ("service_ok", Some(value)) => {
                    options.services = Some(services(value)?);
                    "service_ok"
                }
                ("enroll", Some(value)) => {
                    if value != "required" {
                        return Err(OptionsError::Enroll);
                    }
                    options.enroll = true;
                    "enroll"
                }
                ("nullok", None) => {
                    options.nullok = true;
                    "nullok"
                }
                ("quiet", None) => {
                    options.quiet = true;
                    "quiet"
                }
                ("debug", None) => {
                    options.debug = true;
                    "debug"
                }
                ("sole_factor", None) => {
                    options.sole_factor = true;
                    "sole_factor"
                }
                ("recovery", None) => {
                    options.recovery = Some(RecoveryAllowed(()));
                    "recovery"
                }
                ("prewarm", None) => {
                    options.mode = Mode::Prewarm;
                    "prewarm"
                }
                _ => return Err(OptionsError::Unknown(quoted(argument))),
            };
            if seen.contains(&name) {
                return Err(OptionsError::Duplicate(name));
            }
            seen.push(name);
        }
        let judges = seen.iter().any(|name| !matches!(*name, "prewarm" | "debug" | "quiet"));
        if options.mode == Mode::Prewarm && judges {
            return Err(OptionsError::Prewarm);
        }
        if options.enroll && options.nullok {
            return Err(OptionsError::EnrollOrNullok);
        }
        if options.quiet && options.recovery.is_some() {
            return Err(OptionsError::QuietRecovery);
        }
        Ok(options)
    }

    /// Reads the arguments of an `account` or `password` line, where nobody is judged.
    ///
    /// # Errors
    /// Those of [`Self::parse`], and any argument that says how to judge.
    pub(crate) fn parse_setup<S: AsRef<str>>(arguments: &[S]) -> Result<Self, OptionsError> {
        let options = Self::parse(arguments)?;
        let judges = |argument: &S| {
            let name = argument.as_ref().split('=').next().unwrap_or_default();
            !matches!(name, "enroll" | "service_ok" | "quiet" | "debug")
        };
        if arguments.iter().any(judges) { Err(OptionsError::Judging) } else { Ok(options) }
    }

    /// Whether a user of whom the daemon says that they never enrolled is let past an `auth` line.
    pub(crate) fn ignores_never_enrolled(&self) -> bool {
        self.nullok || self.enroll
    }
}

fn seconds(value: &str) -> Result<Duration, OptionsError> {
    // `parse` alone would take a leading plus sign.
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(OptionsError::Timeout);
    }
    let timeout = value.parse().map(Duration::from_secs).map_err(|_| OptionsError::Timeout)?;
    if (limits::DEADLINE_FLOOR..=limits::DEADLINE_CAP).contains(&timeout) {
        Ok(timeout)
    } else {
        Err(OptionsError::Timeout)
    }
}

fn services(value: &str) -> Result<Vec<ServiceName>, OptionsError> {
    let mut services = Vec::new();
    for raw in value.split(',') {
        let service = ServiceName::parse(raw).map_err(|_| OptionsError::Services)?;
        if services.contains(&service) {
            return Err(OptionsError::Services);
        }
        services.push(service);
    }
    Ok(services)
}

fn quoted(argument: &str) -> String {
    argument.chars().take(QUOTED_MAX).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_arguments_are_refused() {
        for argument in [
            "",
            "alwaysok",
            "failmode=safe",
            "NULLOK",
            "nullok=yes",
            "nullok=",
            "prewarm=1",
            "recovery=yes",
            "Recovery",
            "timeout",
            "service_ok",
            "timeout =3",
            " nullok",
            "=",
            "=3",
            "no_such\n",
            "enroll",
        ] {
            assert!(
                matches!(Options::parse(&[argument]), Err(OptionsError::Unknown(_))),
                "{argument:?}"
            );
        }
    }

    #[test]
    fn duplicates_are_refused_even_when_they_agree() {
        for (name, argument) in [
            ("nullok", "nullok"),
            ("quiet", "quiet"),
            ("debug", "debug"),
            ("sole_factor", "sole_factor"),
            ("prewarm", "prewarm"),
            ("enroll", "enroll=required"),
            ("recovery", "recovery"),
            ("timeout", "timeout=5"),
            ("service_ok", "service_ok=sudo"),
        ] {
            assert_eq!(Options::parse(&[argument, argument]), Err(OptionsError::Duplicate(name)));
        }
    }

    #[test]
    fn timeouts_outside_the_range_are_refused() {
        for value in ["", "0", "31", "-1", "+5", "5s", "1.5", " 5", "٣", "99999999999999999999"] {
            assert_eq!(
                Options::parse(&[format!("timeout={value}")]),
                Err(OptionsError::Timeout),
                "{value:?}"
            );
        }
        for (value, expected) in [("1", 1), ("10", 10), ("30", 30)] {
            let options = Options::parse(&[format!("timeout={value}")]).unwrap();
            assert_eq!(options.timeout, Duration::from_secs(expected));
        }
    }

    #[test]
    fn malformed_service_lists_are_refused() {
        for value in ["", ",", "sudo,", ",sudo", "sudo,,su", "su do", "sudo,sudo", "../sudo", "süd"]
        {
            assert_eq!(
                Options::parse(&[format!("service_ok={value}")]),
                Err(OptionsError::Services),
                "{value:?}"
            );
        }
    }

    #[test]
    fn prewarm_stands_alone() {
        for other in
            ["nullok", "timeout=5", "sole_factor", "recovery", "service_ok=sudo", "enroll=required"]
        {
            for line in [["prewarm", other], [other, "prewarm"]] {
                assert_eq!(Options::parse(&line), Err(OptionsError::Prewarm), "{other}");
            }
        }
        let options = Options::parse(&["debug", "prewarm", "quiet"]).unwrap();
        assert_eq!(options.mode, Mode::Prewarm);
    }

    #[test]
    fn enrolment_is_required_or_not_spoken_of() {
        for value in ["", "Required", "optional", "required ", "no"] {
            let line = [format!("enroll={value}")];
            assert_eq!(Options::parse(&line), Err(OptionsError::Enroll), "{value:?}");
            assert_eq!(Options::parse_setup(&line), Err(OptionsError::Enroll), "{value:?}");
        }
        for line in [["nullok", "enroll=required"], ["enroll=required", "nullok"]] {
            assert_eq!(Options::parse(&line), Err(OptionsError::EnrollOrNullok));
        }
        let options = Options::parse(&["enroll=required"]).unwrap();
        assert!(options.enroll && options.ignores_never_enrolled() && !options.nullok);
        assert!(!Options::default().ignores_never_enrolled());
    }

    #[test]
    fn a_line_that_judges_nobody_takes_no_argument_about_it() {
        for argument in ["nullok", "sole_factor", "timeout=5", "timeout=10", "recovery", "prewarm"]
        {
            assert_eq!(Options::parse_setup(&[argument]), Err(OptionsError::Judging), "{argument}");
        }
        let line = ["enroll=required", "quiet", "debug", "service_ok=login"];
        assert_eq!(Options::parse_setup(&line), Options::parse(&line));
    }

    #[test]
    fn a_question_and_silence_do_not_go_together() {
        for line in [["recovery", "quiet"], ["quiet", "recovery"]] {
            assert_eq!(Options::parse(&line), Err(OptionsError::QuietRecovery));
        }
        assert!(Options::parse(&["recovery"]).unwrap().recovery.is_some());
        for line in [&[][..], &["nullok", "debug", "sole_factor"]] {
            assert_eq!(Options::parse(line).unwrap().recovery, None, "{line:?}");
        }
    }

    #[test]
    fn an_empty_line_gives_the_defaults() {
        assert_eq!(Options::parse::<&str>(&[]), Ok(Options::default()));
        assert_eq!(Options::default().timeout, Duration::from_secs(10));
        assert!(!Options::default().nullok && !Options::default().sole_factor);
    }

    #[test]
    fn a_full_line_is_read() {
        let line = ["timeout=7", "nullok", "quiet", "debug", "sole_factor", "service_ok=sudo,su-l"];
        let options = Options::parse(&line).unwrap();
        assert_eq!(options.mode, Mode::Verify);
        assert_eq!(options.timeout, Duration::from_secs(7));
        assert!(options.nullok && options.quiet && options.debug && options.sole_factor);
        let services = options.services.unwrap();
        assert_eq!(services.iter().map(ServiceName::as_str).collect::<Vec<_>>(), ["sudo", "su-l"]);
    }

    proptest! {
        #[test]
        fn no_line_panics_and_nothing_unlisted_is_accepted(line in prop::collection::vec(".{0,80}", 0..4)) {
            if Options::parse(&line).is_ok() {
                for argument in &line {
                    let name = argument.split('=').next().unwrap();
                    prop_assert!(
                        ["timeout", "nullok", "quiet", "debug", "sole_factor", "recovery", "prewarm",
                            "service_ok", "enroll"]
                            .contains(&name)
                    );
                }
            }
        }

        #[test]
        fn the_log_line_of_an_unknown_argument_is_one_short_line(argument in ".{0,400}") {
            if let Err(error) = Options::parse(&[argument]) {
                let line = error.to_string();
                prop_assert!(!line.chars().any(char::is_control));
                prop_assert!(line.len() < 1024);
            }
        }

        #[test]
        fn an_accepted_timeout_is_in_range(value in any::<u64>()) {
            let parsed = Options::parse(&[format!("timeout={value}")]);
            prop_assert_eq!(parsed.is_ok(), (1..=30).contains(&value));
        }
    }
}
