//! The user database, as a parameter.

use fpass_proto::{Refusal, Uid, UserName};
use nix::{
    errno::Errno,
    unistd::{self, User},
};
use thiserror::Error;

use crate::blocking;

/// The user database could not be read, so nothing is known about the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the user database cannot be read: {0}")]
pub(crate) struct UserLookupError(#[source] Errno);

impl UserLookupError {
    /// Logs the cause and returns what the caller is told.
    pub(crate) fn refuse(self) -> Refusal {
        tracing::error!(error = %self, "a user was not looked up; check nsswitch.conf and its services");
        Refusal::Internal
    }
}

/// Looks users up.
pub(crate) trait UserDatabase: Send + Sync {
    /// The user with this name, or `None` when there is no such user.
    ///
    /// # Errors
    /// The database cannot be read.
    fn find(&self, name: &UserName) -> Result<Option<Uid>, UserLookupError>;
    /// Whether a user with this id exists.
    ///
    /// # Errors
    /// The database cannot be read.
    fn exists(&self, uid: Uid) -> Result<bool, UserLookupError>;
}

/// The database of the running system (NSS). glibc returns no error for an unknown user: an error
/// number, `ENOENT` too, means that a name service did not answer.
pub(crate) struct SystemUsers;

impl UserDatabase for SystemUsers {
    fn find(&self, name: &UserName) -> Result<Option<Uid>, UserLookupError> {
        let user = User::from_name(name.as_str()).map_err(UserLookupError)?;
        Ok(user.map(|user| Uid(user.uid.as_raw())))
    }

    fn exists(&self, uid: Uid) -> Result<bool, UserLookupError> {
        let user = User::from_uid(unistd::Uid::from_raw(uid.0)).map_err(UserLookupError)?;
        Ok(user.is_some())
    }
}

/// Asks the user database on another thread, and logs it if there is no answer in time.
///
/// # Errors
/// Those of [`blocking::run`].
pub(crate) async fn look_up<T: Send + 'static>(
    question: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    blocking::run(question).await.inspect_err(|refusal| {
        if *refusal == Refusal::DeadlinePassed {
            tracing::error!(
                "the user database did not answer; check nsswitch.conf and its services"
            );
        }
    })
}

/// Checks that a name and an id exist and belong together.
///
/// # Errors
/// [`Refusal::UnknownUser`], [`Refusal::UserMismatch`]; [`Refusal::Internal`] when the database
/// cannot be read.
pub(crate) fn confirm(users: &dyn UserDatabase, uid: Uid, name: &UserName) -> Result<(), Refusal> {
    match users.find(name).map_err(UserLookupError::refuse)? {
        None => Err(Refusal::UnknownUser),
        Some(found) if found == uid => Ok(()),
        Some(_) => Err(Refusal::UserMismatch),
    }
}

/// Checks that an id exists.
///
/// # Errors
/// [`Refusal::UnknownUser`]; [`Refusal::Internal`] when the database cannot be read.
pub(crate) fn confirm_uid(users: &dyn UserDatabase, uid: Uid) -> Result<(), Refusal> {
    match users.exists(uid).map_err(UserLookupError::refuse)? {
        true => Ok(()),
        false => Err(Refusal::UnknownUser),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct FixedUsers(&'static [(&'static str, u32)]);

    impl UserDatabase for FixedUsers {
        fn find(&self, name: &UserName) -> Result<Option<Uid>, UserLookupError> {
            Ok(self.0.iter().find(|(known, _)| *known == name.as_str()).map(|(_, uid)| Uid(*uid)))
        }

        fn exists(&self, uid: Uid) -> Result<bool, UserLookupError> {
            Ok(self.0.iter().any(|(_, known)| *known == uid.0))
        }
    }

    /// A database whose server does not answer.
    struct BrokenUsers;

    impl UserDatabase for BrokenUsers {
        fn find(&self, _name: &UserName) -> Result<Option<Uid>, UserLookupError> {
            Err(UserLookupError(Errno::EIO))
        }

        fn exists(&self, _uid: Uid) -> Result<bool, UserLookupError> {
            Err(UserLookupError(Errno::EIO))
        }
    }

    #[test]
    fn a_name_must_exist_and_belong_to_the_id() {
        let users = FixedUsers(&[("alice", 1000), ("bob", 1001)]);
        let confirm = |uid, name: &str| confirm(&users, Uid(uid), &UserName::parse(name).unwrap());
        assert_eq!(confirm(1000, "mallory"), Err(Refusal::UnknownUser));
        assert_eq!(confirm(1000, "bob"), Err(Refusal::UserMismatch));
        assert_eq!(confirm(1000, "alice"), Ok(()));
        assert_eq!(confirm_uid(&users, Uid(1002)), Err(Refusal::UnknownUser));
        assert_eq!(confirm_uid(&users, Uid(1000)), Ok(()));
    }

    #[test]
    fn a_database_that_cannot_be_read_is_not_an_unknown_user() {
        let alice = UserName::parse("alice").unwrap();
        assert_eq!(confirm(&BrokenUsers, Uid(1000), &alice), Err(Refusal::Internal));
        assert_eq!(confirm_uid(&BrokenUsers, Uid(1000)), Err(Refusal::Internal));
    }
}
