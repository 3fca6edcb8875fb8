//! The screens that follow from what the person does and what the daemon says.

use fpass_proto::{EnrolmentState, Label, Refusal, Strength, Verdict};

use super::*;

fn snapshot() -> Box<Snapshot> {
    Box::new(Snapshot {
        state: Ok(EnrolmentState::Enrolled),
        looks: Ok(Vec::new()),
        codes: Ok(0),
        attempts: Err(Refusal::CounterUnreadable),
        history: Ok(Vec::new()),
        cameras: Ok(Vec::new()),
        machine: Err(Refusal::Internal),
    })
}

/// A window that shows its pages.
fn at_pages() -> Model {
    let mut model = Model::default();
    assert_eq!(model.hear(Event::Read(Ok(snapshot()))), None);
    model
}

/// A window in which a task runs.
fn during(task: Task) -> Model {
    let mut model = at_pages();
    assert_eq!(model.intend(Intent::Start(task.clone())), Some(Request::Do(task)));
    model
}

fn codes() -> Codes {
    Codes::of(vec!["abcd-efgh".to_owned()])
}

fn every_task() -> [Task; 6] {
    [
        Task::Enrol(Label::default()),
        Task::Test,
        Task::Rename { old: "face".to_owned(), new: Label::default() },
        Task::Remove("face".to_owned()),
        Task::MakeCodes,
        Task::VoidCodes,
    ]
}

#[test]
fn the_first_answer_leads_to_the_pages_or_says_why_there_are_none() {
    let mut model = Model::default();
    assert_eq!(model.screen(), Screen::Asking);
    model.hear(Event::Read(Err(Failure::DaemonAbsent)));
    assert_eq!(model.screen(), Screen::Away);
    assert_eq!(model.absence(), Some(&Failure::DaemonAbsent));
    assert_eq!(model.intend(Intent::Reload), Some(Request::Read));
    assert_eq!(model.screen(), Screen::Asking);
    model.hear(Event::Read(Ok(snapshot())));
    assert_eq!(model.screen(), Screen::Pages);
    assert!(model.snapshot().is_some_and(Snapshot::is_enrolled));
}

#[test]
fn nothing_starts_unless_the_pages_are_shown() {
    let mut away = at_pages();
    away.hear(Event::Read(Err(Failure::DaemonGone)));
    for mut model in [Model::default(), away, during(Task::Test), during(Task::MakeCodes)] {
        let before = model.clone();
        for task in every_task() {
            assert_eq!(model.intend(Intent::Start(task)), None);
        }
        assert_eq!(model, before);
    }
}

#[test]
fn each_task_has_its_screen_and_can_be_stopped() {
    for task in every_task() {
        let is_enrolment = matches!(task, Task::Enrol(_));
        let mut model = during(task);
        let expected = if is_enrolment { Screen::Enrolling } else { Screen::Working };
        assert_eq!(model.screen(), expected);
        assert_eq!(model.intend(Intent::Reload), None);
        assert_eq!(model.intend(Intent::Stop), Some(Request::Stop));
        // It still runs until the daemon has ended it.
        assert_eq!(model.screen(), expected);
        assert_eq!(model.hear(Event::Ended(Err(Failure::Stopped))), Some(Request::Read));
        assert_eq!(model.screen(), Screen::Pages);
        assert_eq!(model.notice(), Some(&Err(Failure::Stopped)));
        assert_eq!(model.intend(Intent::Stop), None);
    }
}

#[test]
fn every_outcome_is_told_and_the_pages_are_read_again() {
    for outcome in [
        Ok(Done::Enrolled(Strength::Weak)),
        Ok(Done::Tested(Verdict::Match)),
        Ok(Done::Tested(Verdict::NoMatch)),
        Ok(Done::Renamed { old: "face".to_owned(), new: Label::default() }),
        Ok(Done::Removed("face".to_owned())),
        Ok(Done::CodesVoid),
        Err(Failure::Refused(Refusal::CameraBusy)),
        Err(Failure::Refused(Refusal::NotAuthorized)),
    ] {
        let mut model = during(Task::Test);
        assert_eq!(model.hear(Event::Ended(outcome.clone())), Some(Request::Read));
        assert_eq!(model.screen(), Screen::Pages);
        assert_eq!(model.notice(), Some(&outcome));
        assert_eq!(model.intend(Intent::NoticeRead), None);
        assert_eq!(model.notice(), None);
    }
}

#[test]
fn a_daemon_that_is_gone_is_told_on_a_screen_of_its_own() {
    for task in every_task() {
        let mut model = during(task);
        assert_eq!(model.hear(Event::Ended(Err(Failure::DaemonGone))), None);
        assert_eq!((model.screen(), model.notice()), (Screen::Away, None));
        assert_eq!(model.snapshot(), None);
    }
}

#[test]
fn codes_stay_until_they_are_kept_even_if_the_daemon_goes() {
    let mut model = during(Task::MakeCodes);
    assert_eq!(model.hear(Event::Ended(Ok(Done::Codes(codes())))), Some(Request::Read));
    assert_eq!(model.screen(), Screen::Codes);
    model.hear(Event::Read(Err(Failure::DaemonGone)));
    for intent in [Intent::Reload, Intent::Stop, Intent::Start(Task::Test), Intent::NoticeRead] {
        assert_eq!(model.intend(intent), None);
        assert_eq!(model.screen(), Screen::Codes);
    }
    assert_eq!(model.codes(), Some(&codes()));
    assert_eq!(model.intend(Intent::CodesKept), None);
    assert_eq!((model.codes(), model.screen()), (None, Screen::Away));
}

#[test]
fn an_enrolment_shows_hints_pictures_and_no_more_frames_than_wanted() {
    let mut model = during(Task::Enrol(Label::default()));
    model.hear(Event::Progress { taken: 9, wanted: 5, hint: Guidance::Good });
    let running = model.running().unwrap();
    assert_eq!((running.frames, running.hint), ((5, 5), Some(Guidance::Good)));
    assert!(!running.is_turning);
    model.hear(Event::Prompted(Prompt::LookThenTurnLeft));
    model.hear(Event::Prompted(Prompt::HoldStill));
    let running = model.running().unwrap();
    assert_eq!(running.prompt, Some(Prompt::HoldStill));
    assert!(running.is_turning, "how to log in without a turn stays");
}

#[test]
fn prompts_beyond_the_limit_and_words_after_the_end_change_nothing() {
    let mut model = during(Task::Test);
    for _ in 0..PROMPTS_MAX {
        model.hear(Event::Prompted(Prompt::Look));
    }
    model.hear(Event::Prompted(Prompt::TurnLeft));
    assert_eq!(model.running().unwrap().prompt, Some(Prompt::Look));

    let mut model = at_pages();
    let before = model.clone();
    for event in [
        Event::Prompted(Prompt::Look),
        Event::Progress { taken: 1, wanted: 5, hint: Guidance::Good },
        Event::Ended(Ok(Done::Codes(codes()))),
    ] {
        assert_eq!(model.hear(event), None);
        assert_eq!(model, before);
    }
}
