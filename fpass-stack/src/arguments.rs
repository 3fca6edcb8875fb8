//! The arguments of a `pam_fpass` line, read as the module reads them.

use fpass_proto::{PamArgumentError, PamArguments};
use thiserror::Error;

use crate::file::Facility;

/// Why the module refuses everybody on a line: it answers `PAM_SERVICE_ERR`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArgumentError {
    /// The arguments are wrong.
    #[error("pam_fpass refuses everybody until this line is corrected: {0}")]
    Wrong(#[from] PamArgumentError),
    /// The line neither judges anybody nor requires a set-up.
    #[error(
        "pam_fpass has nothing to do on this line; it refuses everybody until the line is removed"
    )]
    Idle,
}

/// Reads the arguments of a line.
///
/// # Errors
/// Why the module would refuse everybody.
pub fn read(facility: Facility, words: &[String]) -> Result<PamArguments, ArgumentError> {
    match facility {
        Facility::Auth => Ok(PamArguments::parse_auth(words)?),
        Facility::Account | Facility::Password => {
            let arguments = PamArguments::parse_setup(words)?;
            if arguments.enroll { Ok(arguments) } else { Err(ArgumentError::Idle) }
        }
        Facility::Session => Err(ArgumentError::Idle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_wrong_argument_is_the_modules_error() {
        let error = read(Facility::Auth, &words("timeout=0")).unwrap_err();
        assert_eq!(error, ArgumentError::Wrong(PamArgumentError::Timeout));
        assert!(error.to_string().starts_with("pam_fpass refuses everybody"));
    }

    #[test]
    fn arguments_belong_to_facilities() {
        for word in ["nullok", "timeout=5", "recovery", "sole_factor", "prewarm"] {
            let line = words(&format!("enroll=required {word}"));
            for facility in [Facility::Account, Facility::Password, Facility::Session] {
                assert!(read(facility, &line).is_err(), "{word}");
            }
        }
        for facility in [Facility::Account, Facility::Password, Facility::Session] {
            assert_eq!(read(facility, &[]), Err(ArgumentError::Idle));
        }
        assert!(read(Facility::Session, &words("enroll=required")).is_err());
        assert!(read(Facility::Account, &words("enroll=required")).unwrap().enroll);
        assert!(read(Facility::Auth, &[]).is_ok());
    }
}
