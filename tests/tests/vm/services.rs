//! Services of the distribution, with the F-pass line.

use fpass_tests::machine::Machine;

#[test]
fn each_service_admits_the_right_face_refuses_another_one_and_says_why() {
    Machine::for_script("services").with_turns().program("tmux").run().unwrap();
}
