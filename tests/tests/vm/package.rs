//! The Debian package in a throw-away machine: installed, upgraded, removed and purged, with logins after each.

mod shared {
    use std::process::{Command, Stdio};

    use fpass_tests::{figures, machine::Share, tree};

    #[test]
    fn people_log_in_before_and_after_every_step_of_the_package() {
        let script = tree::root().join("scripts/deb");
        let built = Command::new(script).stdin(Stdio::null()).output().unwrap();
        let printed = String::from_utf8_lossy(&built.stdout);
        let complained = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{printed}{complained}");

        let share = Share::new("package").unwrap();
        share.models().unwrap();
        share.package().unwrap();
        let printed = share.run("package.sh").unwrap_or_else(|error| panic!("{error}"));
        assert!(printed.contains("== done"), "{printed}");
        figures::note("package.txt", printed.trim_end()).unwrap();
    }
}
