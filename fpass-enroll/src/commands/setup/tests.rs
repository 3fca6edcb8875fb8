use std::cell::RefCell;
use std::collections::VecDeque;

use super::machine::Holdings;
use super::*;

/// A machine that notes what is done to it.
#[derive(Default)]
struct FakeMachine {
    done: RefCell<Vec<String>>,
    /// Commands that fail, by their first words, each once.
    failing: RefCell<Vec<(&'static str, u8)>>,
    holdings: RefCell<Holdings>,
    asking: RefCell<Vec<String>>,
}

impl FakeMachine {
    fn note(&self, line: String) -> u8 {
        let mut failing = self.failing.borrow_mut();
        let code = match failing.iter().position(|(start, _)| line.starts_with(start)) {
            Some(index) => failing.remove(index).1,
            None => 0,
        };
        if code == 0 && line.starts_with("add") {
            self.holdings.borrow_mut().is_enrolled = true;
        }
        if code == 0 && line.starts_with("recovery-codes") {
            self.holdings.borrow_mut().codes = 10;
        }
        if code == 0 && line.starts_with("pam enable --recovery sudo") {
            self.asking.borrow_mut().extend(["sudo", "sudo-i"].map(str::to_owned));
        }
        if line.starts_with("pam disable") {
            self.asking.borrow_mut().clear();
        }
        self.done.borrow_mut().push(line);
        code
    }
}

impl SetupMachine for FakeMachine {
    fn command(&self, words: &[String]) -> Result<u8, Error> {
        Ok(self.note(words.join(" ")))
    }

    fn models(&self, command: &str) -> Result<u8, Error> {
        Ok(self.note(format!("models {command}")))
    }

    fn holdings(&self) -> Result<Holdings, Error> {
        Ok(*self.holdings.borrow())
    }

    fn services(&self) -> Result<Vec<String>, Error> {
        Ok(["login", "su", "sudo", "sudo-i"].map(str::to_owned).to_vec())
    }

    fn asking(&self) -> Result<Vec<String>, Error> {
        Ok(self.asking.borrow().clone())
    }
}

/// Answers in order; then the first answer of each question.
#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    lines: VecDeque<&'static str>,
    asked: usize,
}

impl Dialogue for Script {
    fn choose(&mut self, question: &str, answers: &[Answer]) -> Result<Answer, Error> {
        self.asked += 1;
        let answer = self.answers.pop_front().unwrap_or(answers[0]);
        assert!(answers.contains(&answer), "{question}: {answer:?}");
        Ok(answer)
    }

    fn line(&mut self, _question: &str) -> Result<String, Error> {
        Ok(self.lines.pop_front().unwrap_or_default().to_owned())
    }
}

/// Answers nothing, as with `--yes`.
struct Nobody;

impl Dialogue for Nobody {
    fn choose(&mut self, _question: &str, _answers: &[Answer]) -> Result<Answer, Error> {
        Ok(Answer::Yes)
    }

    fn line(&mut self, _question: &str) -> Result<String, Error> {
        Ok(String::new())
    }
}

fn arguments() -> SetupArgs {
    let (services, skip, only) = (Vec::new(), Vec::new(), Vec::new());
    SetupArgs { user: None, services, skip, only, yes: false }
}

fn run(machine: &FakeMachine, dialogue: &mut dyn Dialogue, arguments: &SetupArgs) -> ExitCode {
    let stopped = AtomicBool::new(false);
    let user = UserName::parse("alice").unwrap();
    Setup { machine, dialogue, stopped: &stopped, user, changed: Vec::new() }
        .run(arguments)
        .unwrap()
}

/// Every command of a machine without anything.
const ALL: [&str; 8] = [
    "models verify",
    "cameras",
    "add --user alice",
    "verify --user alice",
    "recovery-codes --user alice",
    "pam enable --recovery --dry-run sudo sudo-i",
    "pam enable --recovery sudo sudo-i",
    "check-pam sudo sudo-i",
];

#[test]
fn each_step_is_made_in_order_with_and_without_questions() {
    let machine = FakeMachine::default();
    let mut script = Script::default();
    assert_eq!(run(&machine, &mut script, &arguments()), ExitCode::Done);
    assert_eq!(*machine.done.borrow(), ALL);
    assert_eq!(script.asked, SetupStep::ALL.len() + 1);
    let machine = FakeMachine::default();
    let unattended = SetupArgs { yes: true, ..arguments() };
    assert_eq!(run(&machine, &mut Nobody, &unattended), ExitCode::Done);
    assert_eq!(*machine.done.borrow(), ALL);
}

#[test]
fn missing_models_are_fetched_and_what_is_done_is_not_done_twice() {
    let machine = FakeMachine::default();
    machine.failing.borrow_mut().push(("models verify", 7));
    *machine.holdings.borrow_mut() = Holdings { is_enrolled: true, codes: 3 };
    machine.asking.borrow_mut().extend(["sudo", "sudo-i"].map(str::to_owned));
    assert_eq!(run(&machine, &mut Script::default(), &arguments()), ExitCode::Done);
    let done = machine.done.borrow();
    assert_eq!(done[..2], ["models verify", "models install"]);
    assert!(
        !done
            .iter()
            .any(|line| ["add", "pam", "recovery"].iter().any(|word| line.starts_with(word)))
    );
}

