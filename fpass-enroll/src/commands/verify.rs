//! `fpass-enroll verify`: the same check as at a login, without a login.

use std::time::Duration;

use fpass_proto::{Verdict, limits};

use crate::cli::SubjectArgs;
use crate::daemon::{Daemon, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
use crate::prompts::{PromptOutput, prompted};
use crate::subject::Subject;

/// Time limit for the camera.
const ATTEMPT: Duration = limits::DEADLINE_CAP;
/// Longest wait for the verdict, with another user's attempt ahead of it.
const VERDICT: Duration = limits::DEADLINE_CAP.saturating_mul(2);

/// Compares the person in front of the camera with the user's templates.
pub(super) async fn verify(arguments: &SubjectArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve(arguments)?;
    let daemon = Daemon::connect().await?;
    let attempt = prompted(&daemon, PromptOutput::Stdout, verdict(&daemon, &subject));
    let verdict = daemon.interruptible(attempt).await?;
    match verdict {
        Verdict::Match => {
            tell!("Match: the face is that of {subject}.", subject = subject)?;
            Ok(ExitCode::Done)
        }
        Verdict::NoMatch => {
            tell!(
                "No match for {subject}. If it is you, try again in better light, turn your head \
                 as asked, or add this look with: fpass-enroll add --label LABEL",
                subject = subject,
            )?;
            Ok(ExitCode::NoMatch)
        }
    }
}

async fn verdict(daemon: &Daemon, subject: &Subject) -> Result<Verdict, Error> {
    let verification = daemon.verification().await?;
    let attempt = u32::try_from(ATTEMPT.as_millis()).unwrap_or(u32::MAX);
    let call = verification.verify(subject.uid.0, subject.name.as_str(), "", "", attempt);
    Verdict::parse(&within(VERDICT, call).await?).ok_or(Error::VersionSkew)
}
