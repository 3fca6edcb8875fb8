//! `fpass-enroll pam`: changes to PAM stacks, and their state.

use std::path::Path;

use fpass_proto::ServiceName;
use fpass_stack::diff;
use fpass_stack::edit::Wishes;
use fpass_stack::root::Root;

use super::check_pam::check_pam;
use super::say;
use crate::cli::{DisableArgs, EnableArgs, PamCommand};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::printable::Printable;
use crate::stacks::{self, Outcome, Place, Plan, StackError};

/// Directory of the administrator's files.
const DIRECTORY: &str = "/etc/pam.d";
/// Service of polkit's agents, which confirms the set-up of an F-pass.
const POLKIT: &str = "polkit-1";

/// Changes or shows stacks.
pub(super) fn run(command: &PamCommand) -> Result<ExitCode, Error> {
    match command {
        PamCommand::Status(arguments) => check_pam(arguments),
        PamCommand::Enable(arguments) => enable(arguments),
        PamCommand::Disable(arguments) => disable(arguments),
    }
}

fn enable(arguments: &EnableArgs) -> Result<ExitCode, Error> {
    let wishes = Wishes { recovery: arguments.recovery, nullok: arguments.nullok };
    for service in &arguments.services {
        let (root, place, name) = open(&arguments.place.root, service)?;
        let plan = stacks::enable(&root, &name, wishes)?;
        if show(&plan, arguments.dry_run)? {
            warn(&name, wishes)?;
            continue;
        }
        place.carry_out(&plan, true)?;
        say(format_args!(
            "{name}: {} asks for the face after the password now.",
            plan.path.display()
        ))?;
        if plan.before.is_some() {
            say(format_args!("  The file as it was is kept as {}.", place.kept_path().display()))?;
        }
        remarks(&plan)?;
        warn(&name, wishes)?;
    }
    Ok(ExitCode::Done)
}

fn warn(service: &str, wishes: Wishes) -> Result<(), Error> {
    warning(service, wishes).map_or(Ok(()), |sentence| say(format_args!("  {sentence}")))
}

/// What a stack that is proven does nevertheless to those who have no F-pass.
fn warning(service: &str, wishes: Wishes) -> Option<&'static str> {
    (service == POLKIT && !wishes.nullok).then_some(
        "Users without an F-pass can no longer set up their first one by themselves, because polkit asks \
         for their face; add --nullok, or set it up as root: fpass-enroll add --user USER.",
    )
}

fn disable(arguments: &DisableArgs) -> Result<ExitCode, Error> {
    for service in &arguments.services {
        let (root, place, name) = open(&arguments.place.root, service)?;
        let plan = stacks::disable(&root, &name, place.kept().as_deref())?;
        if show(&plan, arguments.dry_run)? {
            continue;
        }
        place.carry_out(&plan, false)?;
        place.forget_kept();
        let sentence = match plan.outcome {
            Outcome::Text(_) => "no longer asks for the face",
            Outcome::Removed => "is removed; the vendor's file serves again, without the face",
        };
        say(format_args!("{name}: {} {sentence}.", plan.path.display()))?;
        remarks(&plan)?;
    }
    Ok(ExitCode::Done)
}

fn open(root: &Path, service: &ServiceName) -> Result<(Root, Place, String), StackError> {
    let name = service.as_str().to_ascii_lowercase();
    let place = Place::of(root, &Path::new(DIRECTORY).join(&name))?;
    Ok((stacks::open(root)?, place, name))
}

/// With `dry_run`, prints the difference; whether that is all.
fn show(plan: &Plan, dry_run: bool) -> Result<bool, Error> {
    if dry_run {
        let name = plan.path.display().to_string();
        let absent = "/dev/null".to_owned();
        let (after, to) = match &plan.outcome {
            Outcome::Text(text) => (text.as_str(), &name),
            Outcome::Removed => ("", &absent),
        };
        let (before, from) = match &plan.before {
            Some(text) => (text.as_str(), &name),
            None => ("", &absent),
        };
        for line in diff::unified((from, before), (to, after)).lines() {
            // Tabs are ordinary in these files.
            let parts: Vec<String> =
                line.split('\t').map(|part| Printable(part).to_string()).collect();
            say(parts.join("\t"))?;
        }
        remarks(plan)?;
    }
    Ok(dry_run)
}

fn remarks(plan: &Plan) -> Result<(), Error> {
    plan.remarks.iter().try_for_each(|remark| say(format_args!("  {}", Printable(remark))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_enables_polkit_without_nullok_is_warned() {
        for (service, nullok, warned) in
            [(POLKIT, false, true), (POLKIT, true, false), ("sudo", false, false)]
        {
            let wishes = Wishes { recovery: false, nullok };
            assert_eq!(warning(service, wishes).is_some(), warned, "{service} {nullok}");
        }
    }
}
