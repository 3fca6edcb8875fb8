//! `fpass-enroll export`: templates for another machine.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fpass_proto::{EnrolmentState, UserName};
use fpass_terminal::{say, say_json};
use serde::Serialize;

use super::fleet::ensure_root;
use crate::cli::{ExportArgs, SubjectArgs};
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::peers::Peers;
use crate::subject::Subject;

/// Ending of the name of a bundle.
const SUFFIX: &str = ".fpass-bundle";
/// The local user database.
const USERS: &str = "/etc/passwd";

/// A bundle in the output of `--json`.
#[derive(Serialize)]
pub(super) struct BundleReport {
    pub(super) user: String,
    pub(super) file: PathBuf,
}

/// Writes a file for each user.
pub(super) async fn export(arguments: &ExportArgs) -> Result<ExitCode, Error> {
    ensure_root()?;
    let recipient = Peers::of_machine().find(&arguments.recipient)?.to_string();
    let daemon = Daemon::connect().await?;
    let subjects = if arguments.users.is_empty() {
        enrolled(&daemon).await?
    } else {
        let named = |user: &UserName| Subject::resolve(&SubjectArgs { user: Some(user.clone()) });
        arguments.users.iter().map(named).collect::<Result<_, _>>()?
    };
    if subjects.is_empty() {
        return Err(Error::NobodyToExport);
    }
    let fleet = daemon.fleet().await?;
    let mut reports = Vec::new();
    for subject in subjects {
        let user = subject.name.as_str();
        let bundle = answer(fleet.export(subject.uid.0, user, &recipient)).await?;
        let file = arguments.into.join(format!("{user}{SUFFIX}"));
        write(&file, &bundle).map_err(|cause| Error::BundleFile { path: file.clone(), cause })?;
        if !arguments.json {
            say(format_args!("{subject}: {}", file.display()))?;
        }
        reports.push(BundleReport { user: user.to_owned(), file });
    }
    if arguments.json {
        say_json(&reports)?;
    }
    Ok(ExitCode::Done)
}

/// Every user of the local user database who has an F-pass.
async fn enrolled(daemon: &Daemon) -> Result<Vec<Subject>, Error> {
    let path = Path::new(USERS);
    let text = fs::read_to_string(path)
        .map_err(|cause| Error::BundleFile { path: path.to_owned(), cause })?;
    let enrolment = daemon.enrolment().await?;
    let mut subjects = Vec::new();
    for name in text.lines().filter_map(|line| line.split(':').next()) {
        let Ok(name) = UserName::parse(name) else { continue };
        let subject = Subject::resolve(&SubjectArgs { user: Some(name) })?;
        let state = answer(enrolment.state(subject.uid.0)).await?;
        if EnrolmentState::parse(&state).ok_or(Error::VersionSkew)? == EnrolmentState::Enrolled {
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

/// Writes a bundle atomically, readable by root alone.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut draft = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o600))
        .tempfile_in(directory.unwrap_or(Path::new(".")))?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map(drop).map_err(|error| error.error)
}
