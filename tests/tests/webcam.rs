//! Two people in front of an ordinary webcam, on two days each, at the default operating point.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "clippy knows the functions between the tests as production code"
)]

mod shared {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use fpass_tests::{ALICE, Account, BOB, Reply, Testbed};

    const PEOPLE: [(&str, Account); 2] = [("person-a", ALICE), ("person-b", BOB)];

    fn recordings() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/webcam")
    }

    /// The clips of a person's session, in order.
    fn clips(person: &str, session: &str) -> Vec<PathBuf> {
        let directory = recordings().join(person).join(session);
        let entries = fs::read_dir(&directory).unwrap_or_else(|error| {
            panic!("{} cannot be read: {error}", directory.display());
        });
        let mut clips: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        clips.sort();
        assert!(clips.len() >= 10, "{} clips in {}", clips.len(), directory.display());
        clips
    }

    /// Unpacks clips, one after the other, into one clip for the camera.
    fn unpack(clips: &[PathBuf], into: &Path) {
        let list: String = clips
            .iter()
            .map(|clip| format!("file '{}'\n", fs::canonicalize(clip).unwrap().display()))
            .collect();
        let names = into.with_extension("txt");
        fs::write(&names, list).unwrap();
        let ffmpeg = Command::new("ffmpeg")
            .args(["-v", "error", "-y", "-nostdin", "-f", "concat", "-safe", "0", "-i"])
            .arg(&names)
            .args(["-pix_fmt", "yuv420p"])
            .arg(into)
            .status();
        assert!(ffmpeg.expect("ffmpeg; scripts/system-packages installs it").success());
    }

    #[test]
    fn who_enrolled_in_one_session_is_recognised_in_every_clip_of_the_other_and_nobody_else_is() {
        let mut testbed = Testbed::new().unwrap();
        let scratch = Path::new("/run/testbed/unpacked.y4m");
        testbed.start_daemon().unwrap();
        for (person, account) in PEOPLE {
            unpack(&clips(person, "session-1"), scratch);
            testbed.camera_plays(scratch).unwrap();
            testbed.enrol(account).unwrap();
        }
        let (mut genuine, mut impostor) = (0, 0);
        for (person, _) in PEOPLE {
            for session in ["session-1", "session-2"] {
                for clip in clips(person, session) {
                    unpack(std::slice::from_ref(&clip), scratch);
                    testbed.camera_plays(scratch).unwrap();
                    for (owner, account) in PEOPLE {
                        let same = owner == person;
                        if same && session == "session-1" {
                            continue;
                        }
                        let answer = if same { "match" } else { "no-match" };
                        let reply = testbed.verify("root", account).unwrap();
                        assert_eq!(reply, Reply::word(answer), "{owner} {}", clip.display());
                        // Locks would hide comparisons: every stranger is to be judged.
                        let unlock = ["unlock", "--user", account.name];
                        assert_eq!(testbed.fpass_enroll("root", &unlock).unwrap().code, Some(0));
                        *(if same { &mut genuine } else { &mut impostor }) += 1;
                    }
                }
            }
        }
        assert_eq!((genuine, impostor), (28, 56));
    }
}
