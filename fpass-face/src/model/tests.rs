use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sha2::{Digest, Sha256 as Hasher};

use super::*;

const FILES: [(&str, &[u8]); 4] = [
    ("points.dat", b"five points"),
    ("net.dat", b"a network"),
    ("detector.onnx", b"a detector"),
    ("embedder.onnx", b"an embedder"),
];

fn manifest() -> Manifest {
    let mut manifest = Manifest::embedded().unwrap();
    assert_eq!(manifest.files.len(), FILES.len());
    for (file, (name, contents)) in manifest.files.iter_mut().zip(FILES) {
        file.file = name.to_owned();
        file.size = contents.len() as u64;
        file.sha256 = Sha256(Hasher::digest(contents).into());
    }
    manifest
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, contents) in FILES {
        fs::write(directory.path().join(name), contents).unwrap();
    }
    directory
}

fn refusal(directory: &Path) -> ModelError {
    let error = manifest().verify(directory).unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.contains("net.dat"), "{sentence}");
    assert!(sentence.contains("run fpass-enroll models install"), "{sentence}");
    error
}

#[test]
fn an_absent_directory_and_file_are_refused() {
    let error = manifest().verify(Path::new("/nonexistent")).unwrap_err();
    assert!(matches!(error, ModelError::Missing(_)));
    let directory = directory();
    fs::remove_file(directory.path().join("net.dat")).unwrap();
    assert!(matches!(refusal(directory.path()), ModelError::Missing(_)));
}

#[test]
fn a_truncated_and_a_longer_file_are_refused() {
    for contents in [&b"a networ"[..], b"", b"a network!"] {
        let directory = directory();
        fs::write(directory.path().join("net.dat"), contents).unwrap();
        let ModelError::Size { expected, actual, .. } = refusal(directory.path()) else {
            panic!("another error for {contents:?}");
        };
        assert_eq!((expected, actual), (9, contents.len() as u64));
    }
}

#[test]
fn one_flipped_bit_is_refused() {
    let directory = directory();
    for byte in 0..9 {
        let mut contents = *b"a network";
        contents[byte] ^= 1;
        fs::write(directory.path().join("net.dat"), contents).unwrap();
        assert!(matches!(refusal(directory.path()), ModelError::Digest(_)));
    }
}

#[test]
fn swapped_files_are_refused() {
    let directory = directory();
    fs::write(directory.path().join("net.dat"), FILES[0].1).unwrap();
    refusal(directory.path());
}

#[test]
fn a_directory_a_fifo_and_a_device_are_refused() {
    let directory = directory();
    let net = directory.path().join("net.dat");
    fs::remove_file(&net).unwrap();
    fs::create_dir(&net).unwrap();
    assert!(matches!(refusal(directory.path()), ModelError::NotRegular(_)));
    fs::remove_dir(&net).unwrap();
    symlink("/dev/zero", &net).unwrap();
    assert!(matches!(refusal(directory.path()), ModelError::NotRegular(_)));
    fs::remove_file(&net).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&net).status();
    assert!(made.unwrap().success());
    assert!(matches!(refusal(directory.path()), ModelError::NotRegular(_)));
}

#[test]
fn a_file_renamed_into_place_after_the_check_is_not_what_is_loaded() {
    let directory = directory();
    let verified = manifest().verify(directory.path()).unwrap();
    let other = directory.path().join("other");
    fs::write(&other, b"z network").unwrap();
    fs::rename(other, directory.path().join("net.dat")).unwrap();
    let loaded = fs::read(verified.path(Role::EmbedderDlib)).unwrap();
    assert_eq!(loaded, b"a network");
}

