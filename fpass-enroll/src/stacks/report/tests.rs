//! Small systems, from the command to the exit code.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use clap::Parser;
use fpass_stack::root::Root;
use nix::unistd::{Uid, setfsuid};

use super::*;
use crate::cli::Cli;
use crate::error::Error;
use crate::stacks::StackError;

const FACE: &str = "auth [success=ok ignore=ignore default=die]";
const PASSWORD: &str = "auth required pam_unix.so";

/// A system in a directory.
struct System(tempfile::TempDir);

impl System {
    /// With these services; each line of `FACE` and a module's path is a line of F-pass.
    fn new(services: &[(&str, String)]) -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(system.0.path(), Permissions::from_mode(0o755)).unwrap();
        system.write("etc/shadow", "root:$y$j9T$x:1::::::\n");
        for module in ["pam_unix.so", "pam_fpass.so"] {
            system.write(&format!("usr/lib/security/{module}"), "");
        }
        for (name, text) in services {
            system.write(&format!("etc/pam.d/{name}"), text);
        }
        system
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn check(&self, services: &[&str]) -> ExitCode {
        check(self.0.path(), services)
    }

    fn first_line(&self, service: &str) -> String {
        first_line(self.0.path(), service)
    }
}

fn run(root: &Path, words: &[&str]) -> Result<ExitCode, Error> {
    let line = [&["fpass-enroll"][..], words, &["--root", root.to_str().unwrap()]].concat();
    crate::run(Cli::try_parse_from(line).unwrap())
}

fn check(root: &Path, services: &[&str]) -> ExitCode {
    run(root, &[&["check-pam"], services].concat()).unwrap()
}

fn first_line(root: &Path, service: &str) -> String {
    let report = StackReport::of(&crate::stacks::open(root).unwrap(), &[service.to_owned()]);
    report.lines(true)[0].clone()
}

fn enable(root: &Path, service: &str) -> Result<ExitCode, Error> {
    run(root, &["pam", "enable", "--dry-run", "--recovery", service])
}

fn with_face(module: &str) -> String {
    format!("{PASSWORD}\n{FACE} {module}\n")
}

#[test]
fn a_line_that_names_our_module_by_its_path_is_no_absence() {
    let store = "nix/store/abc-fpass/lib/security/pam_fpass.so";
    for path in ["opt/fpass/pam_fpass.so", "usr/local/lib/security/pam_fpass.so", store] {
        let line = with_face(&format!("/{path}"));
        let system = System::new(&[("sudo", line.clone()), ("login", format!("{PASSWORD}\n"))]);
        // The module is not there: that is a doubt.
        assert_eq!(system.check(&[]), ExitCode::StackUnreadable, "{path}");
        system.write(path, "");
        assert_eq!(system.check(&["sudo"]), ExitCode::Done, "{path}");
        assert!(system.first_line("sudo").starts_with("sudo: proven: "), "{path}");
        // Nor is such a line a way back for root.
        system.write("etc/pam.d/login", &line);
        assert_eq!(system.check(&[]), ExitCode::NoWayBack, "{path}");
    }
}

#[test]
fn the_links_of_nixos_are_followed() {
    let system = System::new(&[]);
    let unix = "/nix/store/abc-linux-pam/lib/security/pam_unix.so";
    let ours = "/nix/store/abc-fpass/lib/security/pam_fpass.so";
    for path in [unix, ours] {
        system.write(path.trim_start_matches('/'), "");
    }
    system.write("etc/static/pam.d/login", &format!("auth required {unix}\n"));
    system.write("etc/static/pam.d/su", &format!("auth required {unix}\n{FACE} {ours}\n"));
    system.write("etc/static/pam.d/sudo", &format!("auth sufficient {unix}\n{FACE} {ours}\n"));
    fs::create_dir_all(system.at("etc/pam.d")).unwrap();
    for name in ["login", "su", "sudo"] {
        let target = format!("/etc/static/pam.d/{name}");
        symlink(target, system.at("etc/pam.d").join(name)).unwrap();
    }
    assert_eq!(system.check(&["su"]), ExitCode::Done);
    assert_eq!(system.check(&["sudo"]), ExitCode::StackBroken);
    fs::set_permissions(system.at("etc/static"), Permissions::from_mode(0o777)).unwrap();
    assert_eq!(system.check(&["su"]), ExitCode::StackUnreadable);
}

