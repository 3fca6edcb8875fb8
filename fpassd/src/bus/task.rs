//! What the engine is told about a request.

use std::time::{Duration, Instant};

use super::request::Request;
use crate::{
    allowed_cameras::AllowedCameras, comparison_flag::ComparisonFlag, config::Config,
    drawn_prompts::PromptDraw, engine::TaskContext, frame_rotation::FrameRotation, queue::Priority,
    seat,
};

impl Request {
    /// The context of a task for this request, with the configured camera. The task ends `timeout`
    /// after `started`. Its prompts are drawn for it alone.
    pub(super) fn task_context(
        &self,
        config: &Config,
        priority: Priority,
        started: Instant,
        timeout: Duration,
        lid_closed: bool,
    ) -> TaskContext {
        TaskContext {
            priority,
            source: config.source(),
            allowed_cameras: AllowedCameras::Any,
            lid_closed,
            rotation: FrameRotation::new(config.camera.rotation, &[]),
            started,
            deadline: started + timeout,
            cancel: self.cancel().clone(),
            compared: ComparisonFlag::default(),
            draw: PromptDraw::default(),
        }
    }

    /// Whether the lid is closed, asked after the checks about the caller.
    pub(super) async fn is_lid_closed(&self) -> bool {
        seat::is_lid_closed(self.questions()).await
    }

    /// The priority of self-tests and of enrolments outside a login.
    pub(super) fn own_test(&self) -> Priority {
        Priority::OwnTest { caller: self.caller() }
    }
}
