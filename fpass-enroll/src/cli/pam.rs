//! `check-pam` and `pam`: their command lines.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fpass_proto::{IdentityError, ServiceName};

/// The JSON of `check-pam` and `pam status`, for `--help`.
const JSON: &str = "\
JSON: an object with
  services           an array of objects, one for each service:
    service          its name
    file             the file that describes it; null when other or /etc/pam.conf does
    verdict          proven, not-protected, not-served, broken, nobody-gets-in or unsure
    lacking          with broken: what somebody needs not have to get in, face or password
    path             with broken: how, an array of objects with file, line, module, answer, meaning
    faults           what keeps the stack from being proven, an array of sentences
    remarks          what was found besides, an array of sentences
    recovery         ways back in that the service offers: codes, root, root-console
    marked           whether \"fpass-enroll pam enable\" put its lines into the file
  recovery           other services through which root gets in with the password alone";

/// Where the files are.
#[derive(Args, Debug)]
pub struct RootArgs {
    /// Look at the system in this directory instead of the one that runs
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
    /// Where.
    #[command(flatten)]
    pub place: RootArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done with the PAM stacks of services.
#[derive(Debug, Subcommand)]
pub enum PamCommand {
    /// Ask for the face after the password in these services
    ///
    /// A line for pam_fpass, with a mark above it, goes into the service's own file in /etc/pam.d, at
    /// the first place at which check-pam proves that nobody gets in without password and face, and
    /// that somebody with both does. Where there is no such place nothing is changed, and the way
    /// through the stack that breaks it is shown. A service whose file comes from the vendor gets a
    /// copy in /etc/pam.d. Files that pam-auth-update or authselect write are left to them.
    ///
    /// Refused when it would leave no way back in for the day on which no face can be judged: give
    /// --recovery, or keep a login service for root without F-pass.
    Enable(EnableArgs),
    /// Take the lines out again that "enable" put in
    ///
    /// The file is then what it was before, byte for byte. If it was changed meanwhile, the lines are
    /// taken out of it as it is now, and a sentence says so.
    Disable(DisableArgs),
    /// Show whether these services ask for the face, and what is proven about them
    Status(CheckPamArgs),
}

/// Arguments of `pam enable`.
#[derive(Args, Debug)]
pub struct EnableArgs {
    /// PAM services, such as sudo
    #[arg(value_name = "SERVICE", value_parser = service, required = true)]
    pub services: Vec<ServiceName>,
    /// Where.
    #[command(flatten)]
    pub place: RootArgs,
    /// Change nothing and print the difference
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Accept recovery codes when the face cannot be judged
    #[arg(long)]
    pub recovery: bool,
    /// Let users in without the face who never set up an F-pass
    #[arg(long)]
    pub nullok: bool,
}

/// Arguments of `pam disable`.
#[derive(Args, Debug)]
pub struct DisableArgs {
    /// PAM services, such as sudo
    #[arg(value_name = "SERVICE", value_parser = service, required = true)]
    pub services: Vec<ServiceName>,
    /// Where.
    #[command(flatten)]
    pub place: RootArgs,
    /// Change nothing and print the difference
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// A service's name is the name of a file: no directory, no hidden file.
fn service(raw: &str) -> Result<ServiceName, IdentityError> {
    let name = ServiceName::parse(raw)?;
    if raw.starts_with('.') { Err(IdentityError::Character) } else { Ok(name) }
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
