//! The stack below a finished piece of work.

use zeroize::Zeroize;

/// More than the ciphers and the coding of a record use, in bytes; a fraction of any thread's
/// stack.
const DEPTH: usize = 64 * 1024;

/// Does a piece of work and overwrites what it left on this thread's stack: values that were moved,
/// and the rounds of the cipher.
///
/// Twice, the second time deeper: registers still hold a key when the first pass begins, and what
/// they are saved to lies below what that pass overwrites.
pub(super) fn after<T>(work: impl FnOnce() -> T) -> T {
    let outcome = apart(work);
    overwrite::<DEPTH>();
    overwrite::<{ 2 * DEPTH }>();
    outcome
}

/// In a frame of its own: what is inlined into the caller's would be out of reach.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn overwrite<const LENGTH: usize>() {
    let mut left_behind = [0_u8; LENGTH];
    left_behind.zeroize();
    std::hint::black_box(&left_behind);
}
