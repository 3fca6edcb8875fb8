//! What the pages say about the state, and how tasks ended.

use fpass_language::{Wording, sentence};
use fpass_proto::limits::RECOVERY_CODES;
use fpass_proto::{
    CounterReport, EnrolmentState, PastAttempt, Refusal, Strength, TemplateReport, Verdict,
};

use crate::failure::Failure;
use crate::language::{spoken, told};
use crate::messages::{Done, Task};
use crate::model::Running;
use crate::snapshot::Part;

/// Whether there is an F-pass, and what that means.
pub(crate) fn state(state: &Part<EnrolmentState>) -> Wording {
    match state {
        Ok(EnrolmentState::Enrolled) => told!("Your F-pass is set up."),
        Ok(EnrolmentState::NeverEnrolled) => {
            told!("You have no F-pass yet. It lets your face confirm a login after your password.")
        }
        Ok(EnrolmentState::Removed) => {
            told!("Your F-pass was removed. Services that ask for your face refuse you.")
        }
        Err(refusal) => told_refusal(*refusal),
    }
}

/// The sentence of a refusal.
pub(crate) fn told_refusal(refusal: Refusal) -> Wording {
    refusal.text().wording(spoken())
}

/// The count of one kind of attempts, and what to do.
pub(crate) fn counter(counter: Option<&CounterReport>) -> Wording {
    let Some(CounterReport { failures, wait_s, disabled }) = counter else {
        return told!(
            "the count cannot be read; an administrator resets it with fpass-enroll unlock"
        );
    };
    let failed = match failures {
        0 => return told!("no failed attempts"),
        1 => told!("1 failed attempt"),
        more => told!("{more} failed attempts in a row", more = more),
    };
    if *disabled {
        told!("{failed}; disabled until an administrator runs fpass-enroll unlock", failed = failed)
    } else if *wait_s > 0 {
        told!("{failed}; locked for {seconds} s", failed = failed, seconds = wait_s)
    } else {
        failed
    }
}

/// How many recovery codes are left.
pub(crate) fn codes_left(left: &Part<u32>) -> Wording {
    match left {
        Ok(0) => told!("no codes"),
        Ok(left) => told!("{left} of {all} codes left", left = left, all = RECOVERY_CODES),
        Err(refusal) => told_refusal(*refusal),
    }
}

/// What a look is made of.
pub(crate) fn look(look: &TemplateReport, day: &str) -> Wording {
    told!(
        "Added on {day}; {samples} pictures, {adapted} more from logins",
        day = day,
        samples = look.samples,
        adapted = look.adapted,
    )
}

/// Where an attempt was made, and how often it ended so.
pub(crate) fn attempt_place(attempt: &PastAttempt) -> String {
    let service = match attempt.service.as_str() {
        "" => told!("self-test").into(),
        name => name.to_owned(),
    };
    match attempt.count {
        0 | 1 => service,
        count => told!("{service}, {count} times", service = service, count = count).into(),
    }
}

/// How an attempt ended, and what to do.
pub(crate) fn attempt_result(attempt: &PastAttempt) -> Wording {
    match (Verdict::parse(&attempt.result), Refusal::from_error_name(&attempt.result)) {
        (Some(verdict), _) => told_verdict(verdict),
        (None, Some(refusal)) => told_refusal(refusal),
        (None, None) => Failure::VersionSkew.sentence(),
    }
}

fn told_verdict(verdict: Verdict) -> Wording {
    match verdict {
        Verdict::Match => told!("Your face was recognised."),
        Verdict::NoMatch => told!(
            "Your face was not recognised. If it was you, try again in better light, turn your \
             head as asked, or add another look."
        ),
    }
}

/// How a task ended.
pub(crate) fn outcome(outcome: &Result<Done, Failure>) -> Wording {
    match outcome {
        Err(failure) => failure.sentence(),
        Ok(Done::Tested(verdict)) => told_verdict(*verdict),
        Ok(Done::Enrolled(Strength::Weak)) => told!(
            "Weak: you will often not be recognised. Remove this look and add it again near the \
             camera, in even light, following the hints."
        ),
        Ok(Done::Enrolled(Strength::Fair)) => told!(
            "Fair: you will be recognised in light like this. For other light or with glasses, \
             add another look."
        ),
        Ok(Done::Enrolled(Strength::Strong)) => told!("Strong: you will be recognised easily."),
        Ok(Done::Renamed { old, new }) => {
            told!("\"{old}\" is now \"{new}\".", old = plain(old), new = new.as_str())
        }
        Ok(Done::Removed(label)) => told!("Removed \"{label}\".", label = plain(label)),
        Ok(Done::Codes(_) | Done::CodesVoid) => told!("Your recovery codes are void."),
    }
}

/// What a person has to do while a task runs.
pub(crate) fn instruction(running: &Running) -> Wording {
    match (running.hint, running.prompt) {
        (Some(hint), _) => hint.text().wording(spoken()),
        (None, Some(prompt)) => prompt.text().wording(spoken()),
        (None, None) => match &running.task {
            Task::Test => told!("Look at the camera."),
            Task::Enrol(_) => told!("Confirm with your password when you are asked for it."),
            Task::Rename { .. } | Task::Remove(_) | Task::MakeCodes | Task::VoidCodes => told!(
                "Confirm with your password when you are asked for it, then look at the camera."
            ),
        },
    }
}

/// What a person does who cannot turn the head, once a turn was asked for.
pub(crate) fn way_without_turn(running: &Running) -> Option<Wording> {
    let sentence = sentence!(
        "If you cannot turn your head: log in with a recovery code, or ask an administrator for a \
         service without the turn."
    );
    running.is_turning.then(|| sentence.wording(spoken()))
}

/// A text of the daemon without control characters, in one line.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_and_the_lock_are_told() {
        let read = |failures, wait_s, disabled| {
            counter(Some(&CounterReport { failures, wait_s, disabled })).to_string()
        };
        assert!(counter(None).as_str().contains("fpass-enroll unlock"));
        assert!(read(20, 0, true).contains("fpass-enroll unlock"));
        assert_eq!(read(5, 30, false), "5 failed attempts in a row; locked for 30 s");
        assert_eq!(read(1, 0, false), "1 failed attempt");
        assert_eq!(read(0, 0, false), "no failed attempts");
    }

    #[test]
    fn an_attempt_tells_service_number_and_what_to_do() {
        let attempt = |service: &str, result: &str, count| PastAttempt {
            ended: 0,
            service: service.to_owned(),
            result: result.to_owned(),
            count,
        };
        let dark = Refusal::TooDark;
        for (seen, place, result) in [
            (attempt("sudo", dark.error_name(), 1), "sudo", dark.sentence()),
            (attempt("sudo", dark.error_name(), 3), "sudo, 3 times", dark.sentence()),
            (attempt("", "match", 1), "self-test", "Your face was recognised."),
        ] {
            assert_eq!(attempt_place(&seen), place);
            assert_eq!(attempt_result(&seen).as_str(), result);
        }
    }

    #[test]
    fn no_outcome_names_a_command_of_the_terminal() {
        for strength in Strength::ALL {
            let told = outcome(&Ok(Done::Enrolled(strength)));
            assert!(!told.as_str().contains("fpass-enroll"), "{told}");
        }
        for verdict in [Verdict::Match, Verdict::NoMatch] {
            assert!(!outcome(&Ok(Done::Tested(verdict))).as_str().contains("fpass-enroll"));
        }
        assert_eq!(
            outcome(&Ok(Done::Removed("a\nb".to_owned()))).as_str(),
            "Removed \"a\u{fffd}b\"."
        );
    }
}
