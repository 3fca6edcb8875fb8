//! `fpass-enroll why`: how the last attempts ended, and what to do.

use fpass_language::Wording;
use fpass_proto::{PastAttempt, Refusal, ServiceName, Verdict};
use fpass_terminal::{say, say_json};
use serde::Serialize;

use super::confirmation::{self, Change};
use crate::cli::WhyArgs;
use crate::daemon::{CONFIRMED, Daemon, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{spoken, tell, told};
use crate::subject::Subject;
use crate::timestamp::Timestamp;

/// One entry in the output of `--json`.
#[derive(Debug, Serialize)]
struct WhyEntry<'a> {
    ended: u64,
    service: &'a str,
    result: &'a str,
    count: u32,
    sentence: String,
}

/// Lists the last attempts.
pub(super) async fn why(arguments: &WhyArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let agent = confirmation::expect(&subject, Change::None)?;
    let attempts = within(CONFIRMED, daemon.machine().await?.history(subject.uid.0)).await?;
    drop(agent);
    if arguments.json {
        let entries: Result<Vec<WhyEntry<'_>>, Error> = attempts.iter().map(entry).collect();
        say_json(&entries?)?;
    } else if attempts.is_empty() {
        tell!("No attempt is remembered.")?;
    } else {
        for attempt in &attempts {
            say(line(attempt)?)?;
        }
    }
    Ok(ExitCode::Done)
}

fn entry(attempt: &PastAttempt) -> Result<WhyEntry<'_>, Error> {
    Ok(WhyEntry {
        ended: attempt.ended,
        service: service(attempt)?,
        result: &attempt.result,
        count: attempt.count,
        sentence: sentence(&attempt.result)?.to_string(),
    })
}

fn line(attempt: &PastAttempt) -> Result<String, Error> {
    let service = match service(attempt)? {
        "" => told!("self-test").to_string(),
        name => name.to_owned(),
    };
    let sentence = sentence(&attempt.result)?;
    let told = match attempt.count {
        0 | 1 => told!("{service}: {sentence}", service = service, sentence = sentence),
        count => told!(
            "{service} ({count} times): {sentence}",
            service = service,
            count = count,
            sentence = sentence,
        ),
    };
    Ok(format!("{}  {told}", Timestamp(attempt.ended)))
}

/// The service of an attempt, checked.
fn service(attempt: &PastAttempt) -> Result<&str, Error> {
    let name = attempt.service.as_str();
    let is_name = name.is_empty() || ServiceName::parse(name).is_ok();
    if is_name { Ok(name) } else { Err(Error::VersionSkew) }
}

/// What happened, and what to do.
fn sentence(result: &str) -> Result<Wording, Error> {
    match Verdict::parse(result) {
        Some(Verdict::Match) => return Ok(told!("Your face was recognised.")),
        Some(Verdict::NoMatch) => {
            return Ok(told!(
                "Your face was not recognised. If it was you, try again in better light, turn your \
                 head as asked, or add this look with: fpass-enroll add --label LABEL"
            ));
        }
        None => {}
    }
    let refusal = Refusal::from_error_name(result).ok_or(Error::VersionSkew)?;
    Ok(refusal.text().wording(spoken()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(service: &str, result: &str, count: u32) -> PastAttempt {
        PastAttempt {
            ended: 951_827_696,
            service: service.to_owned(),
            result: result.to_owned(),
            count,
        }
    }

    #[test]
    fn a_line_has_time_service_number_and_what_to_do() {
        let dark = Refusal::TooDark;
        for (service, result, count, wanted) in [
            ("sudo", dark.error_name(), 1, format!("sudo: {}", dark.sentence())),
            ("sudo", dark.error_name(), 3, format!("sudo (3 times): {}", dark.sentence())),
            ("", "match", 1, "self-test: Your face was recognised.".to_owned()),
        ] {
            let told = line(&attempt(service, result, count)).unwrap();
            assert_eq!(told, format!("2000-02-29 12:34 UTC  {wanted}"));
        }
        let other = line(&attempt("gdm-password", "no-match", 1)).unwrap();
        assert!(other.contains("gdm-password: Your face was not recognised. "), "{other}");
    }

    #[test]
    fn every_result_has_a_sentence_and_other_words_are_another_version() {
        for refusal in Refusal::ALL {
            assert!(line(&attempt("sudo", refusal.error_name(), 1)).is_ok(), "{refusal:?}");
        }
        for (service, result) in [("sudo", "admitted"), ("sudo", ""), ("\u{1b}[2J", "match")] {
            let refused = line(&attempt(service, result, 1));
            assert!(matches!(refused, Err(Error::VersionSkew)), "{service:?} {result}");
        }
    }
}
