//! `org.fpass.Fpass1.Machine`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{
    AttemptsReport, CameraCheckReport, CameraReport, MachineStatus, PastAttempt, Refusal, Uid,
};
use zbus::{interface, message::Header};

use super::{
    Bus, past_attempts,
    request::{Operation, Request},
    throttling,
};
use crate::{authorizer::Action, blocking};

const LOOK: Operation = Operation { kind: "camera look", action: Action::Look };
const ATTEMPTS: Operation = Operation { kind: "inspection", action: Action::Inspect };
const UNLOCK: Operation = Operation { kind: "unlocking", action: Action::Unlock };
/// Longest time of a camera check, including the start of the camera.
const CAMERA_CHECK_MAX: Duration = Duration::from_secs(5);

pub(super) struct Machine {
    bus: Bus,
}

impl Machine {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

#[interface(name = "org.fpass.Fpass1.Machine")]
impl Machine {
    /// Every capture device, with the reason why it is used or not.
    async fn cameras(&self) -> Result<Vec<CameraReport>, Refusal> {
        let service = &self.bus.service;
        let source = service.config().source();
        let permit = Arc::clone(&service.camera_listing).try_acquire_owned();
        let permit = permit.map_err(|_| Refusal::QueueFull)?;
        let devices = blocking::run(move || {
            let devices = source.list_devices();
            drop(permit);
            devices
        })
        .await?;
        let report = |device: fpass_camera::DeviceInfo| CameraReport {
            id: device.id,
            name: device.name,
            usable: device.usable,
            detail: device.detail,
        };
        Ok(devices.into_iter().map(report).collect())
    }

    /// Version, recogniser, camera, speed, and how templates are protected.
    async fn status(&self) -> MachineStatus {
        let service = &self.bus.service;
        let facts = &service.facts;
        MachineStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            recogniser: service.config().recognition.recogniser.as_str().to_owned(),
            camera: service.config().source().description(),
            embedding_ms: facts.embedding.as_secs_f64() * 1e3,
            advice: facts.advice.to_owned(),
            key: service.store.key_source().as_str().to_owned(),
            memory: service.memory.as_str().to_owned(),
            liveness: service.config().liveness.summary(),
        }
    }

    /// Frame rate and brightness of the camera, without a picture.
    async fn look(&self, #[zbus(header)] header: Header<'_>) -> Result<CameraCheckReport, Refusal> {
        let (request, _) = Request::begin_permitted(&self.bus, &header, LOOK, Uid::ROOT).await?;
        let service = &request.service;
        let (priority, started) = (request.own_test(), Instant::now());
        let (config, lid_closed) = (service.config(), request.is_lid_closed().await);
        let context =
            request.task_context(&config, priority, started, CAMERA_CHECK_MAX, lid_closed);
        let outcome = service.engine.check_camera(context).await;
        request.record(Uid::ROOT, None, &outcome).await;
        outcome
    }

    /// The failed attempts of a user, and whether further ones are locked.
    async fn attempts(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<AttemptsReport, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, ATTEMPTS, uid).await?;
        request.service.confirm_uid(uid).await?;
        throttling::report(&request.service, uid).await
    }

    /// How the last attempts of a user ended.
    async fn history(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<PastAttempt>, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, ATTEMPTS, uid).await?;
        request.service.confirm_uid(uid).await?;
        past_attempts::report(&request.service, uid).await
    }

    /// Resets the failed attempts of a user.
    async fn unlock(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, UNLOCK, uid).await?;
        let outcome = throttling::unlock(&request.service, uid).await;
        request.record(uid, None, &outcome).await;
        outcome
    }
}
