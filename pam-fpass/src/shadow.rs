//! Whether a password has expired, as shadow(5) defines it.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::ptr;

use fpass_proto::UserName;
use nix::libc;
use nix::time::{ClockId, clock_gettime};

use crate::outcome::Outcome;

/// Room for one entry of the database in bytes; `pam_unix` of Linux-PAM starts with as much.
const ENTRY_MAX: usize = 8192;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Whether the password of a user must be changed now. Users without an entry, such as those of a
/// directory service, have no password that expires here.
///
/// # Errors
/// [`Outcome::AccountsUnavailable`] when the database or the clock cannot be read.
pub(crate) fn password_expired(user: &UserName) -> Result<bool, Outcome> {
    let name = CString::new(user.as_str()).map_err(|_| Outcome::UnknownUser)?;
    let mut entry = MaybeUninit::<libc::spwd>::uninit();
    let mut strings = [0; ENTRY_MAX];
    let mut found = ptr::null_mut();
    // SAFETY: the name is NUL-terminated, and the three buffers have the sizes passed; all of them
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
    let age = if found.is_null() {
        None
    } else {
        // SAFETY: if `found` is not null it points to `entry`, which the call has written.
        let entry = unsafe { entry.assume_init_ref() };
        Some(PasswordAge { changed: entry.sp_lstchg, longest: entry.sp_max })
    };
    // The strings hold a password hash.
    // SAFETY: the buffer is ours and has this length.
    unsafe { libc::explicit_bzero(strings.as_mut_ptr().cast(), ENTRY_MAX) };
    match (answer, age) {
        (0, Some(age)) => Ok(age.is_expired(today()?)),
        // glibc returns no error for a missing entry.
        (0, None) => Ok(false),
        _ => Err(Outcome::AccountsUnavailable),
    }
}

/// Days since 1 January 1970, UTC.
fn today() -> Result<i64, Outcome> {
    let now = clock_gettime(ClockId::CLOCK_REALTIME).map_err(|_| Outcome::AccountsUnavailable)?;
    Ok(now.tv_sec() / DAY)
}

/// The fields of an entry that decide, in days; negative ones are empty.
struct PasswordAge {
    /// Day of the last change; 0 requires a change at the next login.
    changed: i64,
    /// Days for which the password may be used after that.
    longest: i64,
}

impl PasswordAge {
    fn is_expired(&self, today: i64) -> bool {
        let Self { changed, longest } = *self;
        if changed == 0 {
            return true;
        }
        // An empty field sets no limit, and a day of change in the future expires nothing.
        changed > 0 && longest >= 0 && today.saturating_sub(changed) > longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_expires_by_its_age_or_at_once() {
        let rows = [
            // changed, longest, today, expired
            (0, 99_999, 20_000, true),
            (0, -1, 20_000, true),
            (20_000, 90, 20_090, false),
            (20_000, 90, 20_091, true),
            (20_000, 0, 20_001, true),
            (20_000, -1, 90_000, false),
            (-1, 90, 90_000, false),
            (20_000, 90, 10_000, false),
        ];
        for (changed, longest, today, expired) in rows {
            let age = PasswordAge { changed, longest };
            assert_eq!(age.is_expired(today), expired, "{changed} {longest} {today}");
        }
        assert!(today().unwrap() > 20_000);
    }

    #[test]
    fn a_user_without_an_entry_has_nothing_to_change() {
        let user = UserName::parse("no-such-user-on-any-machine").unwrap();
        assert_eq!(password_expired(&user), Ok(false));
    }
}
