//! The arguments of a `pam_fpass` line, as `pam_fpass(8)` documents them.
//!
//! The module acts on them; `fpass-stack` proves what a stack with them lets through.

use std::time::Duration;

use thiserror::Error;

use crate::{ServiceName, limits};

/// Longest piece of a wrong argument that an error repeats, in characters.
const QUOTED_MAX: usize = 64;
/// Arguments that may accompany `prewarm`; every other one is about judging.
const WITH_PREWARM: &[&str] = &["prewarm", "debug", "quiet"];
/// Arguments of `account` and `password` lines.
const ON_SETUP_LINES: &[&str] = &["enroll", "service_ok", "quiet", "announce", "debug"];

/// What is wrong with the arguments of a line. `Display` is one line for a log, at most 1 KiB long
/// and without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PamArgumentError {
    /// Not an argument of the module, or one with a value it does not take, or without its value.
    #[error("unknown argument \"{0}\"; see pam_fpass(8)")]
    Unknown(String),
    /// The argument is on the line twice.
    #[error("argument {0} is given twice; remove one")]
    Duplicate(&'static str),
    /// The value of `timeout` is not a number in its range.
    #[error("timeout must be a whole number of seconds from 1 to 40")]
    Timeout,
    /// The value of `service_ok` is not a list of distinct service names.
    #[error("service_ok must be a comma-separated list of distinct PAM service names")]
    Services,
    /// `prewarm` together with an argument about judging.
    #[error(
        "prewarm can be combined only with debug and quiet; move the other arguments to another line"
    )]
    Prewarm,
    /// The value of `enroll` is not `required`.
    #[error("enroll accepts only enroll=required")]
    Enroll,
    /// Two arguments that exclude each other.
    #[error("{0} and {1} cannot be combined; remove one")]
    Exclusive(&'static str, &'static str),
    /// An argument about judging on an `account` or `password` line.
    #[error(
        "account and password lines accept only enroll, service_ok, quiet, announce and debug; remove \
         the rest"
    )]
    Judging,
}

/// What a line tells its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageScope {
    /// Every message.
    Everything,
    /// Only what the user must be told to pass: challenges, of which each is drawn at random. They
    /// are the module's question, and `PAM_SILENT` hides no question.
    Challenges,
    /// Nothing.
    Nothing,
}

/// Proof that `recovery` is on the PAM line: only [`PamArguments::parse_auth`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryAllowed(());

/// The checked arguments of one line. `Default` is the line without arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PamArguments {
    /// `prewarm`: start the camera for a later line, and judge nobody.
    pub prewarm: bool,
    /// `timeout=`: bound on connecting, authenticating and the call together; 1 to 40 s.
    pub timeout: Duration,
    /// `nullok`: ignore the line for users who never enrolled, as the daemon says.
    pub nullok: bool,
    /// `quiet`: tell the user nothing.
    pub quiet: bool,
    /// `announce`: tell the user although the application asks for silence (`PAM_SILENT`).
    pub announce: bool,
    /// `debug`: write more to the log.
    pub debug: bool,
    /// `sole_factor`: do not require a password typed earlier.
    pub sole_factor: bool,
    /// `enroll=required`: users who never enrolled, as the daemon says, must set up an F-pass.
    pub enroll: bool,
    /// `recovery`: ask for a recovery code when the camera cannot decide.
    pub recovery: Option<RecoveryAllowed>,
    /// `service_ok=`: the only services that the line serves. `None`: those with a seat.
    pub services: Option<Vec<ServiceName>>,
}

impl Default for PamArguments {
    fn default() -> Self {
        Self {
            prewarm: false,
            timeout: limits::DEADLINE_DEFAULT,
            nullok: false,
            quiet: false,
            announce: false,
            debug: false,
            sole_factor: false,
            enroll: false,
            recovery: None,
            services: None,
        }
    }
}

