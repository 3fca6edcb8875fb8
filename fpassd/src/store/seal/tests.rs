use proptest::prelude::*;

use super::*;

fn ring(byte: u8) -> Keyring {
    Keyring::read(&[byte; 32]).unwrap()
}

fn binding() -> Binding {
    Binding {
        machine_id: "0123456789abcdef0123456789abcdef".into(),
        features: [8; 32],
        former: Some([7; 32]),
    }
}

fn sealed_as(format: Format) -> Vec<u8> {
    seal(&ring(1), format, &binding(), Uid(1000), 3, b"embeddings").unwrap()
}

fn sealed() -> Vec<u8> {
    sealed_as(Format::CURRENT)
}

fn error(uid: u32, binding: &Binding, key: u8, bytes: &[u8]) -> StoreError {
    open(&ring(key), binding, Uid(uid), bytes).err().unwrap()
}

#[test]
fn another_user_machine_model_or_key_does_not_open_it() {
    for format in Format::ALL {
        let sealed = sealed_as(format);
        assert!(matches!(error(1001, &binding(), 1, &sealed), StoreError::Swapped));
        let foreign = error(1000, &binding(), 2, &sealed);
        assert!(matches!(foreign, StoreError::Altered | StoreError::ForeignKey), "{foreign:?}");
        let machine = Binding { machine_id: "f".repeat(32), ..binding() };
        assert!(matches!(error(1000, &machine, 1, &sealed), StoreError::Altered));
        let networks = Binding { features: [9; 32], ..binding() };
        let all = Binding { former: Some([9; 32]), ..binding() };
        let [networks, all] =
            [networks, all].map(|other| open(&ring(1), &other, Uid(1000), &sealed).err());
        if format == Format::V6 {
            assert!(matches!(networks, Some(StoreError::OtherModels)) && all.is_none());
        } else {
            assert!(matches!(all, Some(StoreError::Altered)) && networks.is_none());
            let unknown = Binding { former: None, ..binding() };
            assert!(matches!(error(1000, &unknown, 1, &sealed), StoreError::OtherModels));
        }
    }
}

#[test]
fn a_flipped_bit_or_a_missing_byte_is_refused() {
    for format in Format::ALL {
        let sealed = sealed_as(format);
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&ring(1), &binding(), Uid(1000), &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open(&ring(1), &binding(), Uid(1000), &sealed[..length]).is_err());
        }
        assert!(matches!(error(1000, &binding(), 1, &sealed[..20]), StoreError::Truncated));
    }
}

/// Rewrites a part of the header, by its offset.
fn rewritten(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut sealed = sealed();
    sealed[offset..offset + bytes.len()].copy_from_slice(bytes);
    sealed
}

#[test]
fn no_field_of_the_header_can_be_rewritten() {
    let moved = rewritten(10, &1001_u32.to_le_bytes());
    assert!(matches!(error(1001, &binding(), 1, &moved), StoreError::Altered), "uid");
    for generation in [0, 2, 4, u64::MAX] {
        let replayed = rewritten(14, &u64::to_le_bytes(generation));
        assert!(matches!(error(1000, &binding(), 1, &replayed), StoreError::Altered));
    }
    let foreign = rewritten(22, &[0; 8]);
    assert!(matches!(error(1000, &binding(), 1, &foreign), StoreError::ForeignKey), "key");
    let other = rewritten(30, &[9; 32]);
    assert!(matches!(error(1000, &binding(), 1, &other), StoreError::OtherModels), "networks");
    let networks = Binding { features: [9; 32], ..binding() };
    assert!(matches!(error(1000, &networks, 1, &other), StoreError::Altered));
}

#[test]
fn a_record_is_not_taken_for_one_of_another_format() {
    let lowered = rewritten(8, &Format::V3.number().to_le_bytes());
    assert!(matches!(error(1000, &binding(), 1, &lowered), StoreError::Altered));
    // Without the id of the key and the fingerprint, every field is where format 3 has it.
    let mut fitted = lowered;
    fitted.drain(22..62);
    assert!(matches!(error(1000, &binding(), 1, &fitted), StoreError::Altered));
    // The reverse, with the right id.
    let mut raised = sealed_as(Format::V3);
    raised[8] = 4;
    raised.splice(22..22, ring(1).current().id.0);
    assert!(matches!(error(1000, &binding(), 1, &raised), StoreError::Altered));
}

#[test]
fn an_unknown_format_is_refused_as_such() {
    for format in [0, 1, 2, 7, 8, 262, u16::MAX] {
        let other = rewritten(8, &format.to_le_bytes());
        assert!(matches!(error(1000, &binding(), 1, &other), StoreError::UnknownFormat));
    }
}

#[test]
fn both_keys_of_a_rotation_open_and_only_the_current_one_seals() {
    let both = Keyring::read([[2; 32], [1; 32]].as_flattened()).unwrap();
    for format in Format::ALL {
        let opened = open(&both, &binding(), Uid(1000), &sealed_as(format)).unwrap();
        assert!(!opened.by_current_key && opened.format == format);
        let again = seal(&both, format, &binding(), Uid(1000), 3, b"embeddings").unwrap();
        assert!(open(&both, &binding(), Uid(1000), &again).unwrap().by_current_key);
        assert!(open(&ring(2), &binding(), Uid(1000), &again).is_ok());
        assert!(open(&ring(1), &binding(), Uid(1000), &again).is_err());
    }
}

proptest! {
    #[test]
    fn sealed_bytes_open_and_random_bytes_do_not(
        plaintext in proptest::collection::vec(any::<u8>(), 0..200),
        generation: u64,
        noise in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let sealed = seal(&ring(1), Format::CURRENT, &binding(), Uid(7), generation, &plaintext).unwrap();
        let opened = open(&ring(1), &binding(), Uid(7), &sealed).unwrap();
        prop_assert_eq!(opened.plaintext.as_slice(), plaintext.as_slice());
        prop_assert_eq!(opened.generation, generation);
        prop_assert!(open(&ring(1), &binding(), Uid(7), &noise).is_err());
    }
}
