//! Ways to log in when no face can be checked.

use std::path::Path;

use fpass_proto::Place;

use crate::arguments;
use crate::face_check::{exemptions, is_face_check};
use crate::file::Facility;
use crate::judge::ROOT_WITHOUT_FACE;
use crate::modules::{self, ModuleClass};
use crate::resolve::{Service, resolve};
use crate::root::Files;
use crate::search::find_path;
use crate::stack::{Step, StepKind};

/// The places at which root may log in at the machine itself.
const CONSOLES: [Place; 3] = [Place::Console, Place::LoginScreen, Place::WithoutSession];

/// A way to log in when no face can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The line accepts recovery codes.
    Codes,
    /// Root skips the line and needs the password alone.
    RootExempt {
        /// Only under a condition, such as at some terminals.
        console: bool,
    },
    /// Root can log in through another service with the password alone.
    RootThrough(String),
}

/// The ways that a service offers itself.
#[must_use]
pub fn offered_by(service: &Service) -> Vec<Recovery> {
    let steps = service.stack(Facility::Auth);
    let mut found = Vec::new();
    if steps.iter().filter(|step| is_face_check(step)).any(accepts_codes) {
        found.push(Recovery::Codes);
    }
    let protected = steps.iter().any(is_face_check);
    if protected && !service.rejected && root_gets_in(service) {
        let exemptions: Vec<_> = exemptions(steps, &service.name).collect();
        if !exemptions.is_empty() {
            let console = exemptions.iter().all(|found| found.console);
            found.push(Recovery::RootExempt { console });
        }
    }
    found
}

fn accepts_codes(step: &Step) -> bool {
    let StepKind::Module { arguments, .. } = &step.kind else { return false };
    arguments::read(Facility::Auth, arguments).is_ok_and(|read| read.recovery.is_some())
}

/// Whether root can log in with the password when no face can be checked.
#[must_use]
pub fn root_gets_in(service: &Service) -> bool {
    let steps = service.stack(Facility::Auth);
    // A stack that asks for no password does not count.
    let asks = steps.iter().any(|step| modules::class_of(step) == Some(ModuleClass::Password));
    !service.rejected
        && asks
        && matches!(find_path(steps, &service.name, &ROOT_WITHOUT_FACE), Ok(Some(_)))
}

/// The login services through which root can log in with the password alone.
#[must_use]
pub fn offered_by_others(files: &dyn Files) -> Vec<Recovery> {
    if root_has_password(files) == Some(false) {
        return Vec::new();
    }
    CONSOLES
        .into_iter()
        .flat_map(Place::logins)
        .map(|name| resolve(files, name))
        .filter(|found| found.file.is_some() && root_gets_in(found))
        .map(|found| Recovery::RootThrough(found.name))
        .collect()
}

/// Whether root has a password that can be typed; `None` if `/etc/shadow` cannot be read.
#[must_use]
pub fn root_has_password(files: &dyn Files) -> Option<bool> {
    let text = files.read(Path::new("/etc/shadow")).ok()??;
    let entry = text.lines().find_map(|line| line.strip_prefix("root:"))?;
    let field = entry.split(':').next().unwrap_or_default();
    Some(!field.is_empty() && !field.starts_with(['!', '*']))
}

#[cfg(test)]
mod tests;
