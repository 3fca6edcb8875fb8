//! Checks before the daemon is asked: service, locality, user, password.

use fpass_proto::{PamArguments, ServiceName, Terminal, Uid, UserName};

use crate::outcome::Outcome;
use crate::transaction::{Level, Transaction};
use crate::users::{LookupError, UserDatabase};

/// The only value of `PAM_RHOST` that means this computer. A loopback address does not: a tunnel
/// may end there.
const LOCAL_HOST: &str = "localhost";

/// The user that the daemon is asked about, and the PAM service that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The user name, as PAM has it.
    pub(crate) user: UserName,
    /// The id of that user, resolved once.
    pub(crate) uid: Uid,
    /// The PAM service.
    pub(crate) service: ServiceName,
    /// The terminal, if PAM names a valid one.
    pub(crate) terminal: Option<Terminal>,
}

impl Subject {
    /// The terminal as it crosses the bus: empty without one.
    pub(crate) fn terminal(&self) -> &str {
        self.terminal.as_ref().map_or("", Terminal::as_str)
    }
}

/// Checks service, locality, user and password.
///
/// # Errors
/// The first condition that does not hold.
pub(crate) fn admit(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    arguments: &PamArguments,
) -> Result<Subject, Outcome> {
    let subject = admit_without_password(transaction, users, arguments)?;
    if !arguments.sole_factor && !transaction.password_typed()? {
        return Err(Outcome::NoPassword);
    }
    Ok(subject)
}

/// The same without the password, for `account` and `password` lines: libpam has wiped it by then,
/// and the daemon knows whether there was one.
///
/// # Errors
/// The first condition that does not hold.
pub(crate) fn admit_without_password(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    arguments: &PamArguments,
) -> Result<Subject, Outcome> {
    let service = allowed_service(transaction, arguments)?;
    local(transaction)?;
    let (user, uid) = resolve(transaction, users, &transaction.user()?)?;
    let terminal = transaction.terminal().and_then(|raw| Terminal::parse(&raw).ok());
    Ok(Subject { user, uid, service, terminal })
}

/// Programs that change a password outside a login.
const PASSWORD_TOOLS: &[&str] = &["chgpasswd", "chpasswd", "newusers", "passwd"];

/// Whether the service is one of [`PASSWORD_TOOLS`].
///
/// # Errors
/// libpam does not return the service.
pub(crate) fn is_password_tool(transaction: &impl Transaction) -> Result<bool, Outcome> {
    let service = transaction.service()?;
    Ok(service.is_some_and(|service| PASSWORD_TOOLS.contains(&service.as_str())))
}

/// The user id for a name that no user has. The kernel gives it to nobody.
const NOBODY: Uid = Uid(u32::MAX);

/// Checks service and locality for a `prewarm` line, which neither asks for a name nor needs a
/// password. A name that no user has gets an id too: the light of the camera must not tell which
/// users exist.
///
/// # Errors
/// The first condition that does not hold.
pub(crate) fn admit_prewarm(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    arguments: &PamArguments,
) -> Result<Uid, Outcome> {
    allowed_service(transaction, arguments)?;
    local(transaction)?;
    let name = transaction.known_user()?.ok_or(Outcome::UnknownUser)?;
    Ok(resolve(transaction, users, &name).map_or(NOBODY, |(_, uid)| uid))
}

/// Asks the user database about a name as PAM has it. Only then is the name checked: a user whom
/// the database knows is never unknown.
fn resolve(
    transaction: &impl Transaction,
    users: &impl UserDatabase,
    name: &str,
) -> Result<(UserName, Uid), Outcome> {
    let uid = users.uid(name).map_err(|error| match error {
        LookupError::NotFound => Outcome::UnknownUser,
        LookupError::OutOfMemory => Outcome::OutOfMemory,
        LookupError::Failed(errno) => {
            let line = format!("getpwnam_r: {errno}; check nsswitch.conf and its services");
            transaction.log(Level::Error, &line);
            Outcome::AccountsUnavailable
        }
    })?;
    let user = UserName::parse(name).map_err(|error| {
        transaction.log(Level::Error, &format!("unsupported user name: {error}"));
        Outcome::UnsupportedUserName
    })?;
    Ok((user, uid))
}

fn allowed_service(
    transaction: &impl Transaction,
    arguments: &PamArguments,
) -> Result<ServiceName, Outcome> {
    let raw = transaction.service()?.ok_or(Outcome::ServiceNotAllowed)?;
    let service = ServiceName::parse(&raw).map_err(|_| Outcome::ServiceNotAllowed)?;
    if arguments.serves(&service) { Ok(service) } else { Err(Outcome::ServiceNotAllowed) }
}

