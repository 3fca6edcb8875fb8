//! Login by recovery code when the camera cannot decide (`recovery` on the PAM line).

use std::time::Duration;

use fpass_proto::{PamArguments, Refusal, RefusalClass, limits};

use crate::daemon::Daemon;
use crate::log;
use crate::message::Voice;
use crate::outcome::Outcome;
use crate::preflight::Subject;
use crate::transaction::Transaction;

/// Time for asking the daemon whether there are codes.
const COUNT_LIMIT: Duration = Duration::from_secs(2);
/// The same for a daemon that has ended: the service manager starts it again.
const RESTART_LIMIT: Duration = Duration::from_secs(10);

/// Offers a recovery code after an attempt that failed. Returns how the attempt ends, and whether
/// the user has already been told.
///
/// The question is asked once, and only if a password was typed, the outcome allows it, and the
/// daemon says that there are codes. A quiet voice suppresses every text but not the question, as
/// for a password.
pub(crate) fn offer(
    transaction: &impl Transaction,
    daemon: &impl Daemon,
    arguments: &PamArguments,
    subject: &Subject,
    outcome: Outcome,
    voice: &Voice<'_, impl Transaction>,
) -> (Outcome, bool) {
    let Some(line) = arguments.recovery else { return (outcome, false) };
    // Without a password the code would be the only factor, even with `sole_factor`.
    let after_a_password = || transaction.password_typed() == Ok(true);
    if !is_for(outcome) || !after_a_password() {
        return (outcome, false);
    }
    let limit = match outcome {
        Outcome::NoDaemon | Outcome::ConnectionLost => RESTART_LIMIT,
        _ => COUNT_LIMIT,
    };
    match daemon.recovery_codes(subject, limit) {
        Ok(1..) => {}
        Err(Outcome::Interrupted) => return (Outcome::Interrupted, false),
        Ok(0) | Err(_) => return (outcome, false),
    }
    if let Err(ended) = voice.explain(outcome) {
        return (ended, false);
    }
    let typed = match voice.ask_for_code() {
        Ok(typed) => typed,
        Err(failure) => return (failure, false),
    };
    let code = match typed.text() {
        Some("") => return (outcome, true),
        Some(code) => code,
        None => return (Outcome::Refused(Refusal::RecoveryRefused), false),
    };
    // The log has the reason for the question before its result.
    log::write_outcome(transaction, outcome);
    match daemon.recover(subject, code, limits::RECOVERY_LIMIT) {
        Ok(()) => (Outcome::Recovered(line), false),
        Err(refused) => (refused, false),
    }
}

/// Whether a code may follow this outcome: the camera, the light, the face, the stored templates,
/// the disk or the daemon failed, or too many attempts did. Other users can cause some of these
/// from outside. Not offered to remote, unknown or never-enrolled users, after a suspected attack,
/// or when the daemon cannot be reached or trusted.
const fn is_for(outcome: Outcome) -> bool {
    match outcome {
        Outcome::NoMatch
        | Outcome::DeadlinePassed
        | Outcome::NoDaemon
        | Outcome::ConnectionLost => true,
        Outcome::Refused(refusal) => is_for_refusal(refusal),
        Outcome::Match
        | Outcome::Recovered(_)
        | Outcome::ServiceNotAllowed
        | Outcome::RemoteHost
        | Outcome::UnknownUser
        | Outcome::UnsupportedUserName
        | Outcome::AccountsUnavailable
        | Outcome::NoPassword
        | Outcome::BadArguments
        | Outcome::WrongFacility
        | Outcome::ItemUnavailable
        | Outcome::ConversationFailed
        | Outcome::Interrupted
        | Outcome::NoBus
        | Outcome::WrongOwner
        | Outcome::OwnerChanged
        | Outcome::VersionSkew
        | Outcome::NoResources
        | Outcome::OutOfMemory
        | Outcome::Panicked
        | Outcome::Prewarmed => false,
    }
}

const fn is_for_refusal(refusal: Refusal) -> bool {
    match refusal.class() {
        RefusalClass::Camera | RefusalClass::View | RefusalClass::Lockout => true,
        RefusalClass::Enrolment => matches!(refusal, Refusal::Removed),
        RefusalClass::Store => !matches!(refusal, Refusal::RecoveryUnreadable),
        RefusalClass::Daemon => !matches!(refusal, Refusal::NotReady),
        RefusalClass::Permission
        | RefusalClass::Locality
        | RefusalClass::Usage
        | RefusalClass::Naming
        | RefusalClass::Bundle
        | RefusalClass::Mismatch
        | RefusalClass::Cancellation => false,
    }
}

#[cfg(test)]
mod tests;
