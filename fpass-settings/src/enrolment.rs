//! One enrolment: its signals and its pictures, until it ends.

use std::pin::pin;
use std::time::Duration;

use fpass_proto::proxy::EnrolmentProxy;
use fpass_proto::{Guidance, Label, Prompt, Refusal, Strength};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, timeout_at};

use crate::account::Account;
use crate::connection::{ANSWER, CONFIRMED, Daemon, within};
use crate::failure::Failure;
use crate::messages::Event;
use crate::picture::Picture;

/// Longest wait between two signals. Another request may use the camera first.
const SILENCE: Duration = Duration::from_secs(90);
/// Longest enrolment: the largest time that can be configured, and the wait before it.
const TOTAL: Duration = Duration::from_secs(400);
/// The word with which the daemon reports success.
const ENROLLED: &str = "enrolled";

/// Enrols a look and tells the window what happens.
///
/// # Errors
/// The daemon's refusal, or why it cannot be heard.
pub(crate) async fn enrol(
    daemon: &Daemon,
    account: &Account,
    label: &Label,
    events: &Sender<Event>,
) -> Result<Strength, Failure> {
    let enrolment = daemon.enrolment().await?;
    // Subscribed before the request, so that no signal is missed.
    let mut progress = within(ANSWER, enrolment.receive_enroll_progress()).await?;
    let mut finished = within(ANSWER, enrolment.receive_enroll_finished()).await?;
    let verification = daemon.verification().await?;
    let mut prompts = within(ANSWER, verification.receive_prompted()).await?;
    let mut departure = daemon.departure().await?;

    let start = enrolment.enroll_start(account.uid.0, account.name.as_str(), label.as_str());
    let request = within(CONFIRMED, start).await?;
    let end = Instant::now() + TOTAL;
    let mut heard = Instant::now();
    let mut pictures = pin!(pictures(&enrolment, request));
    loop {
        let next = timeout_at(end.min(heard + SILENCE), async {
            tokio::select! {
                biased;
                Some(signal) = prompts.next() => {
                    let seen = signal.args()?;
                    Ok(Prompt::parse(seen.prompt).map(Event::Prompted).map(Heard::Event))
                }
                Some(signal) = progress.next() => {
                    let seen = signal.args()?;
                    if seen.request != request {
                        return Ok(None);
                    }
                    let hint = Guidance::parse(seen.guidance).ok_or(Failure::VersionSkew)?;
                    let (taken, wanted) = (seen.taken, seen.wanted);
                    Ok(Some(Heard::Event(Event::Progress { taken, wanted, hint })))
                }
                Some(signal) = finished.next() => {
                    let end = signal.args()?;
                    let is_ours = end.request == request;
                    Ok(is_ours.then(|| Heard::End(conclusion(end.result, end.strength))))
                }
                Some(picture) = pictures.next() => Ok(Some(Heard::Picture(picture))),
                _ = departure.next() => Err(Failure::DaemonGone),
                else => Err(Failure::DaemonGone),
            }
        });
        match next.await.map_err(|_| Failure::DaemonSilent)?? {
            Some(Heard::Picture(picture)) => tell(events, Event::Picture(picture)).await?,
            Some(Heard::Event(event)) => {
                heard = Instant::now();
                tell(events, event).await?;
            }
            Some(Heard::End(result)) => return result,
            None => {}
        }
    }
}

/// What comes from the daemon.
enum Heard {
    Event(Event),
    Picture(Picture),
    End(Result<Strength, Failure>),
}

/// Tells the window. One that is closed ends the work.
pub(crate) async fn tell(events: &Sender<Event>, event: Event) -> Result<(), Failure> {
    events.send(event).await.map_err(|_| Failure::Stopped)
}

/// The pictures of an enrolment, one after the other, until the daemon refuses one.
fn pictures<'a>(
    enrolment: &'a EnrolmentProxy<'_>,
    request: u32,
) -> impl Stream<Item = Picture> + 'a {
    let pictures = stream::unfold((), move |()| async move {
        loop {
            match within(ANSWER, enrolment.picture(request)).await {
                Ok(report) => return Picture::read(report).ok().map(|picture| (picture, ())),
                // The camera starts, or somebody else uses it.
                Err(Failure::Refused(Refusal::DeadlinePassed)) => {}
                Err(_) => return None,
            }
        }
    });
    pictures.fuse()
}

/// Reads the result of the enrolment.
fn conclusion(result: &str, strength: &str) -> Result<Strength, Failure> {
    if result == ENROLLED {
        return Strength::parse(strength).ok_or(Failure::VersionSkew);
    }
    Err(Refusal::from_error_name(result).map_or(Failure::VersionSkew, Failure::Refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_word_is_success() {
        for word in ["", "Enrolled", "enrolled ", "ok", "org.fpass.Fpass1.Error."] {
            assert_eq!(conclusion(word, "fair"), Err(Failure::VersionSkew), "{word:?}");
        }
        for refusal in Refusal::ALL {
            let failure = Failure::Refused(*refusal);
            assert_eq!(conclusion(refusal.error_name(), ""), Err(failure));
        }
        for strength in Strength::ALL {
            assert_eq!(conclusion(ENROLLED, strength.as_str()), Ok(strength));
        }
        assert_eq!(conclusion(ENROLLED, "0.9"), Err(Failure::VersionSkew));
    }
}
