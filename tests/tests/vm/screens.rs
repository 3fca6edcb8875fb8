//! Login screens: logins by a typed password and the person in front of the camera. Screenshots
//! are kept.

use std::process::Command;

use fpass_tests::{machine::Machine, tree};

/// A machine for the script of a login screen, with the packages of a file in
/// `tests/vm/packages`.
fn machine(script: &str, packages: &str) -> Machine {
    Machine::for_script(script).packages(packages).with("tests/vm/screens", "screens")
}

#[test]
fn lightdm_asks_for_the_face_after_the_password() {
    let report = machine("lightdm", "x").with_turns().run().unwrap();
    assert_eq!(report.pictures.len(), 7, "{:?}", report.pictures);
}

#[test]
fn greetd_asks_for_the_face_after_the_password() {
    machine("greetd", "x").run().unwrap();
}

#[test]
fn gdm_asks_for_the_face_after_the_password() {
    let consoles = "target/e2e/consoles.so";
    let built = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-O", "-shared", "-fPIC", "-o"])
        .args([tree::root().join(consoles), tree::root().join("tests/vm/screens/consoles.c")])
        .status()
        .unwrap();
    assert!(built.success());
    let report = machine("gdm", "gdm")
        .memory(4096)
        .with_turns()
        .with(consoles, "consoles.so")
        .run()
        .unwrap();
    assert_eq!(report.pictures.len(), 7, "{:?}", report.pictures);
}
