//! `fpass-enroll unlock`: an administrator ends a lock.

use super::confirmation::{self, Change};
use super::say;
use crate::cli::SubjectArgs;
use crate::daemon::{CONFIRMED, Daemon, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::subject::Subject;

/// Has the failed attempts of a user forgotten.
pub(super) async fn unlock(arguments: &SubjectArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(arguments)?;
    let daemon = Daemon::connect().await?;
    let agent = confirmation::expect(&subject, Change::Addition)?;
    within(CONFIRMED, daemon.machine().await?.unlock(subject.uid.0)).await?;
    drop(agent);
    say(format_args!("The failed attempts of {subject} are forgotten."))?;
    Ok(ExitCode::Done)
}
