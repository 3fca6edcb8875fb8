//! The user whose F-pass a command is about.

use std::fmt;

use fpass_proto::{Uid, UserName};
use fpass_terminal::Printable;
use nix::unistd::{self, User};

use crate::cli::SubjectArgs;
use crate::error::Error;
use crate::language::told;

/// A user of this machine, resolved once. `Display` names the user and the id.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Numeric id.
    pub(crate) uid: Uid,
    /// Login name that belongs to it.
    pub(crate) name: UserName,
}

impl Subject {
    /// The user given with `--user`, otherwise the user who runs this program.
    ///
    /// # Errors
    /// When the user database does not know the user.
    pub(crate) fn resolve(arguments: &SubjectArgs) -> Result<Self, Error> {
        let Some(name) = &arguments.user else {
            return Self::caller();
        };
        let Some(user) = User::from_name(name.as_str()).map_err(Error::UserDatabase)? else {
            return Err(Error::UnknownUser(name.clone()));
        };
        Ok(Self { uid: Uid(user.uid.as_raw()), name: name.clone() })
    }

    /// Like [`resolve`](Self::resolve), but root must name the user. An administrator who forgets
    /// `--user` would otherwise change root's F-pass.
    ///
    /// # Errors
    /// When root gives no `--user`, and those of [`resolve`](Self::resolve).
    pub(crate) fn resolve_for_change(arguments: &SubjectArgs) -> Result<Self, Error> {
        if arguments.user.is_none() && unistd::getuid().is_root() {
            return Err(Error::UserNeeded);
        }
        Self::resolve(arguments)
    }

    /// Whether this user runs the program.
    pub(crate) fn is_caller(&self) -> bool {
        self.uid.0 == unistd::getuid().as_raw()
    }

    fn caller() -> Result<Self, Error> {
        let id = unistd::getuid();
        let uid = Uid(id.as_raw());
        let user = User::from_uid(id).map_err(Error::UserDatabase)?;
        let user = user.ok_or(Error::UnknownSelf(uid))?;
        let name = UserName::parse(&user.name)
            .map_err(|reason| Error::UnsupportedUserName { name: user.name, reason })?;
        Ok(Self { uid, name })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        told!("{name} (user id {uid})", name = Printable(self.name.as_str()), uid = self.uid).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_user_is_named_in_the_sentence() {
        let name = UserName::parse("nobody-has-this-name").unwrap();
        let error = Subject::resolve(&SubjectArgs { user: Some(name) }).unwrap_err();
        assert!(error.to_string().contains("nobody-has-this-name"), "{error}");
    }

    #[test]
    fn a_known_user_has_its_id() {
        let name = UserName::parse("root").unwrap();
        let subject = Subject::resolve_for_change(&SubjectArgs { user: Some(name) }).unwrap();
        assert_eq!(subject.to_string(), "root (user id 0)");
    }
}
