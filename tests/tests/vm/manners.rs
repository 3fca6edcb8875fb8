//! Where a PAM transaction has less than a login has.

use fpass_tests::machine::Machine;

#[test]
fn the_sandbox_of_polkits_agent_helper_is_room_enough() {
    Machine::for_script("manners").run().unwrap();
}
