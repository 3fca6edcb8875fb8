//! `fpass-enroll add`: guided enrolment.

use std::time::Duration;

use fpass_proto::{Guidance, Refusal, Strength};
use fpass_terminal::{Printable, say};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::confirmation::{self, Change};
use crate::cli::AddArgs;
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::progress::Progress;
use crate::subject::Subject;

/// Longest wait between two signals. Another request may use the camera first.
const SILENCE: Duration = Duration::from_secs(90);
/// Longest enrolment: the largest time that can be configured, and the wait before it.
const TOTAL: Duration = Duration::from_secs(400);
/// The word with which the daemon reports success.
const ENROLLED: &str = "enrolled";

/// Enrols a face under a label.
pub(super) async fn add(arguments: &AddArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let label = arguments.label.as_str();
    let daemon = Daemon::connect().await?;
    say(format_args!("Setting up an F-pass for {subject}, label \"{}\".", Printable(label)))?;
    let agent = confirmation::expect(&subject, Change::Addition)?;
    say("Look at the camera and follow the hints. Ctrl-C stops without changing anything.")?;
    let strength = daemon.interruptible(enrol(&daemon, &subject, label)).await?;
    drop(agent);
    say(sentence(strength))?;
    say("Done. Try it out with: fpass-enroll verify")?;
    Ok(ExitCode::Done)
}

pub(super) async fn enrol(
    daemon: &Daemon,
    subject: &Subject,
    label: &str,
) -> Result<Strength, Error> {
    let enrolment = daemon.enrolment().await?;
    // Subscribed before the request, so that no signal is missed.
    let mut progress = answer(enrolment.receive_enroll_progress()).await?;
    let mut finished = answer(enrolment.receive_enroll_finished()).await?;
    let mut departure = daemon.departure().await?;

    let start = enrolment.enroll_start(subject.uid.0, subject.name.as_str(), label);
    let request = within(CONFIRMED, start).await?;
    let end = Instant::now() + TOTAL;
    let mut display = Progress::new();
    loop {
        let silence = end.min(Instant::now() + SILENCE);
        // Progress first, so that it is shown before the result.
        let next = timeout_at(silence, async {
            tokio::select! {
                biased;
                signal = progress.next() => Ok((signal, None)),
                signal = finished.next() => Ok((None, signal)),
                _ = departure.next() => Err(Error::DaemonGone),
            }
        });
        match next.await.map_err(|_| Error::DaemonSilent)?? {
            (Some(signal), _) => {
                let seen = signal.args()?;
                if seen.request == request {
                    let hint = Guidance::parse(seen.guidance).ok_or(Error::VersionSkew)?;
                    display.show(seen.taken, seen.wanted, hint)?;
                }
            }
            (None, Some(signal)) => {
                let end = signal.args()?;
                if end.request == request {
                    return conclusion(end.result, end.strength);
                }
            }
            (None, None) => return Err(Error::DaemonGone),
        }
    }
}

/// Reads the result of the enrolment.
fn conclusion(result: &str, strength: &str) -> Result<Strength, Error> {
    if result == ENROLLED {
        return Strength::parse(strength).ok_or(Error::VersionSkew);
    }
    Err(Refusal::from_error_name(result).map_or(Error::VersionSkew, Error::Refused))
}

/// The sentence about the strength of the new template.
pub(super) const fn sentence(strength: Strength) -> &'static str {
    match strength {
        Strength::Weak => {
            "Weak: you will often not be recognised. Remove this look (fpass-enroll remove) and add \
             it again near the camera, in even light, following the hints."
        }
        Strength::Fair => {
            "Fair: you will be recognised in light like this. For other light or another look, run: \
             fpass-enroll add --label LABEL"
        }
        Strength::Strong => "Strong: you will be recognised easily.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_word_is_success() {
        for word in ["", "Enrolled", "enrolled ", "ok", "org.fpass.Fpass1.Error."] {
            assert!(matches!(conclusion(word, "fair"), Err(Error::VersionSkew)), "{word:?}");
        }
        for refusal in Refusal::ALL {
            assert!(matches!(conclusion(refusal.error_name(), ""), Err(Error::Refused(_))));
        }
        for strength in ["", "Fair", "0.9"] {
            assert!(matches!(conclusion(ENROLLED, strength), Err(Error::VersionSkew)));
        }
        for strength in Strength::ALL {
            assert_eq!(conclusion(ENROLLED, strength.as_str()).unwrap(), strength);
        }
    }
}
