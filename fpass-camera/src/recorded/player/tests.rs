use super::{super::clock::Rate, *};

fn clock() -> Clock {
    Clock { rate: Rate { over: 10, under: 1 }, start: Instant::now() }
}

fn frame(number: u64) -> Outcome {
    Ok(Frame::new(1, 1, vec![7; 3], number).unwrap())
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn state(ready: &[u64], next: u64, wanted: Option<u64>, ahead: u32) -> State {
    let ready = ready.iter().map(|&number| (number, frame(number))).collect();
    State { ready, next, wanted, ahead, ..State::default() }
}

#[test]
fn each_step_follows_from_clock_credit_and_what_is_ready() {
    let clock = clock();
    let now = clock.start + Duration::from_millis(250);
    let wait = |milliseconds| Step::Wait(Duration::from_millis(milliseconds));
    for (ready, next, wanted, ahead, step) in [
        // Nobody asked, or not for a while: nothing is decoded.
        (&[][..], 0, None, 0, Step::Rest),
        (&[2], 2, None, 0, Step::Rest),
        // Somebody waits: that frame, credit or not.
        (&[], 0, Some(2), 0, Step::Decode(2)),
        (&[3], 0, Some(2), 9, Step::Decode(2)),
        (&[2], 0, Some(2), 0, Step::Rest),
        (&[2], 0, Some(2), 9, Step::Decode(3)),
        // The frame that is shown, then the one after it, then the time of that one.
        (&[], 0, None, 9, Step::Decode(2)),
        (&[1], 0, None, 9, Step::Decode(2)),
        (&[2], 0, None, 9, Step::Decode(3)),
        (&[2, 3], 0, None, 9, wait(50)),
        // The frame that is shown was taken: the next one, and then its time.
        (&[], 3, None, 9, Step::Decode(3)),
        (&[3], 3, None, 9, wait(50)),
        (&[], 5, None, 9, Step::Decode(5)),
        (&[5], 5, None, 9, wait(250)),
    ] {
        let mut state = state(ready, next, wanted, ahead);
        let case = format!("{ready:?} {next} {wanted:?} {ahead}");
        assert_eq!(state.step(&clock, now), step, "{case}");
        let paid = matches!(step, Step::Decode(number) if wanted != Some(number));
        assert_eq!(state.ahead, ahead - u32::from(paid), "{case}");
        let current = wanted.unwrap_or(next.max(2));
        assert!(state.ready.iter().all(|(number, _)| *number >= current), "{case}");
    }
    let mut state = state(&[], 0, Some(2), 9);
    state.stopping = true;
    assert_eq!(state.step(&clock, now), Step::End);
}

#[test]
fn a_decoder_that_panics_is_a_fault_and_not_a_wait_without_end() {
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
fn nothing_is_left_of_the_thread_when_the_player_is_dropped() {
    for asked in [false, true] {
        let player = Player::start(clock(), frame).unwrap();
        if asked {
            player.frame(later()).unwrap().unwrap();
        }
        let desk = Arc::downgrade(&player.desk);
        drop(player);
        assert!(desk.upgrade().is_none());
    }
}

#[test]
fn the_next_frame_is_decoded_while_the_caller_works() {
    let slow = Clock { rate: Rate { over: 1, under: 3600 }, ..clock() };
    let player = Player::start(slow, frame).unwrap();
    assert!(player.desk.state().ready.is_empty());
    player.frame(later()).unwrap().unwrap();
    let missing = |state: &mut State| !state.holds(1);
    drop(player.desk.changed.wait_while(player.desk.state(), missing).unwrap());
    assert!(player.frame(Instant::now()).is_none());
    assert!(player.desk.state().holds(1));
}

#[test]
fn decoding_ahead_ends_when_nobody_asks() {
    let (sender, decoded) = std::sync::mpsc::channel();
    let fast = Clock { rate: Rate { over: 100_000, under: 1 }, ..clock() };
    let player = Player::start(fast, move |number| {
        sender.send(number).unwrap();
        frame(number)
    })
    .unwrap();
    player.frame(later()).unwrap().unwrap();
    let mut count = 0;
    while player.desk.state().ahead > 0 {
        thread::yield_now();
    }
    while decoded.recv_timeout(Duration::from_millis(100)).is_ok() {
        count += 1;
    }
    assert!((UNTAKEN_MAX..=UNTAKEN_MAX + 1).contains(&count), "{count}");
}
