//! Whether a password has expired, by shadow(5).

#![allow(unsafe_code)]

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::ptr;

use fpass_proto::UserName;
use nix::libc;
use nix::time::{ClockId, clock_gettime};

use crate::outcome::Outcome;

/// Room for one entry of the database in bytes; `pam_unix` of Linux-PAM takes as much at first.
const ENTRY_MAX: usize = 8192;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Whether the password of a user has to be changed now. Users without an entry, as those of a
/// directory service, have no password that expires here.
///
/// # Errors
/// [`Outcome::AccountsUnavailable`] when the database or the clock cannot be read.
pub(crate) fn password_expired(user: &UserName) -> Result<bool, Outcome> {
    let name = CString::new(user.as_str()).map_err(|_| Outcome::UnknownUser)?;
    let mut entry = MaybeUninit::<libc::spwd>::uninit();
    let mut strings = [0; ENTRY_MAX];
    let mut found = ptr::null_mut();
    // SAFETY: the name is NUL-terminated, and the three places are as large as is said; all of them
    // outlive the call.
    let answer = unsafe {
        libc::getspnam_r(
            name.as_ptr(),
            entry.as_mut_ptr(),
            strings.as_mut_ptr(),
            ENTRY_MAX,
            &raw mut found,
        )
    };
    let ages = if found.is_null() {
        None
    } else {
        // SAFETY: when `found` is set it points to `entry`, which the call has written.
        let entry = unsafe { entry.assume_init_ref() };
        Some(PasswordAge { changed: entry.sp_lstchg, longest: entry.sp_max })
    };
    // The entry's strings hold a hash.
    // SAFETY: the bytes are ours and as many as is said.
    unsafe { libc::explicit_bzero(strings.as_mut_ptr().cast(), ENTRY_MAX) };
    match (answer, ages) {
        (0, Some(ages)) => Ok(ages.is_expired(today()?)),
        // Name services differ in how they say that there is no entry.
        (0 | libc::ENOENT | libc::ESRCH, None) => Ok(false),
        _ => Err(Outcome::AccountsUnavailable),
    }
}

/// Days since the first of January 1970, UTC.
fn today() -> Result<i64, Outcome> {
    let now = clock_gettime(ClockId::CLOCK_REALTIME).map_err(|_| Outcome::AccountsUnavailable)?;
    Ok(now.tv_sec() / DAY)
}

/// The fields of an entry that count here, in days; negative ones are empty.
struct PasswordAge {
    /// When the password was changed last; 0 asks for a change at the next login.
    changed: i64,
    /// How long it may be used after that.
    longest: i64,
}

impl PasswordAge {
    fn is_expired(&self, today: i64) -> bool {
        let Self { changed, longest } = *self;
        if changed == 0 {
            return true;
        }
        // An empty field is no bound; nor is a day of change that has not come yet.
        changed > 0 && longest >= 0 && today.saturating_sub(changed) > longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_runs_out_by_its_age_or_at_once() {
        let rows = [
            // changed, longest, today, run out
            (0, 99_999, 20_000, true),
            (0, -1, 20_000, true),
            (20_000, 90, 20_090, false),
            (20_000, 90, 20_091, true),
            (20_000, 0, 20_001, true),
            (20_000, -1, 90_000, false),
            (-1, 90, 90_000, false),
            (20_000, 90, 10_000, false),
        ];
        for (changed, longest, today, run_out) in rows {
            let ages = PasswordAge { changed, longest };
            assert_eq!(ages.is_expired(today), run_out, "{changed} {longest} {today}");
        }
        assert!(today().unwrap() > 20_000);
    }

    #[test]
    fn somebody_without_an_entry_has_nothing_to_change() {
        let user = UserName::parse("no-such-user-on-any-machine").unwrap();
        assert_eq!(password_expired(&user), Ok(false));
    }
}
