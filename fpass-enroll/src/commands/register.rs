//! `fpass-enroll register`: creates an account, its password and its F-pass, or none of them.

mod account;

use std::io::{self, BufRead, IsTerminal, Read};

use fpass_proto::{Label, Refusal, Uid};
use fpass_terminal::{Stop, say};
use nix::unistd::{self, User};
use zeroize::Zeroizing;

use self::account::Account;
use super::add;
use crate::cli::{RegisterArgs, SubjectArgs};
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::tell;
use crate::progress::Progress;
use crate::subject::Subject;

/// Longest password that is read from standard input, in bytes.
const PASSWORD_MAX: u64 = 4096;

/// Creates an account with a password and an F-pass. When a step fails or is stopped, the account
/// is removed.
pub(super) async fn register(arguments: &RegisterArgs) -> Result<ExitCode, Error> {
    if !unistd::geteuid().is_root() {
        return Err(Error::RootNeeded);
    }
    if User::from_name(arguments.user.as_str()).map_err(Error::UserDatabase)?.is_some() {
        return Err(Error::UserTaken(arguments.user.clone()));
    }
    if !arguments.password_stdin && !io::stdin().is_terminal() {
        return Err(Error::PasswordSource);
    }
    // What can fail without the account comes first, so that there is less to undo.
    let password = if arguments.password_stdin { Some(typed_line()?) } else { None };
    let daemon = Daemon::connect().await?;
    let mut stop = Stop::listen()?;

    let account = Account::create(arguments)?;
    let outcome = fill(&daemon, &account, arguments, password, &mut stop).await;
    if let Err(error) = outcome {
        undo(&daemon, &account).await?;
        return Err(error);
    }
    Ok(ExitCode::Done)
}

/// Sets password and F-pass of a new account.
async fn fill(
    daemon: &Daemon,
    account: &Account,
    arguments: &RegisterArgs,
    password: Option<Zeroizing<String>>,
    stop: &mut Stop,
) -> Result<(), Error> {
    let name = account.name();
    let of_account = SubjectArgs { user: Some(name.clone()) };
    let subject = Subject::resolve(&of_account)?;
    // An earlier account may have had the same user id.
    forget(daemon, subject.uid).await?;
    match password {
        Some(password) => account.set_password(&password)?,
        None => account.ask_for_password(stop).await?,
    }
    if arguments.set_up_at_login {
        tell!("{subject} is registered; the first login sets up the F-pass.", subject = subject,)?;
        return Ok(());
    }
    tell!("Setting up an F-pass for {subject}.", subject = subject)?;
    tell!("Follow the hints. Ctrl-C removes the account again.")?;
    let label = Label::default();
    let display = Progress::with_picture(false);
    let enrolment = add::enrol(daemon, &subject, label.as_str(), display);
    let strength = daemon.interruptible_by(stop, enrolment).await?;
    say(add::sentence(strength))?;
    Ok(tell!("{subject} is registered.", subject = subject)?)
}

/// Removes an incomplete account, and the data that the daemon has of it.
async fn undo(daemon: &Daemon, account: &Account) -> Result<(), Error> {
    let subject = Subject::resolve(&SubjectArgs { user: Some(account.name().clone()) });
    // The daemon forgets by user id, which the account gives.
    if let Ok(subject) = subject {
        forget(daemon, subject.uid).await?;
    }
    account.remove()?;
    Ok(tell!("The account {name} was removed again.", name = account.name())?)
}

/// Makes the daemon forget a user id, if it knows it.
async fn forget(daemon: &Daemon, uid: Uid) -> Result<(), Error> {
    match answer(daemon.administration().await?.forget(uid.0)).await {
        Err(Error::Refused(Refusal::NeverEnrolled)) => Ok(()),
        forgotten => forgotten,
    }
}

/// The first line of standard input without the line break.
fn typed_line() -> Result<Zeroizing<String>, Error> {
    let mut line = Zeroizing::new(String::with_capacity(256));
    io::stdin().lock().take(PASSWORD_MAX).read_line(&mut line)?;
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    if line.is_empty() { Err(Error::PasswordSource) } else { Ok(line) }
}
