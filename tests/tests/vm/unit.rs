//! The shipped unit.

use fpass_tests::machine::Machine;

#[test]
fn the_daemon_does_its_job_inside_the_sandbox_of_its_unit() {
    Machine::for_script("unit").run().unwrap();
}