#[test]
fn nothing_is_proven_about_what_others_may_write() {
    for part in [
        "etc/pam.d/sudo",
        "etc/pam.d/part",
        "etc/pam.d",
        "etc/fpass/fpassd.toml",
        "usr/lib/security/pam_unix.so",
    ] {
        let system = System::new(&[
            ("sudo", format!("auth include part\n{FACE} pam_fpass.so\n")),
            ("part", format!("{PASSWORD}\n")),
            ("login", format!("{PASSWORD}\n")),
        ]);
        system.write("etc/fpass/fpassd.toml", "[seat]\n");
        assert_eq!(system.check(&["sudo"]), ExitCode::Done, "{part}");
        fs::set_permissions(system.at(part), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(system.check(&["sudo"]), ExitCode::StackUnreadable, "{part}");
    }
}

#[test]
fn nothing_is_proven_about_passwords_that_others_may_write() {
    let users = "auth required pam_userdb.so db=/var/users\n";
    let system = System::new(&[
        ("su", format!("{users}{}", with_face("pam_fpass.so"))),
        ("login", PASSWORD.to_owned()),
    ]);
    system.write("usr/lib/security/pam_userdb.so", "");
    for path in ["var/users.db", "etc/passwd", "etc/nsswitch.conf"] {
        system.write(path, "");
    }
    for path in ["var/users.db", "var", "etc/shadow", "etc/passwd", "etc/nsswitch.conf", "etc"] {
        assert_eq!(system.check(&["su"]), ExitCode::Done, "{path}");
        let before = fs::metadata(system.at(path)).unwrap().permissions();
        fs::set_permissions(system.at(path), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(system.check(&["su"]), ExitCode::StackUnreadable, "{path}");
        fs::set_permissions(system.at(path), before).unwrap();
    }
    // A database that is not there yet can be made by those who may write its directory.
    fs::remove_file(system.at("var/users.db")).unwrap();
    fs::set_permissions(system.at("var"), Permissions::from_mode(0o1777)).unwrap();
    assert_eq!(system.check(&["su"]), ExitCode::StackUnreadable);
}

#[test]
fn staged_stacks_are_judged_on_the_machine_that_they_are_for() {
    let system = System::new(&[("su", PASSWORD.to_owned()), ("login", PASSWORD.to_owned())]);
    system.write("etc/linked", &with_face("pam_fpass.so"));
    let staged = tempfile::tempdir().unwrap();
    fs::write(staged.path().join("su"), with_face("pam_fpass.so")).unwrap();
    fs::write(staged.path().join("login"), PASSWORD).unwrap();
    symlink("/etc/linked", staged.path().join("linked")).unwrap();
    symlink("/etc/linked", system.at("etc/pam.d/linked")).unwrap();
    let check = |service| {
        let directory = staged.path().to_str().unwrap();
        run(system.0.path(), &["check-pam", service, "--pam-d", directory]).unwrap()
    };
    assert_eq!(system.check(&["su"]), ExitCode::StackUnprotected);
    for service in ["su", "linked"] {
        assert_eq!(check(service), ExitCode::Done, "{service}");
    }
    for path in ["etc", "etc/pam.d", "etc/shadow", "usr/lib/security/pam_unix.so"] {
        let before = fs::metadata(system.at(path)).unwrap().permissions();
        fs::set_permissions(system.at(path), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(check("su"), ExitCode::StackUnreadable, "{path}");
        fs::set_permissions(system.at(path), before).unwrap();
    }
    let stack = staged.path().join("su");
    fs::set_permissions(&stack, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(check("su"), ExitCode::StackUnreadable, "the staged file itself");
    fs::set_permissions(&stack, Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(system.at("usr/lib/security/pam_fpass.so")).unwrap();
    assert_eq!(check("su"), ExitCode::StackUnreadable, "a module of the machine");
}

#[test]
fn the_sentence_says_what_users_with_an_empty_password_need() {
    let nullok = with_face("pam_fpass.so sole_factor").replace("unix.so", "unix.so nullok");
    let system = System::new(&[("sudo", nullok)]);
    let sentence = system.first_line("sudo");
    assert!(sentence.ends_with("Users with an empty password get in with the face alone."));
}

#[test]
fn a_directory_that_cannot_be_listed_is_no_empty_one() {
    let drop_ins = "etc/fpass/fpassd.toml.d";
    for (hidden, named) in [("etc/pam.d", &["su"][..]), ("etc/pam.d", &[]), (drop_ins, &["su"])] {
        let stacks = [("su", with_face("pam_fpass.so")), ("login", PASSWORD.to_owned())];
        let system = System::new(&stacks);
        fs::create_dir_all(system.at(drop_ins)).unwrap();
        assert_eq!(system.check(named), ExitCode::Done, "{hidden}");
        fs::set_permissions(system.at(hidden), Permissions::from_mode(0o311)).unwrap();
        // Root may list everything, but not with the rights of another user, which are those of
        // this thread alone.
        let root = system.0.path().to_owned();
        let checked = thread::spawn(move || {
            setfsuid(Uid::from_raw(65534));
            check(&root, named)
        });
        assert_eq!(checked.join().unwrap(), ExitCode::StackUnreadable, "{hidden}");
    }
}

#[test]
fn every_file_that_libpam_may_load_counts() {
    let system = System::new(&[("su", with_face("pam_fpass.so")), ("login", PASSWORD.to_owned())]);
    system.write("usr/lib/x86_64-linux-gnu/security/pam_unix.so", "");
    assert_eq!(system.check(&["su"]), ExitCode::Done);
    let second = system.at("usr/lib/x86_64-linux-gnu/security/pam_unix.so");
    fs::set_permissions(second, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(system.check(&["su"]), ExitCode::StackUnreadable);
}

#[test]
fn nothing_is_proven_where_others_may_configure_the_daemon() {
    let system = System::new(&[("su", with_face("pam_fpass.so")), ("login", PASSWORD.to_owned())]);
    fs::create_dir_all(system.at("etc/fpass/fpassd.toml.d")).unwrap();
    for path in ["etc/fpass/fpassd.toml.d", "etc/fpass"] {
        fs::set_permissions(system.at(path), Permissions::from_mode(0o777)).unwrap();
        assert_eq!(system.check(&["su"]), ExitCode::StackUnreadable, "{path}");
        fs::set_permissions(system.at(path), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(system.check(&["su"]), ExitCode::Done, "{path}");
    }
}

#[test]
fn the_lines_of_other_are_judged_if_one_of_them_is_ours() {
    let open = format!("auth required pam_permit.so\nauth optional pam_fpass.so\n{PASSWORD}");
    let system = System::new(&[("other", open), ("login", PASSWORD.to_owned())]);
    assert_eq!(system.check(&[]), ExitCode::StackBroken);
    let system = System::new(&[("other", PASSWORD.to_owned()), ("login", PASSWORD.to_owned())]);
    let services = StackReport::of(&Root::open(system.0.path()).unwrap(), &[]).services;
    assert_eq!(services.len(), 1);
}

#[test]
fn a_service_that_the_daemon_refuses_is_neither_proven_nor_enabled() {
    let bare = format!("{PASSWORD}\n");
    for name in ["ly", "lxdm", "xdm", "physlock", "gdm-fingerprint"] {
        let system = System::new(&[(name, bare.clone()), ("login", bare.clone())]);
        let Err(Error::Stack(StackError::Unsafe { lines, .. })) = enable(system.0.path(), name)
        else {
            panic!("{name}");
        };
        let start = format!("{name}: nobody gets in: fpassd refuses this service, because ");
        assert!(lines[0].starts_with(&start), "{lines:?}");
        system.write(&format!("etc/pam.d/{name}"), &with_face("pam_fpass.so recovery"));
        assert_eq!(system.check(&[]), ExitCode::StackBroken, "{name}");
    }
    for name in ["plasmalogin", "cosmic-greeter", "gdm-switchable-auth", "sddm", "swaylock", "kde"]
    {
        let system = System::new(&[(name, bare.clone()), ("login", bare.clone())]);
        assert_eq!(enable(system.0.path(), name).unwrap(), ExitCode::Done, "{name}");
        system.write(
            "etc/fpass/fpassd.toml.d/50-own.toml",
            "[seat]\nlogin_screen_services = [\"lightdm\"]\n",
        );
        let is_in_a_session = ["cosmic-greeter", "swaylock", "kde"].contains(&name);
        assert_eq!(enable(system.0.path(), name).is_ok(), is_in_a_session, "{name}");
    }
}

#[test]
fn the_sentence_names_who_gets_in_without_a_face() {
    for (word, said) in [
        ("nullok", "without a face, get in: users who never set up an F-pass."),
        ("enroll=required", "without a face, get in: users who never set up an F-pass."),
        ("recovery", "A recovery code replaces the face."),
    ] {
        let system = System::new(&[("sudo", with_face(&format!("pam_fpass.so {word}")))]);
        let sentence = system.first_line("sudo");
        assert!(sentence.starts_with("sudo: proven: ") && sentence.ends_with(said), "{sentence}");
    }
}

mod shared {
    use super::*;

    fn root(name: &str) -> PathBuf {
        let roots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/roots");
        roots.join(name)
    }

    #[test]
    fn each_root_has_its_answer() {
        for (name, service, verdict, exit_code) in [
            ("nixos-plain", "sudo", "broken: ", ExitCode::StackBroken),
            ("nixos-plain", "su", "proven: ", ExitCode::Done),
            ("nixos-plain", "login", "not protected: ", ExitCode::StackUnprotected),
            ("local", "sudo", "proven: ", ExitCode::NoWayBack),
            ("local", "login", "broken: nobody gets in", ExitCode::StackBroken),
            ("local2", "sudo", "proven: ", ExitCode::NoWayBack),
            ("local2", "login", "broken: nobody gets in", ExitCode::StackBroken),
            ("local2", "su", "not protected: ", ExitCode::StackUnprotected),
            ("duo", "sudo", "broken: somebody gets in without the face", ExitCode::StackBroken),
            ("lanes", "omarchy-lock-face", "broken: nobody gets in", ExitCode::StackBroken),
            ("lanes", "omarchy-lock-face-nullok", "broken: somebody", ExitCode::StackBroken),
        ] {
            let root = root(name);
            let sentence = first_line(&root, service);
            assert!(sentence.starts_with(&format!("{service}: {verdict}")), "{name}: {sentence}");
            assert_eq!(check(&root, &[service]), exit_code, "{name} {service}");
        }
        for (name, exit_code) in [
            ("nixos-plain", ExitCode::StackBroken),
            ("local", ExitCode::StackBroken),
            ("dm", ExitCode::Done),
        ] {
            assert_eq!(check(&root(name), &[]), exit_code, "{name}");
        }
    }

    #[test]
    fn a_line_is_enabled_only_where_somebody_gets_in_with_it() {
        for (name, service, enabled) in [
            ("dm", "plasmalogin", true),
            ("dm", "cosmic-greeter", true),
            ("dm", "sddm", true),
            ("dm", "login", true),
            ("dm", "ly", false),
            ("dm", "lxdm", false),
            ("faillock", "kde", true),
            ("faillock", "sudo", true),
            ("homed", "sudo", false),
        ] {
            assert_eq!(enable(&root(name), service).is_ok(), enabled, "{name} {service}");
        }
    }
}
