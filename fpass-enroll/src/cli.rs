//! The command line, defined once: the parser, `--help`, the man pages and the completions.

mod audit;
mod doctor;
mod fleet;
mod pam;
mod recovery_codes;
mod register;
mod setup;
mod templates;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use fpass_proto::UserName;

pub use self::audit::{AuditCommand, LogArgs, ShowArgs, VerifyArgs};
pub use self::doctor::DoctorArgs;
pub use self::fleet::{ExportArgs, FleetCommand, IdentityArgs, ImportArgs, PeerArgs, TrustArgs};
pub use self::pam::{CheckPamArgs, DisableArgs, EnableArgs, PamCommand, RootArgs};
pub use self::recovery_codes::RecoveryCodesArgs;
pub use self::register::RegisterArgs;
pub use self::setup::{SetupArgs, SetupStep};
pub use self::templates::{
    AdaptationCommand, AddArgs, ClearArgs, ListArgs, PreviewArgs, RemoveArgs, RenameArgs,
};

const ABOUT: &str = "Set up and look after your F-pass: your face as the second factor of a login";

const LONG_ABOUT: &str = "\
Set up and look after your F-pass: your face as the second factor of a login.

At a login the password comes first. Then the camera of this machine checks that the person in \
front of it is you. For that, fpassd keeps templates of your face: lists of numbers computed from \
a few camera frames, encrypted, on this machine only. No picture is stored. This command creates, \
lists, removes and tries out those templates.

You confirm a change of your F-pass with your password, and a removal or another label with your \
face, too. Acting for another user needs an administrator's password. The desktop asks for the \
password. On a terminal without a desktop this command starts pkttyagent, if that is installed, and \
ends it afterwards. Without a terminal the change is refused. Root is never asked.

This command speaks English, German, French, Spanish or Chinese, as LC_ALL, LC_MESSAGES, LANG and \
LANGUAGE ask for. JSON, this help, the audit log and the steps in proofs of PAM stacks are English.";

const FIRST_STEPS: &str = "\
First steps:
  fpass-enroll cameras        is there a camera that F-pass can use?
  fpass-enroll preview        does the camera see you well?
  fpass-enroll add            set up your F-pass: look at the camera and follow the hints
  fpass-enroll verify         try it out
  fpass-enroll qualify        is it strong enough in this light?
  fpass-enroll recovery-codes make codes for the day when the camera fails
  fpass-enroll add --label glasses
                              add a second look, if you often look different

For administrators:
  sudo fpass-enroll setup     all of this, step by step, until sudo asks for the face
  sudo fpass-enroll models install
                              fetch the face models, once per machine
  fpass-enroll evaluate pictures
                              measure how good recognition is on pictures of people
  sudo fpass-enroll register alice
                              create an account with a password and an F-pass
  sudo fpass-enroll add --user alice
                              set up the F-pass of a user who sits at this machine
  sudo fpass-enroll clear --user alice
                              remove every template of that user
  sudo fpass-enroll unlock --user alice
                              let a user try again after too many failed attempts
  sudo fpass-enroll pam enable --dry-run sudo
                              show the change that makes sudo ask for the face
  fpass-enroll check-pam      is there a way in without password or face?
";

