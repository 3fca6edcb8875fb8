//! `fpass-enroll adaptation`: what logins added to the templates.

use super::{confirmation, say};
use crate::cli::{AdaptationCommand, SubjectArgs};
use crate::daemon::Daemon;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::subject::Subject;

/// Carries out one of its commands.
pub(super) async fn run(command: &AdaptationCommand) -> Result<ExitCode, Error> {
    match command {
        AdaptationCommand::Reset(arguments) => reset(arguments).await,
    }
}

async fn reset(arguments: &SubjectArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(arguments)?;
    let daemon = Daemon::connect().await?;
    let enrolment = daemon.enrolment().await?;
    let change = enrolment.reset_adaptation(subject.uid.0);
    confirmation::confirmed(&daemon, &subject, change).await?;
    say(format_args!("The templates of {subject} are again as they were enrolled."))?;
    Ok(ExitCode::Done)
}
