//! The user database, as a parameter.

use fpass_proto::{Refusal, Uid, UserName};
use nix::unistd::{self, User};

/// Looks users up.
pub(crate) trait UserDatabase: Send + Sync {
    /// The user with this name, or `None` when there is none.
    fn find(&self, name: &UserName) -> Result<Option<Uid>, Refusal>;
    /// Whether a user with this id exists.
    fn exists(&self, uid: Uid) -> Result<bool, Refusal>;
}

/// The database of the running system (NSS).
pub(crate) struct SystemUsers;

impl UserDatabase for SystemUsers {
    fn find(&self, name: &UserName) -> Result<Option<Uid>, Refusal> {
        User::from_name(name.as_str())
            .map(|user| user.map(|user| Uid(user.uid.as_raw())))
            .map_err(|_| Refusal::UnknownUser)
    }

    fn exists(&self, uid: Uid) -> Result<bool, Refusal> {
        User::from_uid(unistd::Uid::from_raw(uid.0))
            .map(|user| user.is_some())
            .map_err(|_| Refusal::UnknownUser)
    }
}

/// Resolves a claimed pair of name and id; both must exist and belong together.
pub(crate) fn confirm(users: &dyn UserDatabase, uid: Uid, name: &UserName) -> Result<(), Refusal> {
    match users.find(name)? {
        None => Err(Refusal::UnknownUser),
        Some(found) if found == uid => Ok(()),
        Some(_) => Err(Refusal::UserMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(&'static [(&'static str, u32)]);

    impl UserDatabase for Fixed {
        fn find(&self, name: &UserName) -> Result<Option<Uid>, Refusal> {
            Ok(self.0.iter().find(|(known, _)| *known == name.as_str()).map(|(_, uid)| Uid(*uid)))
        }

        fn exists(&self, uid: Uid) -> Result<bool, Refusal> {
            Ok(self.0.iter().any(|(_, known)| *known == uid.0))
        }
    }

    #[test]
    fn a_name_must_exist_and_belong_to_the_id() {
        let users = Fixed(&[("alice", 1000), ("bob", 1001)]);
        let confirm = |uid, name: &str| confirm(&users, Uid(uid), &UserName::parse(name).unwrap());
        assert_eq!(confirm(1000, "mallory"), Err(Refusal::UnknownUser));
        assert_eq!(confirm(1000, "bob"), Err(Refusal::UserMismatch));
        assert_eq!(confirm(1000, "alice"), Ok(()));
    }
}
