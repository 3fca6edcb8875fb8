//! `fpass-enroll import`: templates from another machine.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fpass_proto::{UserName, limits};
use fpass_terminal::{Printable, say_json};

use super::{export::BundleReport, fleet::ensure_root};
use crate::cli::ImportArgs;
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{tell, told};
use crate::peers::Peers;

/// Imports each file; the first refusal ends the command.
pub(super) async fn import(arguments: &ImportArgs) -> Result<ExitCode, Error> {
    ensure_root()?;
    let sender = Peers::of_machine().find(&arguments.sender)?.to_string();
    // A name is never empty, and without one every user is admitted.
    let expected = arguments.user.as_ref().map_or("", UserName::as_str);
    let daemon = Daemon::connect().await?;
    let fleet = daemon.fleet().await?;
    let mut reports = Vec::new();
    for file in &arguments.files {
        let bundle = read(file).map_err(|cause| Error::BundleFile { path: file.clone(), cause })?;
        let user = answer(fleet.import(&sender, &bundle, expected, arguments.replace)).await?;
        if !arguments.json {
            tell!("{user}: set up from {file}", user = Printable(&user), file = file.display())?;
        }
        reports.push(BundleReport { user, file: file.clone() });
    }
    if arguments.json {
        say_json(&reports)?;
    }
    Ok(ExitCode::Done)
}

/// Reads a bundle, up to the greatest length of one.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limits::BUNDLE_MAX).unwrap_or(u64::MAX);
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > limits::BUNDLE_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            told!("it is too large for a bundle").to_string(),
        ));
    }
    Ok(bytes)
}