impl PamArguments {
    /// Reads the arguments of an `auth` line.
    ///
    /// # Errors
    /// The first argument that is unknown, malformed or given twice; then a combination that is not
    /// allowed.
    pub fn parse_auth<S: AsRef<str>>(words: &[S]) -> Result<Self, PamArgumentError> {
        let mut arguments = Self::default();
        let mut seen = Vec::new();
        for word in words {
            let name = arguments.take(word.as_ref())?;
            if seen.contains(&name) {
                return Err(PamArgumentError::Duplicate(name));
            }
            seen.push(name);
        }
        if arguments.prewarm && seen.iter().any(|name| !WITH_PREWARM.contains(name)) {
            return Err(PamArgumentError::Prewarm);
        }
        if arguments.enroll && arguments.nullok {
            return Err(PamArgumentError::Exclusive("enroll=required", "nullok"));
        }
        if arguments.recovery.is_some() && arguments.quiet {
            return Err(PamArgumentError::Exclusive("recovery", "quiet"));
        }
        if arguments.announce && arguments.quiet {
            return Err(PamArgumentError::Exclusive("announce", "quiet"));
        }
        Ok(arguments)
    }

    /// Reads the arguments of an `account` or `password` line, which judges nobody.
    ///
    /// # Errors
    /// Those of [`Self::parse_auth`], and [`PamArgumentError::Judging`] for an argument that only
    /// `auth` lines take.
    pub fn parse_setup<S: AsRef<str>>(words: &[S]) -> Result<Self, PamArgumentError> {
        let arguments = Self::parse_auth(words)?;
        let name = |word: &S| word.as_ref().split('=').next().map(str::to_owned);
        let allowed = |word| name(word).is_some_and(|name| ON_SETUP_LINES.contains(&&*name));
        if words.iter().all(allowed) { Ok(arguments) } else { Err(PamArgumentError::Judging) }
    }

    /// Whether an `auth` line is ignored for users who never enrolled, as the daemon says.
    #[must_use]
    pub const fn ignores_never_enrolled(&self) -> bool {
        self.nullok || self.enroll
    }

    /// What the user is told. `silent` is the application's `PAM_SILENT`.
    #[must_use]
    pub const fn messages(&self, silent: bool) -> MessageScope {
        if self.quiet {
            MessageScope::Nothing
        } else if silent && !self.announce {
            MessageScope::Challenges
        } else {
            MessageScope::Everything
        }
    }

    /// Whether the line serves this PAM service; it refuses everybody in others.
    #[must_use]
    pub fn serves(&self, service: &ServiceName) -> bool {
        match &self.services {
            Some(services) => services.contains(service),
            None => service.has_seat(),
        }
    }

    /// Takes one argument and returns its name.
    fn take(&mut self, word: &str) -> Result<&'static str, PamArgumentError> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        Ok(match (name, value) {
            ("timeout", Some(value)) => {
                self.timeout = seconds(value)?;
                "timeout"
            }
            ("service_ok", Some(value)) => {
                self.services = Some(services(value)?);
                "service_ok"
            }
            ("enroll", Some("required")) => {
                self.enroll = true;
                "enroll"
            }
            ("enroll", Some(_)) => return Err(PamArgumentError::Enroll),
            ("nullok", None) => {
                self.nullok = true;
                "nullok"
            }
            ("quiet", None) => {
                self.quiet = true;
                "quiet"
            }
            ("announce", None) => {
                self.announce = true;
                "announce"
            }
            ("debug", None) => {
                self.debug = true;
                "debug"
            }
            ("sole_factor", None) => {
                self.sole_factor = true;
                "sole_factor"
            }
            ("recovery", None) => {
                self.recovery = Some(RecoveryAllowed(()));
                "recovery"
            }
            ("prewarm", None) => {
                self.prewarm = true;
                "prewarm"
            }
            _ => return Err(PamArgumentError::Unknown(quoted(word))),
        })
    }
}

fn seconds(value: &str) -> Result<Duration, PamArgumentError> {
    // `parse` alone would accept a leading plus sign.
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PamArgumentError::Timeout);
    }
    let timeout = value.parse().map(Duration::from_secs).map_err(|_| PamArgumentError::Timeout)?;
    if (limits::DEADLINE_FLOOR..=limits::DEADLINE_CAP).contains(&timeout) {
        Ok(timeout)
    } else {
        Err(PamArgumentError::Timeout)
    }
}

fn services(value: &str) -> Result<Vec<ServiceName>, PamArgumentError> {
    let mut services = Vec::new();
    for raw in value.split(',') {
        let service = ServiceName::parse(raw).map_err(|_| PamArgumentError::Services)?;
        if services.contains(&service) {
            return Err(PamArgumentError::Services);
        }
        services.push(service);
    }
    Ok(services)
}

fn quoted(argument: &str) -> String {
    argument.chars().take(QUOTED_MAX).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
