//! `fpass-enroll preview`: the camera's picture and hints, without an enrolment.

use std::pin::pin;
use std::time::Duration;

use fpass_proto::Refusal;
use fpass_proto::proxy::{EnrollFinished, EnrollProgress};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::confirmation::{self, Change};
use super::pictures::pictures;
use crate::cli::PreviewArgs;
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
use crate::picture::Picture;
use crate::progress::Progress;
use crate::subject::Subject;

/// Longest preview: the daemon's minute, and the wait for the camera.
const TOTAL: Duration = Duration::from_secs(90);
/// The word with which the daemon reports that the time has expired.
const SHOWN: &str = "shown";

/// Shows the picture of the camera.
pub(super) async fn preview(arguments: &PreviewArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    tell!("The camera is on for up to a minute. Nobody is compared and nothing is stored.")?;
    let agent = confirmation::expect(&subject, Change::Preview)?;
    // The screen opens when signals are received, so that each of them restores the terminal.
    let shown = async { show(&daemon, &subject, Progress::preview(arguments.plain)).await };
    let end = daemon.interruptible(shown).await;
    drop(agent);
    match end {
        // Ctrl-C is how a person ends it.
        Ok(()) | Err(Error::Interrupted) => Ok(ExitCode::Done),
        Err(error) => Err(error),
    }
}

/// What the daemon sends during a preview.
enum Event {
    Progress(EnrollProgress),
    Finished(EnrollFinished),
    Picture(Picture),
}

async fn show(daemon: &Daemon, subject: &Subject, mut display: Progress) -> Result<(), Error> {
    let enrolment = daemon.enrolment().await?;
    // Subscribed before the request, so that no signal is missed.
    let mut progress = answer(enrolment.receive_enroll_progress()).await?;
    let mut finished = answer(enrolment.receive_enroll_finished()).await?;
    let mut departure = daemon.departure().await?;
    let start = enrolment.preview_start(subject.uid.0, subject.name.as_str());
    let request = within(CONFIRMED, start).await?;
    let end = Instant::now() + TOTAL;
    let pictures = pictures(&enrolment, request, display.has_picture());
    let mut pictures = pin!(pictures);
    loop {
        let next = timeout_at(end, async {
            tokio::select! {
                biased;
                Some(signal) = progress.next() => Ok(Event::Progress(signal)),
                Some(signal) = finished.next() => Ok(Event::Finished(signal)),
                Some(picture) = pictures.next() => Ok(Event::Picture(picture)),
                _ = departure.next() => Err(Error::DaemonGone),
                else => Err(Error::DaemonGone),
            }
        });
        match next.await.map_err(|_| Error::DaemonSilent)?? {
            Event::Picture(picture) => display.show_picture(picture)?,
            Event::Progress(signal) => display.show_signal(&signal, request)?,
            Event::Finished(signal) => {
                let end = signal.args()?;
                if end.request == request {
                    return conclusion(end.result);
                }
            }
        }
    }
}

/// Reads how the preview ended.
fn conclusion(result: &str) -> Result<(), Error> {
    if result == SHOWN {
        return Ok(());
    }
    Err(Refusal::from_error_name(result).map_or(Error::VersionSkew, Error::Refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_preview_has_its_sentence_and_another_word_is_another_version() {
        assert!(conclusion(SHOWN).is_ok());
        for refusal in Refusal::ALL {
            assert!(matches!(conclusion(refusal.error_name()), Err(Error::Refused(_))));
        }
        for word in ["", "enrolled", "Shown", "shown "] {
            assert!(matches!(conclusion(word), Err(Error::VersionSkew)), "{word:?}");
        }
    }
}
