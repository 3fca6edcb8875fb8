//! Records written by earlier versions of F-pass, byte for byte. The key is 32 nines, the values
//! are made up.

use std::{fs, os::unix::fs::PermissionsExt};

use fpass_camera::Rotation;
use fpass_face::{Embedding, Features};

use super::{
    tests::{ALICE, HORIZON, binding, label},
    *,
};
use crate::folder::private_directory;

const ENROLLED: [(Format, &str); 4] = [
    (Format::V3, include_str!("golden/enrolled-3.hex")),
    (Format::V4, include_str!("golden/enrolled-4.hex")),
    (Format::V5, include_str!("golden/enrolled-5.hex")),
    (Format::V6, include_str!("golden/enrolled-6.hex")),
];
const REMOVED: [(Format, &str); 4] = [
    (Format::V3, include_str!("golden/removed-3.hex")),
    (Format::V4, include_str!("golden/removed-4.hex")),
    (Format::V5, include_str!("golden/removed-5.hex")),
    (Format::V6, include_str!("golden/removed-6.hex")),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// A store with the key of the golden records, and this record of Alice.
fn store(record: &[u8]) -> (tempfile::TempDir, Store) {
    let directory = private_directory();
    for (name, bytes) in [("key", [9; 32].as_slice()), ("1000.fpass", record)] {
        let path = directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let store = Store::new(directory.path().to_owned(), binding());
    (directory, store)
}

fn embedding(scale: f32) -> Embedding {
    let values: Vec<f32> = (0..128_u8).map(|n| scale * (f32::from(n) / 128.0 - 0.5)).collect();
    Embedding::from_values(&values).unwrap()
}

/// The camera in the golden records of formats 5 and 6.
const CAMERA: &str = "uvcvideo usb-0000:00:14.0-5 046d:0825 00 A1";

/// Checks that the record is the golden one, and returns its camera and rotation.
fn check_golden_record(
    store: &Store,
    generation: u64,
    name: &str,
) -> (Option<String>, Option<Rotation>) {
    let (found, templates) = store.templates(ALICE).unwrap();
    let [template] = templates.as_slice() else { panic!("one template") };
    let expected = Features { dlib: Some(embedding(1.0)), sface: Some(embedding(0.5)) };
    let same = |found: &Features| found.dlib == expected.dlib && found.sface == expected.sface;
    assert_eq!((found, template.created), (generation, 1_700_000_000));
    assert_eq!(template.label, label(name));
    assert!(template.samples.len() == 1 && template.samples.iter().all(same));
    assert!(template.adapted.len() == 1 && same(&template.adapted[0].features));
    assert_eq!(template.adapted[0].taken, 1_700_000_001);
    (template.camera.as_ref().map(ToString::to_string), template.rotation)
}

#[test]
fn a_golden_record_with_one_byte_changed_is_refused() {
    for (format, hex) in ENROLLED.iter().chain(&REMOVED) {
        let golden = bytes(hex);
        for position in (0..golden.len()).step_by(7).chain([8, 9, golden.len() - 1]) {
            let mut altered = golden.clone();
            altered[position] ^= 0x10;
            assert!(
                store(&altered).1.templates_or_empty(ALICE).is_err(),
                "{format:?}, byte {position}"
            );
        }
    }
}

#[test]
fn every_known_format_is_read() {
    for (format, hex) in ENROLLED {
        let golden = bytes(hex);
        assert_eq!(u16::from_le_bytes([golden[8], golden[9]]), format.number());
        let (camera, rotation) = check_golden_record(&store(&golden).1, 5, "golden");
        assert_eq!(camera.as_deref(), (format >= Format::V5).then_some(CAMERA));
        let noted = if format >= Format::V6 { Rotation::Half } else { Rotation::None };
        assert_eq!(rotation, Some(noted));
    }
    for (_, hex) in REMOVED {
        assert!(
            matches!(store(&bytes(hex)).1.templates_or_empty(ALICE), Ok((6, templates)) if templates.is_empty())
        );
    }
}

#[test]
fn every_format_can_be_converted_to_every_other() {
    for (_, hex) in ENROLLED {
        let (directory, store) = store(&bytes(hex));
        for target in [Format::V6, Format::V5, Format::V3, Format::V6, Format::V4, Format::V3] {
            downgrade(directory.path(), &binding(), target).unwrap();
            let written = fs::read(directory.path().join("1000.fpass")).unwrap();
            assert_eq!(u16::from_le_bytes([written[8], written[9]]), target.number());
            let (camera, _) = check_golden_record(&store, 5, "golden");
            assert!(camera.is_none() || target >= Format::V5, "older formats have no camera");
        }
        store.rename(ALICE, None, HORIZON, &label("golden"), &label("changed")).unwrap();
        let changed = check_golden_record(&store, 6, "changed");
        assert_eq!(changed, (None, Some(Rotation::None)));
    }
}
