//! Which camera F-pass uses.

use fpass_tests::machine::Machine;

#[test]
fn each_camera_is_explained_and_an_f_pass_is_bound_to_its_enrolment_camera() {
    Machine::for_script("choice").run().unwrap();
}
