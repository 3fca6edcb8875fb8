//! `fpass-enroll check-pam`: what is proven about PAM stacks.

use super::{say, say_json};
use crate::cli::CheckPamArgs;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::stacks;
use crate::stacks::report::Report;

/// Judges the services and says what was found.
pub(super) fn check_pam(arguments: &CheckPamArgs) -> Result<ExitCode, Error> {
    let root = stacks::open(&arguments.place.root)?;
    let named: Vec<String> =
        arguments.services.iter().map(|name| name.as_str().to_ascii_lowercase()).collect();
    let report = Report::of(&root, &named);
    if arguments.json {
        say_json(&report)?;
    } else {
        for line in report.lines(!named.is_empty()) {
            say(line)?;
        }
    }
    Ok(report.exit_code(!named.is_empty()))
}
