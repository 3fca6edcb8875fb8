//! Faults before and during a login.

use fpass_tests::machine::Machine;

#[test]
fn each_fault_refuses_the_login_with_a_sentence_and_logins_work_afterwards() {
    Machine::for_script("faults").run().unwrap();
}
