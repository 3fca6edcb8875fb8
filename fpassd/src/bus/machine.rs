//! `org.fpass.Fpass1.Machine`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{AttemptsReport, CameraCheckReport, CameraReport, MachineStatus, Refusal, Uid};
use zbus::{Connection, interface, message::Header};

use super::{
    caller, counting,
    verification::{own_test, terms},
};
use crate::{
    authorizer::Action,
    service::{Service, off_loop},
};

/// Kinds of journal records.
const INSPECTION: &str = "inspection";
const UNLOCKING: &str = "unlocking";
const LOOKING: &str = "camera look";
/// How long a look at the camera may take, with the time in which it starts.
const LOOK_MAX: Duration = Duration::from_secs(5);

pub(super) struct Machine {
    service: Arc<Service>,
}

impl Machine {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }
}

#[interface(name = "org.fpass.Fpass1.Machine")]
impl Machine {
    /// Every capture device with the reason for using or rejecting it.
    async fn cameras(&self) -> Result<Vec<CameraReport>, Refusal> {
        let source = self.service.config().source();
        let turn = Arc::clone(&self.service.survey).try_acquire_owned();
        let turn = turn.map_err(|_| Refusal::QueueFull)?;
        let devices = off_loop(move || {
            let devices = source.list_devices();
            drop(turn);
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
        let facts = &self.service.facts;
        MachineStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            recogniser: self.service.config().recognition.recogniser.as_str().to_owned(),
            camera: self.service.config().source().description(),
            embedding_ms: facts.embedding.as_secs_f64() * 1e3,
            advice: facts.advice.to_owned(),
            key: self.service.store.key_source().as_str().to_owned(),
            memory: self.service.memory.as_str().to_owned(),
        }
    }

    /// How the camera does: a rate and a brightness, no picture.
    async fn check_camera(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<CameraCheckReport, Refusal> {
        let service = &self.service;
        let (kind, action) = (LOOKING, Action::Look);
        let (known, _) =
            caller::admit(service, connection, &header, kind, action, Uid::ROOT).await?;
        let terms = terms(&known, &service.config(), own_test(&known), Instant::now(), LOOK_MAX);
        let outcome = service.engine.check_camera(terms).await;
        known.record(service, kind, Uid::ROOT, None, &outcome).await;
        outcome
    }

    /// How the attempts of a user stand.
    async fn attempts(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<AttemptsReport, Refusal> {
        let uid = Uid(uid);
        let action = Action::Inspect;
        caller::admit(&self.service, connection, &header, INSPECTION, action, uid).await?;
        self.service.confirm_uid(uid).await?;
        counting::report(&self.service, uid).await
    }

    /// Forgets the failed attempts of a user.
    async fn unlock(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let action = Action::Unlock;
        let (known, _) =
            caller::admit(&self.service, connection, &header, UNLOCKING, action, uid).await?;
        let outcome = counting::unlock(&self.service, uid).await;
        known.record(&self.service, UNLOCKING, uid, None, &outcome).await;
        outcome
    }
}
