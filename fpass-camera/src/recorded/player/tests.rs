use super::{super::clock::FrameRate, *};

fn clock() -> Clock {
    Clock { rate: FrameRate { numerator: 10, denominator: 1 }, start: Instant::now() }
}

fn frame(number: u64) -> Outcome {
    Ok(Frame::new(1, 1, vec![7; 3], number).unwrap())
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn state(ready: &[u64], next: u64, wanted: Option<u64>, ahead: u32) -> PlayerState {
    let ready = ready.iter().map(|&number| (number, frame(number))).collect();
    PlayerState { ready, next, wanted, ahead, ..PlayerState::default() }
}

#[test]
fn each_step_follows_from_the_clock_the_credit_and_the_ready_frames() {
    let clock = clock();
    let now = clock.start + Duration::from_millis(250);
    let wait = |milliseconds| PlayerStep::Wait(Duration::from_millis(milliseconds));
    for (ready, next, wanted, ahead, step) in [
        // No frame was asked for, or not recently: nothing is decoded.
        (&[][..], 0, None, 0, PlayerStep::Rest),
        (&[2], 2, None, 0, PlayerStep::Rest),
        // The caller waits: its frame is decoded, also without credit.
        (&[], 0, Some(2), 0, PlayerStep::Decode(2)),
        (&[3], 0, Some(2), 9, PlayerStep::Decode(2)),
        (&[2], 0, Some(2), 0, PlayerStep::Rest),
        (&[2], 0, Some(2), 9, PlayerStep::Decode(3)),
        // The current frame, then the next one, then the wait until that one is due.
        (&[], 0, None, 9, PlayerStep::Decode(2)),
        (&[1], 0, None, 9, PlayerStep::Decode(2)),
        (&[2], 0, None, 9, PlayerStep::Decode(3)),
        (&[2, 3], 0, None, 9, wait(50)),
        // The current frame was taken: the next one, then the wait until it is due.
        (&[], 3, None, 9, PlayerStep::Decode(3)),
        (&[3], 3, None, 9, wait(50)),
        (&[], 5, None, 9, PlayerStep::Decode(5)),
        (&[5], 5, None, 9, wait(250)),
    ] {
        let mut state = state(ready, next, wanted, ahead);
        let case = format!("{ready:?} {next} {wanted:?} {ahead}");
        assert_eq!(state.step(&clock, now), step, "{case}");
        let paid = matches!(step, PlayerStep::Decode(number) if wanted != Some(number));
        assert_eq!(state.ahead, ahead - u32::from(paid), "{case}");
        let current = wanted.unwrap_or(next.max(2));
        assert!(state.ready.iter().all(|(number, _)| *number >= current), "{case}");
    }
    let mut state = state(&[], 0, Some(2), 9);
    state.stopping = true;
    assert_eq!(state.step(&clock, now), PlayerStep::End);
}

#[test]
fn a_panic_of_the_decoder_is_a_fault_and_not_an_endless_wait() {
    let player = Player::start(clock(), |_| panic!("a test of panics")).unwrap();
    for _ in 0..2 {
        let outcome = player.frame(later()).unwrap();
        assert!(matches!(outcome, Err(RecordingFault::Unreadable(_))), "{outcome:?}");
    }
}

#[test]
fn a_frame_that_cannot_be_decoded_is_a_fault_once_and_the_next_one_is_played() {
    let decode = |number| if number == 0 { Err(RecordingFault::NoPictures) } else { frame(number) };
    let player = Player::start(clock(), decode).unwrap();
    assert!(matches!(player.frame(later()), Some(Err(RecordingFault::NoPictures))));
    assert!(player.frame(later()).unwrap().unwrap().sequence() >= 1);
}

#[test]
fn the_thread_has_ended_when_the_player_is_dropped() {
    for asked in [false, true] {
        let player = Player::start(clock(), frame).unwrap();
        if asked {
            player.frame(later()).unwrap().unwrap();
        }
        let shared = Arc::downgrade(&player.shared);
        drop(player);
        assert!(shared.upgrade().is_none());
    }
}

#[test]
fn the_next_frame_is_decoded_while_the_caller_works() {
    let slow = Clock { rate: FrameRate { numerator: 1, denominator: 3600 }, ..clock() };
    let player = Player::start(slow, frame).unwrap();
    assert!(player.shared.state().ready.is_empty());
    player.frame(later()).unwrap().unwrap();
    let missing = |state: &mut PlayerState| !state.holds(1);
    drop(player.shared.changed.wait_while(player.shared.state(), missing).unwrap());
    assert!(player.frame(Instant::now()).is_none());
    assert!(player.shared.state().holds(1));
}

#[test]
fn decoding_ahead_ends_when_no_frame_is_asked_for() {
    let (sender, decoded) = std::sync::mpsc::channel();
    let fast = Clock { rate: FrameRate { numerator: 100_000, denominator: 1 }, ..clock() };
    let player = Player::start(fast, move |number| {
        sender.send(number).unwrap();
        frame(number)
    })
    .unwrap();
    player.frame(later()).unwrap().unwrap();
    let mut count = 0;
    while player.shared.state().ahead > 0 {
        thread::yield_now();
    }
    while decoded.recv_timeout(Duration::from_millis(100)).is_ok() {
        count += 1;
    }
    assert!((DECODE_AHEAD_MAX..=DECODE_AHEAD_MAX + 1).contains(&count), "{count}");
}