#[test]
fn a_file_that_is_written_into_after_the_check_is_not_read() {
    for contents in [&b"z network"[..], b"a networ", b"a network!", b""] {
        let directory = directory();
        let verified = manifest().verify(directory.path()).unwrap();
        fs::write(directory.path().join("net.dat"), contents).unwrap();
        let error = verified.read(Role::EmbedderDlib).unwrap_err();
        let is_expected = match error {
            ModelError::Digest(_) => contents == b"z network",
            ModelError::Size { actual, .. } => actual == contents.len() as u64,
            _ => false,
        };
        assert!(is_expected, "{contents:?}");
    }
}

#[test]
fn a_role_that_the_manifest_does_not_fill_is_not_read() {
    let mut manifest = manifest();
    manifest.files.truncate(1);
    let verified = manifest.verify(directory().path()).unwrap();
    let error = verified.read(Role::EmbedderSface).unwrap_err();
    assert!(matches!(error, ModelError::ManifestRole(Role::EmbedderSface)), "{error}");
}

#[test]
fn the_bytes_of_each_role_are_those_of_its_file_each_time() {
    let directory = directory();
    let verified = manifest().verify(directory.path()).unwrap();
    for (name, _) in FILES {
        let other = directory.path().join("other");
        fs::write(&other, b"something else").unwrap();
        fs::rename(other, directory.path().join(name)).unwrap();
    }
    for _ in 0..2 {
        for (role, (_, contents)) in Role::ALL.into_iter().zip(FILES) {
            assert_eq!(verified.read(role).unwrap(), contents);
        }
    }
}

#[test]
fn the_fingerprint_does_not_depend_on_the_depth_template() {
    let directory = directory();
    let first = manifest().verify(directory.path()).unwrap().fingerprint();
    let mut other = manifest();
    other.depth.as_mut().unwrap().sha256 = Sha256([0; 32]);
    assert_eq!(other.verify(directory.path()).unwrap().fingerprint(), first);
    other.depth = None;
    assert_eq!(other.verify(directory.path()).unwrap().fingerprint(), first);
}

#[test]
fn the_fingerprint_depends_on_every_digest() {
    let directory = directory();
    let first = manifest().verify(directory.path()).unwrap().fingerprint();
    let mut other = manifest();
    fs::write(directory.path().join("net.dat"), b"b network").unwrap();
    other.files[1].sha256 = Sha256(Hasher::digest(b"b network").into());
    assert_ne!(other.verify(directory.path()).unwrap().fingerprint(), first);
}

#[test]
fn only_files_that_shape_the_features_change_their_fingerprint() {
    let directory = directory();
    let first = manifest().verify(directory.path()).unwrap().features_fingerprint();
    for (number, (role, (name, contents))) in Role::ALL.into_iter().zip(FILES).enumerate() {
        let other = [b"b", &contents[1..]].concat();
        fs::write(directory.path().join(name), &other).unwrap();
        let mut manifest = manifest();
        manifest.files[number].sha256 = Sha256(Hasher::digest(&other).into());
        let verified = manifest.verify(directory.path()).unwrap();
        let changed = verified.features_fingerprint() != first;
        assert_eq!(changed, role != Role::DetectorYunet, "{role}");
        fs::write(directory.path().join(name), contents).unwrap();
    }
    let without_offset = Manifest { mean_offset: None, ..manifest() };
    assert_ne!(without_offset.verify(directory.path()).unwrap().features_fingerprint(), first);
}

/// Until a file changes, records of earlier versions are sealed with the whole fingerprint.
#[test]
fn the_former_fingerprint_is_that_of_these_files() {
    let manifest = Manifest::embedded().unwrap();
    let mut hasher = Hasher::new();
    for file in &manifest.files {
        hasher.update([file.role.as_str().as_bytes(), &[0], &file.sha256.0].concat());
    }
    for value in manifest.mean_offset.as_ref().unwrap().sface_offset() {
        hasher.update(value.to_le_bytes());
    }
    let fingerprint: [u8; 32] = hasher.finalize().into();
    assert_eq!(manifest.former.unwrap().fingerprint, Sha256(fingerprint));
}

