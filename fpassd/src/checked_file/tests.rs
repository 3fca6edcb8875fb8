use super::*;
use crate::folder::private_directory;

const KINDS: [FileKind; 3] = [FAILURE_COUNTER, AUDIT_HEAD, RECOVERY_CODES];

/// The single-file layouts of a kind with this content.
fn formers(kind: &FileKind, content: &[u8]) -> Vec<Vec<u8>> {
    kind.former.iter().map(|former| former.encode(content)).collect()
}

/// Each slot of a file replaced with zeros in turn.
fn halves(file: &[u8]) -> [Vec<u8>; 2] {
    [[&[0; SLOT], &file[SLOT..]].concat(), [&file[..SLOT], &[0; SLOT]].concat()]
}

#[test]
fn a_flipped_bit_or_a_missing_byte_is_found_in_every_former_layout() {
    for kind in &KINDS {
        for file in formers(kind, b"content") {
            assert_eq!(kind.decode(&file), Some(b"content".as_slice()));
            for length in 0..file.len() {
                assert_eq!(kind.decode(&file[..length]), None, "{length}");
            }
            for bit in 0..file.len() * 8 {
                let mut damaged = file.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(kind.decode(&damaged), None, "{bit}");
            }
            assert_eq!(kind.decode(&[file.as_slice(), &[0]].concat()), None);
        }
    }
}

#[test]
fn a_flipped_bit_makes_a_slot_void() {
    for kind in &KINDS {
        for file in halves(&kind.encode(b"content").unwrap()) {
            assert_eq!(kind.decode(&file), Some(b"content".as_slice()));
            let start = file.iter().position(|byte| *byte != 0).unwrap();
            for bit in start * 8..(start + SLOT) * 8 {
                let mut damaged = file.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(kind.decode(&damaged), None, "{bit}");
            }
            for length in 0..file.len() {
                assert_eq!(kind.decode(&file[..length]), None, "{length}");
            }
            assert_eq!(kind.decode(&[file.as_slice(), &[0]].concat()), None);
        }
    }
}

#[test]
fn a_file_of_another_kind_is_refused() {
    for (n, kind) in KINDS.iter().enumerate() {
        for (_, other) in KINDS.iter().enumerate().filter(|(m, _)| *m != n) {
            let files = formers(other, b"content").into_iter().chain(other.encode(b"content"));
            assert!(files.into_iter().all(|file| kind.decode(&file).is_none()), "{n}");
        }
    }
}

#[test]
fn changes_alternate_between_the_slots_of_one_file() {
    let directory = private_directory();
    let folder = Folder::open(directory.path()).unwrap();
    for former in formers(&FAILURE_COUNTER, b"before") {
        folder.write("file", &former).unwrap();
        FAILURE_COUNTER.save(&folder, "file", b"0").unwrap();
        assert!(FAILURE_COUNTER.is_in_place(&folder.read("file").unwrap().unwrap()));
        for content in [b"1", b"2", b"3"] {
            let before = folder.read("file").unwrap().unwrap();
            FAILURE_COUNTER.save(&folder, "file", content).unwrap();
            let after = folder.read("file").unwrap().unwrap();
            assert_eq!(FAILURE_COUNTER.decode(&after), Some(content.as_slice()));
            let changed = |range: std::ops::Range<usize>| before[range.clone()] != after[range];
            assert!(changed(0..SLOT) != changed(SLOT..2 * SLOT), "one slot, not both");
        }
    }
}

/// A write that a crash cut off leaves a prefix of the new slot in front of the old one.
#[test]
fn a_crash_during_a_change_leaves_the_old_or_the_new_content() {
    let directory = private_directory();
    let folder = Folder::open(directory.path()).unwrap();
    AUDIT_HEAD.save(&folder, "head", b"older").unwrap();
    AUDIT_HEAD.save(&folder, "head", b"old").unwrap();
    let before = folder.read("head").unwrap().unwrap();
    AUDIT_HEAD.save(&folder, "head", b"new").unwrap();
    let after = folder.read("head").unwrap().unwrap();
    for length in 0..=after.len() {
        let torn = [&after[..length], &before[length..]].concat();
        let content = AUDIT_HEAD.decode(&torn).unwrap();
        assert!(content == b"old" || content == b"new", "{length}");
    }
}

#[test]
fn content_that_is_too_long_is_refused() {
    assert!(AUDIT_HEAD.encode(&[1; ROOM]).is_some());
    assert!(AUDIT_HEAD.encode(&[1; ROOM + 1]).is_none());
}

#[test]
fn a_downgrade_writes_the_oldest_layout() {
    for kind in &KINDS {
        let formers = formers(kind, b"content");
        let oldest = formers.last().unwrap();
        assert_eq!(downgrade(&kind.encode(b"content").unwrap()).as_ref(), Some(oldest));
        for newer in &formers[..formers.len() - 1] {
            assert_eq!(downgrade(newer).as_ref(), Some(oldest));
        }
        assert_eq!(downgrade(oldest), None);
    }
    assert_eq!(downgrade(b"anything else"), None);
}

/// Fowler, Noll, Vo: the offset basis for no input, and the published value for "foobar".
#[test]
fn the_former_checksum_of_counters_is_fnv_1a() {
    assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325_u64.to_le_bytes());
    assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8_u64.to_le_bytes());
}
