//! `fpass-enroll qualify`: whether the F-pass is strong enough at this camera, in this light.

use std::time::Duration;

use fpass_language::Wording;
use fpass_proto::{Guidance, QualifyReport, Strength, limits};
use fpass_terminal::{say, say_json};

use crate::cli::QualifyArgs;
use crate::daemon::{Daemon, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{spoken, tell, told};
use crate::prompts::{PromptOutput, prompted};
use crate::subject::Subject;

/// Time limit for the camera, including its start.
const LOOK: Duration = limits::DEADLINE_CAP;
/// Longest wait for the report, with another user's attempt ahead of it.
const REPORT: Duration = limits::DEADLINE_CAP.saturating_mul(2);

/// Measures, and prints advice.
pub(super) async fn qualify(arguments: &QualifyArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let output = if arguments.json { PromptOutput::Stderr } else { PromptOutput::Stdout };
    let measurement = prompted(&daemon, output, measured(&daemon, &subject));
    let report = daemon.interruptible(measurement).await?;
    let strength = Strength::parse(&report.strength).ok_or(Error::VersionSkew)?;
    let flaw = match report.flaw.as_str() {
        "" => None,
        word => Some(Guidance::parse(word).ok_or(Error::VersionSkew)?),
    };
    if arguments.json {
        say_json(&report)?;
    } else {
        say(sentence(&report, strength))?;
        say(separation_sentence(report.separation))?;
        // Advice needs more than a few unusable frames: a third of all.
        if let Some(flaw) = flaw.filter(|_| report.flawed > report.judged / 2) {
            tell!(
                "The picture was often not usable. {hint}",
                hint = flaw.text().wording(spoken()),
            )?;
        }
    }
    Ok(code(strength))
}

async fn measured(daemon: &Daemon, subject: &Subject) -> Result<QualifyReport, Error> {
    let verification = daemon.verification().await?;
    let look = u32::try_from(LOOK.as_millis()).unwrap_or(u32::MAX);
    within(REPORT, verification.qualify(subject.uid.0, subject.name.as_str(), look)).await
}

fn sentence(report: &QualifyReport, strength: Strength) -> Wording {
    let QualifyReport { judged, matching, .. } = report;
    let counts = told!(
        "{matching} of {judged} frames were recognised",
        matching = matching,
        judged = judged
    );
    match strength {
        Strength::Strong => {
            told!("Strong enough: {counts}, even at a far stricter rate.", counts = counts)
        }
        Strength::Fair => told!(
            "Strong enough: {counts}. Another look would make it more reliable: fpass-enroll add \
             --label LABEL",
            counts = counts,
        ),
        Strength::Weak => told!(
            "Not strong enough: {counts}. Add a look in this light with fpass-enroll add --label LABEL, \
             or remove your looks and set up your F-pass again.",
            counts = counts,
        ),
    }
}

fn separation_sentence(percent: u32) -> Wording {
    if percent < 100 {
        told!(
            "Told from other people: {percent} % of what a new F-pass needs. Remove your looks and \
             set up your F-pass again, upright and in good light.",
            percent = percent,
        )
    } else {
        told!("Told from other people: {percent} % of what a new F-pass needs.", percent = percent,)
    }
}

const fn code(strength: Strength) -> ExitCode {
    match strength {
        Strength::Weak => ExitCode::NoMatch,
        Strength::Fair | Strength::Strong => ExitCode::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_strong_enough_says_so_and_exits_with_zero() {
        let report = QualifyReport {
            judged: 40,
            matching: 9,
            strictly_matching: 1,
            flawed: 0,
            flaw: String::new(),
            strength: String::new(),
            separation: 150,
        };
        for strength in Strength::ALL {
            let said = sentence(&report, strength).to_string();
            let enough = said.starts_with("Strong enough: 9 of 40");
            assert_eq!(enough, strength != Strength::Weak);
            assert_eq!(code(strength) == ExitCode::Done, enough);
        }
    }

    #[test]
    fn too_little_separation_says_what_to_do() {
        assert!(separation_sentence(99).as_str().contains("set up your F-pass again"));
        assert!(separation_sentence(100).as_str().ends_with("100 % of what a new F-pass needs."));
    }
}
