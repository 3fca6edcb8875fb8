//! PAM module that asks `fpassd` for a face after the password.
//!
//! This file holds the exports and nothing else; `authenticate.rs` reads as the specification.

#![deny(unsafe_code)]

mod account;
mod accounts;
mod authenticate;
mod code;
mod daemon;
mod duty;
mod ffi;
mod guard;
mod interrupt;
mod message;
mod options;
mod outcome;
mod preflight;
mod record;
mod recovery;
mod reserve;
#[cfg(test)]
mod script;
mod set_up;
mod shadow;
mod socket;
mod transaction;

use pamsm::{Pam, PamError, PamFlags, PamServiceModule};

use crate::accounts::Passwd;
use crate::code::Code;
use crate::daemon::SystemBus;
use crate::outcome::Outcome;
use crate::set_up::Phase;

/// The module as libpam sees it.
struct Fpass;

impl PamServiceModule for Fpass {
    fn authenticate(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |beginning| {
            let silent = flags.contains(PamFlags::SILENT);
            authenticate::authenticate(&pam, &Passwd, &SystemBus, &arguments, silent, beginning)
        })
    }

    /// There are no credentials to set. Any other answer would deny a stack whose only module
    /// this is.
    fn setcred(_: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        PamError::SUCCESS
    }

    fn acct_mgmt(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |beginning| {
            let silent = flags.contains(PamFlags::SILENT);
            account::manage(&pam, &Passwd, &SystemBus, &arguments, silent, beginning)
        })
    }

    fn chauthtok(pam: Pam, flags: PamFlags, arguments: Vec<String>) -> PamError {
        guard::contain(&pam, |beginning| {
            let silent = flags.contains(PamFlags::SILENT);
            let phase = Phase::of(flags);
            set_up::change(&pam, &Passwd, &SystemBus, &arguments, phase, silent, beginning)
        })
    }

    fn open_session(pam: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        refuse(&pam)
    }

    fn close_session(pam: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        refuse(&pam)
    }
}

/// The answer of every hook that this module does not serve.
fn refuse(pam: &Pam) -> PamError {
    guard::contain(pam, |_| {
        record::write(pam, Outcome::WrongFacility);
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