/// Set up and look after your F-pass.
#[derive(Debug, Parser)]
#[command(
    name = "fpass-enroll",
    bin_name = "fpass-enroll",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = FIRST_STEPS,
    after_long_help = format!("{FIRST_STEPS}\n{}", crate::exit_code::help()),
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `fpass-enroll` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up an F-pass, or add another look to it
    ///
    /// You are asked for your password first. The camera is then on for up to a minute. Be alone in
    /// the picture, in your usual light, and follow the hints: the camera needs several frames from
    /// slightly different sides. Ctrl-C stops without changing anything. Once an F-pass is set up,
    /// another look must be of the same person.
    #[command(visible_alias = "enrol", alias = "enroll")]
    Add(AddArgs),
    /// Show the picture of the camera, with hints, without setting anything up
    ///
    /// For a minute at most, or until Ctrl-C: the picture as in a mirror, the outline of the face,
    /// and what to do so that the camera sees you well. Nobody is compared and nothing is stored.
    /// You are asked for your password first, as by add. Without a terminal, on one with few
    /// colours and with --plain there are lines of hints.
    Preview(PreviewArgs),
    /// List your templates
    List(ListArgs),
    /// Give a template another label
    ///
    /// Confirmed with your password, then with your face: look at the camera. If the camera no
    /// longer recognises you, an administrator must do it.
    Rename(RenameArgs),
    /// Remove one template
    ///
    /// Confirmed with your password, then with your face: look at the camera. If the camera no
    /// longer recognises you, an administrator must do it.
    Remove(RemoveArgs),
    /// Remove every template
    ///
    /// Afterwards the face check refuses you until you set up a new F-pass. Confirmed with your
    /// password, then with your face: look at the camera. If the camera no longer recognises you,
    /// an administrator must do it.
    ///
    /// With --forget an administrator also removes the record that there was an F-pass. Services
    /// with nullok then let the user in without one.
    Clear(ClearArgs),
    /// Look at the camera and see whether it recognises you
    ///
    /// Nothing is unlocked and nothing is changed. The exit code is 0 when the face matches and 1
    /// when it does not.
    Verify(SubjectArgs),
    /// Measure how reliably this camera recognises you, and get advice
    ///
    /// The camera is on for about three seconds, and then for the turn of your head that it asks
    /// for. Nothing is unlocked and nothing is changed. The
    /// exit code is 0 when your F-pass is strong enough and 1 when it is not.
    Qualify(QualifyArgs),
    /// Show whether your F-pass is set up, and the state of this machine
    Status(ReportArgs),
    /// Show how the last attempts ended, and what to do
    ///
    /// Lists up to sixteen entries, the newest first: time, PAM service or self-test, what happened
    /// and what to do. Equal attempts one after the other are one entry. An attempt that did not
    /// reach fpassd is not listed, nor is a wrong password.
    Why(WhyArgs),
    /// Create an account with a password and an F-pass; only root may
    ///
    /// useradd creates the account with a home directory, and passwd asks for the password twice.
    /// Then the new user looks at the camera and follows the hints. If a step fails or is stopped
    /// with Ctrl-C, the account is removed again.
    Register(RegisterArgs),
    /// Set up F-pass on this machine, step by step; only root may
    ///
    /// The steps are: models, camera, enrol, test, codes, services, proof, enable, try. Each can be
    /// skipped or repeated. You can stop at any point and run it again. Before each step it says
    /// how logins would work if the machine restarted now. With --yes nothing is asked, and the
    /// first step that fails ends the setup with its exit code.
    Setup(SetupArgs),
    /// Let a user try again after too many failed attempts; only administrators may
    ///
    /// After five failed attempts in a row a user must wait for 30 seconds, and after each further
    /// one twice as long, up to 15 minutes. After twenty failures only this command
    /// or a correct recovery code helps. Logins, self-tests, recovery codes and lock screens are
    /// counted separately. This command resets every count; "fpass-enroll status" shows them.
    Unlock(SubjectArgs),
    /// Make recovery codes, for logins when the face check cannot decide
    ///
    /// Ten codes are made and shown once. Print them or write them down, and keep them away from
    /// the machine. Services with "recovery" on their PAM line accept a code after your password
    /// when there is no working camera, when your face is not recognised, or when you are locked
    /// out. Each code is valid for one login. New codes make the old ones void, and so does the
    /// removal of your F-pass. Confirmed with your password, then with your face: look at the
    /// camera. If the camera no longer recognises you, an administrator must do it.
    RecoveryCodes(RecoveryCodesArgs),
    /// List the cameras, and why each is used or not
    Cameras(CamerasArgs),
    /// Measure how good recognition is on pictures of people; see fpass-evaluate(1)
    ///
    /// The program fpass-evaluate is started with the same arguments.
    #[command(disable_help_flag = true)]
    Evaluate(PassedArgs),
    /// Undo the changes that logins made to your templates
    #[command(subcommand, arg_required_else_help = true)]
    Adaptation(AdaptationCommand),
    /// Prove that PAM services let nobody in without password and face
    ///
    /// Reads /etc/pam.d and the directories of the vendor as libpam does, with all included files.
    /// It searches each stack for a way in without the password or without the face. For each
    /// service it prints one verdict: proven, and who gets in without a face; not protected (no
    /// line of pam_fpass); broken, with the shortest way in; nobody gets in, by the stack or
    /// because fpassd refuses the service; or unsure, with the faults. Then it tells how to get in
    /// when the face check does not work. The possible answers of other modules come from a
    /// built-in table; a module that is not in it may answer anything.
    CheckPam(CheckPamArgs),
    /// Ask for the face in PAM services, or stop asking
    #[command(subcommand, arg_required_else_help = true)]
    Pam(PamCommand),
    /// Choose the machines that may exchange templates with this one; only root may
    #[command(subcommand, arg_required_else_help = true)]
    Fleet(FleetCommand),
    /// Write templates to files that only one other machine can read; only root may
    ///
    /// Each user gets a file USER.fpass-bundle, encrypted for the machine named with --for and
    /// signed by this one. Recovery codes, failed attempts and samples that logins added are not
    /// included.
    Export(ExportArgs),
    /// Read templates from files that another machine wrote for this one; only root may
    ///
    /// A user of the same name must exist here; the user id may differ. Both machines need the same
    /// face models.
    Import(ImportArgs),
    /// Show the audit log, or check that it is complete
    #[command(subcommand, arg_required_else_help = true)]
    Audit(AuditCommand),
    /// Check this machine for problems, and print what to do
    ///
    /// Prints for each check: ok, warn or fail, the finding, and the remedy. As root it checks more
    /// and switches the camera on for a second and a half. A check that cannot be made is a
    /// warning. The exit code is 0 without a problem, 50 with a warning and 51 with a failure.
    Doctor(DoctorArgs),
    /// Install or check the face models; see fpass-models(1)
    ///
    /// The program fpass-models is started with the same arguments.
    #[command(disable_help_flag = true)]
    Models(PassedArgs),
}

