//! The user database.

use fpass_proto::{Uid, UserName, names};
use nix::errno::Errno;
use nix::unistd::User;

use crate::outcome::Outcome;
use crate::shadow;

/// Resolves user names and reads password ages.
pub(crate) trait UserDatabase {
    /// The numeric id of a user.
    ///
    /// # Errors
    /// [`Outcome::UnknownUser`] when no user has that name; another outcome when the database
    /// cannot be read.
    fn uid(&self, user: &UserName) -> Result<Uid, Outcome>;

    /// Whether the user's password must be changed before the login may continue.
    ///
    /// # Errors
    /// [`Outcome::AccountsUnavailable`] when the database cannot be read.
    fn password_expired(&self, user: &UserName) -> Result<bool, Outcome>;
}

/// The database of the system, through the name service switch.
pub(crate) struct SystemUsers;

impl UserDatabase for SystemUsers {
    fn uid(&self, user: &UserName) -> Result<Uid, Outcome> {
        resolve(user.as_str())
    }

    fn password_expired(&self, user: &UserName) -> Result<bool, Outcome> {
        shadow::password_expired(user)
    }
}

/// The account of the daemon. `None` when it does not exist: then only root may own the bus name.
pub(crate) fn daemon() -> Option<Uid> {
    resolve(names::DAEMON_USER).ok()
}

fn resolve(name: &str) -> Result<Uid, Outcome> {
    match User::from_name(name) {
        Ok(Some(user)) => Ok(Uid(user.uid.as_raw())),
        // Name services differ in how they report an unknown user.
        Ok(None) | Err(Errno::ENOENT | Errno::ESRCH) => Err(Outcome::UnknownUser),
        Err(Errno::ENOMEM) => Err(Outcome::OutOfMemory),
        Err(_) => Err(Outcome::AccountsUnavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_user_is_unknown() {
        let user = UserName::parse("no-such-user-on-any-machine").unwrap();
        assert_eq!(SystemUsers.uid(&user), Err(Outcome::UnknownUser));
        let user = UserName::parse(&"a".repeat(255)).unwrap();
        assert_eq!(SystemUsers.uid(&user), Err(Outcome::UnknownUser));
    }

    #[test]
    fn root_is_root() {
        let user = UserName::parse("root").unwrap();
        assert_eq!(SystemUsers.uid(&user), Ok(Uid::ROOT));
    }
}
