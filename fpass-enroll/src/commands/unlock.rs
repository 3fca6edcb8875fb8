//! `fpass-enroll unlock`: an administrator ends a lock.

use super::say;
use crate::cli::SubjectArgs;
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::subject::Subject;

/// Has the failed attempts of a user forgotten.
pub(super) async fn unlock(arguments: &SubjectArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(arguments)?;
    let daemon = Daemon::connect().await?;
    answer(daemon.machine().await?.unlock(subject.uid.0)).await?;
    say(format_args!("The failed attempts of {subject} are forgotten."))?;
    Ok(ExitCode::Done)
}
