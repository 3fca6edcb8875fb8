//! Templates that are carried between two machines of an owner.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

use std::fs;

use fpass_proto::{Refusal, names::FLEET_INTERFACE};
use fpass_tests::{
    ALICE, Reply, Run, Scene, Testbed,
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

const STORE: &str = "/var/lib/fpass";
const PEERS: &str = "/etc/fpass/fleet.d";
const BUNDLES: &str = "/run/bundles";
const BUNDLE: &str = "/run/bundles/alice.fpass-bundle";

/// Two machines, one of which runs at a time. Each has a store, an id and a list of other machines.
struct Machines {
    testbed: Testbed,
    here: &'static str,
}

impl Machines {
    /// `home`, where alice is enrolled, and `away`, where nobody is.
    fn new() -> Self {
        let mut testbed = Testbed::new().unwrap();
        testbed.start_daemon().unwrap();
        testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
        testbed.enrol(ALICE).unwrap();
        fs::create_dir(BUNDLES).unwrap();
        Self { testbed, here: "home" }
    }

    fn go(&mut self, to: &'static str) {
        self.testbed.stop_daemon().unwrap();
        let aside = |path: &str, machine: &str| format!("{path}.{machine}");
        for path in [STORE, PEERS] {
            if fs::exists(path).unwrap() {
                fs::rename(path, aside(path, self.here)).unwrap();
            }
            if fs::exists(aside(path, to)).unwrap() {
                fs::rename(aside(path, to), path).unwrap();
            }
        }
        let id = if to == "home" { "a" } else { "b" };
        fs::write("/etc/machine-id", id.repeat(32) + "\n").unwrap();
        self.here = to;
    }

    fn enroll(&self, arguments: &[&str]) -> Run {
        self.testbed.fpass_enroll("root", arguments).unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let run = self.enroll(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
        run.stdout
    }

    fn identity(&self) -> String {
        self.done(&["fleet", "identity"]).trim().to_owned()
    }
}

/// Creates the store of a machine that has none.
fn new_store(testbed: &Testbed) {
    let make = ["-d", "-m", "0700", "-o", "fpassd", "-g", "fpassd", STORE];
    assert_eq!(testbed.run("root", "install", &make).unwrap().code, Some(0));
    let run = testbed.run("fpassd", "/usr/libexec/fpassd", &["--create-key", "--stderr"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn an_f_pass_goes_to_the_machine_it_was_written_for_and_to_no_other() {
    let mut machines = Machines::new();
    // The first store is bound to the id of the testbed.
    let first_id = fs::read_to_string("/etc/machine-id").unwrap();
    let home = machines.identity();
    machines.go("away");
    new_store(&machines.testbed);
    machines.testbed.start_daemon().unwrap();
    let away = machines.identity();
    assert_ne!(home, away);
    machines.done(&["fleet", "trust", "home", &home]);
    assert_eq!(machines.enroll(&["export", "--for", "home"]).code, Some(3), "nobody is enrolled");

    machines.go("home");
    fs::write("/etc/machine-id", &first_id).unwrap();
    machines.testbed.start_daemon().unwrap();
    assert_eq!(machines.enroll(&["export", "--for", "away"]).code, Some(40), "not trusted yet");
    machines.done(&["fleet", "trust", "away", &away]);
    assert!(machines.done(&["fleet", "list"]).contains(&away));
    let told = machines.done(&["export", "--for", "away", "--into", BUNDLES, "--json"]);
    assert!(told.contains("\"alice\"") && told.contains(BUNDLE), "{told}");
    // Not even the machine that made it can read it.
    machines.done(&["fleet", "trust", "itself", &home]);
    assert_eq!(
        machines.enroll(&["import", "--from", "itself", "--replace", BUNDLE]).code,
        Some(40)
    );

    machines.go("away");
    machines.testbed.start_daemon().unwrap();
    let bundle = fs::read(BUNDLE).unwrap();
    let import = ["import", "--from", "home", BUNDLE];
    for at in [0, 20, bundle.len() / 2, bundle.len() - 1] {
        let mut altered = bundle.clone();
        altered[at] ^= 1;
        fs::write(BUNDLE, altered).unwrap();
        assert_eq!(machines.enroll(&import).code, Some(40), "byte {at}");
    }
    fs::write(BUNDLE, &bundle[..bundle.len() / 2]).unwrap();
    assert_eq!(machines.enroll(&import).code, Some(40));
    fs::write(BUNDLE, &bundle).unwrap();
    machines.done(&["fleet", "trust", "stranger", &away]);
    assert_eq!(machines.enroll(&["import", "--from", "stranger", BUNDLE]).code, Some(40));
    assert!(machines.done(&["status", "--user", "alice"]).contains("not set up"));

    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    fs::write("/etc/passwd", passwd.replace("alice:", "alicia:")).unwrap();
    assert_eq!(machines.enroll(&import).code, Some(8), "nobody of that name is here");
    fs::write("/etc/passwd", passwd).unwrap();

    // Another user's bundle under an expected name changes nothing.
    let of = |user| ["import", "--from", "home", "--user", user, BUNDLE];
    assert_eq!(machines.enroll(&of("bob")).code, Some(40));
    for user in ["alice", "bob"] {
        assert!(machines.done(&["status", "--user", user]).contains("not set up"), "{user}");
    }
    machines.done(&of("alice"));
    machines.testbed.camera_shows(&Scene::person(OBAMA_SPEAKING)).unwrap();
    let matched = Reply::matched();
    assert_eq!(machines.testbed.verify("root", ALICE).unwrap(), matched);
    machines.testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    assert_ne!(machines.testbed.verify("root", ALICE).unwrap(), matched);

    // Existing templates are not overwritten without a request, nor are removed ones.
    assert_eq!(machines.enroll(&import).code, Some(8));
    machines.done(&["clear", "--user", "alice", "--yes"]);
    assert_eq!(machines.enroll(&import).code, Some(8));
    machines.done(&["import", "--from", "home", "--replace", BUNDLE]);
    machines.done(&["fleet", "distrust", "home"]);
    assert_eq!(machines.enroll(&import).code, Some(40));
    let log = machines.testbed.daemon_log();
    assert!(log.contains("import for uid 61001: done") && log.contains("BundleRefused"), "{log}");
}

#[test]
fn only_root_carries_templates() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    let identity = format!("string:fpass1-{}", "0".repeat(128));
    let calls: [(&str, &[&str]); 3] = [
        ("Identity", &[]),
        ("Export", &["uint32:61001", "string:alice", &identity]),
        ("Import", &[&identity, "array:byte:1,2,3", "string:", "boolean:true"]),
    ];
    for caller in ["alice", "bob", "fpassd"] {
        for (member, arguments) in calls {
            let denied = Reply::Error("org.freedesktop.DBus.Error.AccessDenied".to_owned());
            let reply = testbed.call(caller, FLEET_INTERFACE, member, arguments).unwrap();
            assert_eq!(reply, denied, "{caller} {member}");
        }
        for command in [
            &["fleet", "identity"][..],
            &["fleet", "trust", "desk", &identity[7..]],
            &["export", "--for", "desk"],
            &["import", "--from", "desk", "/dev/null"],
        ] {
            assert_eq!(testbed.fpass_enroll(caller, command).unwrap().code, Some(4), "{command:?}");
        }
    }
    for (member, arguments, refusal) in [
        ("Export", &["uint32:61001", "string:alice", "string:desk"][..], Refusal::InvalidArgument),
        (
            "Import",
            &["string:", "array:byte:1", "string:", "boolean:true"],
            Refusal::InvalidArgument,
        ),
    ] {
        let reply = testbed.call("root", FLEET_INTERFACE, member, arguments).unwrap();
        assert_eq!(reply, Reply::refused(refusal), "{member}");
    }
}
