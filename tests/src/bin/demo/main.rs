//! Logins on a private machine as a table: who is admitted, who is not, and the sentence for each.
//!
//! The application of the logins has the locale that LANG names. In German, French, Spanish or
//! Chinese the sentences are in that language.
//!
//! Without arguments the camera is a recording of test pictures. With `--camera DEVICE` it is a
//! real one: the person in front of it enrols and is asked to act the rows.

mod live;
mod rows;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use fpass_language::Language;
use fpass_tests::{
    ALICE, Login, Scene, Testbed, TestbedError,
    listener::asked_side,
    scene::{Course, OBAMA},
};

use live::Person;
use rows::{ROWS, Row, Said};
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

/// Plays every row that can be played. Returns whether each ended as expected.
fn play(device: Option<&str>) -> Result<bool, TestbedError> {
    say("a private machine starts: bus, PAM services, accounts");
    let mut testbed = Testbed::new()?;
    testbed.hide_logs();
    let mut person = device.map(|_| Person);
    match device {
        Some(device) => {
            testbed.write_configuration(&format!("[camera]\ndevice = {device:?}\n"))?;
        }
        None => testbed.configure_turning("")?,
    }
    testbed.start_daemon()?;
    let locale = Locale::of_environment(&testbed);
    say("alice sets up her F-pass: fpass-enroll add");
    if let Some(person) = &mut person {
        person.acts("Sit in front of the camera, alone. Turn your head when you are asked to.");
    }
    enrol(&mut testbed)?;

    let mut lines = Vec::new();
    for (row, number) in ROWS.iter().zip(1..) {
        let left_out = person.as_mut().is_some_and(|person| !person.acts(row.instruction));
        let ending = if left_out {
            None
        } else {
            say(&format!("login {number} of {}: {}", ROWS.len(), row.case));
            // Pictures and wrong turns count twice, and five failures lock further logins.
            testbed.fpass_enroll("root", &["unlock", "--user", ALICE.name])?;
            Some(attempt(&mut testbed, row, &locale, device.is_none())?)
        };
        let expected_in = row.code == "PAM_SUCCESS";
        lines.push(Line { case: row.case, expected_in, ending });
    }
    let text = table::render(&lines, &machine(&testbed, &locale)?);
    let _ = io::stdout().write_all(text.as_bytes());
    let mut played = lines.iter().filter_map(|line| line.ending.as_ref()).peekable();
    Ok(played.peek().is_some() && played.all(|ending| ending.as_expected))
}

/// Alice sets up her F-pass, and turns her head when she is asked to.
fn enrol(testbed: &mut Testbed) -> Result<(), TestbedError> {
    let listener = testbed.camera_listens(|side| Scene::course(OBAMA, Course::Turn(side)))?;
    let run = testbed.fpass_enroll_heard_by(ALICE.name, &["add"], &listener)?;
    if run.code == Some(0) {
        return Ok(());
    }
    Err(TestbedError::Command {
        command: "fpass-enroll add".to_owned(),
        code: run.code,
        output: run.stdout + &run.stderr,
    })
}

/// One login.
fn attempt(
    testbed: &mut Testbed,
    row: &Row,
    locale: &Locale,
    recorded: bool,
) -> Result<Ending, TestbedError> {
    let listener = if recorded { Some(testbed.camera_listens(row.scene)?) } else { None };
    if !row.daemon {
        testbed.stop_daemon()?;
    }
    let before = testbed.daemon_log().len();
    let login = Login::new(row.service, row.account.name, row.password);
    let login = match &locale.name {
        Some(name) => login.in_locale(name),
        None => login,
    };
    let login = match &listener {
        Some(listener) => login.heard_by(listener),
        None => login,
    };
    let transcript = testbed.transact(&login)?;
    let log = testbed.daemon_log().split_off(before);
    if !row.daemon {
        testbed.start_daemon()?;
    }
    let sentence = match transcript.sentence() {
        "" => "(nothing: nobody was looked at)".to_owned(),
        sentence => sentence.to_owned(),
    };
    // A real camera may see the person differently, but the admission must be as expected.
    // A login that ends without a sentence of its own shows the prompt last.
    let is_told = match row.sentence {
        Said::Nothing => transcript.sentence().is_empty(),
        Said::Prompt => asked_side(transcript.sentence()).is_some(),
        Said::Sentence(sentence) => {
            transcript.sentence() == sentence.wording(locale.language).as_str()
        }
    };
    let as_expected = transcript.code_name() == row.code && (!recorded || is_told);
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

/// The daemon's status, for the foot of the table.
fn machine(testbed: &Testbed, locale: &Locale) -> Result<String, TestbedError> {
    let name = locale.name.as_deref().unwrap_or("C");
    let arguments = ["status", "--user", ALICE.name];
    Ok(testbed.run_with_variable(("LANG", name), "/usr/bin/fpass-enroll", &arguments)?.stdout)
}

/// The locale of the application.
struct Locale {
    /// Its name on the private machine; `None` for the one that a process begins with.
    name: Option<String>,
    /// The language that the user should read.
    language: Language,
}

impl Locale {
    /// Reads LANG. Unless it stands for English, the machine gets that locale.
    fn of_environment(testbed: &Testbed) -> Self {
        let lang = std::env::var("LANG").unwrap_or_default();
        let (place, codeset) = lang.split_once('.').unwrap_or((&lang, ""));
        let language = Language::of_program(place, codeset);
        if language == Language::English {
            return Self { name: None, language };
        }
        match testbed.make_locale(place, codeset) {
            Ok(name) => Self { name: Some(name), language },
            Err(error) => {
                say(&format!("in English, because there is no locale {lang}: {error}"));
                Self { name: None, language: Language::English }
            }
        }
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "- {text}");
}
