//! Login screens: logins by a typed password and the person before the camera. Screenshots are kept.

use std::process::Command;

use fpass_tests::{machine::Machine, tree};

/// What assistive technology hears, and what every graphical login screen needs.
const GRAPHICAL: &[&str] =
    &["at-spi2-core", "gir1.2-atspi-2.0", "python3-gi", "adwaita-icon-theme", "dbus-user-session"];
/// A screen on X, a keyboard and screenshots; the login screens themselves, on one disk.
const X: &[&str] = &[
    "xvfb",
    "xdotool",
    "scrot",
    "openbox",
    "fonts-dejavu-core",
    "lightdm",
    "lightdm-gtk-greeter",
    "greetd",
];
/// GDM, what it wants of a graphics card, and a keyboard.
const GDM: &[&str] = &[
    "gdm3",
    "gnome-shell",
    "gnome-session",
    "libgl1-mesa-dri",
    "fonts-cantarell",
    "python3-evdev",
];

/// A machine for the script of a login screen.
fn machine(script: &str, packages: &[&str]) -> Machine {
    Machine::for_script(script)
        .packages(GRAPHICAL)
        .packages(packages)
        .with("tests/vm/screens", "screens")
}

#[test]
fn lightdm_asks_for_the_face_after_the_password() {
    let report = machine("lightdm", X).run().unwrap();
    assert_eq!(report.pictures.len(), 6, "{:?}", report.pictures);
}

#[test]
fn greetd_asks_for_the_face_after_the_password() {
    machine("greetd", X).run().unwrap();
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
    let report = machine("gdm", GDM).memory(4096).with(consoles, "consoles.so").run().unwrap();
    assert_eq!(report.pictures.len(), 6, "{:?}", report.pictures);
}
