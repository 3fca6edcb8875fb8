//! `fpass-enroll unlock`: resets failed attempts.

use super::confirmation::{self, Change};
use crate::cli::SubjectArgs;
use crate::daemon::{CONFIRMED, Daemon, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
use crate::subject::Subject;

/// Resets the failed attempts of a user.
pub(super) async fn unlock(arguments: &SubjectArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(arguments)?;
    let daemon = Daemon::connect().await?;
    let agent = confirmation::expect(&subject, Change::Addition)?;
    within(CONFIRMED, daemon.machine().await?.unlock(subject.uid.0)).await?;
    drop(agent);
    tell!("The failed attempts of {subject} were reset.", subject = subject)?;
    Ok(ExitCode::Done)
}
