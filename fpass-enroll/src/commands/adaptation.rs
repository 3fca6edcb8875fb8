//! `fpass-enroll adaptation`: samples that logins added to templates.

use super::confirmation;
use crate::cli::{AdaptationCommand, SubjectArgs};
use crate::daemon::Daemon;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
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
    tell!(
        "Samples that logins added to the templates of {subject} were removed.",
        subject = subject
    )?;
    Ok(ExitCode::Done)
}
