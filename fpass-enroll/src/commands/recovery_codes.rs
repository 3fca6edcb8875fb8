//! `fpass-enroll recovery-codes`: creates codes, shows them once, makes them void.

use std::io::{self, BufRead, IsTerminal, Write};

use fpass_language::Wording;
use fpass_proto::{Refusal, limits};
use fpass_terminal::{Printable, say, say_json};
use nix::unistd;
use serde::Serialize;
use zeroize::Zeroizing;

use super::confirmation;
use crate::cli::RecoveryCodesArgs;
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{is_yes, tell, told};
use crate::subject::Subject;

/// The output of `--json`.
#[derive(Serialize)]
struct CodesReport<'a> {
    user: &'a str,
    uid: u32,
    codes: Vec<&'a str>,
}

/// How many codes a user has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodesLeft {
    /// The daemon was not asked.
    Unasked,
    /// The codes are damaged.
    Damaged,
    /// The number of codes.
    Known(u32),
}

impl CodesLeft {
    /// Asks, unless the answer alone would need an administrator's password.
    ///
    /// # Errors
    /// Every refusal but that of damaged codes.
    pub(super) async fn ask(daemon: &Daemon, subject: &Subject) -> Result<Self, Error> {
        if !subject.is_caller() && !unistd::geteuid().is_root() {
            return Ok(Self::Unasked);
        }
        match answer(daemon.recovery().await?.count(subject.uid.0)).await {
            Ok(left) => Ok(Self::Known(left)),
            Err(Error::Refused(Refusal::RecoveryUnreadable)) => Ok(Self::Damaged),
            Err(error) => Err(error),
        }
    }

    /// The number, when it is known.
    pub(super) const fn known(self) -> Option<u32> {
        match self {
            Self::Unasked | Self::Damaged => None,
            Self::Known(left) => Some(left),
        }
    }

    /// The same for people.
    pub(super) fn sentence(self) -> Wording {
        match self {
            Self::Unasked => told!("not asked for"),
            Self::Damaged => {
                told!("the codes cannot be read; make new ones with fpass-enroll recovery-codes")
            }
            Self::Known(0) => told!("no codes; make some with fpass-enroll recovery-codes"),
            Self::Known(left) => {
                told!("{left} of {all} codes left", left = left, all = limits::RECOVERY_CODES)
            }
        }
    }
}

/// Creates codes and shows them, or makes them void.
pub(super) async fn recovery_codes(arguments: &RecoveryCodesArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    if !arguments.yes {
        ask_before(&daemon, &subject, arguments.remove).await?;
    }
    if arguments.remove {
        remove(&daemon, &subject, arguments).await
    } else {
        create(&daemon, &subject, arguments).await
    }
}

async fn create(
    daemon: &Daemon,
    subject: &Subject,
    arguments: &RecoveryCodesArgs,
) -> Result<ExitCode, Error> {
    let recovery = daemon.recovery().await?;
    let call = recovery.create_codes(subject.uid.0, subject.name.as_str());
    let codes = confirmed(daemon, subject, arguments, call).await?;
    let codes: Vec<_> = codes.into_iter().map(Zeroizing::new).collect();
    if arguments.json {
        report(subject, codes.iter().map(|code| code.as_str()).collect())?;
    } else {
        tell!("Recovery codes of {subject}, each valid for one login:\n", subject = subject)?;
        for code in &codes {
            say(format_args!("  {}", Printable(code)))?;
        }
        tell!(
            "\nPrint them or write them down now, and keep them away from this machine: they are not \
             shown again.\nEarlier codes are void."
        )?;
    }
    Ok(ExitCode::Done)
}

async fn remove(
    daemon: &Daemon,
    subject: &Subject,
    arguments: &RecoveryCodesArgs,
) -> Result<ExitCode, Error> {
    let recovery = daemon.recovery().await?;
    confirmed(daemon, subject, arguments, recovery.remove_codes(subject.uid.0)).await?;
    if arguments.json {
        report(subject, Vec::new())?;
    } else {
        tell!("The recovery codes of {subject} are void.", subject = subject)?;
    }
    Ok(ExitCode::Done)
}

fn report(subject: &Subject, codes: Vec<&str>) -> Result<(), Error> {
    Ok(say_json(&CodesReport { user: subject.name.as_str(), uid: subject.uid.0, codes })?)
}

/// Waits for the call. With `--json` no notice is printed.
async fn confirmed<T>(
    daemon: &Daemon,
    subject: &Subject,
    arguments: &RecoveryCodesArgs,
    call: impl Future<Output = zbus::Result<T>>,
) -> Result<T, Error> {
    if arguments.json {
        confirmation::confirmed_quietly(daemon, call).await
    } else {
        confirmation::confirmed(daemon, subject, call).await
    }
}

/// Asks before existing codes become void.
async fn ask_before(daemon: &Daemon, subject: &Subject, remove: bool) -> Result<(), Error> {
    let question = match (CodesLeft::ask(daemon, subject).await?, remove) {
        (CodesLeft::Known(0), _) => return Ok(()),
        (CodesLeft::Known(left), false) => {
            told!(
                "{subject} has {left} recovery codes left; make them void and print new ones?",
                subject = subject,
                left = left,
            )
        }
        (CodesLeft::Unasked | CodesLeft::Damaged, false) => {
            told!(
                "Make the recovery codes of {subject} void, if there are any, and print new ones?",
                subject = subject,
            )
        }
        (_, true) => told!("Make every recovery code of {subject} void?", subject = subject),
    };
    if !io::stdin().is_terminal() {
        return Err(Error::CodesConfirmationNeeded);
    }
    // Not on standard output, which may go to a printer.
    let mut terminal = io::stderr();
    write!(terminal, "{question} {} ", told!("[y/N]"))?;
    terminal.flush()?;
    let mut reply = String::new();
    io::stdin().lock().read_line(&mut reply)?;
    if is_yes(&reply) { Ok(()) } else { Err(Error::CodesKept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_gives_the_number_of_codes_or_how_to_make_some() {
        assert_eq!(CodesLeft::Known(7).sentence().as_str(), "7 of 10 codes left");
        for left in [CodesLeft::Known(0), CodesLeft::Damaged] {
            assert!(left.sentence().as_str().contains("fpass-enroll recovery-codes"), "{left:?}");
        }
        assert_eq!(CodesLeft::Unasked.known(), None);
    }
}
