//! Keeps panics of this module away from the host process.

use std::panic::{self, AssertUnwindSafe};

use pamsm::PamError;

use crate::code::Code;
use crate::log;
use crate::outcome::Outcome;
use crate::reserve::{self, OomMarker};
use crate::transaction::Transaction;

/// Runs a hook. A panic becomes `PAM_ABORT` and one line in the log, and is never printed on the
/// host's standard error. The hook gets the marker by which it recognises failed allocations.
pub(crate) fn contain(
    transaction: &impl Transaction,
    hook: impl FnOnce(OomMarker) -> Code,
) -> PamError {
    let marker = OomMarker::set();
    silence_panic_messages();
    let code = if reserve::can_begin() {
        catch(|| hook(marker)).unwrap_or_else(|| conclude_early(transaction, Outcome::Panicked))
    } else {
        conclude_early(transaction, Outcome::OutOfMemory)
    };
    code.into()
}

/// Logs the outcome of a hook that did not finish, and returns its code.
fn conclude_early(transaction: &impl Transaction, outcome: Outcome) -> Code {
    // The logging itself may have panicked.
    let _ = catch(|| log::write_outcome(transaction, outcome));
    Code::of(outcome, false)
}

fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Replaces the panic hook, which would print. The hook belongs to the copy of the standard library
/// in this object: that of a host written in Rust stays in place.
fn silence_panic_messages() {
    // Unit tests share that copy with the test runner, which must print.
    if !cfg!(test) {
        panic::set_hook(Box::new(|_| {}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::FakePam;

    #[test]
    fn a_panic_becomes_abort_and_one_line() {
        let transaction = FakePam::default();
        let code = contain(&transaction, |_| panic!("injected"));
        assert_eq!(code, PamError::ABORT);
        assert_eq!(transaction.lines().len(), 1);
        assert!(transaction.lines()[0].contains("panicked"));
    }

    #[test]
    fn a_panic_while_logging_is_caught_too() {
        let transaction = FakePam { panic_in: Some("log"), ..FakePam::default() };
        assert_eq!(contain(&transaction, |_| panic!("injected")), PamError::ABORT);
    }

    #[test]
    fn a_code_passes_through_unchanged() {
        let transaction = FakePam::default();
        let code = contain(&transaction, |_| Code::of(Outcome::NoMatch, false));
        assert_eq!(code, PamError::AUTH_ERR);
        assert!(transaction.lines().is_empty());
    }
}
