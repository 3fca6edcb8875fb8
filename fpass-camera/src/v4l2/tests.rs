use super::*;
use crate::formats::PixelFormat;

fn settings(device: &str) -> V4l2Settings {
    V4l2Settings {
        device: device.to_owned(),
        format: None,
        width: 640,
        height: 480,
        frame_rate: 30,
        warm_up_frames: 0,
        frame_timeout: Duration::from_secs(2),
    }
}

#[test]
fn a_device_that_does_not_exist_is_not_found() {
    for device in ["/dev/video9999", "/dev/null", "/nowhere/by-path/cam", "video0", "/dev/videox"] {
        let error = V4l2Camera::open(&settings(device), &[]).err();
        assert!(matches!(error, Some(CameraError::NotFound)), "{device}: {error:?}");
        let devices = list_devices(&settings(device));
        let listed = devices.iter().find(|listed| listed.id == device).unwrap();
        assert!(!listed.usable && listed.detail.starts_with("No camera"), "{listed:?}");
    }
}

#[test]
fn errno_decides_the_error() {
    use nix::errno::Errno;
    let fault = |errno: Errno| fault::from_errno(errno.into());
    assert!(matches!(fault(Errno::EBUSY), CameraError::Busy));
    assert!(matches!(fault(Errno::EACCES), CameraError::Denied));
    assert!(matches!(fault(Errno::ENODEV), CameraError::NotFound));
    assert!(matches!(fault(Errno::EIO), CameraError::Failed { .. }));
}

#[test]
fn the_closest_fast_enough_mode_is_preferred() {
    use super::modes::{OfferedMode, sort_by_preference};
    let offer =
        |format, width, height, frame_rate| OfferedMode { format, width, height, frame_rate };
    let (yuyv, mjpeg) = (PixelFormat::Yuyv, PixelFormat::Mjpeg);
    let mut offers = vec![
        offer(yuyv, 1920, 1080, 5),
        offer(yuyv, 640, 480, 5),
        offer(mjpeg, 640, 480, 30),
        offer(yuyv, 320, 240, 30),
        offer(yuyv, 640, 480, 30),
        offer(mjpeg, 640, 480, 60),
    ];
    sort_by_preference(&mut offers, &settings(""));
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
