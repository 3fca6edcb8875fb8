//! The wall between a panic in this module and its host.

use std::panic::{self, AssertUnwindSafe};

use pamsm::PamError;

use crate::code::Code;
use crate::log;
use crate::outcome::Outcome;
use crate::reserve::{self, OomMarker};
use crate::transaction::Transaction;

/// Runs a hook, which hears since when a shortage of memory is its own; a panic in it ends as
/// `PAM_ABORT` and one line in the log, never on the host's standard error.
pub(crate) fn contain(
    transaction: &impl Transaction,
    hook: impl FnOnce(OomMarker) -> Code,
) -> PamError {
    let marker = OomMarker::set();
    silence_panic_messages();
    let code = if reserve::is_ready() {
        catch(|| hook(marker)).unwrap_or_else(|| conclude_early(transaction, Outcome::Panicked))
    } else {
        conclude_early(transaction, Outcome::OutOfMemory)
    };
    code.into()
}

/// The code of a hook that has not come to its own end.
fn conclude_early(transaction: &impl Transaction, outcome: Outcome) -> Code {
    // Writing the line may be what panicked.
    let _ = catch(|| log::write_outcome(transaction, outcome));
    Code::of(outcome, false)
}

fn catch<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Replaces the hook that would print the panic. It belongs to the copy of the standard library
/// that is linked into this object, so the host's own hook, if it is written in Rust, stays.
fn silence_panic_messages() {
    // Under test the copy is shared with the test runner, whose reports are wanted.
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
    fn a_panic_while_logging_is_contained_too() {
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
