//! `org.fpass.Fpass1.Machine`

use std::sync::Arc;

use fpass_proto::{CameraReport, MachineStatus, Refusal};
use zbus::interface;

use crate::service::{Service, off_loop};

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
            let devices = source.survey();
            drop(turn);
            devices
        })
        .await?;
        let report = |device: fpass_camera::Device| CameraReport {
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
}
