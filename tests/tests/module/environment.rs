//! Hosts whose environment an attacker controls.

use std::{
    fs,
    os::unix::net::{UnixListener, UnixStream},
};

use fpass_tests::{ALICE, CAROL, Login, Scene, Testbed, Transcript, scene::BIDEN};

use crate::{
    ended_as,
    host::Host,
    witness::{self, WITNESS},
};

/// A directory with a socket at the place of a bus, which nobody answers.
const TRAP: &str = "/run/trap";

/// A login with every variable set that a D-Bus client, a Rust program or tokio might read.
fn hostile(login: Login) -> Login {
    let address = format!("unix:path={TRAP}/bus");
    let variables = [
        ("DBUS_SYSTEM_BUS_ADDRESS", address.as_str()),
        ("DBUS_SESSION_BUS_ADDRESS", &address),
        ("DBUS_STARTER_ADDRESS", &address),
        ("DBUS_STARTER_BUS_TYPE", "session"),
        ("DBUS_COOKIE_SHA1_KEYRING_DIR", TRAP),
        ("XDG_RUNTIME_DIR", TRAP),
        ("XDG_CONFIG_HOME", TRAP),
        ("XDG_CONFIG_DIRS", TRAP),
        ("HOME", TRAP),
        ("TMPDIR", TRAP),
        ("PWD", TRAP),
        ("PATH", "/run/trap:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("USER", "root"),
        ("LOGNAME", "root"),
        ("LANG", "tlh_KX.UTF-8"),
        ("LC_ALL", "tlh_KX.UTF-8"),
        ("LANGUAGE", "tlh"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_LIB_BACKTRACE", "1"),
        ("RUST_MIN_STACK", "1"),
        ("TOKIO_WORKER_THREADS", "64"),
        ("TOKIO_CONSOLE_BIND", "127.0.0.1:1"),
        ("ZBUS_TRACE", "1"),
        ("FPASS_BUS_ADDRESS", &address),
        ("FPASS_CONFIG", TRAP),
        ("G_MESSAGES_DEBUG", "all"),
        ("SYSTEMD_LOG_LEVEL", "debug"),
    ];
    variables.into_iter().fold(login, |login, (name, value)| login.env(name, value))
}

fn attempt(testbed: &Testbed, login: &Login) -> Transcript {
    testbed.transact(login).unwrap()
}

#[test]
fn a_hostile_environment_changes_no_answer_and_reaches_no_bus_of_its_own() {
    let mut testbed = Testbed::with_alice().unwrap();
    fs::create_dir(TRAP).unwrap();
    let trap = UnixListener::bind(format!("{TRAP}/bus")).unwrap();
    trap.set_nonblocking(true).unwrap();
    // The trap records a connection.
    let step = UnixStream::connect(format!("{TRAP}/bus")).unwrap();
    assert!(trap.accept().is_ok());
    drop(step);

    let alice = || Login::of("fpass-test", ALICE);
    ended_as(&attempt(&testbed, &hostile(alice())), "PAM_SUCCESS", "the right face");
    let wrong = hostile(Login::new("fpass-test", ALICE.name, "guess"));
    ended_as(&attempt(&testbed, &wrong), "PAM_AUTH_ERR", "a wrong password");
    let carol = Login::of("fpass-test", CAROL);
    ended_as(&attempt(&testbed, &hostile(carol)), "PAM_AUTHINFO_UNAVAIL", "no F-pass");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    ended_as(&attempt(&testbed, &hostile(alice())), "PAM_AUTH_ERR", "another face");
    let dave = Login::of("fpass-nullok", fpass_tests::DAVE);
    ended_as(&attempt(&testbed, &hostile(dave)), "PAM_SUCCESS", "nullok");
    // Without a bus or a daemon the module has the most reason to look elsewhere.
    testbed.stop_daemon().unwrap();
    ended_as(&attempt(&testbed, &hostile(alice())), "PAM_AUTHINFO_UNAVAIL", "no daemon");
    testbed.stop_bus().unwrap();
    ended_as(&attempt(&testbed, &hostile(alice())), "PAM_AUTHINFO_UNAVAIL", "no bus");

    assert!(trap.accept().is_err(), "the module has connected to the environment's bus");
}

#[test]
fn the_module_looks_up_no_variable_at_all() {
    let mut testbed = Testbed::with_alice().unwrap();
    witness::install();
    let preload = ["/usr/bin/env", &format!("LD_PRELOAD={WITNESS}")];
    let looked_up = |testbed: &Testbed, service, user, code: &str| {
        let _ = witness::take();
        let report = Host::of(service, user).run(testbed, &preload);
        assert_eq!(report.codes, [format!("a={code}")], "{service}");
        let record = witness::take();
        assert!(
            record.iter().any(|line| line.ends_with("/pam-host HOST_IS_WATCHED")),
            "the witness slept: {record:?}"
        );
        assert!(
            record.iter().any(|line| line.starts_with("syslog ") && line.contains("result=")),
            "the module was not at work: {record:?}"
        );
        let ours: Vec<_> = record
            .into_iter()
            .filter(|l| l.starts_with("getenv") && l.contains("pam_fpass.so"))
            .collect();
        assert_eq!(ours, [""; 0], "{service}");
    };
    testbed.service("wrong-argument", &crate::alone("alwaysok")).unwrap();
    looked_up(&testbed, "fpass-test", ALICE, "0");
    looked_up(&testbed, "fpass-test", CAROL, "9");
    looked_up(&testbed, "wrong-argument", ALICE, "3");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    looked_up(&testbed, "fpass-test", ALICE, "7");
    testbed.stop_daemon().unwrap();
    looked_up(&testbed, "fpass-test", ALICE, "9");
    testbed.stop_bus().unwrap();
    looked_up(&testbed, "fpass-test", ALICE, "9");
}
