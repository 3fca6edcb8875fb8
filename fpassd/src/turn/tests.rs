use std::{collections::HashSet, time::Duration};

use fpass_proto::Uid;

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    drawn_prompts::DrawnPrompts,
    kept_numbers::AttemptEnd,
    scripted::{POLICY, Scene, ScriptedCamera, ScriptedRecogniser, gallery},
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
    let (mut trace, mut cue) = (Trace::default(), |cue| asked.push(cue));
    let mut reports = TurnReports { trace: &mut trace, cue: &mut cue, hint: &mut |_| () };
    let gallery = gallery();
    let params = params(&gallery, demand);
    let outcome = verify_turn(&mut camera, &mut ScriptedRecogniser, &params, &limits, &mut reports);
    // A slow machine may see no frame before the deadline.
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(!compared.is_set());
    assert_eq!(asked.len(), 1);
    let Cue::Prompt(prompt) = asked[0] else { panic!("nobody turned: {asked:?}") };
    prompt
}

#[test]
fn attempts_that_show_nobody_ask_for_one_side_until_there_is_a_verdict() {
    let drawn = DrawnPrompts::default();
    let attempt = |demand, end| {
        let draw = drawn.of(Uid(1000), AttemptKind::Login);
        let asked = asked_of_nobody(&draw, demand);
        draw.end(end);
        asked
    };
    for demand in [LivenessDemand::Turn, LivenessDemand::Strict] {
        let mut asked = HashSet::new();
        for _ in 0..40 {
            let first = attempt(demand, AttemptEnd::Uncounted);
            let is_first = |_| attempt(demand, AttemptEnd::Uncounted) == first;
            assert!((0..20).all(is_first), "{demand:?}");
            assert_eq!(attempt(demand, AttemptEnd::Judged), first);
            asked.insert(first);
        }
        assert!(asked.len() >= 2, "{asked:?}");
    }
}

#[test]
fn an_interrupted_prompt_stays_and_one_that_was_not_followed_is_replaced_by_the_kept_turn() {
    let gallery = gallery();
    let drawn = DrawnPrompts::default();
    for demand in [LivenessDemand::Turn, LivenessDemand::Strict] {
        let params = params(&gallery, demand);
        let draw = drawn.of(Uid(1000), AttemptKind::Login);
        let PromptNumbers { first, retry } = draw.numbers(demand).unwrap();
        let planned = match demand {
            LivenessDemand::Turn => vec![liveness::Prompt::turn(first)],
            LivenessDemand::Strict => liveness::Prompt::three(first).to_vec(),
        };
        // Who shows a picture at the first prompt of one attempt after the other sees one sequence.
        for _ in 0..3 {
            let mut prompts = PromptSequence::new(&params, &draw).unwrap();
            for asked in &planned {
                assert_eq!(prompts.next(NextPrompt::Planned).0, *asked);
                for _ in 0..2 {
                    assert_eq!(prompts.next(NextPrompt::Same).0, *asked);
                }
            }
            let turn = liveness::Prompt::turn(retry);
            for next in [NextPrompt::New, NextPrompt::Same, NextPrompt::Planned] {
                assert_eq!(prompts.next(next).0, turn, "{next:?}");
            }
        }
    }
}
