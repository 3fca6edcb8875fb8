//! Refusals, on small archives made here. Nothing is downloaded.

mod wheel;

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use fpass_face::model::Sha256;

use super::*;

const MEMBER: &str = "weights-1.0/data/net.dat";
const CONTENT: &[u8] = b"forty-two small weights";

/// A directory of archives, a target directory, and a manifest that pins the archives.
struct Fixture {
    scratch: tempfile::TempDir,
    pins: Pins,
}

fn sha256(bytes: &[u8]) -> Sha256 {
    digest::sha256(bytes, bytes.len() as u64).unwrap().sha256
}

/// A gzip-compressed tar archive with these members, whose paths are not checked in any way.
fn archive(members: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, content) in members {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

impl Fixture {
    fn new(members: &[(&str, tar::EntryType, &[u8])]) -> Self {
        Self::of("weights-1.0.tar.gz", &archive(members))
    }

    /// With these bytes as the archive of this name.
    fn of(name: &str, bytes: &[u8]) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        fs::create_dir(scratch.path().join("archives")).unwrap();
        fs::write(scratch.path().join("archives").join(name), bytes).unwrap();
        let text = format!(
            r#"
            [[package]]
            name = "weights"
            version = "1.0"
            archive = "{name}"
            size = {}
            sha256 = "{}"
            licence = "CC0-1.0"
            what = "test"
            [[file]]
            role = "test"
            file = "net.dat"
            package = "weights"
            member = "{MEMBER}"
            size = {}
            sha256 = "{}"
            licence = "CC0-1.0"
            "#,
            bytes.len(),
            sha256(bytes),
            CONTENT.len(),
            sha256(CONTENT)
        );
        Self { scratch, pins: Pins::parse(&text).unwrap() }
    }

    fn sound() -> Self {
        Self::new(&[
            ("weights-1.0/setup.py", tar::EntryType::Regular, b"raise SystemExit"),
            (MEMBER, tar::EntryType::Regular, CONTENT),
        ])
    }

    fn archive(&self) -> PathBuf {
        self.scratch.path().join("archives").join(&self.pins.packages[0].archive)
    }

    fn target(&self) -> PathBuf {
        self.scratch.path().join("share/models")
    }

    fn install(&self) -> Result<Vec<String>, Error> {
        let archives = self.scratch.path().join("archives");
        let stop = AtomicBool::new(false);
        let fetch = Fetcher { archives: Some(&archives), stop: &stop };
        let mut steps = Vec::new();
        fetch.install(&self.pins, &self.target(), &mut |step| {
            steps.push(step.to_string());
        })?;
        Ok(steps)
    }

    /// Installs, expects a refusal, and expects that it left nothing behind.
    fn refusal(&self) -> Error {
        let error = self.install().unwrap_err();
        if let Ok(left) = fs::read_dir(self.target()) {
            assert_eq!(left.count(), 0, "{error}");
        }
        error
    }
}

#[test]
fn a_directory_that_others_may_write_is_refused() {
    let fixture = Fixture::sound();
    fs::create_dir_all(fixture.target()).unwrap();
    for mode in [0o777, 0o1777] {
        fs::set_permissions(fixture.target(), Permissions::from_mode(mode)).unwrap();
        let error = fixture.refusal();
        assert!(matches!(error, Error::WritableByOthers(_)), "{mode:o}: {error}");
    }
    fs::set_permissions(fixture.target(), Permissions::from_mode(0o755)).unwrap();
    assert!(fixture.install().is_ok());
}

#[test]
fn a_truncated_archive_is_refused() {
    let fixture = Fixture::sound();
    let whole = fs::read(fixture.archive()).unwrap();
    fs::write(fixture.archive(), &whole[..whole.len() / 2]).unwrap();
    let error = fixture.refusal();
    assert!(matches!(error, Error::ArchiveTruncated { .. }), "{error}");
    assert!(error.to_string().contains("weights-1.0.tar.gz"), "{error}");
}

#[test]
fn an_altered_or_lengthened_archive_is_refused() {
    for flip in [true, false] {
        let fixture = Fixture::sound();
        let mut bytes = fs::read(fixture.archive()).unwrap();
        if flip {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        } else {
            bytes.push(0);
        }
        fs::write(fixture.archive(), &bytes).unwrap();
        let error = fixture.refusal();
        assert!(matches!(error, Error::ArchiveAltered(_)), "{error}");
    }
}

