use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn identity(byte: u8) -> MachineIdentity {
    MachineIdentity { signing: [byte; 32], receiving: [byte; 32] }
}

/// A list that belongs to the user who runs the tests.
fn of(directory: PathBuf) -> Peers {
    Peers { directory, owner: nix::unistd::geteuid().as_raw() }
}

fn name(text: &str) -> PeerName {
    PeerName::parse(text).unwrap()
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for text in ["", ".", "..", ".hidden", "a/b", "../x", "a b", "-x", "é", &"a".repeat(65)] {
        assert!(matches!(PeerName::parse(text), Err(PeerError::Name)), "{text:?}");
    }
    for text in ["a", "desk-2.example.org", "A_1", &"a".repeat(64)] {
        assert!(PeerName::parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn machines_are_added_listed_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let peers = of(directory.path().join("fleet.d"));
    assert!(peers.list().unwrap().is_empty());
    assert!(matches!(peers.find(&name("desk")), Err(PeerError::Unknown(_))));
    peers.trust(&name("lab"), identity(2)).unwrap();
    peers.trust(&name("desk"), identity(1)).unwrap();
    peers.trust(&name("desk"), identity(1)).unwrap();
    assert!(matches!(peers.trust(&name("desk"), identity(3)), Err(PeerError::Taken(_))));
    assert_eq!(peers.find(&name("desk")).unwrap(), identity(1));
    let listed = [(name("desk"), identity(1)), (name("lab"), identity(2))];
    assert_eq!(peers.list().unwrap(), listed);
    peers.distrust(&name("desk")).unwrap();
    assert!(matches!(peers.distrust(&name("desk")), Err(PeerError::Unknown(_))));
    peers.trust(&name("desk"), identity(3)).unwrap();
    assert_eq!(peers.find(&name("desk")).unwrap(), identity(3));
}

#[test]
fn files_that_others_may_write_and_links_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let peers = of(directory.path().to_owned());
    peers.trust(&name("desk"), identity(1)).unwrap();
    let path = directory.path().join("desk");
    for mode in [0o664, 0o646, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(peers.find(&name("desk")), Err(PeerError::Untrusted(_))), "{mode:o}");
        assert!(peers.list().is_err());
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&path, directory.path().join("link")).unwrap();
    assert!(matches!(peers.find(&name("link")), Err(PeerError::File { .. })));
    fs::remove_file(directory.path().join("link")).unwrap();
    fs::write(&path, "fpass1-00").unwrap();
    assert!(matches!(peers.find(&name("desk")), Err(PeerError::Malformed { .. })));
    fs::create_dir(directory.path().join("folder")).unwrap();
    assert!(matches!(peers.find(&name("folder")), Err(PeerError::Untrusted(_))));
}
