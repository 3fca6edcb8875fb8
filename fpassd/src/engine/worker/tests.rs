use fpass_camera::{CameraError, CameraId, Frame, RecordingSettings};
use fpass_proto::Uid;

use super::*;
use crate::{
    cancel::CancelFlag, comparison_flag::ComparisonFlag, frame_rotation::FrameRotation,
    queue::Priority, scripted::draw,
};

/// A camera that is built in or not.
struct PlacedCamera {
    is_built_in: bool,
}

impl Camera for PlacedCamera {
    fn frame(&mut self, _: Instant) -> Result<Option<Frame>, CameraError> {
        Ok(None)
    }

    fn description(&self) -> &str {
        "placed"
    }

    fn identity(&self) -> Option<&CameraId> {
        None
    }

    fn is_built_in(&self) -> bool {
        self.is_built_in
    }

    fn first_frame_at(&self) -> Option<Instant> {
        None
    }
}

#[test]
fn a_closed_lid_hides_only_a_camera_that_is_built_in() {
    for (lid_closed, is_built_in, expected) in [
        (false, false, Ok(())),
        (false, true, Ok(())),
        (true, false, Ok(())),
        (true, true, Err(Refusal::LidClosed)),
    ] {
        let started = Instant::now();
        let recording = RecordingSettings { path: "/nowhere".into(), frame_rate: 30 };
        let context = TaskContext {
            priority: Priority::Login { subject: Uid(1000) },
            source: Source::Recorded(recording),
            allowed_cameras: AllowedCameras::Any,
            rotation: FrameRotation::default(),
            lid_closed,
            started,
            deadline: started,
            cancel: CancelFlag::default(),
            compared: ComparisonFlag::default(),
            draw: draw(),
        };
        let camera = PlacedCamera { is_built_in };
        assert_eq!(ensure_lid_open(&context, &camera), expected, "{lid_closed} {is_built_in}");
    }
}
