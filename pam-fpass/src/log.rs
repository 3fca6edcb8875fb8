//! The line in the system log for each outcome. It never holds biometric data or a password.

use fpass_proto::UserName;

use crate::outcome::Outcome;
use crate::transaction::{Level, Transaction};

/// Longest name in a log line, in characters.
const NAME_MAX: usize = 64;

/// Logs how a call ended, for which user and in which service.
pub(crate) fn write_outcome(transaction: &impl Transaction, outcome: Outcome) {
    let user = transaction.known_user().ok().flatten();
    let service = transaction.service().ok().flatten();
    let line = format!(
        "result={} user={} service={}",
        outcome.reason(),
        shown(user.as_deref()),
        shown(service.as_deref()),
    );
    transaction.log(level(outcome), &line);
}

/// Logs that an F-pass was set up, and for which user.
pub(crate) fn write_set_up(transaction: &impl Transaction, user: &UserName) {
    transaction.log(Level::Info, &format!("result=set-up user={}", shown(Some(user.as_str()))));
}

/// A name from outside, as one short printable word.
fn shown(name: Option<&str>) -> String {
    match name {
        None | Some("") => "-".to_owned(),
        Some(name) => name
            .chars()
            .take(NAME_MAX)
            .map(|c| if c.is_alphanumeric() || c.is_ascii_graphic() { c } else { '?' })
            .collect(),
    }
}

fn level(outcome: Outcome) -> Level {
    match outcome {
        Outcome::Match | Outcome::Prewarmed => Level::Info,
        Outcome::BadArguments
        | Outcome::WrongFacility
        | Outcome::ItemUnavailable
        | Outcome::AccountsUnavailable
        | Outcome::WrongOwner
        | Outcome::VersionSkew
        | Outcome::NoResources
        | Outcome::OutOfMemory
        | Outcome::Panicked => Level::Error,
        _ => Level::Notice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::FakePam;

    #[test]
    fn a_hostile_name_cannot_forge_a_line() {
        let transaction = FakePam {
            user: Some("eve\nresult=match user=root %n\u{1b}[2J".to_owned()),
            ..FakePam::default()
        };
        write_outcome(&transaction, Outcome::UnknownUser);
        let lines = transaction.lines();
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].chars().any(char::is_control));
        assert!(lines[0].contains("result=unknown-user user=eve?result=match?user=root?%n?[2J "));
    }

    #[test]
    fn a_name_with_a_blank_is_one_word() {
        let transaction = FakePam { user: Some("DOM\\user name".to_owned()), ..FakePam::default() };
        write_outcome(&transaction, Outcome::NoMatch);
        let name = UserName::parse("DOM\\user result=match").unwrap();
        write_set_up(&transaction, &name);
        assert_eq!(
            transaction.lines(),
            [
                "result=no-match user=DOM\\user?name service=sudo",
                "result=set-up user=DOM\\user?result=match"
            ]
        );
    }

    #[test]
    fn a_long_name_is_cut() {
        let transaction = FakePam { user: Some("a".repeat(10_000)), ..FakePam::default() };
        write_outcome(&transaction, Outcome::UnknownUser);
        assert!(transaction.lines()[0].len() < 200);
    }

    #[test]
    fn the_line_names_reason_user_and_service() {
        let transaction = FakePam::default();
        write_outcome(&transaction, Outcome::Refused(fpass_proto::Refusal::TooDark));
        assert_eq!(transaction.lines(), ["result=TooDark user=alice service=sudo"]);
    }
}
