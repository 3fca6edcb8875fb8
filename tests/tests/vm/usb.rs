//! USB cameras.

use fpass_tests::machine::Machine;

#[test]
fn a_camera_is_named_by_its_ids_and_the_enrolment_camera_is_preferred_among_equals() {
    Machine::for_script("usb").run().unwrap();
}
