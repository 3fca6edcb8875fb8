//! `fpass-enroll check-pam`: proofs about PAM stacks.

use fpass_stack::root::{Files, StagedStacks};
use fpass_terminal::{say, say_json};

use crate::cli::CheckPamArgs;
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::stacks;
use crate::stacks::report::StackReport;

/// Judges the services and prints the findings.
pub(super) fn check_pam(arguments: &CheckPamArgs) -> Result<ExitCode, Error> {
    let root = stacks::open(&arguments.place.root)?;
    let named: Vec<String> =
        arguments.services.iter().map(|name| name.as_str().to_ascii_lowercase()).collect();
    let staged = match &arguments.pam_d {
        Some(directory) => Some(StagedStacks::new(&root, stacks::open(directory)?)),
        None => None,
    };
    let files: &dyn Files = staged.as_ref().map_or(&root, |staged| staged);
    let report = StackReport::of(files, &named);
    if arguments.json {
        say_json(&report)?;
    } else {
        for line in report.lines(!named.is_empty()) {
            say(line)?;
        }
    }
    Ok(report.exit_code(!named.is_empty()))
}
