use super::*;

fn settings(device: &str) -> Settings {
    Settings {
        device: device.to_owned(),
        width: 640,
        height: 480,
        frame_rate: 30,
        warm_up_frames: 0,
        frame_timeout: Duration::from_secs(2),
    }
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[test]
fn a_device_that_does_not_exist_is_not_found() {
    for device in ["/dev/video9999", "/dev/null", "/nowhere/by-path/cam", "video0", "/dev/videox"] {
        let error = V4l2Camera::open(&settings(device)).err();
        assert!(matches!(error, Some(CameraError::NotFound)), "{device}: {error:?}");
        let survey = survey(&settings(device));
        let listed = survey.iter().find(|listed| listed.id == device).unwrap();
        assert!(!listed.usable && listed.detail.starts_with("No camera"), "{listed:?}");
    }
}

#[test]
fn errno_decides_the_error() {
    use nix::errno::Errno;
    let fault = |errno: Errno| fault::of_errno(errno.into());
    assert!(matches!(fault(Errno::EBUSY), CameraError::Busy));
    assert!(matches!(fault(Errno::EACCES), CameraError::Denied));
    assert!(matches!(fault(Errno::ENODEV), CameraError::NotFound));
    assert!(matches!(fault(Errno::EIO), CameraError::Failed { .. }));
}

#[test]
fn a_device_that_says_nothing_is_silent() {
    let mailbox = Mailbox::new(Instant::now());
    assert!(matches!(mailbox.opened(Instant::now()), Err(CameraError::Silent)));
    assert!(matches!(mailbox.take(later(), Duration::ZERO), Err(CameraError::Silent)));
    assert!(mailbox.take(Instant::now(), Duration::from_secs(60)).unwrap().is_none());
    assert!(!mailbox.stop(Instant::now()));
}

#[test]
fn the_newest_frame_wins_and_the_end_comes_after_it() {
    let mailbox = Mailbox::new(Instant::now());
    for sequence in 0..3 {
        let bytes = zeroize::Zeroizing::new(Vec::new());
        mailbox.put(RawFrame { bytes, sequence, captured: Instant::now() });
    }
    mailbox.end(Some(CameraError::Busy));
    let timeout = Duration::from_secs(60);
    assert_eq!(mailbox.take(later(), timeout).unwrap().unwrap().sequence, 2);
    assert!(matches!(mailbox.take(later(), timeout), Err(CameraError::Busy)));
    assert!(mailbox.take(later(), timeout).is_err());
    assert!(mailbox.stop(later()));
}

#[test]
fn the_closest_fast_enough_mode_is_ranked_first() {
    use super::modes::{Offer, rank};
    let offer = |format, width, height, frame_rate| Offer { format, width, height, frame_rate };
    let (yuyv, mjpeg) = (PixelFormat::Yuyv, PixelFormat::Mjpeg);
    let mut offers = vec![
        offer(yuyv, 1920, 1080, 5),
        offer(yuyv, 640, 480, 5),
        offer(mjpeg, 640, 480, 30),
        offer(yuyv, 320, 240, 30),
        offer(yuyv, 640, 480, 30),
        offer(mjpeg, 640, 480, 60),
    ];
    rank(&mut offers, &settings(""));
    assert_eq!(
        offers,
        [
            offer(yuyv, 640, 480, 30),
            offer(mjpeg, 640, 480, 30),
            offer(mjpeg, 640, 480, 60),
            offer(yuyv, 320, 240, 30),
            offer(yuyv, 640, 480, 5),
            offer(yuyv, 1920, 1080, 5),
        ]
    );
}

#[test]
fn a_frame_keeps_the_time_at_which_the_driver_gave_it() {
    let camera = V4l2Camera {
        mailbox: Arc::new(Mailbox::new(Instant::now())),
        claim: Claim::take("captured-test").unwrap(),
        mode: Mode { width: 2, height: 1, stride: 4, ..Mode::default() },
        description: String::new(),
        frame_timeout: Duration::from_secs(2),
        undecodable_since: None,
    };
    let captured = Instant::now();
    let raw = RawFrame { bytes: vec![128; 4].into(), sequence: 0, captured };
    let attempt = Instant::now();
    assert!(camera.decode(&raw).unwrap().captured() <= attempt);
    assert_eq!(camera.decode(&raw).unwrap().captured(), captured);
    camera.mailbox.end(None);
}
