//! Validated names and ids. Behind these types no function takes a raw string.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// Why a string from outside is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// The string is empty.
    #[error("it is empty")]
    Empty,
    /// The string is longer than its kind allows.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// The string contains a character that its kind does not allow.
    #[error("it contains a character that is not allowed")]
    Character,
}

/// Numeric user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Uid(pub u32);

impl Uid {
    /// The superuser.
    pub const ROOT: Self = Self(0);

    /// Whether this is the superuser.
    #[must_use]
    pub const fn is_root(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn bounded(raw: &str, max: usize, allowed: impl Fn(char) -> bool) -> Result<(), IdentifierError> {
    if raw.is_empty() {
        return Err(IdentifierError::Empty);
    }
    if raw.len() > max {
        return Err(IdentifierError::TooLong(max));
    }
    if raw.chars().all(allowed) { Ok(()) } else { Err(IdentifierError::Character) }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $max:expr, $allowed:expr, $extra:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks a string from outside.
            ///
            /// # Errors
            /// The rule that the string breaks.
            pub fn parse(raw: &str) -> Result<Self, IdentifierError> {
                bounded(raw, $max, $allowed)?;
                let extra: fn(&str) -> Result<(), IdentifierError> = $extra;
                extra(raw)?;
                Ok(Self(raw.to_owned()))
            }

            /// The checked string.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// Login name: 1 to 255 bytes, no control character, none of `/` and `:`, and neither `.` nor
    /// `..` nor a leading `-`. The only white space is a blank inside it, as in the names of
    /// directory services (`DOMAIN\user name`).
    UserName,
    limits::USER_NAME_MAX,
    |c| !c.is_control() && (c == ' ' || !c.is_whitespace()) && c != '/' && c != ':',
    |raw| {
        if raw == "." || raw == ".." || raw.starts_with('-') || raw.trim() != raw {
            Err(IdentifierError::Character)
        } else {
            Ok(())
        }
    }
);

name_type!(
    /// PAM service name: 1 to 64 bytes of ASCII letters, digits, `-`, `_`, `.`, `@` and `+`.
    ServiceName,
    limits::SERVICE_NAME_MAX,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+'),
    |_| Ok(())
);

name_type!(
    /// Terminal as PAM names it (`tty1`, `pts/3`, `:0`): 1 to 64 bytes of printable ASCII.
    Terminal,
    limits::TERMINAL_MAX,
    |c| c.is_ascii_graphic(),
    |_| Ok(())
);

name_type!(
    /// Name of one template of a user: 1 to 64 bytes, no control characters, not blank, and no
    /// white space at either end.
    Label,
    limits::LABEL_MAX,
    |c| !c.is_control(),
    |raw| {
        if raw.trim() == raw { Ok(()) } else { Err(IdentifierError::Character) }
    }
);

impl Default for Label {
    /// The label of a first enrolment.
    fn default() -> Self {
        Self("face".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_user_names_are_refused() {
        for raw in ["", ".", "..", "../root", "a/b", "-rf", "root\n", "a:b", "a\0b"] {
            assert!(UserName::parse(raw).is_err(), "{raw:?}");
        }
        for raw in [" ", " a", "a ", "a\tb", "a\u{a0}b", "a\u{2028}b", "a\u{3000}b"] {
            assert!(UserName::parse(raw).is_err(), "{raw:?}");
        }
        assert_eq!(
            UserName::parse(&"a".repeat(300)),
            Err(IdentifierError::TooLong(limits::USER_NAME_MAX))
        );
        assert!(UserName::parse(&"a".repeat(255)).is_ok());
    }

    #[test]
    fn names_in_use_are_accepted() {
        for raw in [
            "root",
            "alice",
            "first.last",
            "_apt",
            "user@example.org",
            "DOMAIN\\user",
            "DOMAIN\\user name",
            "first middle last",
            "HOST$",
            "Alice",
            "älva",
            "42",
            "4dmin",
            "name+suffix",
        ] {
            assert!(UserName::parse(raw).is_ok(), "{raw:?}");
        }
        assert!(UserName::parse(&"long".repeat(20)).is_ok());
        for raw in ["sudo", "gdm-password", "polkit-1", "systemd-user", "lightdm-greeter"] {
            assert!(ServiceName::parse(raw).is_ok(), "{raw:?}");
        }
        for raw in ["tty1", "pts/3", ":0", "/dev/tty2"] {
            assert!(Terminal::parse(raw).is_ok(), "{raw:?}");
        }
    }

    #[test]
    fn labels_may_hold_words_but_not_line_breaks() {
        assert!(Label::parse("with glasses").is_ok());
        for raw in ["", " ", " face", "face ", "a\nb", "a\u{1b}[31m"] {
            assert!(Label::parse(raw).is_err(), "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_user_name_is_one_path_component(raw in ".{0,300}") {
            if let Ok(name) = UserName::parse(&raw) {
                prop_assert_eq!(name.as_str(), raw.as_str());
                prop_assert!(!raw.contains(['/', '\0', '\n', ':']));
                prop_assert!(raw != "." && raw != ".." && raw.trim() == raw);
            }
        }
    }
}
