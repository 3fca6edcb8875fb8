//! The result of `make install`.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fpass_tests::tree;

/// Directory of the PAM modules in a staged tree, independent of this machine.
const SECURITY: &str = "/usr/lib/security";

/// A directory that is removed after the test.
struct Stage(PathBuf);

impl Stage {
    fn new(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("fpass-{name}-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    fn install(&self) -> io::Result<Output> {
        Command::new(tree::root().join("scripts/install"))
            .env("DESTDIR", &self.0)
            .env("SECURITYDIR", SECURITY)
            .output()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `mode path` of everything below a directory.
fn listing(root: &Path, directory: &Path, lines: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let metadata = path.symlink_metadata()?;
        let name = format!("/{}", path.strip_prefix(root).unwrap_or(&path).display());
        let mode = metadata.permissions().mode() & 0o7777;
        let slash = if metadata.is_dir() { "/" } else { "" };
        lines.insert(format!("{mode:04o} {}{slash}", name.replace(SECURITY, "SECURITY")));
        if metadata.is_dir() {
            listing(root, &path, lines)?;
        }
    }
    Ok(())
}

#[test]
fn the_staged_tree_is_the_listed_one() {
    let stage = Stage::new("stage").unwrap();
    let output = stage.install().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut staged = BTreeSet::new();
    listing(&stage.0, &stage.0, &mut staged).unwrap();
    let listed: BTreeSet<String> = include_str!("../staged-tree.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let surplus: Vec<_> = staged.difference(&listed).collect();
    let missing: Vec<_> = listed.difference(&staged).collect();
    assert!(
        surplus.is_empty() && missing.is_empty(),
        "staged but not listed: {surplus:#?}\nlisted but not staged: {missing:#?}"
    );
}

/// The libraries that a program of the build needs, and the symbols that it defines and uses.
fn linked(program: &str) -> io::Result<String> {
    let path = tree::root().join("target/release").join(program);
    let mut text = String::new();
    for (tool, option) in [("readelf", "--dynamic"), ("nm", "--demangle")] {
        let output = Command::new(tool).arg(option).arg(&path).output()?;
        assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
        text.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    Ok(text)
}

/// Whether a name occurs that does not continue another one.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(place, _)| {
        !text[..place]
            .ends_with(|before: char| before.is_ascii_alphanumeric() || "_:".contains(before))
    })
}

#[test]
fn the_command_that_root_runs_holds_no_network_and_no_archive() {
    let networks =
        ["libdlib.so", "libopenblas.so", "libblas.so", "dlib::", "rten::", "cblas_sgemm"];
    let evaluation = ["plotters::", "statrs::"];
    let archives = ["prost::", "zip::", "tar::", "flate2::"];
    let holds = |text: &str, names_of: &[&str]| -> Vec<String> {
        names_of.iter().filter(|name| names(text, name)).map(ToString::to_string).collect()
    };
    let (enroll, models) = (linked("fpass-enroll").unwrap(), linked("fpass-models").unwrap());
    for group in [&networks[..], &evaluation, &archives] {
        assert_eq!(holds(&enroll, group), Vec::<String>::new());
    }
    assert_eq!(holds(&models, &evaluation), Vec::<String>::new());
    // The names are those that a program has which uses the libraries.
    let evaluate = linked("fpass-evaluate").unwrap();
    assert_eq!(holds(&models, &archives), archives);
    assert_eq!(holds(&evaluate, &evaluation), evaluation);
    assert_eq!(holds(&evaluate, &["libdlib.so", "dlib::", "rten::"]).len(), 3);
}

#[test]
fn the_command_passes_arguments_to_other_programs_as_they_are() {
    let programs = tree::root().join("target/release");
    for (command, program) in [("models", "fpass-models"), ("evaluate", "fpass-evaluate")] {
        for arguments in
            [&["--version"][..], &["--", "--version"], &["verify", "--no-such"], &["-x"]]
        {
            let direct = Command::new(programs.join(program)).args(arguments).output().unwrap();
            let passed = Command::new(programs.join("fpass-enroll"))
                .arg(command)
                .args(arguments)
                .output()
                .unwrap();
            assert_eq!(passed, direct, "{command} {arguments:?}");
        }
    }
}

#[test]
fn a_second_installation_keeps_the_settings() {
    let stage = Stage::new("again").unwrap();
    assert!(stage.install().unwrap().status.success());
    let settings = stage.0.join("etc/fpass/fpassd.toml");
    fs::write(&settings, "# edited\n").unwrap();
    assert!(stage.install().unwrap().status.success());
    assert_eq!(fs::read_to_string(settings).unwrap(), "# edited\n");
}

#[test]
fn the_bus_policy_allows_each_member_by_name() {
    let path = "packaging/usr/share/dbus-1/system.d/org.fpass.Fpass1.conf";
    let policy = fs::read_to_string(tree::require(path).unwrap()).unwrap();
    let own =
        [r#"<allow own="org.fpass.Fpass1"/>"#, r#"<allow own="org.fpass.Fpass1.Questions"/>"#];
    let owned: Vec<&str> =
        policy.lines().filter(|line| line.contains(" own=")).map(str::trim).collect();
    assert_eq!(owned, own);
    for line in policy.lines().filter(|line| line.contains("send_")) {
        // Without a destination, a rule would reach every service on the bus.
        if line.contains("<deny") {
            assert!(line.contains("send_destination=\"org.fpass.Fpass1"), "{line}");
            continue;
        }
        assert!(line.contains("send_destination=\"org.fpass.Fpass1\""), "{line}");
        assert!(line.contains("send_interface="), "{line}");
        let peer = line.contains("org.freedesktop.DBus.Peer");
        assert!(line.contains("send_member=") || peer, "{line}");
    }
}
