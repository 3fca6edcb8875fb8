//! Whole attempts: a made head or sheet in front of the camera, frame by frame.

#![expect(clippy::cast_possible_truncation, reason = "made values")]

use std::cell::RefCell;
use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::embedder::EMBEDDING_LENGTH;
use crate::geometry::FaceBox;
use crate::liveness::decide::Interruption;
use crate::liveness::scene::{Scene, Texture, placed};
use crate::observation::Face;
use crate::quality::Quality;

/// Time between two frames, as a camera with 20 frames a second gives them.
const STEP: u64 = 50;

/// What a frame shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    /// A head that is turned by this many degrees.
    Head(i32),
    /// The picture of a head, foreshortened as by this many degrees.
    Sheet(i32),
    Nobody,
    Two,
}

fn person(number: usize) -> Embedding {
    let mut values = [0.0; EMBEDDING_LENGTH];
    values[number] = 1.0;
    Embedding::from_values(&values).unwrap()
}

/// One attempt with its scripted camera.
struct Player {
    attempt: LivenessAttempt,
    time: Duration,
    /// Who is in front of the camera, and who is expected.
    person: usize,
    /// Whether the frames match, and whether that is settled; by the person if `None`.
    verdict: Option<(bool, bool)>,
    asked: u32,
}

thread_local! {
    static FRAMES: RefCell<HashMap<String, (Vec<u8>, Landmarks5)>> = RefCell::default();
}

fn frame(shown: Shown) -> Option<(Vec<u8>, Landmarks5)> {
    let make = || {
        let texture = Texture::new(7);
        match shown {
            Shown::Head(yaw) => Scene::relief(&texture, yaw.into()),
            Shown::Sheet(yaw) => {
                let cos = f64::from(yaw).to_radians().cos();
                Scene::sheet(&texture, &placed(), |u, v| [u * cos, v])
            }
            Shown::Nobody | Shown::Two => unreachable!("no face"),
        }
    };
    if matches!(shown, Shown::Nobody | Shown::Two) {
        return None;
    }
    Some(FRAMES.with_borrow_mut(|frames| {
        let entry = frames.entry(format!("{shown:?}")).or_insert_with(|| {
            let scene = make();
            (scene.pixels, scene.landmarks)
        });
        entry.clone()
    }))
}

fn face(landmarks: Landmarks5) -> Face {
    let quality = Quality {
        face_width_px: 140.0,
        face_share: 0.4,
        visible: 1.0,
        yaw: 0.0,
        pitch: 0.0,
        roll: 0.0,
        brightness: 120.0,
        contrast: 60.0,
        sharpness: 1.0,
    };
    let bounds = FaceBox::clip(100.0, 70.0, 120.0, 160.0, 320, 320).unwrap();
    Face { bounds, landmarks, confidence: 0.9, quality }
}

impl Player {
    fn asked(demand: LivenessDemand, prompt: Prompt) -> Self {
        let template = DepthTemplate::embedded().unwrap();
        let mut attempt = LivenessAttempt::new(&template, demand);
        attempt.ask(prompt, Duration::ZERO);
        Self { attempt, time: Duration::ZERO, person: 0, verdict: None, asked: 1 }
    }

    fn ask(&mut self, prompt: Prompt) {
        self.attempt.ask(prompt, self.time);
        self.asked += 1;
    }

    /// Shows one frame.
    fn show(&mut self, shown: Shown) -> AttemptStep {
        self.time += Duration::from_millis(STEP);
        let (pixels, observation) = match (shown, frame(shown)) {
            (_, Some((pixels, landmarks))) => (pixels, Observation::OneFace(face(landmarks))),
            (Shown::Two, None) => (vec![90; 320 * 320 * 3], Observation::SeveralFaces(2)),
            (_, None) => (vec![90; 320 * 320 * 3], Observation::NoFace { frame_brightness: 90.0 }),
        };
        let view = RgbView::new(320, 320, &pixels).unwrap();
        let need = self.attempt.look(self.time, &view, &observation);
        let embedding = person(self.person);
        let wanted = matches!(need, FrameNeed::Neutral | FrameNeed::Embedding);
        let embedding = wanted.then_some(&embedding);
        let (is_expected, is_settled) = self.verdict.unwrap_or((self.person == 0, true));
        self.attempt.judge(&view, FrameIdentity { embedding, is_expected, is_settled })
    }

