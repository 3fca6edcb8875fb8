use super::*;
use crate::buffers::Buffer;

const LONG: Duration = Duration::from_secs(60);

fn later() -> Instant {
    Instant::now() + LONG
}

fn mailbox() -> Mailbox {
    Mailbox::new(Instant::now())
}

fn put(mailbox: &Mailbox, sequence: u64) {
    let bytes = Buffer::owning(vec![7; 3]);
    mailbox.put(RawFrame { bytes, sequence, captured: Instant::now() });
}

fn decoded(raw: &RawFrame) -> Frame {
    Frame::new(1, 1, raw.bytes.to_vec(), raw.sequence).unwrap().with_capture_time(raw.captured)
}

/// Decodes the raw frame that waits in the mailbox.
fn decode_one(mailbox: &Mailbox) -> u64 {
    let raw = mailbox.take_raw().unwrap();
    mailbox.put_decoded(decoded(&raw));
    raw.sequence
}

/// Asks for a frame without waiting for one.
fn ask(mailbox: &Mailbox) -> Option<u64> {
    mailbox.take(Instant::now(), LONG).unwrap().map(|frame| frame.sequence())
}

fn would_decode(mailbox: &Mailbox) -> bool {
    let state = mailbox.state();
    state.raw.is_some() && state.is_watched()
}

fn undecodable() -> CameraError {
    CameraError::Failed { cause: std::io::Error::other("damaged") }
}

#[test]
fn a_device_that_delivers_nothing_is_silent() {
    let mailbox = Mailbox::new(Instant::now().checked_sub(FIRST_FRAME_MAX).unwrap());
    assert!(matches!(mailbox.opened(Instant::now()), Err(CameraError::Silent)));
    assert!(matches!(mailbox.take(later(), Duration::ZERO), Err(CameraError::Silent)));
    assert!(mailbox.awaits_first_frame());
    assert_eq!(ask(&mailbox), None);
    assert!(!mailbox.stop(Instant::now()));
}

#[test]
fn the_first_frame_may_take_longer_than_the_others() {
    let heard = Instant::now().checked_sub(FIRST_FRAME_MAX / 2).unwrap();
    let mailbox = Mailbox::new(heard);
    assert!(matches!(mailbox.take(Instant::now(), Duration::ZERO), Ok(None)));
    assert!(mailbox.awaits_first_frame());
    put(&mailbox, 0);
    assert!(!mailbox.awaits_first_frame());
    decode_one(&mailbox);
    assert_eq!(ask(&mailbox), Some(0));
    assert!(matches!(mailbox.take(later(), Duration::ZERO), Err(CameraError::Silent)));
}

#[test]
fn an_old_frame_ends_the_silence_too() {
    let mailbox = mailbox();
    assert_eq!(ask(&mailbox), None);
    let captured = Instant::now().checked_sub(LONG * 2).unwrap();
    mailbox.put(RawFrame { bytes: Buffer::owning(vec![7; 3]), sequence: 0, captured });
    decode_one(&mailbox);
    assert_eq!(ask(&mailbox), Some(0));
    assert_eq!(ask(&mailbox), None);
}

#[test]
fn rejected_frames_end_the_silence_and_are_not_delivered() {
    let mailbox = Mailbox::new(Instant::now().checked_sub(LONG).unwrap());
    assert!(matches!(mailbox.take(later(), LONG), Err(CameraError::Silent)));
    mailbox.put_rejected();
    assert_eq!(ask(&mailbox), None);
    assert!(!would_decode(&mailbox));
}

#[test]
fn the_newest_frame_wins_and_the_end_comes_after_it() {
    let mailbox = mailbox();
    for sequence in 0..3 {
        put(&mailbox, sequence);
    }
    mailbox.end(Some(CameraError::Busy));
    std::thread::scope(|scope| {
        let decoding = scope.spawn(|| (decode_one(&mailbox), mailbox.take_raw().is_none()));
        assert_eq!(mailbox.take(later(), LONG).unwrap().unwrap().sequence(), 2);
        assert!(matches!(mailbox.take(later(), LONG), Err(CameraError::Busy)));
        assert!(mailbox.take(later(), LONG).is_err());
        assert_eq!(decoding.join().unwrap(), (2, true));
    });
    assert!(mailbox.stop(later()));
}

#[test]
fn a_newer_decoded_frame_replaces_one_that_was_not_taken() {
    let mailbox = mailbox();
    assert_eq!(ask(&mailbox), None);
    for sequence in 0..3 {
        put(&mailbox, sequence);
        decode_one(&mailbox);
    }
    assert_eq!(ask(&mailbox), Some(2));
    assert_eq!(ask(&mailbox), None);
}

