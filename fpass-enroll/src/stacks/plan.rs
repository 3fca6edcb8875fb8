//! The plan of a change, made from the files of a machine before anything is written.

use std::path::{Path, PathBuf};

use fpass_language::{Sentence, sentence};
use fpass_stack::edit::{self, LineOptions};
use fpass_stack::face_check::is_face_check;
use fpass_stack::judge::{Verdict, judge};
use fpass_stack::recovery;
use fpass_stack::root::{Files, Overlay, services};
use fpass_stack::{Facility, resolve};

use super::StackError;
use super::report::{ServiceReport, exempt_sentences};
use crate::language::told;

/// Directory of the administrator's files.
const OWN: &str = "/etc/pam.d";

/// Directories of the vendor's files.
const VENDOR: [&str; 2] = ["/usr/lib/pam.d", "/usr/etc/pam.d"];

/// The change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileChange {
    /// The file gets this text.
    Text(String),
    /// The file is removed.
    Removed,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The file below `/etc/pam.d`.
    pub(crate) path: PathBuf,
    /// Its text now; `None` when there is no such file.
    pub(crate) before: Option<String>,
    /// The file whose mode and owner the new file gets.
    pub(crate) model: PathBuf,
    /// The change.
    pub(crate) change: FileChange,
    /// Sentences for the administrator.
    pub(crate) remarks: Vec<String>,
}

/// Plans to insert the line of `pam_fpass` into the file of a service.
///
/// # Errors
/// Why the file cannot be changed.
pub(crate) fn enable(
    files: &dyn Files,
    name: &str,
    options: LineOptions,
) -> Result<Plan, StackError> {
    let found = resolve(files, name);
    let Some(source) = found.file.clone() else {
        return Err(StackError::NotDescribed(name.to_owned()));
    };
    let text = text_of(files, &source)?;
    refuse_owned(&source, name, &text)?;
    if found.stack(Facility::Auth).iter().any(is_face_check) {
        return Err(StackError::AsksAlready(name.to_owned()));
    }
    let path = Path::new(OWN).join(name);
    let copied = source != path;
    let mut refusal = None;
    for candidate in edit::insertions(&text, options) {
        let changed = if copied { format!("{}\n{candidate}", edit::COPY_MARK) } else { candidate };
        let after = Overlay { base: files, path: &path, text: Some(&changed) };
        let judgement = judge(&resolve(&after, name));
        if judgement.verdict != Verdict::Proven {
            // The last candidate is after the password, if there is one.
            refusal = Some(ServiceReport::of(&after, &resolve(&after, name)).lines());
            continue;
        }
        let neighbours = neighbours(files, &after, name)?;
        let own = recovery::offered_by(&resolve(&after, name));
        if own.is_empty() && recovery::offered_by_others(&after).is_empty() {
            return Err(StackError::NoWayBack(name.to_owned()));
        }
        let mut remarks = neighbours;
        remarks.extend(exempt_sentences(&judgement.exempt));
        if copied {
            remarks.push(
                told!(
                    "{file} is a copy of {source}; updates of that file do not change it.",
                    file = path.display(),
                    source = source.display(),
                )
                .into(),
            );
        }
        let before = (!copied).then_some(text);
        return Ok(Plan {
            path,
            before,
            model: source,
            change: FileChange::Text(changed),
            remarks,
        });
    }
    let service = name.to_owned();
    let lines = refusal.unwrap_or_else(|| {
        vec![told!("{service}: no line asks for a password.", service = name).into()]
    });
    Err(StackError::Unsafe { service, lines })
}

