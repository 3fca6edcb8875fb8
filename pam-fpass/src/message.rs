//! What the user is told. Every sentence is a constant: nothing from outside can be shown, and
//! neither a score nor a name ever is.

use crate::ffi::{Secret, Style};
use crate::outcome::Outcome;
use crate::transaction::Transaction;

/// Shown before the daemon is asked.
const INVITATION: &str = "Look at the camera.";
/// Asked when the camera cannot judge and the line says `recovery`.
const QUESTION: &str = "Recovery code (empty to give up): ";

/// Asks the user to look at the camera.
///
/// # Errors
/// The conversation failed, was cancelled or is missing: nobody would know what to do.
pub(crate) fn invite(transaction: &impl Transaction) -> Result<(), Outcome> {
    transaction.say(Style::Info, INVITATION)
}

/// Asks the user for a recovery code.
///
/// # Errors
/// The conversation failed, was cancelled or is missing.
pub(crate) fn ask_for_code(transaction: &impl Transaction) -> Result<Secret, Outcome> {
    transaction.ask(QUESTION)
}

/// Tells the user why the attempt was refused and what to do next.
pub(crate) fn explain(transaction: &impl Transaction, outcome: Outcome) {
    if let Some(sentence) = sentence(outcome) {
        // The attempt is refused already; a user who cannot be told is refused all the same.
        let _ = transaction.say(Style::Error, sentence);
    }
}

/// The sentence for an outcome. `None` where there is nothing to say or nobody to say it to.
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
            "The face check does not serve this program; log in another way."
        }
        Outcome::RemoteHost => {
            "A face can be checked only for someone at this machine; \
             use another way to log in from afar."
        }
        // The same words for a user that does not exist and for one that cannot be looked up.
        Outcome::UnknownUser | Outcome::AccountsUnavailable => {
            "The face check cannot find this user; check the name and try again."
        }
        Outcome::NoPassword => {
            "The face check follows a password and none was typed; type your password first."
        }
        Outcome::BadArguments | Outcome::WrongFacility | Outcome::ItemUnavailable => {
            "The face check is set up wrongly; ask an administrator to read the system log."
        }
        Outcome::NoBus | Outcome::NoDaemon => {
            "The face check is not running; ask an administrator to start fpassd."
        }
        Outcome::WrongOwner | Outcome::OwnerChanged => {
            "The face check cannot be trusted now; ask an administrator to read the system log."
        }
        Outcome::ConnectionLost => "The face check broke off; try again.",
        Outcome::VersionSkew => {
            "The face check and its service differ in version; ask an administrator to restart fpassd."
        }
        Outcome::DeadlinePassed => "The face check took too long; try again.",
        Outcome::NoResources | Outcome::OutOfMemory => {
            "There is no memory left for the face check; close some programs and try again."
        }
        Outcome::Panicked => "The face check failed; ask an administrator to read the system log.",
    })
}

#[cfg(test)]
mod tests {
    use fpass_proto::Refusal;

    use super::*;
    use crate::script::Scripted;

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
    fn a_match_and_a_dead_conversation_are_silent() {
        for outcome in
            [Outcome::Match, Outcome::Prewarmed, Outcome::ConversationFailed, Outcome::Interrupted]
        {
            let transaction = Scripted::default();
            explain(&transaction, outcome);
            assert!(transaction.said().is_empty(), "{outcome:?}");
        }
    }

    #[test]
    fn a_refusal_is_an_error_message() {
        let transaction = Scripted::default();
        explain(&transaction, Outcome::Refused(Refusal::TooDark));
        assert_eq!(transaction.said(), [(Style::Error, Refusal::TooDark.sentence().to_owned())]);
    }
}
