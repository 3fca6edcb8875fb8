//! Cameras at the USB.

use fpass_tests::machine::Machine;

#[test]
fn a_camera_is_meant_by_its_ids_and_that_of_the_enrolment_comes_before_others_of_the_same() {
    Machine::for_script("usb").run().unwrap();
}
