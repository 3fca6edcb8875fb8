use std::{collections::HashSet, time::Duration};

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    drawn_prompts::DrawnPrompts,
    scripted::{POLICY, Scene, ScriptedCamera, ScriptedRecogniser, draw, gallery},
    throttle::AttemptKind,
};

fn params(gallery: &Gallery, demand: LivenessDemand) -> TurnParams<'_> {
    TurnParams { gallery, policy: &POLICY, demand, opens: true }
}

/// What an attempt asks for while nobody is there.
fn asked_of_nobody(draw: &PromptDraw, demand: LivenessDemand) -> Prompt {
    let mut camera = ScriptedCamera::showing(&[Scene::Nobody, Scene::Nobody]);
    let started = Instant::now();
    let (deadline, cancel) = (started + Duration::from_millis(10), CancelFlag::default());
    let compared = ComparisonFlag::default();
    let limits = AttemptLimits { started, deadline, cancel: &cancel, compared: &compared, draw };
    let mut asked = Vec::new();
    let (mut trace, mut prompt) = (Trace::default(), |prompt| asked.push(prompt));
    let mut reports = TurnReports { trace: &mut trace, prompt: &mut prompt, hint: &mut |_| () };
    let gallery = gallery();
    let params = params(&gallery, demand);
    let outcome = verify_turn(&mut camera, &mut ScriptedRecogniser, &params, &limits, &mut reports);
    assert_eq!(outcome, Err(Refusal::NoFace));
    assert!(!compared.is_set());
    assert_eq!(asked.len(), 1);
    asked[0]
}

#[test]
fn attempts_that_show_nobody_ask_for_one_side_until_there_is_a_verdict() {
    let draw = draw();
    for demand in [LivenessDemand::Turn, LivenessDemand::Strict] {
        let mut asked = HashSet::new();
        for _ in 0..40 {
            let first = asked_of_nobody(&draw, demand);
            assert!((0..20).all(|_| asked_of_nobody(&draw, demand) == first), "{demand:?}");
            asked.insert(first);
            draw.forget(demand);
        }
        assert!(asked.len() >= 2, "{asked:?}");
    }
}

#[test]
fn only_a_verdict_leads_to_another_prompt() {
    let demand = LivenessDemand::Turn;
    let gallery = gallery();
    let params = params(&gallery, demand);
    let (cancel, compared, draw) = (CancelFlag::default(), ComparisonFlag::default(), draw());
    let started = Instant::now();
    let limits = AttemptLimits {
        started,
        deadline: started,
        cancel: &cancel,
        compared: &compared,
        draw: &draw,
    };
    let decide = |ending| {
        let before = draw.number(demand).unwrap();
        let decided = TurnWatch::new(&params, &limits).unwrap().decide(ending);
        (decided.is_ok(), draw.number(demand).unwrap() == before)
    };
    let failed = |failure| TurnEnding::Failed(failure);
    use liveness::{Interruption::*, LivenessFailure::*};
    let interruptions = [FaceLost, SecondFace, Jumped, Resized, OutOfOrder].map(Interrupted);
    for failure in [TooFewFrames, NotComparable, NoNeutral].into_iter().chain(interruptions) {
        assert_eq!(decide(failed(failure)), (false, true), "{failure:?}");
    }
    for failure in [WrongWay, Moved, NoTurn, AnotherPerson] {
        assert_eq!(decide(failed(failure)), (true, false), "{failure:?}");
    }
    for is_expected in [false, true] {
        assert_eq!(decide(TurnEnding::Accepted { is_expected }), (true, false));
    }
}

#[test]
fn a_prompt_is_asked_again_as_it_was_and_strict_ones_come_in_their_order() {
    let gallery = gallery();
    let draw = DrawnPrompts::default().of(fpass_proto::Uid(1000), AttemptKind::Login);
    for demand in [LivenessDemand::Turn, LivenessDemand::Strict] {
        let params = params(&gallery, demand);
        let number = draw.number(demand).unwrap();
        let planned = match demand {
            LivenessDemand::Turn => vec![liveness::Prompt::turn(number)],
            LivenessDemand::Strict => liveness::Prompt::three(number).to_vec(),
        };
        let mut prompts = PromptSequence::new(&params, &draw).unwrap();
        for asked in planned {
            assert_eq!(prompts.next().0, asked);
            assert_eq!([prompts.again().0, prompts.again().0], [asked; 2]);
        }
    }
}
