//! Whole machines: the shipped unit under a real systemd, with a real V4L2 camera.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows the functions beside the tests as production code"
)]

#[path = "vm/package.rs"]
mod package;

mod shared {
    use fpass_tests::{
        Scene, figures,
        machine::Share,
        scene::{BIDEN, OBAMA},
    };

    #[test]
    fn the_daemon_does_its_job_inside_the_sandbox_of_its_unit() {
        let share = Share::new("unit").unwrap();
        share.stage().unwrap();
        share.frames("alice", &Scene::person(OBAMA)).unwrap();
        share.frames("bob", &Scene::person(BIDEN)).unwrap();
        let printed = share.run("unit.sh").unwrap_or_else(|error| panic!("{error}"));
        assert!(printed.contains("== done"), "{printed}");
        figures::note("vm.txt", printed.trim_end()).unwrap();
    }
}
