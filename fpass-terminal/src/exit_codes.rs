//! Tables of exit codes.

/// Defines `enum ExitCode` with its numbers and their meanings, and `fn help`, which gives the
/// table as `--help` shows it. The man pages are written from the same table.
#[macro_export]
macro_rules! exit_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $meaning:literal;)+) => {
        /// How the process ends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ExitCode { $($(#[$doc])* $variant,)+ }

        impl ExitCode {
            /// Every code, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The number that the shell sees.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What the code means, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }

        impl From<ExitCode> for ::std::process::ExitCode {
            fn from(code: ExitCode) -> Self {
                Self::from(code.number())
            }
        }

        /// The table as `--help` shows it.
        #[must_use]
        pub(crate) fn help() -> String {
            let rows = ExitCode::ALL.iter().map(|code| (code.number(), code.meaning()));
            $crate::exit_codes_help(rows)
        }
    };
}

/// The rows of a table of exit codes under their heading.
#[must_use]
pub fn exit_codes_help(rows: impl Iterator<Item = (u8, &'static str)>) -> String {
    let rows = rows.map(|(number, meaning)| format!("  {number:>3}  {meaning}\n"));
    std::iter::once("Exit codes:\n".to_owned()).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_code() {
        let rows = [(0, "done"), (130, "interrupted")].into_iter();
        assert_eq!(exit_codes_help(rows), "Exit codes:\n    0  done\n  130  interrupted\n");
    }
}
