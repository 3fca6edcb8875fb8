//! `fpass-enroll add`: guided enrolment.

use std::pin::pin;
use std::time::Duration;

use fpass_language::Wording;
use fpass_proto::proxy::{EnrollFinished, EnrollProgress, Prompted, Turned};
use fpass_proto::{Refusal, Strength};
use fpass_terminal::{Printable, say};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::confirmation::{self, Change};
use super::pictures::pictures;
use crate::cli::AddArgs;
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{tell, told};
use crate::picture::Picture;
use crate::progress::Progress;
use crate::prompts::PromptLines;
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
    tell!(
        "Setting up an F-pass for {subject}, label \"{label}\".",
        subject = subject,
        label = Printable(label),
    )?;
    let agent = confirmation::expect(&subject, Change::Addition)?;
    tell!("Follow the hints. Ctrl-C stops without changing anything.")?;
    // The screen opens when signals are received, so that each of them restores the terminal.
    let enrolment = async {
        let display = Progress::with_picture(arguments.plain);
        enrol(&daemon, &subject, label, display).await
    };
    let strength = daemon.interruptible(enrolment).await?;
    drop(agent);
    say(sentence(strength))?;
    tell!("Done. Try it out with: fpass-enroll verify")?;
    Ok(ExitCode::Done)
}

/// What the daemon sends during an enrolment.
enum Event {
    Prompted(Prompted),
    Turned(Turned),
    Progress(EnrollProgress),
    Finished(EnrollFinished),
    Picture(Picture),
}

pub(super) async fn enrol(
    daemon: &Daemon,
    subject: &Subject,
    label: &str,
    mut display: Progress,
) -> Result<Strength, Error> {
    let enrolment = daemon.enrolment().await?;
    // Subscribed before the request, so that no signal is missed.
    let mut progress = answer(enrolment.receive_enroll_progress()).await?;
    let mut finished = answer(enrolment.receive_enroll_finished()).await?;
    let verification = daemon.verification().await?;
    let mut prompts = answer(verification.receive_prompted()).await?;
    let mut turns = answer(verification.receive_turned()).await?;
    let mut departure = daemon.departure().await?;

    let start = enrolment.enroll_start(subject.uid.0, subject.name.as_str(), label);
    let request = within(CONFIRMED, start).await?;
    let end = Instant::now() + TOTAL;
    let mut lines = PromptLines::default();
    let mut heard = Instant::now();
    let pictures = pictures(&enrolment, request, display.has_picture());
    let mut pictures = pin!(pictures);
    loop {
        let silence = end.min(heard + SILENCE);
        // Prompts and progress first, so that they are shown before the result.
        let next = timeout_at(silence, async {
            tokio::select! {
                biased;
                Some(signal) = prompts.next() => Ok(Event::Prompted(signal)),
                Some(signal) = turns.next() => Ok(Event::Turned(signal)),
                Some(signal) = progress.next() => Ok(Event::Progress(signal)),
                Some(signal) = finished.next() => Ok(Event::Finished(signal)),
                Some(picture) = pictures.next() => Ok(Event::Picture(picture)),
                _ = departure.next() => Err(Error::DaemonGone),
                else => Err(Error::DaemonGone),
            }
        });
        let event = next.await.map_err(|_| Error::DaemonSilent)??;
        if let Event::Picture(picture) = event {
            display.show_picture(picture)?;
            continue;
        }
        heard = Instant::now();
        match event {
            Event::Picture(_) => {}
            Event::Prompted(signal) => {
                for line in lines.of_signal(&signal) {
                    display.announce(&line)?;
                }
            }
            Event::Turned(signal) => display.follow_turn(signal.args()?.percent)?,
            Event::Progress(signal) => display.show_signal(&signal, request)?,
            Event::Finished(signal) => {
                let end = signal.args()?;
                if end.request == request {
                    return conclusion(end.result, end.strength);
                }
            }
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
pub(super) fn sentence(strength: Strength) -> Wording {
    match strength {
        Strength::Weak => told!(
            "Weak: you will often not be recognised. Remove this look (fpass-enroll remove) and add \
             it again near the camera, in even light, following the hints."
        ),
        Strength::Fair => told!(
            "Fair: you will be recognised in light like this. For other light or another look, run: \
             fpass-enroll add --label LABEL"
        ),
        Strength::Strong => told!("Strong: you will be recognised easily."),
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