impl Command {
    /// Whether the output is in English in every locale: JSON, which is for programs.
    #[must_use]
    pub const fn speaks_english(&self) -> bool {
        match self {
            Self::List(ListArgs { json, .. })
            | Self::Qualify(QualifyArgs { json, .. })
            | Self::Status(ReportArgs { json, .. })
            | Self::RecoveryCodes(RecoveryCodesArgs { json, .. })
            | Self::Cameras(CamerasArgs { json })
            | Self::CheckPam(CheckPamArgs { json, .. })
            | Self::Export(ExportArgs { json, .. })
            | Self::Import(ImportArgs { json, .. })
            | Self::Why(WhyArgs { json, .. })
            | Self::Doctor(DoctorArgs { json }) => *json,
            Self::Pam(command) => command.prints_json(),
            Self::Fleet(command) => command.prints_json(),
            Self::Audit(command) => command.prints_json(),
            Self::Add(_)
            | Self::Preview(_)
            | Self::Rename(_)
            | Self::Remove(_)
            | Self::Clear(_)
            | Self::Verify(_)
            | Self::Register(_)
            | Self::Setup(_)
            | Self::Unlock(_)
            | Self::Evaluate(_)
            | Self::Adaptation(_)
            | Self::Models(_) => false,
        }
    }
}

