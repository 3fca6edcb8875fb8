//! What breaks before or while somebody logs in.

use fpass_tests::machine::Machine;

#[test]
fn whatever_breaks_the_login_is_refused_with_a_sentence_and_works_afterwards() {
    Machine::for_script("faults").run().unwrap();
}
