//! PAM transactions that run with fewer rights than a login.

use fpass_tests::machine::Machine;

#[test]
fn the_face_check_works_in_the_sandbox_of_polkits_agent_helper() {
    Machine::for_script("manners").run().unwrap();
}
