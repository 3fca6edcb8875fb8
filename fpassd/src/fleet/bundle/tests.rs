//! Who can make, read and alter a bundle.

use proptest::prelude::*;

use super::*;

/// Fingerprint of the models of every machine.
const MODELS: [u8; KEY] = [5; KEY];

fn machine(byte: u8) -> (Secret, Peer) {
    let secret = Secret::read(&[byte; 64]).unwrap();
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
fn what_was_made_for_a_machine_opens_there() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &home_peer, &away, MODELS), Ok(bundle()));
    let secret = bundle().record;
    assert!(!sealed.windows(8).any(|window| secret.windows(8).any(|part| part == window)));
    assert_ne!(sealed, seal(&bundle(), &home, &away_peer).unwrap(), "a key of its own each time");
}

#[test]
fn another_sender_or_recipient_is_refused() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let (other, other_peer) = machine(3);
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &other_peer, &away, MODELS), Err(Refused::Unsigned));
    assert_eq!(open(&sealed, &away_peer, &away, MODELS), Err(Refused::Unsigned));
    assert_eq!(open(&sealed, &home_peer, &other, MODELS), Err(Refused::Misdirected));
    // Signed by somebody who is trusted, and naming somebody else as its maker.
    let mut forged = seal(&bundle(), &home, &away_peer).unwrap();
    forged.truncate(forged.len() - SIGNATURE_LENGTH);
    let signature = other.signing.sign(&forged).to_bytes();
    forged.extend_from_slice(&signature);
    assert_eq!(open(&forged, &other_peer, &away, MODELS), Err(Refused::Unsigned));
    assert_eq!(open(&forged, &home_peer, &away, MODELS), Err(Refused::Unsigned));
}

#[test]
fn what_the_sender_itself_signs_wrongly_is_refused() {
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
    assert_eq!(resigned(&|bytes| bytes[8] = 2), Err(Refused::Malformed), "version");
    assert_eq!(resigned(&|bytes| bytes[74] ^= 1), Err(Refused::Sealed), "time");
    assert_eq!(resigned(&|bytes| bytes[82] ^= 1), Err(Refused::Models), "models");
    assert_eq!(resigned(&|bytes| bytes[115] = b'e'), Err(Refused::Sealed), "name");
    assert_eq!(resigned(&|bytes| bytes[115] = b'/'), Err(Refused::Malformed), "no name");
    assert_eq!(resigned(&|bytes| bytes.push(0)), Err(Refused::Malformed), "more");
    assert_eq!(resigned(&|bytes| bytes.truncate(bytes.len() - 1)), Err(Refused::Malformed), "less");
    assert_eq!(resigned(&|bytes| bytes.truncate(100)), Err(Refused::Malformed), "much less");
}

#[test]
fn templates_of_other_models_are_refused() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let sealed = seal(&bundle(), &home, &away_peer).unwrap();
    assert_eq!(open(&sealed, &home_peer, &away, [6; KEY]), Err(Refused::Models));
}

#[test]
fn what_is_too_large_is_neither_made_nor_read() {
    let ((home, home_peer), (away, away_peer)) = (machine(1), machine(2));
    let large = Bundle { record: Zeroizing::new(vec![0; limits::BUNDLE_MAX]), ..bundle() };
    assert_eq!(seal(&large, &home, &away_peer), None);
    let bytes = vec![0; limits::BUNDLE_MAX + 1];
    assert_eq!(open(&bytes, &home_peer, &away, MODELS), Err(Refused::Malformed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_flipped_bit_and_no_missing_byte_goes_unnoticed(at: prop::sample::Index, bit in 0_u8..8) {
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