#[test]
fn records_of_earlier_versions_are_read_while_what_shapes_the_features_is_theirs() {
    let directory = directory();
    let features = manifest().verify(directory.path()).unwrap().features_fingerprint();
    let fingerprint = Sha256([7; 32]);
    let former = Some(FormerModels { fingerprint, features: Sha256(features) });
    for (number, (role, (name, contents))) in Role::ALL.into_iter().zip(FILES).enumerate() {
        let other = [b"b", &contents[1..]].concat();
        fs::write(directory.path().join(name), &other).unwrap();
        let mut manifest = Manifest { former, ..manifest() };
        manifest.files[number].sha256 = Sha256(Hasher::digest(&other).into());
        let verified = manifest.verify(directory.path()).unwrap();
        let expected = (role == Role::DetectorYunet).then_some(fingerprint.0);
        assert_eq!(verified.former_fingerprint(), expected, "{role}");
        fs::write(directory.path().join(name), contents).unwrap();
    }
    let same = Manifest { former, ..manifest() }.verify(directory.path()).unwrap();
    assert_eq!(same.former_fingerprint(), Some(fingerprint.0));
    // The manifest says nothing about the made-up files of these tests.
    assert_eq!(manifest().verify(directory.path()).unwrap().former_fingerprint(), None);
    let without_offset = Manifest { former, mean_offset: None, ..manifest() };
    let verified = without_offset.verify(directory.path()).unwrap();
    assert_eq!(verified.former_fingerprint(), None);
}

#[test]
fn the_networks_of_this_build_are_those_of_the_former_records() {
    let manifest = Manifest::embedded().unwrap();
    let mut hasher = Hasher::new_with_prefix([1]);
    for file in manifest.files.iter().filter(|file| file.role.shapes_features()) {
        hasher.update([file.role.as_str().as_bytes(), &[0], &file.sha256.0].concat());
    }
    for value in manifest.mean_offset.as_ref().unwrap().sface_offset() {
        hasher.update(value.to_le_bytes());
    }
    let features: [u8; 32] = hasher.finalize().into();
    assert_eq!(manifest.former.unwrap().features, Sha256(features));
}

#[test]
fn malformed_manifests_are_refused() {
    let embedded = include_str!("../../../models/manifest.toml");
    for (from, to) in [
        ("sha256 = \"c4b1", "sha256 = \"C4B1"),
        ("sha256 = \"c4b1", "sha256 = \"c4b"),
        ("sha256 = \"c4b1", "sha256 = \"c4b10"),
        ("role = \"landmarks-5\"", "role = \"landmarks-68\""),
        ("role = \"landmarks-5\"", "role = \"embedder-dlib\""),
        ("size = 9150489", "size = -1"),
        ("size = 9150489", "size = 9150489\nurl = \"x\""),
        ("role = \"embedder-sface\"", "role = \"embedder-dlib\""),
        ("open_sides = true", "open_side = true"),
        ("open_sides = true", "open_sides = 1"),
        ("size = 122489\n", ""),
    ] {
        assert!(embedded.contains(from));
        assert!(Manifest::parse(&embedded.replace(from, to)).is_err(), "{to}");
    }
    assert!(Manifest::parse("").is_err());
}

#[test]
fn the_embedded_manifest_names_plain_files_of_known_packages() {
    let manifest = Manifest::embedded().unwrap();
    for file in &manifest.files {
        assert_eq!(Path::new(&file.file).components().count(), 1);
        let member = Path::new(&file.member).file_name().unwrap();
        let is_folded = file.folded_from.is_some();
        assert_eq!(member == file.file.as_str(), !is_folded, "{}", file.member);
        assert_eq!(file.file.ends_with(".onnx"), is_folded, "{}", file.file);
        assert!(manifest.packages.iter().any(|p| p.name == file.package));
        assert!(!file.file.contains("68"));
    }
    let roles: Vec<Role> = manifest.files.iter().map(|file| file.role).collect();
    assert_eq!(roles, Role::ALL);
}