    /// Shows frames for this many milliseconds, until one of them is followed by more than the next
    /// one.
    fn play(&mut self, milliseconds: u64, shown: impl Fn(u64) -> Shown) -> AttemptStep {
        for time in (0..milliseconds).step_by(STEP as usize) {
            let step = self.show(shown(time));
            if step != AttemptStep::Continue {
                return step;
            }
        }
        AttemptStep::Continue
    }

    fn still(&mut self, milliseconds: u64) -> AttemptStep {
        self.play(milliseconds, |_| Shown::Head(0))
    }

    /// A head that turns by 24° in 0.8 s; positive to its own left.
    fn turn(&mut self, sign: i32) -> AttemptStep {
        self.play(900, |time| Shown::Head(sign * (time as i32 * 30 / 1000).min(24)))
    }
}

const LIVE: AttemptStep = AttemptStep::Accepted { is_expected: true };

fn turning() -> Player {
    Player::asked(LivenessDemand::Turn, Prompt::Left)
}

#[test]
fn a_head_that_turns_as_asked_is_accepted_and_to_the_other_side_fails() {
    for (prompt, sign) in [(Prompt::Left, 1), (Prompt::Right, -1)] {
        let mut player = Player::asked(LivenessDemand::Turn, prompt);
        assert_eq!(player.still(600), AttemptStep::Continue);
        assert_eq!(player.turn(sign), LIVE, "{prompt:?}");
        assert!(player.attempt.first_neutral() <= Some(Duration::from_millis(400)));
        let mut player = Player::asked(LivenessDemand::Turn, prompt);
        assert_eq!(player.still(600), AttemptStep::Continue);
        let wrong = AttemptStep::Failed(LivenessFailure::WrongWay);
        assert_eq!(player.turn(-sign), wrong, "{prompt:?}");
    }
}

#[test]
fn people_may_read_for_longer_than_a_turn_may_take() {
    let mut player = turning();
    assert_eq!(player.still(6_000), AttemptStep::Continue);
    assert_eq!(player.turn(1), LIVE);
}

#[test]
fn without_a_turn_the_prompt_is_asked_twice() {
    let mut player = turning();
    assert_eq!(player.still(9_000), AttemptStep::Ask);
    assert_eq!(player.attempt.next_prompt(), NextPrompt::New);
    assert!(player.time > LivenessAttempt::PROMPT_MAX);
    player.ask(Prompt::Right);
    let no_turn = AttemptStep::Failed(LivenessFailure::NoTurn);
    assert_eq!(player.still(9_000), no_turn);
    // The second prompt can be followed as well.
    let mut player = turning();
    assert_eq!(player.still(9_000), AttemptStep::Ask);
    player.ask(Prompt::Right);
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.turn(-1), LIVE);
}

#[test]
fn a_picture_that_is_turned_is_no_turn() {
    let mut player = turning();
    assert_eq!(player.play(600, |_| Shown::Sheet(0)), AttemptStep::Continue);
    let tilted = |time| Shown::Sheet((time as i32 / 25).min(30));
    let mut step = player.play(9_000, tilted);
    if step == AttemptStep::Ask {
        player.ask(Prompt::Left);
        player.play(600, |_| Shown::Sheet(0));
        step = player.play(9_000, tilted);
    }
    assert_eq!(step, AttemptStep::Failed(LivenessFailure::NoTurn));
}

#[test]
fn another_person_who_turns_is_not_the_one_of_the_neutral_frame() {
    let mut player = turning();
    for round in 0..2 {
        player.person = 0;
        assert_eq!(player.still(600), AttemptStep::Continue);
        // The other one takes over when the head is on its way.
        player.play(300, |time| Shown::Head(time as i32 * 30 / 1000));
        player.person = 1;
        player.play(600, |time| Shown::Head((9 + time as i32 * 30 / 1000).min(24)));
        let step = player.play(9_000, |_| Shown::Head(24));
        if round == 0 {
            assert_eq!(step, AttemptStep::Ask);
            assert_eq!(player.attempt.next_prompt(), NextPrompt::New);
            player.ask(Prompt::Left);
        } else {
            assert_eq!(step, AttemptStep::Failed(LivenessFailure::AnotherPerson));
        }
    }
}

