use super::*;

const STARTED: Duration = Duration::new(1000, 500_000_999);
const ROOM: usize = 4096;

fn checks() -> FrameChecks {
    FrameChecks::new(100, true, STARTED)
}

/// The metadata of a good frame, captured `millis` milliseconds after the start.
fn meta(sequence: u32, millis: u64) -> FrameMetadata {
    let taken = Some(STARTED + Duration::from_millis(millis));
    FrameMetadata { used: 100, is_damaged: false, sequence, taken }
}

fn at(millis: u64) -> Duration {
    STARTED + Duration::from_millis(millis)
}

#[test]
fn a_frame_with_contradictory_metadata_is_dropped_and_the_next_good_one_accepted() {
    let good = meta(5, 100);
    for (defect, bad) in [
        (FrameDefect::Damaged, FrameMetadata { is_damaged: true, ..meta(6, 133) }),
        (FrameDefect::Short { given: 99, needed: 100 }, FrameMetadata { used: 99, ..meta(6, 133) }),
        (FrameDefect::Short { given: 0, needed: 100 }, FrameMetadata { used: 0, ..meta(6, 133) }),
        (
            FrameDefect::Overlong { given: 4097, room: ROOM },
            FrameMetadata { used: 4097, ..meta(6, 133) },
        ),
        (FrameDefect::Sequence, meta(4, 133)),
        (FrameDefect::Backwards, meta(6, 99)),
        (
            FrameDefect::Stale,
            FrameMetadata { taken: Some(STARTED - Duration::from_micros(1)), ..good },
        ),
        (FrameDefect::Stale, FrameMetadata { taken: Some(Duration::ZERO), ..good }),
        (FrameDefect::Ahead, meta(6, 400)),
    ] {
        let mut checks = checks();
        assert!(checks.admit(&good, ROOM, at(110)).is_ok());
        assert_eq!(checks.judge(&bad, ROOM, at(140)), Err(defect));
        assert_eq!(checks.admit(&bad, ROOM, at(140)), Err(FrameRejection::Dropped), "{defect}");
        assert!(checks.admit(&meta(6, 133), ROOM, at(140)).is_ok(), "{defect}");
    }
}

#[test]
fn many_rejected_frames_in_a_row_are_a_fault_and_a_good_one_resets_the_count() {
    let mut checks = checks();
    let damaged = FrameMetadata { is_damaged: true, ..meta(0, 10) };
    for _ in 0..3 {
        for _ in 1..DEFECTS_MAX {
            assert_eq!(checks.admit(&damaged, ROOM, at(20)), Err(FrameRejection::Dropped));
        }
        assert!(checks.admit(&meta(0, 10), ROOM, at(20)).is_ok());
    }
    for _ in 1..DEFECTS_MAX {
        assert_eq!(checks.admit(&damaged, ROOM, at(20)), Err(FrameRejection::Dropped));
    }
    let lasting = Err(FrameRejection::TooMany(FrameDefect::Damaged));
    assert_eq!(checks.admit(&damaged, ROOM, at(20)), lasting);
    assert_eq!(checks.admit(&damaged, ROOM, at(20)), lasting);
}

#[test]
fn a_camera_whose_counter_restarts_has_failed() {
    let mut checks = checks();
    assert!(checks.admit(&meta(100, 10), ROOM, at(20)).is_ok());
    let restarted: Vec<_> =
        (0..DEFECTS_MAX).map(|sequence| checks.admit(&meta(sequence, 20), ROOM, at(20))).collect();
    assert_eq!(restarted.last(), Some(&Err(FrameRejection::TooMany(FrameDefect::Sequence))));
}

#[test]
fn counters_may_wrap_skip_or_stay() {
    let mut checks = checks();
    for (at_millis, sequence) in (0..).zip([u32::MAX - 2, u32::MAX, 3, 3, 900, 900]) {
        let admitted = checks.admit(&meta(sequence, at_millis), ROOM, at(at_millis));
        assert!(admitted.is_ok(), "{sequence}");
    }
}

#[test]
fn the_age_follows_from_the_timestamp_of_the_driver() {
    let mut checks = checks();
    let age = |checks: &mut FrameChecks, meta: &FrameMetadata| {
        checks.admit(meta, ROOM, at(3000)).unwrap().age
    };
    assert_eq!(age(&mut checks, &meta(0, 0)), Duration::from_secs(3));
    assert_eq!(age(&mut checks, &meta(1, 2990)), Duration::from_millis(10));
    assert_eq!(age(&mut checks, &meta(2, 3100)), Duration::ZERO);
    assert_eq!(age(&mut checks, &FrameMetadata { taken: None, ..meta(3, 0) }), Duration::ZERO);
}

#[test]
fn a_frame_of_fixed_length_is_cut_to_it_and_others_keep_all_bytes() {
    let long = FrameMetadata { used: 300, ..meta(0, 0) };
    assert_eq!(checks().admit(&long, ROOM, at(0)).unwrap().length, 100);
    let mut compressed = FrameChecks::new(1, false, STARTED);
    assert_eq!(compressed.admit(&long, ROOM, at(0)).unwrap().length, 300);
    let empty = FrameMetadata { used: 0, ..meta(1, 0) };
    assert_eq!(
        compressed.judge(&empty, ROOM, at(0)),
        Err(FrameDefect::Short { given: 0, needed: 1 })
    );
}
