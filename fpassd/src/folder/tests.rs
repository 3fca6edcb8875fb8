use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use super::*;

fn folder() -> (tempfile::TempDir, Folder) {
    let directory = private_directory();
    let folder = Folder::open(directory.path()).unwrap();
    (directory, folder)
}

fn plant(directory: &tempfile::TempDir, name: &str, mode: u32) {
    let path = directory.path().join(name);
    fs::write(&path, b"content").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn links_pipes_and_directories_are_not_read() {
    let (directory, folder) = folder();
    plant(&directory, "real", 0o600);
    symlink("real", directory.path().join("symlink")).unwrap();
    fs::hard_link(directory.path().join("real"), directory.path().join("hardlink")).unwrap();
    unistd::mkfifo(&directory.path().join("pipe"), Mode::S_IRUSR).unwrap();
    fs::create_dir(directory.path().join("directory")).unwrap();
    for name in ["symlink", "hardlink", "real", "pipe", "directory", "../root", "..", "."] {
        let refused = folder.read(name);
        assert!(matches!(refused, Err(FolderError::Irregular)), "{name}: {refused:?}");
    }
    let elsewhere = folder.write("../root", b"");
    assert!(elsewhere.is_err() && !directory.path().join("../root").exists());
}

#[test]
fn only_one_process_locks_the_folder() {
    let (directory, folder) = folder();
    let lock = folder.lock().unwrap().unwrap();
    let second = Folder::open(directory.path()).unwrap();
    assert!(second.lock().unwrap().is_none());
    assert!(folder.lock().unwrap().is_none(), "the same process cannot lock it twice");
    drop(lock);
    assert!(second.lock().unwrap().is_some());
}

#[test]
fn a_directory_is_not_replaced_by_a_file() {
    let (directory, folder) = folder();
    fs::create_dir(directory.path().join("file")).unwrap();
    assert!(matches!(folder.write("file", b"new"), Err(FolderError::Irregular)));
    assert!(directory.path().join("file").is_dir());
    assert_eq!(folder.sweep().unwrap(), 0, "no draft is left");
}

#[test]
fn a_sweep_removes_only_drafts() {
    let (directory, folder) = folder();
    for name in [".1000.fpass.draft", ".key.draft", "key", "1000.fpass", "draft", ".draft.x"] {
        plant(&directory, name, 0o600);
    }
    assert_eq!(folder.sweep().unwrap(), 2);
    assert_eq!(
        folder.names(|_| true).unwrap(),
        [".", "..", ".draft.x", "1000.fpass", "draft", "key"]
    );
}

#[test]
fn files_open_to_others_are_not_read() {
    let (directory, folder) = folder();
    for mode in [0o644, 0o640, 0o604, 0o620, 0o666] {
        plant(&directory, "file", mode);
        assert!(matches!(folder.read("file"), Err(FolderError::Misowned)), "{mode:o}");
    }
}

#[test]
fn a_folder_open_to_others_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(Folder::open(directory.path()), Err(FolderError::Misowned)));
}

#[test]
fn large_files_are_not_read() {
    let (directory, folder) = folder();
    plant(&directory, "file", 0o600);
    File::options()
        .write(true)
        .open(directory.path().join("file"))
        .unwrap()
        .set_len(SIZE_MAX.unsigned_abs() + 1)
        .unwrap();
    assert!(matches!(folder.read("file"), Err(FolderError::TooLarge)));
}

#[test]
fn a_write_replaces_and_leaves_no_draft() {
    let (directory, folder) = folder();
    assert!(folder.read("file").unwrap().is_none());
    folder.write("file", b"one").unwrap();
    folder.write("file", b"two").unwrap();
    assert_eq!(folder.read("file").unwrap().unwrap().as_slice(), b"two");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let mode = fs::metadata(directory.path().join("file")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn only_an_empty_directory_is_removed() {
    let (directory, folder) = folder();
    fs::create_dir_all(directory.path().join("full/inside")).unwrap();
    fs::create_dir(directory.path().join("empty")).unwrap();
    plant(&directory, "file", 0o600);
    assert!(folder.remove_blocking_dir("full").is_err());
    for name in ["empty", "file", "absent"] {
        folder.remove_blocking_dir(name).unwrap();
    }
    assert!(!directory.path().join("empty").exists());
    assert!(directory.path().join("file").exists());
}

#[test]
fn a_write_replaces_a_planted_link_and_not_its_target() {
    let (directory, folder) = folder();
    plant(&directory, "victim", 0o600);
    symlink("victim", directory.path().join("file")).unwrap();
    symlink("victim", directory.path().join(".file.draft")).unwrap();
    folder.write("file", b"new").unwrap();
    assert_eq!(fs::read(directory.path().join("victim")).unwrap(), b"content");
    assert_eq!(folder.read("file").unwrap().unwrap().as_slice(), b"new");
}