#[test]
fn an_archive_that_is_no_archive_is_refused_even_when_pinned() {
    let mut fixture = Fixture::sound();
    fs::write(fixture.archive(), b"not gzip").unwrap();
    fixture.pins.packages[0].size = 8;
    fixture.pins.packages[0].sha256 = sha256(b"not gzip");
    let error = fixture.refusal();
    assert!(matches!(error, Error::ArchiveUnreadable { .. }), "{error}");
}

#[test]
fn a_missing_member_is_refused() {
    let fixture = Fixture::new(&[("weights-1.0/other", tar::EntryType::Regular, CONTENT)]);
    let error = fixture.refusal();
    assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
    assert!(error.to_string().contains(MEMBER), "{error}");
}

#[test]
fn a_link_in_place_of_the_member_is_refused() {
    let fixture = Fixture::new(&[(MEMBER, tar::EntryType::Symlink, b"")]);
    let error = fixture.refusal();
    assert!(matches!(error, Error::MemberMissing { .. }), "{error}");
}

#[test]
fn a_member_with_other_content_is_refused() {
    for content in [&b"forty-two small weighty"[..], b"short", &[7; 4096]] {
        let fixture = Fixture::new(&[(MEMBER, tar::EntryType::Regular, content)]);
        let error = fixture.refusal();
        assert!(matches!(error, Error::MemberAltered { .. }), "{error}");
    }
}

#[test]
fn a_manifest_cannot_name_a_file_outside_the_directory() {
    for name in ["../net.dat", "/tmp/net.dat", "a/net.dat", "..", ".", "", "net.dat/"] {
        let mut fixture = Fixture::sound();
        fixture.pins.files[0].file = name.to_owned();
        let error = fixture.refusal();
        assert!(matches!(error, Error::FileName(_)), "{name:?}: {error}");

        let mut fixture = Fixture::sound();
        fixture.pins.packages[0].archive = name.to_owned();
        let error = fixture.refusal();
        assert!(matches!(error, Error::FileName(_)), "{name:?}: {error}");
    }
}

#[test]
fn an_archive_cannot_choose_where_it_is_written() {
    let climbing = "../../escaped.dat";
    let mut fixture = Fixture::new(&[(climbing, tar::EntryType::Regular, CONTENT)]);
    fixture.pins.files[0].member = climbing.to_owned();
    fixture.install().unwrap();
    assert_eq!(fs::read(fixture.target().join("net.dat")).unwrap(), CONTENT);
    assert!(!fixture.target().join(climbing).exists());
}

#[test]
fn a_package_that_is_not_described_is_refused() {
    let mut fixture = Fixture::sound();
    fixture.pins.files[0].package = "other".to_owned();
    let error = fixture.refusal();
    assert!(matches!(error, Error::UnknownPackage(_)), "{error}");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let fixture = Fixture::sound();
    fs::write(fixture.scratch.path().join("share"), b"in the way").unwrap();
    let error = fixture.install().unwrap_err();
    assert!(matches!(error, Error::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("share/models"), "{error}");
}

#[test]
fn a_wish_to_stop_is_followed() {
    let fixture = Fixture::sound();
    let archives = fixture.scratch.path().join("archives");
    let stop = AtomicBool::new(true);
    let fetch = Fetcher { archives: Some(&archives), stop: &stop };
    let error = fetch.install(&fixture.pins, &fixture.target(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert_eq!(fs::read_dir(fixture.target()).unwrap().count(), 0);
}

#[test]
fn a_right_file_is_kept_and_a_wrong_one_is_replaced() {
    let fixture = Fixture::sound();
    let file = fixture.target().join("net.dat");
    assert!(fixture.install().unwrap().iter().any(|step| step.contains("installed")));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, FILE_MODE);

    // With the archive gone, a second run can succeed only by keeping the file.
    let whole = fs::read(fixture.archive()).unwrap();
    fs::write(fixture.archive(), b"").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(fixture.install().unwrap(), ["net.dat: already in place"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, FILE_MODE);

    fs::write(fixture.archive(), &whole).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&file).unwrap();
    file.write_all(b"!").unwrap();
    fixture.install().unwrap();
    assert_eq!(fs::read(fixture.target().join("net.dat")).unwrap(), CONTENT);
}

#[test]
fn a_link_under_the_name_is_replaced_and_not_followed() {
    let fixture = Fixture::sound();
    fs::create_dir_all(fixture.target()).unwrap();
    let elsewhere = fixture.scratch.path().join("elsewhere");
    fs::write(&elsewhere, CONTENT).unwrap();
    std::os::unix::fs::symlink(&elsewhere, fixture.target().join("net.dat")).unwrap();
    fixture.install().unwrap();
    assert!(fs::symlink_metadata(fixture.target().join("net.dat")).unwrap().is_file());
}
