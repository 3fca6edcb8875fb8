//! `fpass-enroll pam`: changes to PAM stacks, and their state.

use std::path::Path;

use fpass_language::Wording;
use fpass_proto::ServiceName;
use fpass_stack::diff;
use fpass_stack::edit::LineOptions;
use fpass_stack::root::Root;
use fpass_terminal::{Printable, say};

use super::check_pam::check_pam;
use crate::cli::{DisableArgs, EnableArgs, PamCommand};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{tell, told};
use crate::stacks::{self, FileChange, PamFile, Plan, StackError};

/// Directory of the files of the administrator.
const DIRECTORY: &str = "/etc/pam.d";
/// Service of polkit's agents, which confirm the set-up of an F-pass.
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
    for service in &arguments.services {
        let (root, file, name) = open(&arguments.place.root, service)?;
        let options = LineOptions {
            recovery: arguments.recovery,
            nullok: arguments.nullok,
            announce: ServiceName::parse(&name).is_ok_and(|name| name.asks_for_silence()),
        };
        let plan = stacks::enable(&root, &name, options)?;
        if show(&plan, arguments.dry_run)? {
            warn(&name, options)?;
            continue;
        }
        file.carry_out(&plan, true)?;
        tell!(
            "{service}: {file} now asks for the face after the password.",
            service = name,
            file = plan.path.display(),
        )?;
        if plan.before.is_some() {
            let kept = file.kept_path();
            tell!("  The previous file is kept as {file}.", file = kept.display())?;
        }
        remarks(&plan)?;
        warn(&name, options)?;
    }
    Ok(ExitCode::Done)
}

fn warn(service: &str, options: LineOptions) -> Result<(), Error> {
    if let Some(sentence) = warning(service, options) {
        say(format_args!("  {sentence}"))?;
    }
    Ok(())
}

/// A problem of users without an F-pass, which a proven stack may still cause.
fn warning(service: &str, options: LineOptions) -> Option<Wording> {
    (service == POLKIT && !options.nullok).then(|| {
        told!(
            "Users without an F-pass can no longer set up their first one themselves, because polkit \
             asks for their face; add --nullok, or set it up as root: fpass-enroll add --user USER."
        )
    })
}

fn disable(arguments: &DisableArgs) -> Result<ExitCode, Error> {
    for service in &arguments.services {
        let (root, file, name) = open(&arguments.place.root, service)?;
        let plan = stacks::disable(&root, &name, file.kept().as_deref())?;
        if show(&plan, arguments.dry_run)? {
            continue;
        }
        file.carry_out(&plan, false)?;
        file.forget_kept();
        let file = plan.path.display();
        match plan.change {
            FileChange::Text(_) => {
                tell!(
                    "{service}: {file} no longer asks for the face.",
                    service = name,
                    file = file
                )?;
            }
            FileChange::Removed => tell!(
                "{service}: {file} was removed; the vendor's file applies again and does not ask for \
                 the face.",
                service = name,
                file = file,
            )?,
        }
        remarks(&plan)?;
    }
    Ok(ExitCode::Done)
}

fn open(root: &Path, service: &ServiceName) -> Result<(Root, PamFile, String), StackError> {
    let name = service.as_str().to_ascii_lowercase();
    let file = PamFile::of(root, &Path::new(DIRECTORY).join(&name))?;
    Ok((stacks::open(root)?, file, name))
}

/// With `dry_run`, prints the difference. Returns `dry_run`.
fn show(plan: &Plan, dry_run: bool) -> Result<bool, Error> {
    if dry_run {
        let name = plan.path.display().to_string();
        let absent = "/dev/null".to_owned();
        let (after, to) = match &plan.change {
            FileChange::Text(text) => (text.as_str(), &name),
            FileChange::Removed => ("", &absent),
        };
        let (before, from) = match &plan.before {
            Some(text) => (text.as_str(), &name),
            None => ("", &absent),
        };
        for line in diff::unified_diff((from, before), (to, after)).lines() {
            // These files contain tabs, which need no escape.
            let parts: Vec<String> =
                line.split('\t').map(|part| Printable(part).to_string()).collect();
            say(parts.join("\t"))?;
        }
        remarks(plan)?;
    }
    Ok(dry_run)
}

fn remarks(plan: &Plan) -> Result<(), Error> {
    for remark in &plan.remarks {
        say(format_args!("  {}", Printable(remark)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enabling_polkit_without_nullok_warns() {
        for (service, nullok, warned) in
            [(POLKIT, false, true), (POLKIT, true, false), ("sudo", false, false)]
        {
            let options = LineOptions { nullok, ..LineOptions::default() };
            assert_eq!(warning(service, options).is_some(), warned, "{service} {nullok}");
        }
    }
}
