//! The user database.

use fpass_proto::{Uid, UserName, names};
use nix::errno::Errno;
use nix::unistd::User;

use crate::outcome::Outcome;
use crate::shadow;

/// Why a name was not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookupError {
    /// The database has answered: no user has that name.
    NotFound,
    /// The database could not be read, so nothing is known about the user.
    Failed(Errno),
    /// An allocation failed.
    OutOfMemory,
}

/// Resolves user names and reads password ages.
pub(crate) trait UserDatabase {
    /// The numeric id of a user.
    ///
    /// # Errors
    /// Why the name was not resolved.
    fn uid(&self, name: &str) -> Result<Uid, LookupError>;

    /// Whether the user's password must be changed before the login may continue.
    ///
    /// # Errors
    /// [`Outcome::AccountsUnavailable`] when the database cannot be read.
    fn password_expired(&self, user: &UserName) -> Result<bool, Outcome>;
}

/// The database of the system, through the name service switch.
pub(crate) struct SystemUsers;

impl UserDatabase for SystemUsers {
    fn uid(&self, name: &str) -> Result<Uid, LookupError> {
        resolve(name)
    }

    fn password_expired(&self, user: &UserName) -> Result<bool, Outcome> {
        shadow::password_expired(user)
    }
}

/// The account of the daemon. `None` when it does not exist: then only root may own the bus name.
pub(crate) fn daemon() -> Option<Uid> {
    resolve(names::DAEMON_USER).ok()
}

/// glibc returns no error for an unknown user: an error number, `ENOENT` too, means that a name
/// service did not answer.
fn resolve(name: &str) -> Result<Uid, LookupError> {
    match User::from_name(name) {
        Ok(Some(user)) => Ok(Uid(user.uid.as_raw())),
        Ok(None) => Err(LookupError::NotFound),
        Err(Errno::ENOMEM) => Err(LookupError::OutOfMemory),
        Err(errno) => Err(LookupError::Failed(errno)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_user_is_unknown() {
        let long = "a".repeat(300);
        for name in ["no-such-user-on-any-machine", "", "a b", "../root", "a\0b", &long] {
            assert_eq!(SystemUsers.uid(name), Err(LookupError::NotFound), "{name:?}");
        }
    }

    #[test]
    fn root_is_root() {
        assert_eq!(SystemUsers.uid("root"), Ok(Uid::ROOT));
    }
}
