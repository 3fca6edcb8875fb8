use super::*;

const STARTED: Duration = Duration::new(1000, 500_000_999);
const ROOM: usize = 4096;

fn checks() -> Checks {
    Checks::new(100, true, STARTED)
}

/// A good frame, taken `millis` after the start.
fn meta(sequence: u32, millis: u64) -> Meta {
    let taken = Some(STARTED + Duration::from_millis(millis));
    Meta { used: 100, is_damaged: false, sequence, taken }
}

fn at(millis: u64) -> Duration {
    STARTED + Duration::from_millis(millis)
}

#[test]
fn a_frame_that_makes_no_sense_is_dropped_and_the_next_good_one_taken() {
    let good = meta(5, 100);
    for (defect, bad) in [
        (Defect::Damaged, Meta { is_damaged: true, ..meta(6, 133) }),
        (Defect::Short { given: 99, needed: 100 }, Meta { used: 99, ..meta(6, 133) }),
        (Defect::Short { given: 0, needed: 100 }, Meta { used: 0, ..meta(6, 133) }),
        (Defect::Overlong { given: 4097, room: ROOM }, Meta { used: 4097, ..meta(6, 133) }),
        (Defect::Sequence, meta(4, 133)),
        (Defect::Backwards, meta(6, 99)),
        (Defect::Stale, Meta { taken: Some(STARTED - Duration::from_micros(1)), ..good }),
        (Defect::Stale, Meta { taken: Some(Duration::ZERO), ..good }),
        (Defect::Ahead, meta(6, 400)),
    ] {
        let mut checks = checks();
        assert!(checks.admit(&good, ROOM, at(110)).is_ok());
        assert_eq!(checks.judge(&bad, ROOM, at(140)), Err(defect));
        assert_eq!(checks.admit(&bad, ROOM, at(140)), Err(Refused::Once), "{defect}");
        assert!(checks.admit(&meta(6, 133), ROOM, at(140)).is_ok(), "{defect}");
    }
}

#[test]
fn many_in_a_row_are_a_fault_and_one_good_frame_breaks_the_row() {
    let mut checks = checks();
    let damaged = Meta { is_damaged: true, ..meta(0, 10) };
    for _ in 0..3 {
        for _ in 1..DEFECTS_MAX {
            assert_eq!(checks.admit(&damaged, ROOM, at(20)), Err(Refused::Once));
        }
        assert!(checks.admit(&meta(0, 10), ROOM, at(20)).is_ok());
    }
    for _ in 1..DEFECTS_MAX {
        assert_eq!(checks.admit(&damaged, ROOM, at(20)), Err(Refused::Once));
    }
    let lasting = Err(Refused::Lasting(Defect::Damaged));
    assert_eq!(checks.admit(&damaged, ROOM, at(20)), lasting);
    assert_eq!(checks.admit(&damaged, ROOM, at(20)), lasting);
}

#[test]
fn a_camera_that_starts_to_count_anew_has_failed() {
    let mut checks = checks();
    assert!(checks.admit(&meta(100, 10), ROOM, at(20)).is_ok());
    let restarted: Vec<_> =
        (0..DEFECTS_MAX).map(|sequence| checks.admit(&meta(sequence, 20), ROOM, at(20))).collect();
    assert_eq!(restarted.last(), Some(&Err(Refused::Lasting(Defect::Sequence))));
}

#[test]
fn counts_may_wrap_leave_gaps_or_stand_still() {
    let mut checks = checks();
    for (at_millis, sequence) in (0..).zip([u32::MAX - 2, u32::MAX, 3, 3, 900, 900]) {
        let admitted = checks.admit(&meta(sequence, at_millis), ROOM, at(at_millis));
        assert!(admitted.is_ok(), "{sequence}");
    }
}

#[test]
fn the_age_is_that_of_the_drivers_time() {
    let mut checks = checks();
    let age = |checks: &mut Checks, meta: &Meta| checks.admit(meta, ROOM, at(3000)).unwrap().age;
    assert_eq!(age(&mut checks, &meta(0, 0)), Duration::from_secs(3));
    assert_eq!(age(&mut checks, &meta(1, 2990)), Duration::from_millis(10));
    assert_eq!(age(&mut checks, &meta(2, 3100)), Duration::ZERO);
    assert_eq!(age(&mut checks, &Meta { taken: None, ..meta(3, 0) }), Duration::ZERO);
}

#[test]
fn of_a_frame_of_fixed_length_no_more_is_taken_and_of_others_all_that_was_written() {
    let long = Meta { used: 300, ..meta(0, 0) };
    assert_eq!(checks().admit(&long, ROOM, at(0)).unwrap().length, 100);
    let mut compressed = Checks::new(1, false, STARTED);
    assert_eq!(compressed.admit(&long, ROOM, at(0)).unwrap().length, 300);
    let empty = Meta { used: 0, ..meta(1, 0) };
    assert_eq!(compressed.judge(&empty, ROOM, at(0)), Err(Defect::Short { given: 0, needed: 1 }));
}
