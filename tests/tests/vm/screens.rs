//! Login screens: logins by a typed password and the person before the camera. Screenshots are kept.

use fpass_tests::machine::Machine;

/// A screen on X, a keyboard, screenshots, and what assistive technology hears.
const DESKTOP: &[&str] = &[
    "xvfb",
    "xdotool",
    "scrot",
    "openbox",
    "fonts-dejavu-core",
    "adwaita-icon-theme",
    "at-spi2-core",
    "gir1.2-atspi-2.0",
    "python3-gi",
    "dbus-user-session",
];

#[test]
fn lightdm_asks_for_the_face_after_the_password() {
    let report = Machine::for_script("lightdm")
        .packages(DESKTOP)
        .packages(&["lightdm", "lightdm-gtk-greeter", "greetd"])
        .with("tests/vm/screens", "screens")
        .run()
        .unwrap();
    assert_eq!(report.pictures.len(), 6, "{:?}", report.pictures);
}

#[test]
fn greetd_asks_for_the_face_after_the_password() {
    Machine::for_script("greetd")
        .packages(DESKTOP)
        .packages(&["lightdm", "lightdm-gtk-greeter", "greetd"])
        .with("tests/vm/screens", "screens")
        .run()
        .unwrap();
}
