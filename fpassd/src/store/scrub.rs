//! The stack below a finished piece of work.

use zeroize::Zeroize;

/// More than the ciphers and the coding of a record use, in bytes; a fraction of any thread's stack.
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

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        os::unix::fs::FileExt,
        thread,
    };

    use crate::store::{
        Record, Store,
        tests::{ALICE, add, store, template},
    };

    /// Bytes of a searched piece: half a key.
    const PIECE: usize = 16;

    /// The stack of this thread, from its lowest address.
    fn stack() -> Vec<u8> {
        let local = 0_u8;
        let here = std::ptr::from_ref(&local).addr();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let range = |line: &str| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            let address = |text| usize::from_str_radix(text, 16).ok();
            Some((address(start)?, address(end)?))
        };
        let (start, end) = maps
            .lines()
            .filter_map(range)
            .find(|(start, end)| (*start..*end).contains(&here))
            .unwrap();
        let mut bytes = vec![0; end - start];
        let memory = File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut bytes, start as u64).unwrap();
        bytes
    }

    /// How often the stack holds half a key after a piece of work on a new thread.
    fn left_after(work: fn(&Store)) -> usize {
        let (directory, store) = store();
        add(&store, ALICE, template("face")).unwrap();
        let counting = move || {
            work(&store);
            let stack = stack();
            let key = fs::read(directory.path().join("key")).unwrap();
            let (pieces, _) = key.as_chunks::<PIECE>();
            stack.windows(PIECE).filter(|window| pieces.iter().any(|piece| window == piece)).count()
        };
        thread::spawn(counting).join().unwrap()
    }

    #[test]
    fn no_key_is_left_on_the_stack() {
        let unscrubbed = left_after(|store| {
            store.open(&store.folder().unwrap(), ALICE).unwrap();
        });
        println!("{unscrubbed} halves of a key on the stack without wiping");
        assert!(unscrubbed > 0, "the search finds what is there");
        let read = |store: &Store| drop(store.templates(ALICE).unwrap());
        let write = |store: &Store| {
            store.write(&store.folder().unwrap(), ALICE, 9, &Record::Removed).unwrap();
        };
        assert_eq!((left_after(read), left_after(write)), (0, 0));
    }
}
