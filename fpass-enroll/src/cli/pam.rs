//! Arguments of `check-pam` and `pam`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fpass_proto::{IdentifierError, ServiceName};

/// The JSON of `check-pam` and `pam status`, for `--help`.
const JSON: &str = "\
JSON: an object with
  services           an array of objects, one for each service:
    service          its name
    file             the file that describes it; null when other or /etc/pam.conf does
    verdict          proven, not-protected, not-served, not-admitted, broken, nobody-gets-in or
                     unsure
    lacking          with broken: what is not needed to get in, face or password
    target           with broken: who gets in, user or root
    without_face     with proven: who gets in without a face, an array of never-enrolled,
                     setting-up, root, root-console, recovery-code
    empty_password   with proven: what a user whose password is empty needs, face, or nothing;
                     absent when such users do not get in
    daemon           what fpassd does with its calls: checks, or refuses and why
    path             with broken: how, an array of objects with file, line, module, answer, meaning
    faults           why nothing is proven, an array of sentences
    remarks          other findings, an array of sentences
    recovery         ways back in that the service offers: codes, root, root-console
    marked           whether \"fpass-enroll pam enable\" put its lines into the file
  recovery           other services through which root gets in with the password alone";

/// Which system.
#[derive(Args, Debug)]
pub struct RootArgs {
    /// Check the system in this directory instead of the running one
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: PathBuf,
}

/// Arguments of `check-pam` and `pam status`.
#[derive(Args, Debug)]
#[command(after_help = JSON)]
pub struct CheckPamArgs {
    /// PAM services, such as sudo; all of them by default
    #[arg(value_name = "SERVICE", value_parser = service)]
    pub services: Vec<ServiceName>,
    /// Which system.
    #[command(flatten)]
    pub place: RootArgs,
    /// Read this directory in place of /etc/pam.d
    ///
    /// The stacks are judged as they would be on the system once this directory is its /etc/pam.d:
    /// modules and all other files are those of the system.
    #[arg(long, value_name = "DIR")]
    pub pam_d: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Commands that change PAM stacks.
#[derive(Debug, Subcommand)]
pub enum PamCommand {
    /// Ask for the face after the password in these services
    ///
    /// Inserts a line for pam_fpass, with a mark above it, into the service's own file in
    /// /etc/pam.d. It takes the first position for which check-pam proves that nobody gets in
    /// without password and face, and that a user with both does. Without such a position it
    /// changes nothing and shows the path through the stack that is not safe. A service whose file
    /// comes from the vendor gets a copy in /etc/pam.d. Files that pam-auth-update or authselect
    /// write are not changed.
    ///
    /// The line for sudo and sudo-i says "announce": sudo asks modules for silence, and its user
    /// would not know when to look at the camera.
    ///
    /// Refused when nobody could log in without a working face check: give --recovery, or keep a
    /// login service for root without F-pass.
    Enable(EnableArgs),
    /// Remove the lines that "enable" inserted
    ///
    /// This restores the file byte for byte. If the file was changed since "enable", the lines are
    /// removed from the changed file, and a sentence says so.
    Disable(DisableArgs),
    /// Show whether these services ask for the face, and what is proven
    Status(CheckPamArgs),
}

/// Arguments of `pam enable`.
#[derive(Args, Debug)]
pub struct EnableArgs {
    /// PAM services, such as sudo
    #[arg(value_name = "SERVICE", value_parser = service, required = true)]
    pub services: Vec<ServiceName>,
    /// Which system.
    #[command(flatten)]
    pub place: RootArgs,
    /// Change nothing and print the difference
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Accept recovery codes when the face check cannot decide
    #[arg(long)]
    pub recovery: bool,
    /// Let users who never set up an F-pass in without the face
    #[arg(long)]
    pub nullok: bool,
}

/// Arguments of `pam disable`.
#[derive(Args, Debug)]
pub struct DisableArgs {
    /// PAM services, such as sudo
    #[arg(value_name = "SERVICE", value_parser = service, required = true)]
    pub services: Vec<ServiceName>,
    /// Which system.
    #[command(flatten)]
    pub place: RootArgs,
    /// Change nothing and print the difference
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// The name of a service is the name of a file: no directory, no hidden file.
pub(super) fn service(raw: &str) -> Result<ServiceName, IdentifierError> {
    let name = ServiceName::parse(raw)?;
    if raw.starts_with('.') { Err(IdentifierError::Character) } else { Ok(name) }
}

impl PamCommand {
    /// Whether the output is for a program.
    pub(super) const fn prints_json(&self) -> bool {
        match self {
            Self::Status(arguments) => arguments.json,
            Self::Enable(_) | Self::Disable(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn names_that_lead_elsewhere_are_usage_errors() {
        for name in ["..", ".", "../shadow", "a/b", ".hidden", "", "a b", "/etc/pam.d/sudo"] {
            for command in
                [&["check-pam"][..], &["pam", "enable"], &["pam", "disable"], &["pam", "status"]]
            {
                let words = ["fpass-enroll"].iter().chain(command).chain([&"--"]).chain([&name]);
                assert!(Cli::try_parse_from(words).is_err(), "{command:?} {name:?}");
            }
        }
    }

    #[test]
    fn a_change_needs_a_service() {
        for command in ["enable", "disable"] {
            assert!(Cli::try_parse_from(["fpass-enroll", "pam", command]).is_err());
        }
        Cli::try_parse_from(["fpass-enroll", "pam", "enable", "-n", "sudo", "su-l"]).unwrap();
        Cli::try_parse_from(["fpass-enroll", "check-pam"]).unwrap();
    }
}
