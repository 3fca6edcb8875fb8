//! The return codes of modules, with the numbers and names of libpam.

use std::fmt;

macro_rules! codes {
    ($($variant:ident = $name:literal;)+) => {
        /// A return code of libpam, `PAM_SUCCESS` (0) to `PAM_INCOMPLETE` (31).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each is the name that libpam documents")]
        pub enum Code { $($variant,)+ }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: [Self; COUNT] = [$(Self::$variant,)+];

            /// The name of the code in a control such as `[success=ok]`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

/// Number of codes.
pub const COUNT: usize = 32;

codes! {
    Success = "success";
    OpenErr = "open_err";
    SymbolErr = "symbol_err";
    ServiceErr = "service_err";
    SystemErr = "system_err";
    BufErr = "buf_err";
    PermDenied = "perm_denied";
    AuthErr = "auth_err";
    CredInsufficient = "cred_insufficient";
    AuthinfoUnavail = "authinfo_unavail";
    UserUnknown = "user_unknown";
    Maxtries = "maxtries";
    NewAuthtokReqd = "new_authtok_reqd";
    AcctExpired = "acct_expired";
    SessionErr = "session_err";
    CredUnavail = "cred_unavail";
    CredExpired = "cred_expired";
    CredErr = "cred_err";
    NoModuleData = "no_module_data";
    ConvErr = "conv_err";
    AuthtokErr = "authtok_err";
    AuthtokRecoverErr = "authtok_recover_err";
    AuthtokLockBusy = "authtok_lock_busy";
    AuthtokDisableAging = "authtok_disable_aging";
    TryAgain = "try_again";
    Ignore = "ignore";
    Abort = "abort";
    AuthtokExpired = "authtok_expired";
    ModuleUnknown = "module_unknown";
    BadItem = "bad_item";
    ConvAgain = "conv_again";
    Incomplete = "incomplete";
}

impl Code {
    /// The number in the interface of libpam, 0 to 31.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The code with this number; `None` for other numbers, which libpam treats as a broken module.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| Self::ALL.get(index)).copied()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PAM_")?;
        self.name().chars().try_for_each(|letter| write!(f, "{}", letter.to_ascii_uppercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_the_table_are_rejected() {
        for number in [-1, 32, 99, i32::MIN, i32::MAX] {
            assert_eq!(Code::from_number(number), None);
        }
    }

    #[test]
    fn numbers_and_names_are_those_of_libpam() {
        for (code, number, name) in [
            (Code::Success, 0, "PAM_SUCCESS"),
            (Code::PermDenied, 6, "PAM_PERM_DENIED"),
            (Code::AuthErr, 7, "PAM_AUTH_ERR"),
            (Code::Ignore, 25, "PAM_IGNORE"),
            (Code::ModuleUnknown, 28, "PAM_MODULE_UNKNOWN"),
            (Code::Incomplete, 31, "PAM_INCOMPLETE"),
        ] {
            assert_eq!((code.number(), code.to_string().as_str()), (number, name));
            assert_eq!(Code::from_number(i32::from(number)), Some(code));
        }
    }
}