#[test]
fn the_newest_neutral_frame_counts_and_tells_whose_turn_it_is() {
    // Somebody else takes the place, at the same time as somebody who looks alike would.
    let mut player = turning();
    assert_eq!(player.attempt.neutral_time(), None);
    assert_eq!(player.still(600), AttemptStep::Continue);
    let taken = player.attempt.neutral_time();
    assert!(taken.is_some());
    player.person = 1;
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert!(player.attempt.neutral_time() > taken);
    assert_eq!(player.turn(1), AttemptStep::Accepted { is_expected: false });
    // A stranger alone goes through the same prompt, and is no expected person at its end.
    let mut player = turning();
    player.person = 1;
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.turn(1), AttemptStep::Accepted { is_expected: false });
}

#[test]
fn a_frame_that_does_not_match_keeps_the_match_of_the_same_face_only() {
    for (person, is_settled, is_expected) in [(0, false, true), (1, false, false), (0, true, false)]
    {
        let mut player = turning();
        assert_eq!(player.still(600), AttemptStep::Continue);
        // From now on no frame matches.
        player.person = person;
        player.verdict = Some((false, is_settled));
        assert_eq!(player.still(600), AttemptStep::Continue);
        let step = player.turn(1);
        assert_eq!(step, AttemptStep::Accepted { is_expected }, "{person} {is_settled}");
    }
}

#[test]
fn nobody_is_no_suspicion_unless_a_picture_was_shown_before() {
    let mut player = turning();
    let nobody = AttemptStep::Failed(LivenessFailure::NoNeutral);
    assert_eq!(player.play(9_000, |_| Shown::Nobody), nobody);
    let mut player = turning();
    assert_eq!(player.still(9_000), AttemptStep::Ask);
    player.ask(Prompt::Right);
    assert_eq!(player.attempt.conclude(player.time), LivenessFailure::NoTurn);
    let no_turn = AttemptStep::Failed(LivenessFailure::NoTurn);
    assert_eq!(player.play(9_000, |_| Shown::Nobody), no_turn);
}

#[test]
fn a_lost_face_and_a_second_one_begin_the_prompt_again_twice() {
    for (shown, interruption) in
        [(Shown::Nobody, Interruption::FaceLost), (Shown::Two, Interruption::SecondFace)]
    {
        let mut player = turning();
        for _ in 0..2 {
            assert_eq!(player.still(600), AttemptStep::Continue);
            assert_eq!(player.play(600, |_| shown), AttemptStep::Ask, "{shown:?}");
            assert_eq!(player.attempt.next_prompt(), NextPrompt::Same);
            player.ask(Prompt::Left);
        }
        assert_eq!(player.still(600), AttemptStep::Continue);
        let failure = LivenessFailure::Interrupted(interruption);
        assert_eq!(player.play(600, |_| shown), AttemptStep::Failed(failure));
        assert_eq!(player.asked, 3);
    }
}

#[test]
fn three_prompts_are_followed_one_after_the_other() {
    let mut player = Player::asked(LivenessDemand::Strict, Prompt::Left);
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.turn(1), AttemptStep::Ask);
    assert_eq!(player.attempt.next_prompt(), NextPrompt::Planned);
    player.ask(Prompt::Still);
    assert_eq!(player.still(2_500), AttemptStep::Ask);
    player.ask(Prompt::Right);
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.turn(-1), LIVE);
}

#[test]
fn one_followed_prompt_of_somebody_else_is_enough_to_be_unexpected() {
    let mut player = Player::asked(LivenessDemand::Strict, Prompt::Left);
    player.person = 1;
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.turn(1), AttemptStep::Ask);
    player.person = 0;
    player.ask(Prompt::Still);
    assert_eq!(player.still(2_500), AttemptStep::Ask);
    player.ask(Prompt::Still);
    assert_eq!(player.still(2_500), AttemptStep::Accepted { is_expected: false });
}

#[test]
fn an_attempt_that_must_end_fails_as_far_as_it_got() {
    let mut player = turning();
    assert_eq!(player.attempt.conclude(player.time), LivenessFailure::NoNeutral);
    assert_eq!(player.still(2_000), AttemptStep::Continue);
    assert_eq!(player.attempt.conclude(player.time), LivenessFailure::NoTurn);
}

