//! `fpass-enroll status`: the user's F-pass and the state of the machine.

use std::fmt::Display;

use fpass_language::{Wording, columns};
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
use crate::language::{pad, told};
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
    row(&told!("User:"), subject)?;
    row(&told!("F-pass:"), sentence(state))?;
    if !matches!(counts, AttemptCounts::Unasked) {
        let report = counts.report();
        let logins = attempts::sentence(report.map(|attempts| &attempts.logins));
        let self_tests = attempts::sentence(report.map(|attempts| &attempts.self_tests));
        row(&told!("Logins:"), logins)?;
        row(&told!("Self-tests:"), self_tests)?;
        row(
            &told!("Lock screen:"),
            attempts::sentence(report.map(|attempts| &attempts.lock_screen)),
        )?;
        let tried = attempts::sentence(report.map(|attempts| &attempts.recoveries));
        row(
            &told!("Recovery:"),
            told!("{codes}; {attempts}", codes = codes.sentence(), attempts = tried),
        )?;
    }
    row(&told!("fpassd:"), told!("version {version}", version = Printable(&machine.version)))?;
    row(&told!("Recogniser:"), Printable(&machine.recogniser))?;
    row(&told!("Camera:"), Printable(&machine.camera))?;
    let speed = format!("{:.0}", machine.embedding_ms);
    row(&told!("Speed:"), told!("{speed} ms for one face", speed = speed))?;
    row(&told!("Key:"), Printable(&machine.key))?;
    row(&told!("Memory:"), Printable(&machine.memory))?;
    row(&told!("Liveness:"), Printable(&machine.liveness))?;
    if !machine.advice.is_empty() {
        row(&told!("Advice:"), Printable(&machine.advice))?;
    }
    Ok(())
}

/// Writes a label and its value. The values stand below each other.
fn row(label: &Wording, value: impl Display) -> Result<(), Error> {
    let widest = [told!("Lock screen:"), told!("Recogniser:"), told!("Recovery:")];
    let width = widest.iter().map(|label| columns(label.as_str())).max().unwrap_or_default();
    Ok(say(format_args!("{} {value}", pad(label.as_str(), width)))?)
}

fn sentence(state: EnrolmentState) -> Wording {
    match state {
        EnrolmentState::Enrolled => told!("set up"),
        EnrolmentState::NeverEnrolled => told!("not set up; run fpass-enroll add"),
        EnrolmentState::Removed => told!("removed; run fpass-enroll add to set up a new one"),
    }
}
