//! What the user is told. Every sentence is a constant; only the progress of an enrolment has two
//! bounded numbers. So nothing from outside is ever shown, and no score or name.

use fpass_proto::Strength;

use crate::daemon::Progress;
use crate::ffi::{MessageStyle, Secret};
use crate::outcome::Outcome;
use crate::transaction::Transaction;

/// Shown before the daemon is asked.
const PROMPT: &str = "Look at the camera.";
/// Asked when the camera cannot decide and `recovery` is on the line.
const CODE_QUESTION: &str = "Recovery code (empty to cancel): ";

/// Asks the user to look at the camera.
///
/// # Errors
/// The conversation failed, was cancelled or is missing: the user would not know what to do.
pub(crate) fn prompt(transaction: &impl Transaction) -> Result<(), Outcome> {
    transaction.say(MessageStyle::Info, PROMPT)
}

/// Shown to a user who has to set up an F-pass.
const SETUP_REQUIRED: &str = "You must set up an F-pass to continue. Sit alone at arm's length \
                              from the camera in normal light and follow the hints.";

/// Tells the user to set up an F-pass now, and how.
///
/// # Errors
/// The conversation failed, was cancelled or is missing: the user would not know what to do.
pub(crate) fn require_setup(transaction: &impl Transaction) -> Result<(), Outcome> {
    transaction.say(MessageStyle::Info, SETUP_REQUIRED)
}

/// Largest number that is shown, whatever came over the bus.
const SHOWN_MAX: u32 = 99;

/// Shows the progress of the set-up and what to do next.
///
/// # Errors
/// The conversation failed or was cancelled, which ends the set-up.
pub(crate) fn show_progress(transaction: &impl Transaction, step: Progress) -> Result<(), Outcome> {
    let (taken, wanted) = (step.taken.min(SHOWN_MAX), step.wanted.min(SHOWN_MAX));
    transaction.say(MessageStyle::Info, &format!("{taken} of {wanted}: {}", step.guidance))
}

/// Tells the user that the set-up is done.
pub(crate) fn report_success(transaction: &impl Transaction, strength: Strength) {
    let sentence = match strength {
        Strength::Weak => {
            "Your F-pass is set up, but it is weak; add another template in better light with \
             \"fpass-enroll add --label LABEL\"."
        }
        Strength::Fair | Strength::Strong => {
            "Your F-pass is set up; from the next login, your face is checked after the password."
        }
    };
    // The F-pass is set up even if the user cannot be told.
    let _ = transaction.say(MessageStyle::Info, sentence);
}

/// Asks the user for a recovery code.
///
/// # Errors
/// The conversation failed, was cancelled or is missing.
pub(crate) fn ask_for_code(transaction: &impl Transaction) -> Result<Secret, Outcome> {
    transaction.ask(CODE_QUESTION)
}

/// Services whose screen replaces an error message by "your password is incorrect" but keeps an
/// information message: LightDM's GTK greeter.
const KEEP_INFORMATION: &[&str] = &["lightdm"];

/// Tells the user why the attempt was refused and what to do next.
pub(crate) fn explain(transaction: &impl Transaction, outcome: Outcome) {
    if let Some(sentence) = sentence(outcome) {
        // The attempt stays refused even if the user cannot be told.
        let _ = transaction.say(refusing_style(transaction), sentence);
    }
}

/// The style of a refusal: an error message, except on a screen that would overwrite it at once.
fn refusing_style(transaction: &impl Transaction) -> MessageStyle {
    match transaction.service() {
        Ok(Some(service)) if KEEP_INFORMATION.contains(&service.as_str()) => MessageStyle::Info,
        _ => MessageStyle::Error,
    }
}