fn local(transaction: &impl Transaction) -> Result<(), Outcome> {
    match transaction.remote_host()?.as_deref() {
        None | Some("" | LOCAL_HOST) => Ok(()),
        Some(_) => Err(Outcome::RemoteHost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{FakePam, FakeUsers};

    fn admitted(transaction: &FakePam, line: &[&str]) -> Result<Subject, Outcome> {
        admit(transaction, &FakeUsers, &PamArguments::parse_auth(line).unwrap())
    }

    fn service(name: &str) -> FakePam {
        FakePam { service: Some(name.to_owned()), ..FakePam::default() }
    }

    #[test]
    fn services_without_a_seat_are_refused() {
        for name in [
            "sshd",
            "cron",
            "crond",
            "atd",
            "ftp",
            "vsftpd",
            "httpd",
            "apache2",
            "xrdp-sesman",
            "cockpit",
        ] {
            assert_eq!(admitted(&service(name), &[]), Err(Outcome::ServiceNotAllowed), "{name}");
        }
    }

    #[test]
    fn a_service_list_refuses_everything_else() {
        let line = ["service_ok=login,sshd"];
        for name in ["sudo", "loginx", "LOGIN", "login,sshd"] {
            assert_eq!(admitted(&service(name), &line), Err(Outcome::ServiceNotAllowed), "{name}");
        }
        for name in ["login", "sshd"] {
            assert!(admitted(&service(name), &line).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_missing_or_malformed_service_is_refused() {
        let nameless = FakePam { service: None, ..FakePam::default() };
        assert_eq!(admitted(&nameless, &[]), Err(Outcome::ServiceNotAllowed));
        for name in ["", "su do", "../sudo", "sudo\n"] {
            assert_eq!(admitted(&service(name), &[]), Err(Outcome::ServiceNotAllowed), "{name:?}");
        }
    }

    #[test]
    fn a_remote_host_is_refused_even_with_sole_factor() {
        for host in ["192.0.2.1", "127.0.0.1", "::1", "localhost.example.org", "LOCALHOST", " "] {
            let transaction = FakePam { remote_host: Some(host.to_owned()), ..FakePam::default() };
            for line in [&[][..], &["sole_factor"]] {
                assert_eq!(admitted(&transaction, line), Err(Outcome::RemoteHost), "{host:?}");
            }
        }
        for host in [None, Some(""), Some("localhost")] {
            let transaction =
                FakePam { remote_host: host.map(str::to_owned), ..FakePam::default() };
            assert!(admitted(&transaction, &[]).is_ok(), "{host:?}");
        }
    }

    #[test]
    fn hostile_and_unknown_users_are_unknown() {
        let long = "a".repeat(300);
        for user in ["", "../root", "bob", "alice\n", "-alice", "root/", &long] {
            let transaction = FakePam { user: Some(user.to_owned()), ..FakePam::default() };
            assert_eq!(admitted(&transaction, &[]), Err(Outcome::UnknownUser), "{user:?}");
        }
    }

    #[test]
    fn a_user_whom_the_database_knows_is_never_unknown() {
        let named = |name: &str| FakePam { user: Some(name.to_owned()), ..FakePam::default() };
        assert_eq!(admitted(&named("DOM\\user name"), &[]).unwrap().uid, Uid(1001));
        for name in ["-dash", "DOM/user", " blank", "col:on"] {
            let transaction = named(name);
            assert_eq!(admitted(&transaction, &[]), Err(Outcome::UnsupportedUserName), "{name:?}");
            assert!(transaction.lines()[0].starts_with("unsupported user name: "), "{name:?}");
        }
    }

    #[test]
    fn an_unreadable_user_database_is_not_an_unknown_user_and_leaves_a_line() {
        let transaction = FakePam { user: Some("broken".to_owned()), ..FakePam::default() };
        assert_eq!(admitted(&transaction, &[]), Err(Outcome::AccountsUnavailable));
        assert!(transaction.lines()[0].contains("EIO"), "{:?}", transaction.lines());
        let transaction = FakePam { user: Some("short".to_owned()), ..FakePam::default() };
        assert_eq!(admitted(&transaction, &[]), Err(Outcome::OutOfMemory));
    }

    #[test]
    fn a_password_must_have_been_typed_and_not_be_empty() {
        for password in [None, Some("")] {
            let transaction = FakePam { password, ..FakePam::default() };
            assert_eq!(admitted(&transaction, &[]), Err(Outcome::NoPassword), "{password:?}");
            assert_eq!(admitted(&transaction, &["nullok"]), Err(Outcome::NoPassword));
            assert!(admitted(&transaction, &["sole_factor"]).is_ok());
        }
    }

    #[test]
    fn an_invalid_terminal_is_left_out() {
        let subject = admitted(&FakePam::default(), &[]).unwrap();
        assert_eq!(subject.terminal, Some(Terminal::parse("pts/3").unwrap()));
        assert_eq!(subject.uid, Uid(1000));
        for terminal in [None, Some(""), Some("pts/3\n")] {
            let transaction =
                FakePam { terminal: terminal.map(str::to_owned), ..FakePam::default() };
            assert_eq!(admitted(&transaction, &[]).unwrap().terminal, None, "{terminal:?}");
        }
    }

    #[test]
    fn prewarm_checks_service_and_host_and_asks_for_no_name() {
        let arguments = PamArguments::parse_auth(&["prewarm"]).unwrap();
        let answer = |transaction: &FakePam| admit_prewarm(transaction, &FakeUsers, &arguments);
        assert_eq!(answer(&service("sshd")), Err(Outcome::ServiceNotAllowed));
        let remote = FakePam { remote_host: Some("192.0.2.1".to_owned()), ..FakePam::default() };
        assert_eq!(answer(&remote), Err(Outcome::RemoteHost));
        // `user` panics when it is asked.
        let nobody = FakePam { user: None, panic_in: Some("user"), ..FakePam::default() };
        assert_eq!(answer(&nobody), Err(Outcome::UnknownUser));
        let early = FakePam { password: None, ..FakePam::default() };
        assert_eq!(answer(&early), Ok(Uid(1000)));
        for name in ["bob", "../root", "broken", ""] {
            let unknown = FakePam { user: Some(name.to_owned()), ..FakePam::default() };
            assert_eq!(answer(&unknown), Ok(NOBODY), "{name:?}");
        }
    }
}
