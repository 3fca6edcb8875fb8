//! The programs that have generated man pages and completions.

use clap::{Command, CommandFactory};

/// A program: its command line and its exit codes.
pub(crate) struct Program {
    /// The command line, from which its name is taken.
    pub(crate) command: Command,
    /// Numbers and their meanings.
    pub(crate) exit_codes: Vec<(u8, &'static str)>,
    /// Man pages to see, with their sections.
    pub(crate) see_also: &'static [(&'static str, u8)],
}

/// Every program.
pub(crate) fn all() -> [Program; 3] {
    use {fpass_enroll as enroll, fpass_evaluate as evaluate, fpass_models as models};

    let enroll_codes = enroll::exit_code::ExitCode::ALL.iter();
    let evaluate_codes = evaluate::exit_code::ExitCode::ALL.iter();
    let models_codes = models::exit_code::ExitCode::ALL.iter();
    [
        Program {
            command: enroll::cli::Cli::command(),
            exit_codes: enroll_codes.map(|code| (code.number(), code.meaning())).collect(),
            see_also: &[
                ("fpass-evaluate", 1),
                ("fpass-models", 1),
                ("pkttyagent", 1),
                ("fpassd.toml", 5),
                ("fpassd", 8),
                ("pam_fpass", 8),
            ],
        },
        Program {
            command: evaluate::cli::Cli::command(),
            exit_codes: evaluate_codes.map(|code| (code.number(), code.meaning())).collect(),
            see_also: &[("fpass-enroll", 1), ("fpass-models", 1), ("fpassd.toml", 5)],
        },
        Program {
            command: models::cli::Cli::command(),
            exit_codes: models_codes.map(|code| (code.number(), code.meaning())).collect(),
            see_also: &[("fpass-enroll", 1), ("fpass-evaluate", 1), ("fpassd", 8)],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_fpass_enroll_passes_on_is_in_its_own_table() {
        let [enroll, evaluate, models] = all();
        for (number, _) in evaluate.exit_codes.iter().chain(&models.exit_codes) {
            assert!(enroll.exit_codes.iter().any(|(known, _)| known == number), "{number}");
        }
    }
}