/// The sentence for an outcome. `None` when there is nothing to say, or the conversation has ended.
fn sentence(outcome: Outcome) -> Option<&'static str> {
    Some(match outcome {
        Outcome::Match
        | Outcome::Recovered(_)
        | Outcome::Prewarmed
        | Outcome::ConversationFailed
        | Outcome::Interrupted => return None,
        Outcome::NoMatch => {
            "Your face was not recognised; look straight at the camera and try again."
        }
        Outcome::Refused(refusal) => refusal.sentence(),
        Outcome::ServiceNotAllowed => {
            "This program may not use the face check; log in another way."
        }
        Outcome::RemoteHost => {
            "Face login works only at this computer; log in remotely another way."
        }
        // The same sentence for an unknown user and for a failed look-up.
        Outcome::UnknownUser | Outcome::AccountsUnavailable => {
            "The face check cannot find this user; check the name and try again."
        }
        Outcome::NoPassword => {
            "The face check needs a password first; type your password and try again."
        }
        Outcome::BadArguments | Outcome::WrongFacility | Outcome::ItemUnavailable => {
            "The face check is misconfigured; ask an administrator to read the system log."
        }
        Outcome::NoBus | Outcome::NoDaemon => {
            "The face check is not running; ask an administrator to run fpass-enroll doctor."
        }
        Outcome::WrongOwner | Outcome::OwnerChanged => {
            "The face check could not verify its service; ask an administrator to read the system log."
        }
        Outcome::ConnectionLost => "The face check was interrupted; try again.",
        Outcome::VersionSkew => {
            "The face check and fpassd have different versions; ask an administrator to restart fpassd."
        }
        Outcome::DeadlinePassed => "The face check took too long; try again.",
        Outcome::NoResources | Outcome::OutOfMemory => {
            "The face check ran out of resources; close some programs and try again."
        }
        Outcome::Panicked => "The face check failed; ask an administrator to read the system log.",
    })
}

#[cfg(test)]
mod tests {
    use fpass_proto::Refusal;

    use super::*;
    use crate::fakes::FakePam;

    #[test]
    fn every_sentence_says_what_to_do_next() {
        let mut outcomes = vec![
            Outcome::NoMatch,
            Outcome::ServiceNotAllowed,
            Outcome::RemoteHost,
            Outcome::UnknownUser,
            Outcome::AccountsUnavailable,
            Outcome::NoPassword,
            Outcome::BadArguments,
            Outcome::WrongFacility,
            Outcome::ItemUnavailable,
            Outcome::NoBus,
            Outcome::NoDaemon,
            Outcome::WrongOwner,
            Outcome::OwnerChanged,
            Outcome::ConnectionLost,
            Outcome::VersionSkew,
            Outcome::DeadlinePassed,
            Outcome::NoResources,
            Outcome::OutOfMemory,
            Outcome::Panicked,
        ];
        outcomes.extend(Refusal::ALL.iter().copied().map(Outcome::Refused));
        for outcome in outcomes {
            let sentence = sentence(outcome).unwrap();
            assert!(sentence.contains("; ") && sentence.ends_with('.'), "{outcome:?}: {sentence}");
            assert!(!sentence.chars().any(char::is_control) && !sentence.contains("  "));
        }
    }

    #[test]
    fn a_match_and_an_ended_conversation_are_silent() {
        for outcome in
            [Outcome::Match, Outcome::Prewarmed, Outcome::ConversationFailed, Outcome::Interrupted]
        {
            let transaction = FakePam::default();
            explain(&transaction, outcome);
            assert!(transaction.said().is_empty(), "{outcome:?}");
        }
    }

    #[test]
    fn a_refusal_is_an_error_message() {
        let transaction = FakePam::default();
        explain(&transaction, Outcome::Refused(Refusal::TooDark));
        assert_eq!(
            transaction.said(),
            [(MessageStyle::Error, Refusal::TooDark.sentence().to_owned())]
        );
    }

    #[test]
    fn a_refusal_stays_on_a_screen_that_overwrites_errors() {
        for (service, style) in [
            (None, MessageStyle::Error),
            (Some("lightdm"), MessageStyle::Info),
            (Some("lightdm-greeter"), MessageStyle::Error),
            (Some("gdm-password"), MessageStyle::Error),
            (Some("greetd"), MessageStyle::Error),
        ] {
            let transaction = FakePam { service: service.map(str::to_owned), ..FakePam::default() };
            explain(&transaction, Outcome::NoMatch);
            let styles: Vec<MessageStyle> =
                transaction.said().iter().map(|(style, _)| *style).collect();
            assert_eq!(styles, [style], "{service:?}");
        }
    }
}
