//! The stack below a finished piece of work.

use zeroize::Zeroize;

/// More than the ciphers and the coding of a record use, in bytes; a fraction of any thread's stack.
const DEPTH: usize = 64 * 1024;

/// Overwrites what the calls that have returned left on this thread's stack: values that were moved,
/// and the rounds of the cipher.
#[inline(never)]
pub(super) fn stack() {
    let mut left_behind = [0_u8; DEPTH];
    left_behind.zeroize();
    std::hint::black_box(&left_behind);
}