#[test]
fn the_progress_follows_the_head_no_matter_whose_it_is() {
    let progress = |person, verdict| {
        let mut player = turning();
        (player.person, player.verdict) = (person, verdict);
        let mut seen = Vec::new();
        for frame in 0..40_i32 {
            let step = player.show(Shown::Head(((frame - 14) * 3 / 2).clamp(0, 24)));
            seen.push(player.attempt.progress());
            if step != AttemptStep::Continue {
                break;
            }
        }
        seen
    };
    let user = progress(0, None);
    assert!(user.iter().any(|share| *share >= 1.0), "{user:?}");
    for person in [0, 1] {
        for verdict in [(true, true), (true, false), (false, true), (false, false)] {
            assert_eq!(progress(person, Some(verdict)), user, "{person} {verdict:?}");
        }
    }
}

#[test]
fn the_progress_follows_the_turn_and_the_issue_its_start() {
    let mut player = turning();
    player.play(200, |_| Shown::Head(20));
    assert_eq!(player.attempt.issue(), Some(NeutralIssue::Turned));
    assert_eq!(player.attempt.progress(), 0.0);
    assert_eq!(player.still(600), AttemptStep::Continue);
    assert_eq!(player.attempt.issue(), None);
    player.show(Shown::Head(10));
    assert!((0.5..1.0).contains(&player.attempt.progress()), "{}", player.attempt.progress());
    player.show(Shown::Head(-10));
    assert_eq!(player.attempt.progress(), 0.0);
}

#[test]
fn without_a_prompt_nothing_is_judged() {
    let template = DepthTemplate::embedded().unwrap();
    let attempt = LivenessAttempt::new(&template, LivenessDemand::Turn);
    let mut player = Player { attempt, time: Duration::ZERO, person: 0, verdict: None, asked: 0 };
    assert_eq!(player.still(1_000), AttemptStep::Ask);
    assert_eq!(player.attempt.conclude(player.time), LivenessFailure::NoNeutral);
}

/// Frames at random, of a person who stays the same.
fn any_frames() -> impl Strategy<Value = Vec<(Shown, u8)>> {
    let shown = prop_oneof![
        4 => Just(Shown::Head(0)),
        1 => (-30_i32..=30).prop_map(|yaw| Shown::Head(yaw / 6 * 6)),
        1 => (0_i32..=30).prop_map(|yaw| Shown::Sheet(yaw / 6 * 6)),
        1 => Just(Shown::Nobody),
        1 => Just(Shown::Two),
    ];
    proptest::collection::vec((shown, 1_u8..12), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_frames_without_a_turned_head_are_accepted(frames in any_frames(), prompt: bool) {
        let prompt = if prompt { Prompt::Left } else { Prompt::Right };
        let mut player = Player::asked(LivenessDemand::Turn, prompt);
        let turned = frames.iter().any(
            |(shown, _)| matches!(shown, Shown::Head(yaw) if f64::from(*yaw) * f64::from(prompt.sign(false)) >= 12.0)
        );
        'attempt: for (shown, count) in frames {
            for _ in 0..count {
                match player.show(shown) {
                    AttemptStep::Continue => {}
                    AttemptStep::Ask => player.ask(prompt),
                    AttemptStep::Accepted { .. } => {
                        prop_assert!(turned);
                        break 'attempt;
                    }
                    AttemptStep::Failed(_) => break 'attempt,
                }
            }
        }
        prop_assert!(player.asked <= 4);
    }

    /// When a prompt ends, and how, does not tell whether the face is the expected one.
    #[test]
    fn identity_changes_nothing_but_the_last_word(
        frames in any_frames(),
        verdicts in proptest::collection::vec(any::<(bool, bool)>(), 1..8),
    ) {
        let steps = |verdicts: &[(bool, bool)]| {
            let mut player = turning();
            let mut steps = Vec::new();
            for (number, (shown, count)) in frames.iter().enumerate() {
                player.verdict = Some(verdicts[number % verdicts.len()]);
                for _ in 0..*count {
                    let step = match player.show(*shown) {
                        AttemptStep::Accepted { .. } => AttemptStep::Accepted { is_expected: true },
                        step => step,
                    };
                    steps.push(step);
                    match step {
                        AttemptStep::Continue => {}
                        AttemptStep::Ask => player.ask(Prompt::Left),
                        AttemptStep::Accepted { .. } | AttemptStep::Failed(_) => return steps,
                    }
                }
            }
            steps
        };
        prop_assert_eq!(steps(&verdicts), steps(&[(true, true)]));
    }
}
