//! The checks before a preview, and the preview. They are those of an enrolment.

use std::time::{Duration, Instant};

use fpass_proto::{Guidance, Refusal, Uid};
use tokio::sync::mpsc::UnboundedSender;
use zbus::message::Header;

use super::{
    Bus,
    request::{Operation, Request},
};
use crate::{
    authorizer::Action,
    engine::PreviewReporters,
    enroll::EnrolmentProgress,
    seat::{CameraUse, Seated},
    viewfinder::OpenViewfinder,
};

/// Who may enrol a user may see that user's preview.
const PREVIEW: Operation = Operation { kind: "preview", action: Action::Enrol };
/// Longest time of a preview, including the start of the camera.
const PREVIEW_MAX: Duration = Duration::from_secs(60);

/// A preview that may run. While it lives, its caller is at this machine.
pub(super) struct Preview {
    /// The call.
    pub(super) request: Request,
    uid: Uid,
    started: Instant,
    seated: Seated,
    open: OpenViewfinder,
}

impl Preview {
    /// The checks before a preview.
    ///
    /// # Errors
    /// Those of an enrolment.
    pub(super) async fn begin(
        bus: &Bus,
        header: &Header<'_>,
        uid: Uid,
        user: &str,
    ) -> Result<Self, Refusal> {
        let (request, _) = Request::begin_permitted(bus, header, PREVIEW, uid).await?;
        let started = Instant::now();
        let admitted = async {
            request.confirm_user(uid, user).await?;
            request.require_local(uid, CameraUse::Own).await
        }
        .await;
        if admitted.is_err() {
            request.record(uid, None, &admitted).await;
        }
        let seated = admitted?;
        let caller = header.sender().ok_or(Refusal::NotAuthorized)?;
        let open = request.service.viewfinders.open(request.number(), caller.as_str());
        Ok(Self { request, uid, started, seated, open })
    }

    /// Shows frames until the time has expired. Afterwards nobody gets a picture.
    pub(super) async fn run(
        self,
        progress: UnboundedSender<EnrolmentProgress>,
    ) -> Result<(), Refusal> {
        let Self { request, uid, started, seated, open } = self;
        let service = &request.service;
        // Somebody else may sit down in front of the camera.
        let _ended = service.look_memory.begin(uid);
        let (config, lid_closed) = (service.config(), request.is_lid_closed().await);
        let priority = request.own_test();
        let context = request.task_context(&config, priority, started, PREVIEW_MAX, lid_closed);
        // Without a receiver the preview has ended.
        let hint = Box::new(move |guidance: Guidance| {
            let _ = progress.send(EnrolmentProgress { taken: 0, wanted: 0, guidance });
        });
        let viewfinder = open.viewfinder.clone();
        let outcome = service.engine.preview(context, PreviewReporters { hint, viewfinder }).await;
        drop((seated, open));
        request.record(uid, None, &outcome).await;
        outcome
    }
}
