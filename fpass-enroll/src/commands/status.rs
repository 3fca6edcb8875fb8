//! `fpass-enroll status`: the user's F-pass and the state of the machine.

use fpass_proto::{AttemptsReport, EnrolmentState, MachineStatus};
use fpass_terminal::{Printable, say, say_json};
use nix::unistd;
use serde::Serialize;

use super::attempts::{self, AttemptCounts};
use super::confirmation::{self, Change};
use super::recovery_codes::CodesLeft;
use crate::cli::ReportArgs;
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::subject::Subject;

/// The output of `--json`.
#[derive(Debug, Serialize)]
struct StatusReport<'a> {
    user: &'a str,
    uid: u32,
    state: &'a str,
    attempts: Option<&'a AttemptsReport>,
    recovery_codes: Option<u32>,
    machine: &'a MachineStatus,
}

/// Shows whether an F-pass is set up, and the state of the daemon.
pub(super) async fn status(arguments: &ReportArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let agent = confirmation::expect(&subject, Change::None)?;
    let word = within(CONFIRMED, daemon.enrolment().await?.state(subject.uid.0)).await?;
    drop(agent);
    let state = EnrolmentState::parse(&word).ok_or(Error::VersionSkew)?;
    let machine = daemon.machine().await?;
    let counts = if subject.is_caller() || unistd::geteuid().is_root() {
        AttemptCounts::of(answer(machine.attempts(subject.uid.0)).await)?
    } else {
        // It would need a second password.
        AttemptCounts::Unasked
    };
    let codes = CodesLeft::ask(&daemon, &subject).await?;
    let machine = answer(machine.status()).await?;
    if arguments.json {
        say_json(&StatusReport {
            user: subject.name.as_str(),
            uid: subject.uid.0,
            state: state.as_str(),
            attempts: counts.report(),
            recovery_codes: codes.known(),
            machine: &machine,
        })?;
    } else {
        show(&subject, state, &counts, codes, &machine)?;
    }
    Ok(ExitCode::Done)
}

fn show(
    subject: &Subject,
    state: EnrolmentState,
    counts: &AttemptCounts,
    codes: CodesLeft,
    machine: &MachineStatus,
) -> Result<(), Error> {
    say(format_args!("User:        {subject}"))?;
    say(format_args!("F-pass:      {}", sentence(state)))?;
    if !matches!(counts, AttemptCounts::Unasked) {
        let logins = attempts::sentence(counts.report().map(|attempts| &attempts.logins));
        let self_tests = attempts::sentence(counts.report().map(|attempts| &attempts.self_tests));
        say(format_args!("Logins:      {logins}"))?;
        say(format_args!("Self-tests:  {self_tests}"))?;
        let lock = attempts::sentence(counts.report().map(|attempts| &attempts.lock_screen));
        say(format_args!("Lock screen: {lock}"))?;
        let tried = attempts::sentence(counts.report().map(|attempts| &attempts.recoveries));
        say(format_args!("Recovery:    {}; {tried}", codes.sentence()))?;
    }
    say(format_args!("fpassd:      version {}", Printable(&machine.version)))?;
    say(format_args!("Recogniser:  {}", Printable(&machine.recogniser)))?;
    say(format_args!("Camera:      {}", Printable(&machine.camera)))?;
    say(format_args!("Speed:       {:.0} ms for one face", machine.embedding_ms))?;
    say(format_args!("Key:         {}", Printable(&machine.key)))?;
    say(format_args!("Memory:      {}", Printable(&machine.memory)))?;
    say(format_args!("Liveness:    {}", Printable(&machine.liveness)))?;
    if !machine.advice.is_empty() {
        say(format_args!("Advice:      {}", Printable(&machine.advice)))?;
    }
    Ok(())
}

const fn sentence(state: EnrolmentState) -> &'static str {
    match state {
        EnrolmentState::Enrolled => "set up",
        EnrolmentState::NeverEnrolled => "not set up; run fpass-enroll add",
        EnrolmentState::Removed => "removed; run fpass-enroll add to set up a new one",
    }
}
