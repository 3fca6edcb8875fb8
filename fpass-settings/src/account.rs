//! The user who runs the window.

use fpass_proto::{Uid, UserName};
use nix::unistd::{self, User};

use crate::failure::Failure;

/// The user whose F-pass the window shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// Numeric id.
    pub(crate) uid: Uid,
    /// Login name that belongs to it.
    pub(crate) name: UserName,
}

impl Account {
    /// The user who runs this program.
    ///
    /// # Errors
    /// When it is root, or a user without a name that F-pass supports.
    pub(crate) fn of_caller() -> Result<Self, Failure> {
        let uid = unistd::getuid();
        if uid.is_root() {
            return Err(Failure::Root);
        }
        let nameless = Failure::Nameless(Uid(uid.as_raw()));
        let user = User::from_uid(uid).ok().flatten().ok_or_else(|| nameless.clone())?;
        let name = UserName::parse(&user.name).map_err(|_| nameless)?;
        Ok(Self { uid: Uid(uid.as_raw()), name })
    }
}