#[test]
fn nothing_is_decoded_before_a_frame_is_asked_for() {
    let mailbox = mailbox();
    for sequence in 0..100 {
        put(&mailbox, sequence);
        assert!(!would_decode(&mailbox));
    }
    std::thread::scope(|scope| {
        scope.spawn(|| decode_one(&mailbox));
        assert_eq!(mailbox.take(later(), LONG).unwrap().unwrap().sequence(), 99);
    });
}

#[test]
fn decoding_pauses_when_no_frame_is_taken_and_no_old_frame_stays() {
    let mailbox = mailbox();
    assert_eq!(ask(&mailbox), None);
    let mut sequence = 0;
    put(&mailbox, sequence);
    while would_decode(&mailbox) && sequence < 1000 {
        decode_one(&mailbox);
        sequence += 1;
        put(&mailbox, sequence);
    }
    assert_eq!(sequence, u64::from(DECODE_AHEAD_MAX));
    assert!(mailbox.state().decoded.is_none());
    assert_eq!(ask(&mailbox), None);
    assert_eq!(decode_one(&mailbox), sequence);
    assert_eq!(ask(&mailbox), Some(sequence));
}

#[test]
fn a_frame_in_decoding_is_not_overtaken_by_silence_or_the_end() {
    let mailbox = Mailbox::new(Instant::now().checked_sub(LONG).unwrap());
    let captured = Instant::now().checked_sub(LONG).unwrap();
    mailbox.put(RawFrame { bytes: Buffer::owning(vec![7; 3]), sequence: 0, captured });
    mailbox.state().heard = captured;
    mailbox.end(Some(CameraError::Busy));
    assert_eq!(ask(&mailbox), None);
    let raw = mailbox.take_raw().unwrap();
    assert_eq!(ask(&mailbox), None);
    mailbox.put_decoded(decoded(&raw));
    assert_eq!(mailbox.take(later(), LONG).unwrap().unwrap().captured(), captured);
    assert!(matches!(mailbox.take(later(), LONG), Err(CameraError::Busy)));
}

#[test]
fn only_a_lasting_run_of_undecodable_frames_is_a_fault() {
    let mailbox = mailbox();
    let start = Instant::now();
    let fail_at = |seconds| {
        put(&mailbox, 0);
        mailbox.take_raw().unwrap();
        let now = start + Duration::from_secs(seconds);
        mailbox.put_undecodable(undecodable(), now, Duration::from_secs(2));
    };
    assert_eq!(ask(&mailbox), None);
    fail_at(0);
    fail_at(1);
    assert_eq!(ask(&mailbox), None);
    put(&mailbox, 1);
    decode_one(&mailbox);
    fail_at(2);
    assert_eq!(ask(&mailbox), Some(1));
    fail_at(3);
    assert_eq!(ask(&mailbox), None);
    fail_at(4);
    assert!(matches!(mailbox.take(later(), LONG), Err(CameraError::Failed { .. })));
}

#[test]
fn undecodable_frames_before_and_after_a_pause_are_no_run() {
    let mailbox = mailbox();
    let start = Instant::now();
    let fail_at = |seconds| {
        put(&mailbox, 0);
        mailbox.take_raw().unwrap();
        let now = start + Duration::from_secs(seconds);
        mailbox.put_undecodable(undecodable(), now, Duration::from_secs(2));
    };
    assert_eq!(ask(&mailbox), None);
    fail_at(0);
    mailbox.state().ahead = 0;
    assert_eq!(ask(&mailbox), None);
    fail_at(3);
    assert_eq!(ask(&mailbox), None);
}

#[test]
fn a_stop_ends_decoding_and_keeps_no_frame() {
    let mailbox = mailbox();
    assert_eq!(ask(&mailbox), None);
    put(&mailbox, 0);
    let raw = mailbox.take_raw().unwrap();
    put(&mailbox, 1);
    mailbox.end(None);
    mailbox.stop(Instant::now());
    mailbox.put_decoded(decoded(&raw));
    assert!(mailbox.take_raw().is_none());
    let state = mailbox.state();
    assert!(state.raw.is_none() && state.decoded.is_none());
}

#[test]
fn the_time_of_the_first_frame_is_kept_also_when_it_is_skipped() {
    let mailbox = mailbox();
    mailbox.put_rejected();
    assert_eq!(mailbox.first_frame_at(), None);
    mailbox.decode_ahead(2);
    put(&mailbox, 0);
    let first = mailbox.first_frame_at();
    assert!(first.is_some());
    mailbox.take_raw().unwrap();
    mailbox.put_skipped();
    put(&mailbox, 1);
    assert_eq!(mailbox.first_frame_at(), first);
}
