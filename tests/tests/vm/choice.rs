//! Which camera is used.

use fpass_tests::machine::Machine;

#[test]
fn each_camera_is_explained_and_an_f_pass_is_held_to_the_one_of_its_enrolment() {
    Machine::for_script("choice").run().unwrap();
}
