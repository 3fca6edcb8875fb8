use super::*;

/// Long after the boot, so that dates far in the past stay above zero.
const STARTED: Duration = Duration::from_secs(100_000);

fn at(millis: i64) -> Duration {
    let started = i64::try_from(STARTED.as_millis()).unwrap();
    Duration::from_millis(u64::try_from(started + millis).unwrap())
}

/// The results for frames that arrive at these milliseconds after the start, with these dates.
fn play(frames: impl IntoIterator<Item = (i64, i64)>) -> Vec<Result<Duration, FrameDefect>> {
    let mut clock = CaptureClock::new(STARTED);
    frames.into_iter().map(|(received, dated)| clock.age(at(dated), at(received))).collect()
}

/// Frames at 30 per second, dated with this error in milliseconds.
fn steady(error: i64, count: i64) -> Vec<Result<Duration, FrameDefect>> {
    play((1..=count).map(|number| (number * 33, number * 33 + error)))
}

#[test]
fn true_dates_are_believed_from_the_first_frame() {
    let ages = play((1..100).map(|number| (number * 33, number * 33 - 10)));
    assert!(ages.iter().all(|age| *age == Ok(Duration::from_millis(10))), "{ages:?}");
}

#[test]
fn a_constant_error_is_learned_within_the_first_frames() {
    for error in
        [-86_400_000, -5000, -3000, -900, -500, -200, 201, 300, 900, 1500, 5000, 86_400_000]
    {
        let ages = steady(error, 60);
        let rejected = ages.iter().take_while(|age| age.is_err()).count();
        assert!(rejected <= 5, "{error}: {ages:?}");
        assert!(ages[rejected..].iter().all(Result::is_ok), "{error}: {ages:?}");
    }
}

#[test]
fn a_learned_error_does_not_make_frames_look_old() {
    for error in [-900, 900] {
        let ages = steady(error, 60);
        let last = ages.last().unwrap().unwrap();
        assert!(last <= Duration::from_millis(100), "{error}: {last:?}");
    }
}

#[test]
fn the_rate_of_the_camera_does_not_matter() {
    for gap in [8, 16, 33, 66, 140, 200] {
        let ages = play((1..=60).map(|number| (number * gap, number * gap - 4000)));
        let rejected = ages.iter().take_while(|age| age.is_err()).count();
        assert!(rejected < 20, "{gap}: {rejected}");
        assert!(ages[rejected..].iter().all(Result::is_ok), "{gap}: {ages:?}");
    }
}

#[test]
fn a_clock_that_is_a_little_fast_or_slow_is_followed() {
    for percent in [-8, -1, 1, 8] {
        for error in [0, -900, 300] {
            let frames = (1..=3000).map(|number| {
                let received = number * 33;
                (received, received + error + received * percent / 100)
            });
            let ages = play(frames);
            let mut run = 0;
            for age in &ages {
                run = if age.is_err() { run + 1 } else { 0 };
                assert!(run < 20, "{percent} {error}");
            }
        }
    }
}

#[test]
fn frames_that_waited_in_a_queue_before_the_opening_stay_refused() {
    // Four buffers were filled before the opening and arrive together; then true dates follow.
    let queued = (0..4).map(|number| (1 + number / 4, -200 + number * 33));
    let fresh = (1..50).map(|number| (number * 33, number * 33 - 5));
    let ages = play(queued.chain(fresh));
    assert!(ages[..4].iter().all(|age| *age == Err(FrameDefect::Stale)), "{ages:?}");
    assert!(ages[4..].iter().all(Result::is_ok), "{ages:?}");
    // However many there are: they arrive faster than they were captured.
    let queued = (0..19).map(|number| (1 + number * 2, -5000 + number * 33));
    let ages = play(queued);
    assert!(ages.iter().all(|age| *age == Err(FrameDefect::Stale)), "{ages:?}");
}

#[test]
fn after_an_error_was_learned_old_frames_look_old() {
    let learned = (1..=20).map(|number| (number * 33, number * 33 - 900));
    // A second without frames; then the queue holds frames from its beginning.
    let queued = (21..=24).map(|number| (1700, number * 33 - 900));
    let ages = play(learned.chain(queued));
    for age in &ages[20..] {
        assert!(age.unwrap() > Duration::from_millis(700), "{ages:?}");
    }
}

#[test]
fn dates_that_do_not_advance_with_the_frames_are_never_learned() {
    let constant = (1..60).map(|number| (number * 33, -900));
    assert!(play(constant).iter().all(|age| *age == Err(FrameDefect::Stale)));
    let twice_as_fast = (1..60).map(|number| (number * 33, number * 66 + 900));
    assert!(play(twice_as_fast).iter().all(Result::is_err));
    let half_as_fast = (1..20).map(|number| (number * 33, number * 14 - 5000));
    assert!(play(half_as_fast).iter().all(Result::is_err));
    let jumping = (1..20).map(|number| (number * 33, number * 33 - 900 - (number % 2) * 400));
    assert!(play(jumping).iter().all(Result::is_err));
}

#[test]
fn one_frame_from_the_future_changes_nothing() {
    let mut clock = CaptureClock::new(STARTED);
    for number in 1..=20 {
        let _ = clock.age(at(number * 33 - 900), at(number * 33));
    }
    assert_eq!(clock.age(at(60_000), at(700)), Err(FrameDefect::Ahead));
    assert!(clock.age(at(733 - 900), at(733)).is_ok());
}

#[test]
fn a_stream_that_begins_to_lag_looks_old() {
    let learned = (1..=30).map(|number| (number * 33, number * 33 - 900));
    let lagging = (31..=45).map(|number| (number * 33 + 1000, number * 33 - 900));
    let ages = play(learned.chain(lagging));
    for age in &ages[30..] {
        assert!(age.unwrap() > Duration::from_millis(500), "{ages:?}");
    }
}
