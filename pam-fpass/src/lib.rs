//! PAM module that asks `fpassd` for a face after the password.
//!
//! This file only exports the hooks; `authenticate.rs` reads as the specification.

#![deny(unsafe_code)]

mod acct_mgmt;
mod authenticate;
mod chauthtok;
mod code;
mod daemon;
#[cfg(test)]
mod fakes;
mod ffi;
mod guard;
mod interrupt;
mod locale;
mod log;
mod message;
mod outcome;
mod preflight;
mod recovery;
mod requirement;
mod reserve;
mod shadow;
mod socket;
mod transaction;
mod users;

use pamsm::{Pam, PamError, PamFlags, PamServiceModule};

use crate::chauthtok::ChauthtokFlags;
use crate::code::Code;
use crate::daemon::SystemDaemon;
use crate::outcome::Outcome;
use crate::users::SystemUsers;

/// The module as libpam sees it.
struct Fpass;

impl PamServiceModule for Fpass {
    fn authenticate(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |marker| {
            let silent = flags.contains(PamFlags::SILENT);
            authenticate::authenticate(
                &pam,
                &SystemUsers,
                &SystemDaemon,
                &arguments,
                silent,
                marker,
            )
        })
    }

    /// There are no credentials to set. Any other answer would deny a stack in which this is the
    /// only module.
    fn setcred(_: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        PamError::SUCCESS
    }

    fn acct_mgmt(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |marker| {
            let silent = flags.contains(PamFlags::SILENT);
            acct_mgmt::acct_mgmt(&pam, &SystemUsers, &SystemDaemon, &arguments, silent, marker)
        })
    }

    fn chauthtok(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |marker| {
            let flags = ChauthtokFlags::of(flags);
            chauthtok::chauthtok(&pam, &SystemUsers, &SystemDaemon, &arguments, flags, marker)
        })
    }

    fn open_session(pam: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        refuse_facility(&pam)
    }

    fn close_session(pam: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        refuse_facility(&pam)
    }
}

/// The answer of the hooks that this module does not serve.
fn refuse_facility(pam: &Pam) -> PamError {
    guard::contain(pam, |_| {
        log::write_outcome(pam, Outcome::WrongFacility);
        Code::of(Outcome::WrongFacility, false)
    })
}

/// The `pam_sm_*` symbols.
#[allow(unsafe_code, unsafe_op_in_unsafe_fn, unreachable_pub)]
mod exports {
    use pamsm::PamServiceModule;

    use super::Fpass;

    pamsm::pam_module!(Fpass);
}
