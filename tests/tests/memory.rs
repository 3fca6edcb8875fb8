//! The contents of the daemon's memory after a request, and who may read it.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "all of this program is tests"
)]

use std::{
    collections::HashSet,
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    time::{Duration, Instant},
};

use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher, StreamCipherSeek},
};
use fpass_tests::{ALICE, Reply, Testbed};
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};

const KEY: &str = "/var/lib/fpass/key";
/// Bytes of a searched piece: half a key, four values of an embedding.
const PIECE: usize = 16;
/// Bytes of one embedding, and of its length before it.
const EMBEDDING: usize = 128 * 4;
const LENGTH: [u8; 2] = [128, 1];

fn verify(testbed: &Testbed) {
    let matched = Reply::matched();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), matched);
}

fn pieces(secret: &[u8]) -> impl Iterator<Item = [u8; PIECE]> {
    secret.chunks_exact(PIECE).map(|piece| piece.try_into().unwrap())
}

/// The embeddings in alice's record, opened without the daemon. The header has 86 bytes, of which
/// the last 24 are the nonce. The ciphertext stream follows; the first block of the cipher makes
/// the tag.
fn embeddings() -> Vec<Vec<u8>> {
    let key: [u8; 32] = fs::read(KEY).unwrap().try_into().unwrap();
    let sealed = fs::read(format!("/var/lib/fpass/{}.fpass", ALICE.uid)).unwrap();
    let (header, ciphertext) = sealed.split_at(86);
    let nonce: [u8; 24] = header[62..].try_into().unwrap();
    let mut plain = ciphertext[..ciphertext.len() - 16].to_vec();
    let mut cipher = XChaCha20::new(&key.into(), &nonce.into());
    cipher.seek(64_u32);
    cipher.apply_keystream(&mut plain);
    // One template, its label, the date of five bytes, and the number of samples.
    assert!(plain.starts_with(b"\x01\x04face"), "the record opens");
    let samples = usize::from(plain[11]);
    let (both, rest) = plain[12..].as_chunks::<{ 2 + EMBEDDING }>();
    assert_eq!((both.len(), rest.first()), (2 * samples, Some(&0)), "nothing is adapted");
    let values = |sample: &[u8; 2 + EMBEDDING]| {
        assert!(sample.starts_with(&LENGTH));
        sample[2..].to_vec()
    };
    both.iter().map(values).collect()
}

/// The pieces that are still in memory a moment after the answer: the engine wipes its buffers
/// after it answered the caller.
fn left(process: u32, wanted: &HashSet<[u8; PIECE]>) -> Vec<String> {
    let moment = Instant::now() + Duration::from_secs(2);
    loop {
        let seen = sightings(process, wanted);
        if seen.is_empty() || Instant::now() > moment {
            return seen;
        }
    }
}

/// The places of the pieces in the memory of a process: a line of its map for each.
fn sightings(process: u32, wanted: &HashSet<[u8; PIECE]>) -> Vec<String> {
    let mut begins = vec![false; 1 << 16];
    for piece in wanted {
        begins[usize::from(u16::from_le_bytes([piece[0], piece[1]]))] = true;
    }
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut seen = Vec::new();
    let mut read = 0;
    for line in
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|p| p.starts_with("rw")))
    {
        let range = line.split(' ').next().unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let (start, end) =
            (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        let length = memory.read_at(&mut bytes, start).unwrap_or(0);
        read += length;
        for (offset, window) in bytes[..length].windows(PIECE).enumerate() {
            if begins[usize::from(u16::from_le_bytes([window[0], window[1]]))]
                && wanted.contains(window)
            {
                seen.push(format!("{offset:x} in {line}"));
            }
        }
    }
    assert!(read > 1 << 20, "the memory was read");
    seen
}

#[test]
fn neither_key_nor_template_is_in_memory_after_a_request() {
    let mut testbed = Testbed::with_alice().unwrap();
    let key: HashSet<_> = pieces(&fs::read(KEY).unwrap()).collect();
    let template: HashSet<_> =
        embeddings().iter().flat_map(|values| pieces(values).collect::<Vec<_>>()).collect();
    let daemon = testbed.daemon_id().unwrap();
    let (keys, templates) = (left(daemon, &key), left(daemon, &template));
    assert!(keys.is_empty() && templates.is_empty(), "enrolment: {keys:?} {templates:?}");

    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    verify(&testbed);
    let list = testbed.fpass_enroll("alice", &["list"]).unwrap();
    assert_eq!(list.code, Some(0), "{list:?}");
    let daemon = testbed.daemon_id().unwrap();
    let (keys, templates) = (left(daemon, &key), left(daemon, &template));
    assert!(keys.is_empty() && templates.is_empty(), "verification: {keys:?} {templates:?}");

    // The search works: it finds a present piece.
    let there: HashSet<_> = pieces(b"MALLOC_TRIM_THRESHOLD_").collect();
    assert!(!sightings(daemon, &there).is_empty());
}

#[test]
fn the_process_cannot_be_dumped_and_its_memory_not_be_swapped() {
    let lockable = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY).is_ok();
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    let daemon = testbed.daemon_id().unwrap();
    let limits = fs::read_to_string(format!("/proc/{daemon}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // The files of a process that may be dumped belong to its user.
    let owner = fs::metadata(format!("/proc/{daemon}/mem")).unwrap().uid();
    assert_eq!(owner, 0);
    let peek = testbed.run("fpassd", "/bin/cat", &[&format!("/proc/{daemon}/maps")]).unwrap();
    assert_ne!(peek.code, Some(0), "by its own user");

    if !lockable {
        println!("not done: locked memory; this machine lets nobody raise the limit for it");
        return;
    }
    let smaps = fs::read_to_string(format!("/proc/{daemon}/smaps")).unwrap();
    let mut heading = "";
    for line in smaps.lines() {
        if line.contains('-')
            && !line.starts_with("Vm")
            && line.split(' ').nth(1).is_some_and(|p| p.len() == 4)
        {
            heading = line;
        }
        if let Some(flags) = line.strip_prefix("VmFlags:")
            && heading.split(' ').nth(1) == Some("rw-p")
        {
            assert!(flags.split_whitespace().any(|flag| flag == "lo"), "{heading}: {flags}");
        }
    }
    let status = testbed.fpass_enroll("root", &["status"]).unwrap();
    assert!(status.stdout.contains("Memory:      locked"), "{status:?}");
}

#[test]
fn memory_that_cannot_be_locked_is_a_warning() {
    setrlimit(Resource::RLIMIT_MEMLOCK, 1 << 20, 1 << 20).unwrap();
    let mut testbed = Testbed::with_alice().unwrap();
    assert!(testbed.daemon_log().contains("memory is not locked"), "{}", testbed.daemon_log());
    let status = testbed.fpass_enroll("root", &["status"]).unwrap();
    assert!(status.stdout.contains("Memory:      swappable"), "{status:?}");
    verify(&testbed);
    testbed.stop_daemon().unwrap();
}