/// Sentences about services that include the file of another one.
///
/// # Errors
/// When one of them would no longer be safe.
fn neighbours(
    before: &dyn Files,
    after: &dyn Files,
    name: &str,
) -> Result<Vec<String>, StackError> {
    let mut changed = Vec::new();
    for other in services(before).into_iter().filter(|other| other != name) {
        let (old, new) = (resolve(before, &other), resolve(after, &other));
        if old.stack(Facility::Auth) == new.stack(Facility::Auth) {
            continue;
        }
        match judge(&new).verdict {
            Verdict::Proven => {
                let told = told!(
                    "{service} includes this file and now asks for the face, too.",
                    service = other,
                );
                changed.push(told.into());
            }
            Verdict::NotServed => {
                let told = told!(
                    "{service} includes this file and now lets nobody in, because pam_fpass does \
                     not serve it.",
                    service = other,
                );
                changed.push(told.into());
            }
            Verdict::NotProtected => {}
            Verdict::Broken { .. }
            | Verdict::NobodyGetsIn
            | Verdict::NotAdmitted(_)
            | Verdict::Unsure => {
                let lines = ServiceReport::of(after, &new).lines();
                return Err(StackError::Neighbour { service: name.to_owned(), lines });
            }
        }
    }
    Ok(changed)
}

/// Plans to remove the lines of `enable` from the file of a service. `kept` is the previous text.
///
/// # Errors
/// Why the file cannot be changed.
pub(crate) fn disable(
    files: &dyn Files,
    name: &str,
    kept: Option<&str>,
) -> Result<Plan, StackError> {
    let path = Path::new(OWN).join(name);
    let absent = || StackError::NotEnabled(name.to_owned());
    let text = match files.read(&path) {
        Ok(Some(text)) if edit::is_marked(&text) => text,
        Ok(_) => return Err(absent()),
        Err(_) => return Err(StackError::Irregular(path)),
    };
    let mut remarks = Vec::new();
    let bare = edit::remove_lines(&text);
    let copied = text.lines().next() == Some(edit::COPY_MARK);
    let vendor = VENDOR
        .iter()
        .find_map(|directory| files.read(&Path::new(directory).join(name)).ok().flatten());
    let change = if copied && vendor.as_deref() == Some(&bare) {
        FileChange::Removed
    } else if let Some(kept) = kept.filter(|kept| made_from(kept, &text)) {
        FileChange::Text(kept.to_owned())
    } else {
        let told = told!(
            "{file} was changed since \"pam enable\"; only the lines of \"pam enable\" were removed.",
            file = path.display(),
        );
        remarks.push(told.into());
        FileChange::Text(bare)
    };
    Ok(Plan { path: path.clone(), before: Some(text), model: path, change, remarks })
}

/// Whether `enable` makes `text` of `kept`.
fn made_from(kept: &str, text: &str) -> bool {
    LineOptions::all()
        .any(|options| edit::insertions(kept, options).iter().any(|made| made == text))
}

fn text_of(files: &dyn Files, path: &Path) -> Result<String, StackError> {
    let text = files
        .read(path)
        .map_err(|_| StackError::Irregular(path.to_owned()))?
        .ok_or_else(|| StackError::Changed(path.to_owned()))?;
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(StackError::NotText(path.to_owned()));
    }
    Ok(text)
}

/// Refuses files that tools of distributions rewrite, as their comments say.
fn refuse_owned(path: &Path, name: &str, text: &str) -> Result<(), StackError> {
    let shared = [
        "common-",
        "system-auth",
        "password-auth",
        "fingerprint-auth",
        "smartcard-auth",
        "postlogin",
    ]
    .iter()
    .any(|start| name.starts_with(start));
    let tools: [(&'static str, Sentence); 3] = [
        (
            "pam-auth-update",
            sentence!(
                "run pam-auth-update --enable fpass and then fpass-enroll check-pam, or enable \
                 single services"
            ),
        ),
        (
            "authselect",
            sentence!(
                "make a profile of your own with authselect create-profile, or enable single \
                 services"
            ),
        ),
        ("pam-config", sentence!("enable single services")),
    ];
    for (tool, remedy) in tools {
        let says = text.lines().any(|line| line.starts_with('#') && line.contains(tool));
        if shared && says {
            return Err(StackError::Owned { path: path.to_owned(), tool, remedy });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
