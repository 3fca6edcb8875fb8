//! Wipes the stack below a finished piece of work, see docs/adr/0037-wiping-the-stack.md.

use zeroize::Zeroize;

/// More bytes than ciphers and encoding use; a fraction of the stack of any thread.
const DEPTH: usize = 64 * 1024;

/// Does a piece of work, then overwrites what it left on the stack of this thread: moved values and
/// the working memory of the cipher.
///
/// Wipes twice, deeper the second time: registers spilled during the first wipe are below it.
pub(super) fn after<T>(work: impl FnOnce() -> T) -> T {
    let outcome = apart(work);
    overwrite::<DEPTH>();
    overwrite::<{ 2 * DEPTH }>();
    outcome
}

/// Runs in a frame of its own: the wipe could not reach values inlined into the frame of the
/// caller.
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

    /// How often the stack of a new thread holds half of the key, and four values of a template,
    /// after a piece of work.
    fn left_after(work: fn(&Store)) -> (usize, usize) {
        let (directory, store) = store();
        add(&store, ALICE, template("face")).unwrap();
        let counting = move || {
            work(&store);
            let stack = stack();
            let key = fs::read(directory.path().join("key")).unwrap();
            let (halves, _) = key.as_chunks::<PIECE>();
            let values = 0.25_f32.to_le_bytes().repeat(4);
            let count = |pieces: &[&[u8]]| {
                stack.windows(PIECE).filter(|window| pieces.contains(window)).count()
            };
            let halves: Vec<&[u8]> = halves.iter().map(<[u8; PIECE]>::as_slice).collect();
            (count(&halves), count(&[&values]))
        };
        thread::spawn(counting).join().unwrap()
    }

    #[inline(never)]
    fn plant() {
        let mut left_behind = [0_u8; 4096];
        left_behind[..PIECE].copy_from_slice(&0.25_f32.to_le_bytes().repeat(4));
        std::hint::black_box(&left_behind);
    }

    #[test]
    fn neither_key_nor_template_is_left_on_the_stack() {
        let load = |store: &Store| drop(store.keyring(&store.folder().unwrap()).unwrap());
        let read = |store: &Store| drop(store.templates(ALICE).unwrap());
        let write = |store: &Store| {
            store.write(&store.folder().unwrap(), ALICE, 9, &Record::Removed).unwrap();
        };
        println!("without a wipe: {} halves of the key", left_after(load).0);
        assert_eq!(left_after(|store| store.check_key().unwrap()), (0, 0));
        assert_eq!((left_after(read), left_after(write)), ((0, 0), (0, 0)));
        assert!(left_after(|_| plant()).1 > 0, "the search finds what is there");
        assert_eq!(left_after(|_| super::after(plant)).1, 0);
    }
}
