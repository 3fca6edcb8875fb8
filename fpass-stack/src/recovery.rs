//! Ways back in for when no face can be judged.

use std::path::Path;

use crate::arguments;
use crate::chain::{Step, Work};
use crate::code::Code;
use crate::condition;
use crate::control::Action;
use crate::file::Facility;
use crate::judge::{ROOT, judges};
use crate::modules::{self, Nature};
use crate::prove::way_in;
use crate::resolve::{Service, service};
use crate::root::Files;

/// Services with which somebody logs in at the machine itself.
pub const CONSOLES: [&str; 9] =
    ["login", "gdm-password", "sddm", "lightdm", "greetd", "kde", "lxdm", "xdm", "ly"];

/// A way back in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The line accepts recovery codes.
    Codes,
    /// Root passes the line with the password alone.
    RootExempt {
        /// Only where a condition says, such as at some terminals.
        console: bool,
    },
    /// Root gets in through another service with the password alone.
    RootThrough(String),
}

/// The ways back in that a service offers itself.
#[must_use]
pub fn own(service: &Service) -> Vec<Recovery> {
    let steps = service.chain(Facility::Auth);
    let mut found = Vec::new();
    if steps.iter().filter(|step| judges(step)).any(accepts_codes) {
        found.push(Recovery::Codes);
    }
    let protected = steps.iter().any(judges);
    if protected && !service.rejected && root_gets_in(service) {
        let exemptions: Vec<_> = exemptions(steps).collect();
        if !exemptions.is_empty() {
            found.push(Recovery::RootExempt { console: exemptions.iter().all(|console| *console) });
        }
    }
    found
}

fn accepts_codes(step: &Step) -> bool {
    let Work::Module { arguments, .. } = &step.work else { return false };
    arguments::read(Facility::Auth, arguments).is_ok_and(|read| read.recovery)
}

/// The documented exemption: `pam_succeed_if` about root jumps over exactly our line. Whether it
/// is about places too.
fn exemptions(steps: &[Step]) -> impl Iterator<Item = bool> {
    steps.iter().zip(steps.iter().skip(1)).filter_map(|(before, line)| {
        let Work::Module { arguments, present: true, .. } = &before.work else { return None };
        let jump = matches!(before.control.action(Code::Success),
            Action::Jump(length) if length.get() == 1);
        let conditions = condition::read(arguments);
        let fits = before.module_name() == Some("pam_succeed_if")
            && jump
            && before.level == line.level
            && judges(line)
            && conditions.root
            && !conditions.others;
        fits.then_some(conditions.places)
    })
}

/// Whether root gets in with the password when no face can be judged.
#[must_use]
pub fn root_gets_in(service: &Service) -> bool {
    let steps = service.chain(Facility::Auth);
    // A stack that asks for nothing is no way in to count on.
    let asks = steps.iter().any(|step| modules::of(step) == Some(Nature::Password));
    !service.rejected && asks && matches!(way_in(steps, &service.name, &ROOT), Ok(Some(_)))
}

/// The login services through which root gets in with the password alone.
#[must_use]
pub fn through_others(files: &dyn Files) -> Vec<Recovery> {
    if root_has_password(files) == Some(false) {
        return Vec::new();
    }
    CONSOLES
        .iter()
        .map(|name| service(files, name))
        .filter(|found| found.file.is_some() && root_gets_in(found))
        .map(|found| Recovery::RootThrough(found.name))
        .collect()
}

/// Whether root has a password that can be typed; `None` when that cannot be read.
#[must_use]
pub fn root_has_password(files: &dyn Files) -> Option<bool> {
    let text = files.read(Path::new("/etc/shadow")).ok()??;
    let entry = text.lines().find_map(|line| line.strip_prefix("root:"))?;
    let field = entry.split(':').next().unwrap_or_default();
    Some(!field.is_empty() && !field.starts_with(['!', '*']))
}

#[cfg(test)]
mod tests;
