//! `fpass-enroll doctor`: the problems of this machine, and their remedies.

use fpass_terminal::{say, say_json};

use crate::cli::DoctorArgs;
use crate::doctor::{self, Finding, Severity};
use crate::error::Error;
use crate::exit_code::ExitCode;

/// Makes every check and prints the findings.
pub(super) async fn doctor(arguments: &DoctorArgs) -> Result<ExitCode, Error> {
    let findings = doctor::examine().await;
    if arguments.json {
        say_json(&findings)?;
    } else {
        for Finding { check, state, found, remedy } in &findings {
            say(format_args!("{:4}  {check:13}  {found}", state.as_str()))?;
            if !remedy.is_empty() {
                say(format_args!("{:19}  → {remedy}", ""))?;
            }
        }
    }
    Ok(code(&findings))
}

/// The exit code of the worst finding.
fn code(findings: &[Finding]) -> ExitCode {
    match findings.iter().map(|finding| finding.state).max() {
        Some(Severity::Ok) => ExitCode::Done,
        Some(Severity::Warn) => ExitCode::Doubtful,
        Some(Severity::Fail) | None => ExitCode::Unwell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_no_finding_is_a_failure() {
        let (ok, warn, fail) =
            (Finding::ok("a", ""), Finding::warn("b", "", ""), Finding::fail("c", "", ""));
        for (findings, expected) in [
            (vec![], ExitCode::Unwell),
            (vec![ok.clone()], ExitCode::Done),
            (vec![ok.clone(), warn.clone(), ok.clone()], ExitCode::Doubtful),
            (vec![warn, fail, ok], ExitCode::Unwell),
        ] {
            assert_eq!(code(&findings), expected, "{findings:?}");
        }
    }
}
