use std::os::unix::fs::symlink;

use nix::sys::stat::Mode;

use super::*;

/// A system with one service, and a directory outside the system.
fn system() -> (tempfile::TempDir, Root, tempfile::TempDir) {
    let (system, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir_all(system.path().join("etc/pam.d")).unwrap();
    fs::write(system.path().join("etc/pam.d/sudo"), "inside").unwrap();
    fs::write(outside.path().join("sudo"), "outside").unwrap();
    let root = Root::open(system.path()).unwrap();
    (system, root, outside)
}

#[test]
fn links_and_dots_do_not_leave_the_root() {
    let (system, root, outside) = system();
    symlink(outside.path().join("sudo"), system.path().join("etc/pam.d/su")).unwrap();
    symlink(outside.path(), system.path().join("etc/elsewhere")).unwrap();
    for path in ["/etc/pam.d/su", "/etc/elsewhere/sudo"] {
        assert!(root.read(Path::new(path)).unwrap().is_none(), "{path}");
    }
    let up = "/../../../../../etc/pam.d/sudo";
    assert_eq!(root.read(Path::new(up)).unwrap().as_deref(), Some("inside"));
    assert!(root.list(Path::new("/etc/elsewhere")).is_empty());
}

#[test]
fn irregular_and_large_files_are_not_read() {
    let (system, root, _outside) = system();
    let at = |name: &str| system.path().join("etc/pam.d").join(name);
    nix::unistd::mkfifo(&at("pipe"), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("large"), vec![b'#'; 300 * 1024]).unwrap();
    symlink("loop", at("loop")).unwrap();
    for name in ["pipe", "folder"] {
        let path = Path::new("/etc/pam.d").join(name);
        assert!(matches!(root.read(&path), Err(ReadError::Irregular)), "{name}");
    }
    assert!(matches!(root.read(Path::new("/etc/pam.d/large")), Err(ReadError::TooLarge)));
    assert!(matches!(root.read(Path::new("/etc/pam.d/loop")), Err(ReadError::Io(_))));
    assert!(root.read(Path::new("/etc/pam.d/sudo/x")).unwrap().is_none());
}

#[test]
fn modules_are_found_where_distributions_keep_them() {
    let (system, root, _outside) = system();
    assert!(!root.has_module("pam_unix.so"));
    for (directory, module) in [
        ("lib/security", "pam_a.so"),
        ("usr/lib64/security", "pam_b.so"),
        ("usr/lib/x86_64-linux-gnu/security", "pam_c.so"),
    ] {
        let directory = system.path().join(directory);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(module), "").unwrap();
        assert!(root.has_module(module), "{module}");
    }
    assert!(root.has_module("/lib/security/$ISA/pam_a.so"));
    assert!(!root.has_module("/lib/security/pam_b.so"));
}

#[test]
fn a_module_is_lacking_only_if_that_is_certain() {
    let (system, root, _outside) = system();
    assert!(root.lacks_module("pam_a.so") && root.lacks_module("/opt/pam_a.so"));
    // libpam and the dynamic linker may look elsewhere.
    for module in ["/lib/security/$ISA/pam_a.so", "/usr/$LIB/security/pam_a.so"] {
        assert!(!root.has_module(module) && !root.lacks_module(module), "{module}");
    }
    // The system cannot say what is there.
    symlink("loop", system.path().join("loop")).unwrap();
    assert!(!root.has_module("/loop/pam_a.so") && !root.lacks_module("/loop/pam_a.so"));
    let directory = system.path().join("lib/security");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("pam_a.so"), "").unwrap();
    assert!(!root.lacks_module("pam_a.so"));
}

#[test]
fn services_are_the_names_that_an_application_can_use() {
    let (system, root, _outside) = system();
    let own = system.path().join("etc/pam.d");
    for name in ["other", ".sudo.swp", "sudo~", "su.rpmnew", "Upper", "su"] {
        fs::write(own.join(name), "").unwrap();
    }
    let vendor = system.path().join("usr/lib/pam.d");
    fs::create_dir_all(&vendor).unwrap();
    fs::write(vendor.join("polkit-1"), "").unwrap();
    assert_eq!(services(&root).into_iter().collect::<Vec<_>>(), ["polkit-1", "su", "sudo"]);
}
