//! Logins on a private machine, as a table: who is let in, who is not, and what each is told.
//!
//! Without arguments the camera is a recording of test pictures. With `--camera DEVICE` it is a
//! real one, and whoever sits before it enrols and is asked to act the rows.

mod live;
mod rows;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use fpass_tests::{ALICE, Ground, GroundError, Login, Scene, scene::OBAMA};

use live::Person;
use rows::{ROWS, Row};
use table::{Ending, Line, Times};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let device = match arguments.as_slice() {
        [] => None,
        [option, device] if option == "--camera" => Some(device.as_str()),
        _ => {
            let _ = writeln!(io::stderr(), "usage: demo [--camera DEVICE]");
            return ExitCode::from(2);
        }
    };
    match play(device) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "demo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Plays every row that can be played; whether each came out as expected.
fn play(device: Option<&str>) -> Result<bool, GroundError> {
    let mut ground = Ground::new()?;
    ground.hide_logs();
    let mut person = device.map(|_| Person);
    if let Some(device) = device {
        ground.write_configuration(&format!("[camera]\ndevice = {device:?}\n"))?;
    }
    ground.camera_shows(&Scene::person(OBAMA))?;
    ground.start_daemon()?;
    say("alice sets up her F-pass: fpass-enroll add");
    if let Some(person) = &mut person {
        person.acts("Sit before the camera, alone.");
    }
    ground.enrol(ALICE)?;

    let mut lines = Vec::new();
    for row in &ROWS {
        let left_out = person.as_mut().is_some_and(|person| !person.acts(row.instruction));
        let ending = if left_out {
            None
        } else {
            say(row.case);
            Some(attempt(&mut ground, row, device.is_none())?)
        };
        let expected_in = row.code == "PAM_SUCCESS";
        lines.push(Line { case: row.case, expected_in, ending });
    }
    let text = table::render(&lines, &machine(&ground)?);
    let _ = io::stdout().write_all(text.as_bytes());
    let mut played = lines.iter().filter_map(|line| line.ending.as_ref()).peekable();
    Ok(played.peek().is_some() && played.all(|ending| ending.as_expected))
}

/// One login.
fn attempt(ground: &mut Ground, row: &Row, recorded: bool) -> Result<Ending, GroundError> {
    if recorded {
        ground.camera_shows(&(row.scene)())?;
    }
    if !row.daemon {
        ground.stop_daemon()?;
    }
    let before = ground.daemon_log().len();
    let login = Login::new(row.service, row.account.name, row.password);
    let transcript = ground.transact(&login)?;
    let log = ground.daemon_log().split_off(before);
    if !row.daemon {
        ground.start_daemon()?;
    }
    let sentence = match transcript.sentence() {
        "" => "(nothing: the password was wrong, so nobody was looked at)".to_owned(),
        sentence => sentence.to_owned(),
    };
    // Who sits before a real camera may be seen differently, but is let in or not all the same.
    let as_expected =
        transcript.code_name() == row.code && (!recorded || transcript.sentence() == row.sentence);
    Ok(Ending {
        let_in: transcript.admitted(),
        code: transcript.code_name(),
        sentence,
        times: Times {
            detect: table::field(&log, "detect_ms"),
            landmarks: table::field(&log, "landmarks_ms"),
            embed: table::field(&log, "embed_ms"),
            call: transcript.answers.first().map(|answer| answer.milliseconds),
        },
        as_expected,
    })
}

/// What the daemon says about itself, for the foot of the table.
fn machine(ground: &Ground) -> Result<String, GroundError> {
    Ok(ground.fpass_enroll("alice", &["status"])?.stdout)
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "- {text}");
}
