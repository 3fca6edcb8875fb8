//! What the fuzz targets call: parsers of outside bytes, with the properties that must hold for any
//! bytes, and inputs to start from. Built only with `--cfg fuzzing`.
//!
//! Each check panics when a property does not hold.

use std::{path::Path, time::Duration};

use ed25519_dalek::{Signer, SigningKey};
use fpass_camera::Source;
use fpass_proto::{Uid, UserName};
use sha2::{Digest, Sha256};

pub use crate::store::fuzzing::{RecordContent, SealedStore, decode_record};
use crate::{
    checked_file::RECOVERY_CODES,
    config::Config,
    fleet::{self, Bundle, MachineKeys, Peer},
    recovery::{Code, Codes},
};

const OWNER: Uid = Uid(1000);
const OTHER: Uid = Uid(1001);
/// Fingerprint of the models in bundles.
const MODELS: [u8; 32] = [9; 32];

/// A configuration that was accepted.
pub struct Configuration(Config);

/// Parses the text of `fpassd.toml`. The error is its sentence.
pub fn parse_configuration(text: &str, path: &Path) -> Result<Configuration, String> {
    Config::parse(text, path).map(Configuration).map_err(|error| error.to_string())
}

impl Configuration {
    /// Checks the ranges that `fpassd.toml(5)` gives.
    pub fn check(&self) {
        let Config { camera, recognition, verification, enrolment, adaptation, .. } = &self.0;
        assert!((160..=1920).contains(&camera.width) && (120..=1920).contains(&camera.height));
        assert!((1..=120).contains(&camera.frame_rate) && camera.warm_up_frames <= 60);
        assert!((100..=10_000).contains(&camera.frame_timeout_ms));
        assert!((80..=1920).contains(&recognition.detection_side));
        assert!((1e-6..=1e-3).contains(&recognition.false_match_rate));
        assert!((500..=30_000).contains(&verification.timeout_ms));
        assert!((1..=10).contains(&verification.agreeing_frames));
        assert!((verification.agreeing_frames..=100).contains(&verification.judged_frames));
        assert!((5..=20).contains(&enrolment.frames));
        assert!((5_000..=300_000).contains(&enrolment.timeout_ms));
        assert!((1..=3650).contains(&adaptation.expiry_days));
        match self.0.source() {
            Source::V4l2(settings) => assert!(settings.frame_timeout <= Duration::from_secs(10)),
            Source::Recorded(settings) => assert!(!settings.path.as_os_str().is_empty()),
        }
    }
}

/// Reads the bytes as a file of recovery codes, as the content of a file with a correct checksum,
/// and as a code that a user typed.
pub fn check_recovery(bytes: &[u8]) {
    check_codes(bytes);
    check_codes(&[bytes, &Sha256::digest(bytes)[..]].concat());
    if let Some(code) = std::str::from_utf8(bytes).ok().and_then(Code::parse) {
        let spelt = code.spell();
        let again = Code::parse(&spelt).expect("a spelt code can be parsed");
        assert_eq!((again.number(), again.secret()), (code.number(), code.secret()));
        assert_eq!(*again.spell(), *spelt);
    }
}

fn check_codes(bytes: &[u8]) {
    if let Some(mut codes) = Codes::decode(bytes, OWNER) {
        let content = codes.encode(OWNER);
        let file = recovery_file(&content);
        let again = Codes::decode(&file, OWNER).expect("a written file can be read");
        assert_eq!(again.encode(OWNER), content);
        assert!(Codes::decode(bytes, OTHER).is_none());
        assert!(codes.left() <= 10);
        assert!(!codes.mark_used(usize::from(bytes[0]), &[0; 32]) || codes.left() < 10);
    }
}

fn recovery_file(content: &[u8]) -> Vec<u8> {
    RECOVERY_CODES.encode(content).expect("the content fits into a slot")
}

/// A file of unused recovery codes, one of another user, and one with a used code.
pub fn recovery_files() -> [Vec<u8>; 3] {
    let mut codes = Codes::new([([1; 16], [2; 32]); 10]);
    let (fresh, foreign) = (codes.encode(OWNER), codes.encode(OTHER));
    assert!(codes.mark_used(3, &[2; 32]));
    [fresh, foreign, codes.encode(OWNER)].map(|content| recovery_file(&content))
}

/// The two machines between which bundles travel.
fn machines() -> (MachineKeys, MachineKeys) {
    let keys = |byte| MachineKeys::read(&[byte; 64]).expect("64 bytes are keys");
    (keys(1), keys(2))
}

fn peer(keys: &MachineKeys) -> Peer {
    Peer::of(keys.identity()).expect("keys have an identity")
}

/// Opens the bytes as a bundle, and as the content of a bundle with a correct signature. A bundle
/// that opens can be sealed again, and then opens as the same.
pub fn check_bundle(bytes: &[u8]) {
    let (sender, recipient) = machines();
    let from = peer(&sender);
    let signature = SigningKey::from_bytes(&[1; 32]).sign(bytes);
    let signed = [bytes, &signature.to_bytes()].concat();
    for bytes in [bytes, &signed] {
        let Ok(bundle) = fleet::open(bytes, &from, &recipient, MODELS) else { continue };
        let again = fleet::seal(&bundle, &sender, &peer(&recipient)).expect("it was sealed before");
        assert_eq!(fleet::open(&again, &from, &recipient, MODELS), Ok(bundle));
    }
}

/// A bundle that opens.
pub fn bundle() -> Vec<u8> {
    let (sender, recipient) = machines();
    let bundle = Bundle {
        user: UserName::parse("alice").expect("a user name"),
        made: 1_790_000_000,
        models: MODELS,
        record: b"content".to_vec().into(),
    };
    fleet::seal(&bundle, &sender, &peer(&recipient)).expect("small content can be sealed")
}
