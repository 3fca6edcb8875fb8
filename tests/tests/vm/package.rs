//! The Debian package: installed, upgraded, removed and purged, with logins after each.

use fpass_tests::machine::{Machine, has_package};

#[test]
fn people_log_in_before_and_after_every_step_of_the_package() {
    if !has_package() {
        println!("not done: no package was made; make test and make test-vm make one");
        return;
    }
    Machine::for_script("package").run().unwrap();
}
