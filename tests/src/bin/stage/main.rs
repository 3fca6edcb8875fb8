//! Commands on a private machine, for pictures of their terminal: `stage CLIP DIRECTORY`. The
//! camera plays the clip. What each terminal of 80 columns and 24 lines got goes into a file of
//! the directory.

#![forbid(unsafe_code)]

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use fpass_tests::Testbed;

/// Files, who runs the command, and the command. Ctrl-C ends what waits for a person.
const SHOTS: [(&str, &str, &str); 5] = [
    ("preview", "alice", "timeout --foreground --signal=INT 5 fpass-enroll preview"),
    ("enrolment", "alice", "timeout --foreground --signal=INT 8 fpass-enroll add --label glasses"),
    ("why", "alice", "fpass-enroll verify; clear; fpass-enroll why"),
    ("doctor", "root", "fpass-enroll doctor"),
    ("setup", "root", "timeout --foreground --signal=INT 8 fpass-enroll setup --user alice"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let played = match arguments.as_slice() {
        [clip, directory] => play(Path::new(clip), Path::new(directory)),
        _ => Err("usage: stage CLIP DIRECTORY".into()),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stage: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(clip: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut testbed = Testbed::with_alice()?;
    testbed.hide_logs();
    testbed.camera_plays(clip)?;
    for (name, user, command) in SHOTS {
        let line = format!("stty rows 24 columns 80; {command}");
        let terminal =
            ["TERM=xterm-256color", "COLORTERM=truecolor", "script", "-qefc", &line, "/dev/null"];
        let run = testbed.run(user, "env", &terminal)?;
        fs::write(directory.join(name), run.stdout)?;
    }
    Ok(())
}