#[test]
fn the_administrator_stops_skips_and_repeats() {
    for stop_at in 0..SetupStep::ALL.len() {
        let machine = FakeMachine::default();
        let mut answers: VecDeque<Answer> = [Answer::Yes].repeat(stop_at).into();
        answers.push_back(Answer::Stop);
        let mut script = Script { answers, ..Script::default() };
        assert_eq!(run(&machine, &mut script, &arguments()), ExitCode::Interrupted, "{stop_at}");
        let done = machine.done.borrow();
        assert!(done.iter().zip(ALL).all(|(done, wanted)| done == wanted), "{done:?}");
        assert_eq!(done.contains(&ALL[6].to_owned()), stop_at > 7, "{stop_at}");
    }
    let machine = FakeMachine::default();
    machine.failing.borrow_mut().push(("verify", 1));
    let answers = [Answer::Yes, Answer::Skip, Answer::Yes, Answer::Yes, Answer::Repeat].into();
    let mut script = Script { answers, ..Script::default() };
    assert_eq!(run(&machine, &mut script, &arguments()), ExitCode::Done);
    let done = machine.done.borrow();
    assert!(!done.contains(&"cameras".to_owned()));
    assert_eq!(done.iter().filter(|line| line.starts_with("verify")).count(), 2);
}

#[test]
fn without_questions_the_first_failure_ends_the_setup_with_its_code() {
    let machine = FakeMachine::default();
    machine.failing.borrow_mut().push(("pam enable --recovery --dry-run", 20));
    let unattended = SetupArgs { yes: true, ..arguments() };
    assert_eq!(run(&machine, &mut Nobody, &unattended), ExitCode::StackBroken);
    assert!(machine.asking.borrow().is_empty());
}

#[test]
fn a_service_that_does_not_let_the_user_in_no_longer_asks() {
    let machine = FakeMachine::default();
    let mut answers: VecDeque<Answer> = [Answer::Yes].repeat(SetupStep::ALL.len()).into();
    answers.push_back(Answer::No);
    let mut script = Script { answers, ..Script::default() };
    assert_eq!(run(&machine, &mut script, &arguments()), ExitCode::Done);
    assert_eq!(machine.done.borrow().last().unwrap(), "pam disable sudo sudo-i");
    assert!(machine.asking.borrow().is_empty());
}

#[test]
fn only_what_this_run_changed_is_undone() {
    let machine = FakeMachine::default();
    *machine.holdings.borrow_mut() = Holdings { is_enrolled: true, codes: 3 };
    machine.asking.borrow_mut().push("login".to_owned());
    let services = ["login", "sudo"].map(|name| ServiceName::parse(name).unwrap()).to_vec();
    let given = SetupArgs { services, ..arguments() };
    let mut answers: VecDeque<Answer> = [Answer::Yes].repeat(SetupStep::ALL.len()).into();
    answers.push_back(Answer::No);
    let mut script = Script { answers, ..Script::default() };
    assert_eq!(run(&machine, &mut script, &given), ExitCode::Done);
    assert_eq!(machine.done.borrow().last().unwrap(), "pam disable sudo");
}

#[test]
fn nothing_asks_for_a_face_that_nobody_set_up() {
    for skip in [SetupStep::Enrol, SetupStep::Codes] {
        let machine = FakeMachine::default();
        let unattended = SetupArgs { yes: true, skip: vec![skip], ..arguments() };
        assert_eq!(run(&machine, &mut Nobody, &unattended), ExitCode::NotEnrolled, "{skip:?}");
        assert!(machine.asking.borrow().is_empty());
    }
}

#[test]
fn services_are_chosen_by_a_line_or_given() {
    let machine = FakeMachine::default();
    let lines = ["../shadow su", "su login"].into();
    let mut script = Script { lines, ..Script::default() };
    *machine.holdings.borrow_mut() = Holdings { is_enrolled: true, codes: 3 };
    let only = vec![SetupStep::Services, SetupStep::Enable];
    let chosen = SetupArgs { only, ..arguments() };
    assert_eq!(run(&machine, &mut script, &chosen), ExitCode::Done);
    assert_eq!(*machine.done.borrow(), ["pam enable --recovery su login"]);
    let machine = FakeMachine::default();
    *machine.holdings.borrow_mut() = Holdings { is_enrolled: true, codes: 3 };
    let services = vec![ServiceName::parse("login").unwrap()];
    let skip = vec![SetupStep::Models, SetupStep::Camera, SetupStep::Enrol, SetupStep::Test];
    let given = SetupArgs { services, skip, ..arguments() };
    let mut script = Script { lines: ["su"].into(), ..Script::default() };
    assert_eq!(run(&machine, &mut script, &given), ExitCode::Done);
    assert!(machine.done.borrow().contains(&"check-pam login".to_owned()));
}

#[test]
fn the_effect_of_a_restart_is_told() {
    let machine = FakeMachine::default();
    let stopped = AtomicBool::new(false);
    let mut script = Script::default();
    let user = UserName::parse("alice").unwrap();
    let setup = Setup {
        machine: &machine,
        dialogue: &mut script,
        stopped: &stopped,
        user,
        changed: Vec::new(),
    };
    assert!(setup.after_restart().unwrap().as_str().contains("as before"));
    machine.asking.borrow_mut().push("sudo".to_owned());
    assert!(setup.after_restart().unwrap().as_str().contains("alice has no F-pass"));
    *machine.holdings.borrow_mut() = Holdings { is_enrolled: true, codes: 3 };
    assert!(
        setup
            .after_restart()
            .unwrap()
            .as_str()
            .contains("alice has an F-pass; users without one would be refused")
    );
}
