//! What recovery codes are checked by, as it lies on the disk, and a code as it is typed.
//!
//! The bytes are read as a file as they are, and as the content of one whose sum is right; what is
//! read is written the same again and belongs to its user alone. The same bytes are read as a typed
//! code, which is spelt in one way.

#![no_main]
#![allow(dead_code)]

use std::time::Duration;

use fpass_fuzz::{Bounds, KIB, bounded};
use fpass_proto::Uid;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

#[path = "../../fpassd/src/checked_file.rs"]
mod checked_file;

#[path = "../../fpassd/src/recovery"]
mod recovery {
    pub(crate) mod code;
    pub(crate) mod file;
}

use recovery::{code::Code, file::Codes};

const OWNER: Uid = Uid(1000);

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { bytes: 16 * KIB + 4 * bytes.len(), time: Duration::from_millis(20) };
    bounded(bounds, || {
        file(bytes);
        file(&[bytes, &Sha256::digest(bytes)[..]].concat());
        if let Some(code) = std::str::from_utf8(bytes).ok().and_then(Code::parse) {
            let spelt = code.spell();
            let again = Code::parse(&spelt).unwrap();
            assert_eq!((again.number(), again.secret()), (code.number(), code.secret()));
            assert_eq!(*again.spell(), *spelt);
        }
    });
});

fn file(bytes: &[u8]) {
    if let Some(mut codes) = Codes::decode(bytes, OWNER) {
        assert_eq!(codes.encode(OWNER), bytes);
        assert!(Codes::decode(bytes, Uid(1001)).is_none());
        assert!(codes.left() <= 10);
        assert!(!codes.mark_used(usize::from(bytes[0]), &[0; 32]) || codes.left() < 10);
    }
}