/// Arguments for another program.
#[derive(Args, Debug)]
pub struct PassedArgs {
    /// Arguments of that program; --help shows them
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

/// Whose F-pass.
#[derive(Args, Debug)]
pub struct SubjectArgs {
    /// Act for this user instead of yourself; only administrators may
    #[arg(short, long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
}

/// Arguments of `status`.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Print JSON: an object with user, uid, state, attempts (null when damaged),
    /// recovery_codes (how many are left; null when damaged) and machine
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `why`.
#[derive(Args, Debug)]
pub struct WhyArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Print JSON: an array of objects with ended (seconds since 1970), service (empty for a
    /// self-test), result, count and sentence
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `qualify`.
#[derive(Args, Debug)]
pub struct QualifyArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Print JSON: an object with judged, matching, strictly_matching, flawed, flaw and strength
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `cameras`.
#[derive(Args, Debug)]
pub struct CamerasArgs {
    /// Print JSON: an array of objects with id, name, usable and detail
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, error::ErrorKind};

    use super::*;
    use crate::exit_code::ExitCode;

    fn refusal(arguments: &[&str]) -> ErrorKind {
        Cli::try_parse_from(arguments).unwrap_err().kind()
    }

    #[test]
    fn exit_codes_in_help_texts_are_those_of_the_table() {
        let cli = Cli::command();
        let told = |words: &[&str]| {
            let command =
                words.iter().fold(&cli, |within, word| within.find_subcommand(word).unwrap());
            command.get_long_about().unwrap().to_string()
        };
        let number = |code: ExitCode| format!(" {}", code.number());
        for (words, code) in [
            (&["doctor"][..], ExitCode::Doubtful),
            (&["doctor"], ExitCode::Unwell),
            (&["audit", "verify"], ExitCode::AuditLogBroken),
            (&["verify"], ExitCode::NoMatch),
            (&["qualify"], ExitCode::NoMatch),
        ] {
            assert!(told(words).contains(&number(code)), "{words:?} {code:?}");
        }
    }

    #[test]
    fn malformed_names_and_labels_are_usage_errors() {
        for user in ["../root", "", "a ", "a\tb", "-x", &"a".repeat(300)] {
            let argument = format!("--user={user}");
            assert_eq!(
                refusal(&["fpass-enroll", "list", &argument]),
                ErrorKind::ValueValidation,
                "{user:?}"
            );
        }
        for label in ["", " face", "a\u{1b}[2Jb", &"x".repeat(65)] {
            assert_eq!(
                refusal(&["fpass-enroll", "remove", label]),
                ErrorKind::ValueValidation,
                "{label:?}"
            );
        }
    }

    #[test]
    fn an_id_is_only_for_forgetting_and_replaces_a_name() {
        for arguments in [
            &["--uid=1000"][..],
            &["--forget", "--uid=1000", "--user=alice"],
            &["--forget", "--uid=alice"],
        ] {
            let words: Vec<&str> =
                ["fpass-enroll", "clear"].iter().chain(arguments).copied().collect();
            assert!(Cli::try_parse_from(&words).is_err(), "{arguments:?}");
        }
        for arguments in [["--forget", "--uid=1000"], ["--forget", "--user=alice"]] {
            let words: Vec<&str> =
                ["fpass-enroll", "clear"].iter().chain(&arguments).copied().collect();
            Cli::try_parse_from(&words).unwrap();
        }
    }

    #[test]
    fn a_command_is_required() {
        for arguments in [&["fpass-enroll"][..], &["fpass-enroll", "adaptation"]] {
            assert_eq!(refusal(arguments), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_argument_of_another_program_is_accepted() {
        for words in [
            &[][..],
            &["--help"],
            &["-h"],
            &["install", "--help"],
            &["--directory", "x", "verify"],
            &["DIR", "--json", "-j", "2"],
            &["--version"],
            &["help"],
        ] {
            for command in ["evaluate", "models"] {
                let line = ["fpass-enroll", command].into_iter().chain(words.iter().copied());
                let parsed = Cli::try_parse_from(line).unwrap().command;
                let (Command::Evaluate(passed) | Command::Models(passed)) = parsed else {
                    panic!("{words:?}");
                };
                assert_eq!(passed.arguments, words);
            }
        }
    }
}
