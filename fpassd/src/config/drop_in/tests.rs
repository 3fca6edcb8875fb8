//! These tests create root-owned files and must run as root.

use std::os::unix::fs::{PermissionsExt, symlink};

use fpass_proto::ServiceName;

use super::*;

struct Etc(tempfile::TempDir);

impl Etc {
    /// A main file with this text, and an empty directory for drop-ins.
    fn with(main: &str) -> Self {
        let etc = Self(tempfile::tempdir().unwrap());
        fs::create_dir(etc.directory()).unwrap();
        fs::write(etc.main(), main).unwrap();
        etc
    }

    fn main(&self) -> PathBuf {
        self.0.path().join("fpassd.toml")
    }

    fn directory(&self) -> PathBuf {
        self.0.path().join("fpassd.toml.d")
    }

    fn drop_in(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn read(&self) -> Result<Config, ConfigError> {
        Config::read(&self.main())
    }

    /// The error, which must name this file.
    fn refused(&self, path: &Path) -> String {
        let sentence = self.read().unwrap_err().to_string();
        assert!(sentence.starts_with(&format!("{}", path.display())), "{sentence}");
        sentence
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_error_in_a_key_names_its_file() {
    let etc = Etc::with("[camera]\nwidth = 800\n");
    etc.drop_in("10-fine.toml", "[camera]\nheight = 600\n");
    for (text, word) in [
        ("[cameras]\n", "cameras"),
        ("[camera]\nsauce = 1\n", "sauce"),
        ("verbose = true\n", "verbose"),
        ("camera = 1\n", "camera"),
        ("[camera]\nwidth = \"wide\"\n", "width"),
        ("[camera]\nwidth = 4000\n", "camera.width"),
        ("[recognition]\nfalse_match_rate = nan\n", "recognition.false_match_rate"),
        ("[seat]\nagent_services = [\"su do\"]\n", "su do"),
        ("[camera\n", "camera"),
    ] {
        let wrong = etc.drop_in("50-wrong.toml", text);
        let sentence = etc.refused(&wrong);
        assert!(sentence.contains(word), "{text:?}: {sentence}");
    }
    fs::remove_file(etc.directory().join("50-wrong.toml")).unwrap();
    assert_eq!(etc.read().unwrap().camera.height, 600);
}

#[test]
fn an_out_of_range_value_is_refused_even_where_a_later_file_sets_another() {
    let etc = Etc::with("");
    let wrong = etc.drop_in("10.toml", "[camera]\nwidth = 4000\n");
    etc.drop_in("20.toml", "[camera]\nwidth = 640\n");
    etc.refused(&wrong);
}

#[test]
fn an_error_between_keys_names_the_last_file_that_set_one_of_them() {
    let etc = Etc::with("[verification]\nagreeing_frames = 5\n");
    let guilty = etc.drop_in("10.toml", "[verification]\njudged_frames = 4\n");
    etc.drop_in("20.toml", "[camera]\nwidth = 800\n");
    etc.refused(&guilty);
    etc.drop_in("30.toml", "[verification]\njudged_frames = 6\n");
    assert_eq!(etc.read().unwrap().verification.judged_frames, 6);
    let guilty = etc.drop_in("40.toml", "[camera]\nsource = \"recorded\"\n");
    etc.refused(&guilty);
}

#[test]
fn files_and_a_directory_that_others_may_write_are_not_read() {
    let etc = Etc::with("");
    let drop_in = etc.drop_in("10.toml", "[camera]\nwidth = 800\n");
    for mode in [0o666, 0o664, 0o646] {
        chmod(&drop_in, mode);
        assert!(matches!(etc.read(), Err(ConfigError::Untrusted { .. })), "{mode:o}");
        etc.refused(&drop_in);
    }
    chmod(&drop_in, 0o644);
    for mode in [0o777, 0o775, 0o757] {
        chmod(&etc.directory(), mode);
        assert!(matches!(etc.read(), Err(ConfigError::UntrustedDirectory { .. })), "{mode:o}");
        etc.refused(&etc.directory());
    }
    chmod(&etc.directory(), 0o755);
    assert_eq!(etc.read().unwrap().camera.width, 800);
    fs::create_dir(etc.directory().join("20.toml")).unwrap();
    etc.refused(&etc.directory().join("20.toml"));
}

#[test]
fn a_file_instead_of_the_directory_and_a_dangling_link_are_refused() {
    let etc = Etc::with("");
    symlink("/nowhere", etc.directory().join("10.toml")).unwrap();
    assert!(matches!(etc.read(), Err(ConfigError::Unreadable { .. })));
    fs::remove_dir_all(etc.directory()).unwrap();
    fs::write(etc.directory(), "").unwrap();
    assert!(matches!(etc.read(), Err(ConfigError::UntrustedDirectory { .. })));
    fs::remove_file(etc.directory()).unwrap();
    assert_eq!(etc.read().unwrap(), Config::default(), "no directory is needed");
}

#[test]
fn more_than_sixty_four_files_or_sixty_four_kibibytes_are_refused() {
    let etc = Etc::with("");
    for number in 0..DROP_INS_MAX {
        etc.drop_in(&format!("{number:02}.toml"), "");
    }
    etc.read().unwrap();
    let last = etc.drop_in("99.toml", "");
    assert!(matches!(etc.read(), Err(ConfigError::TooMany { .. })));
    fs::remove_file(last).unwrap();
    etc.drop_in("00.toml", &format!("#{}", "x".repeat(64 * 1024)));
    assert!(matches!(etc.read(), Err(ConfigError::TooLarge { .. })));
}

#[test]
fn later_files_override_keys_and_other_names_are_ignored() {
    let etc = Etc::with("[camera]\nwidth = 320\nheight = 240\n[seat]\nuser_manager = false\n");
    etc.drop_in("20-b.toml", "[camera]\nwidth = 1280\n[seat]\nconsole_services = [\"xy\"]\n");
    etc.drop_in("10-a.toml", "[camera]\nwidth = 800\nframe_rate = 15\n");
    for ignored in ["30-c.toml.bak", "30-c.conf", "README", "30-c.toml~"] {
        etc.drop_in(ignored, "[camera]\nwidth = 161\n");
    }
    let config = etc.read().unwrap();
    let camera = &config.camera;
    assert_eq!((camera.width, camera.height, camera.frame_rate), (1280, 240, 15));
    let services: Vec<&str> =
        config.seat.console_services.iter().map(ServiceName::as_str).collect();
    assert_eq!(services, ["xy"], "a list replaces a list");
    assert!(!config.seat.user_manager);
}
