//! Tests of who can make, read and alter a bundle.

use proptest::prelude::*;

use super::*;

/// Fingerprint of the models of every machine.
const MODELS: [u8; KEY] = [5; KEY];

fn machine(byte: u8) -> (MachineKeys, Peer) {
    let secret = MachineKeys::read(&[byte; 64]).unwrap();
    let peer = Peer::of(secret.identity()).unwrap();
    (secret, peer)
}

fn bundle() -> Bundle {
    Bundle {
        user: UserName::parse("alice").unwrap(),
        made: 1_790_000_000,
        models: MODELS,
        record: Zeroizing::new(b"what the store has of alice".to_vec()),
    }
}

#[test]
fn a_bundle_opens_on_its_recipient() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &home_peer, &away, MODELS), Ok(bundle()));
    let secret = bundle().record;
    assert!(!sealed.windows(8).any(|window| secret.windows(8).any(|part| part == window)));
    assert_ne!(sealed, seal(&bundle(), &home, &away_peer).unwrap(), "each bundle has its own key");
}

#[test]
fn another_sender_or_recipient_is_refused() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let (other, other_peer) = machine(3);
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &other_peer, &away, MODELS), Err(BundleError::Unsigned));
    assert_eq!(open(&sealed, &away_peer, &away, MODELS), Err(BundleError::Unsigned));
    assert_eq!(open(&sealed, &home_peer, &other, MODELS), Err(BundleError::Misdirected));
    // Signed by a trusted machine, but naming another one as its sender.
    let mut forged = seal(&bundle(), &home, &away_peer).unwrap();
    forged.truncate(forged.len() - SIGNATURE_LENGTH);
    let signature = other.signing.sign(&forged).to_bytes();
    forged.extend_from_slice(&signature);
    assert_eq!(open(&forged, &other_peer, &away, MODELS), Err(BundleError::Unsigned));
    assert_eq!(open(&forged, &home_peer, &away, MODELS), Err(BundleError::Unsigned));
}

#[test]
fn a_malformed_bundle_signed_by_the_sender_is_refused() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    let body = &sealed[..sealed.len() - SIGNATURE_LENGTH];
    let resigned = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = body.to_vec();
        change(&mut bytes);
        let signature = home.signing.sign(&bytes).to_bytes();
        bytes.extend_from_slice(&signature);
        open(&bytes, &home_peer, &away, MODELS)
    };
    assert_eq!(resigned(&|_| {}), Ok(bundle()));
    assert_eq!(resigned(&|bytes| bytes[8] = 2), Err(BundleError::Malformed), "version");
    assert_eq!(resigned(&|bytes| bytes[74] ^= 1), Err(BundleError::Sealed), "time");
    assert_eq!(resigned(&|bytes| bytes[82] ^= 1), Err(BundleError::Models), "models");
    assert_eq!(resigned(&|bytes| bytes[115] = b'e'), Err(BundleError::Sealed), "name");
    assert_eq!(resigned(&|bytes| bytes[115] = b'/'), Err(BundleError::Malformed), "malformed name");
    assert_eq!(resigned(&|bytes| bytes.push(0)), Err(BundleError::Malformed), "more");
    assert_eq!(
        resigned(&|bytes| bytes.truncate(bytes.len() - 1)),
        Err(BundleError::Malformed),
        "less"
    );
    assert_eq!(resigned(&|bytes| bytes.truncate(100)), Err(BundleError::Malformed), "much less");
}

#[test]
fn templates_of_other_models_are_refused() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &home_peer, &away, [6; KEY]), Err(BundleError::Models));
}

#[test]
fn a_bundle_that_is_too_large_is_neither_made_nor_read() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let large = Bundle { record: Zeroizing::new(vec![0; limits::BUNDLE_MAX]), ..bundle() };
    assert_eq!(seal(&large, &home, &away_peer), None);
    let bytes = vec![0; limits::BUNDLE_MAX + 1];
    assert_eq!(open(&bytes, &home_peer, &away, MODELS), Err(BundleError::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_bit_or_a_missing_byte_is_found(at: prop::sample::Index, bit in 0_u8..8) {
        let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
        let sealed = seal(&bundle(), &home, &away_peer).unwrap();
        let at = at.index(sealed.len());
        let mut flipped = sealed.clone();
        flipped[at] ^= 1 << bit;
        prop_assert!(open(&flipped, &home_peer, &away, MODELS).is_err());
        prop_assert!(open(&sealed[..at], &home_peer, &away, MODELS).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), magic: bool) {
        let ((_, home_peer), (away, _)) = (machine(1), machine(2));
        let mut bytes = bytes;
        if magic && bytes.len() >= MAGIC.len() {
            bytes[..MAGIC.len()].copy_from_slice(MAGIC);
        }
        prop_assert!(open(&bytes, &home_peer, &away, MODELS).is_err());
    }
}
