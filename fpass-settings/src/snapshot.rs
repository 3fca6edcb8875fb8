//! What the daemon knows about the user and the machine, read all at once.

use fpass_proto::{
    AttemptsReport, CameraReport, EnrolmentState, MachineStatus, PastAttempt, Refusal, ServiceName,
    TemplateReport, Verdict,
};

use crate::account::Account;
use crate::connection::{ANSWER, Daemon, within};
use crate::failure::Failure;

/// A part of the snapshot. A refusal of one part leaves the others.
pub(crate) type Part<T> = Result<T, Refusal>;

/// What the pages show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    /// Whether the user has an F-pass.
    pub(crate) state: Part<EnrolmentState>,
    /// The user's looks.
    pub(crate) looks: Part<Vec<TemplateReport>>,
    /// How many recovery codes are left.
    pub(crate) codes: Part<u32>,
    /// The failed attempts.
    pub(crate) attempts: Part<AttemptsReport>,
    /// How the last attempts ended.
    pub(crate) history: Part<Vec<PastAttempt>>,
    /// Every camera.
    pub(crate) cameras: Part<Vec<CameraReport>>,
    /// The daemon.
    pub(crate) machine: Part<MachineStatus>,
}

impl Snapshot {
    /// Asks the daemon.
    ///
    /// # Errors
    /// When the daemon does not answer, or in words of another version.
    pub(crate) async fn read(daemon: &Daemon, account: &Account) -> Result<Self, Failure> {
        let uid = account.uid.0;
        let enrolment = daemon.enrolment().await?;
        let machine = daemon.machine().await?;
        let state = part(within(ANSWER, enrolment.state(uid)).await)?;
        let state = match state {
            Ok(word) => Ok(EnrolmentState::parse(&word).ok_or(Failure::VersionSkew)?),
            Err(refusal) => Err(refusal),
        };
        let history = part(within(ANSWER, machine.history(uid)).await)?;
        if !history.iter().flatten().all(is_known) {
            return Err(Failure::VersionSkew);
        }
        Ok(Self {
            state,
            looks: part(within(ANSWER, enrolment.list(uid)).await)?,
            codes: part(within(ANSWER, daemon.recovery().await?.count(uid)).await)?,
            attempts: part(within(ANSWER, machine.attempts(uid)).await)?,
            history,
            cameras: part(within(ANSWER, machine.cameras()).await)?,
            machine: part(within(ANSWER, machine.status()).await)?,
        })
    }

    /// Whether the user has an F-pass.
    pub(crate) fn is_enrolled(&self) -> bool {
        self.state == Ok(EnrolmentState::Enrolled)
    }
}

/// A refusal becomes a part; everything else ends the reading.
fn part<T>(answer: Result<T, Failure>) -> Result<Part<T>, Failure> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Refused(refusal)) => Ok(Err(refusal)),
        Err(failure) => Err(failure),
    }
}

/// Whether service and result of an attempt are words that this version knows.
fn is_known(attempt: &PastAttempt) -> bool {
    let is_service = attempt.service.is_empty() || ServiceName::parse(&attempt.service).is_ok();
    let is_result = Verdict::parse(&attempt.result).is_some()
        || Refusal::from_error_name(&attempt.result).is_some();
    is_service && is_result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_part_and_an_absence_is_not() {
        assert_eq!(part(Ok(3)), Ok(Ok(3)));
        let refused = part::<()>(Err(Failure::Refused(Refusal::RecoveryUnreadable)));
        assert_eq!(refused, Ok(Err(Refusal::RecoveryUnreadable)));
        assert_eq!(part::<()>(Err(Failure::DaemonGone)), Err(Failure::DaemonGone));
    }

    #[test]
    fn an_attempt_has_known_words_only() {
        let attempt = |service: &str, result: &str| PastAttempt {
            ended: 0,
            service: service.to_owned(),
            result: result.to_owned(),
            count: 1,
        };
        for (service, result, known) in [
            ("sudo", "match", true),
            ("", "no-match", true),
            ("sudo", Refusal::TooDark.error_name(), true),
            ("sudo", "admitted", false),
            ("\u{1b}[2J", "match", false),
        ] {
            assert_eq!(is_known(&attempt(service, result)), known, "{service:?} {result}");
        }
    }
}
