//! The records of users, read and changed off the event loop.

use std::sync::Arc;

use fpass_face::Gallery;
use fpass_proto::{Refusal, Uid};

use super::Service;
use crate::{
    adapt::{self, Window},
    allowed_cameras::AllowedCameras,
    blocking,
    config::Config,
    frame_rotation::FrameRotation,
    store::{Store, StoreError, StoredTemplate},
};

/// The record of an enrolled user, for an attempt.
pub(crate) struct Enrolled {
    /// The templates to compare with.
    pub(crate) gallery: Gallery,
    /// Cameras with which the user may be recognised.
    pub(crate) allowed_cameras: AllowedCameras,
    /// How the frames of the camera are turned.
    pub(crate) rotation: FrameRotation,
    /// Generation of the record.
    pub(crate) generation: u64,
}

/// The record of a user who may have no F-pass, for an enrolment.
pub(crate) struct EnrolledBefore {
    /// The enrolled samples.
    pub(crate) gallery: Gallery,
    /// How the frames of the camera are turned.
    pub(crate) rotation: FrameRotation,
    /// Generation of the record; 0 without a record.
    pub(crate) generation: u64,
}

impl Service {
    /// Reads from the store, off the event loop and for a bounded time.
    pub(crate) async fn read_store<T: Send + 'static>(
        &self,
        uid: Uid,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        blocking::run(move || work(&store)).await?.map_err(|error| log_refusal(uid, &error))
    }

    /// Changes the store, off the event loop. It has no time limit: a caller must not hear that a
    /// change failed which then takes place.
    pub(crate) async fn change_store<T: Send + 'static>(
        &self,
        uid: Uid,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        blocking::run_to_end(move || work(&store)).await?.map_err(|error| log_refusal(uid, &error))
    }

    /// The templates of a user, ready for comparison.
    pub(crate) async fn gallery(&self, uid: Uid, config: &Config) -> Result<Enrolled, Refusal> {
        let window = config.adaptation.enabled.then(|| self.window(config));
        let (pinned, setting) = (config.camera.pin, config.camera.rotation);
        self.read_store(uid, move |store| {
            let (generation, templates) = store.templates(uid)?;
            let allowed_cameras = allowed_cameras_of(&templates, pinned);
            let rotation = FrameRotation::new(setting, &templates);
            let gallery = gallery_of(&templates, window)?;
            Ok(Enrolled { gallery, allowed_cameras, rotation, generation })
        })
        .await
    }

    /// The record of a user; an empty gallery when there are no templates. An enrolment compares
    /// with it, so adapted samples are left out.
    pub(crate) async fn enrolled_before(
        &self,
        uid: Uid,
        config: &Config,
    ) -> Result<EnrolledBefore, Refusal> {
        let setting = config.camera.rotation;
        self.read_store(uid, move |store| {
            let (generation, templates) = store.templates_or_empty(uid)?;
            let rotation = FrameRotation::new(setting, &templates);
            Ok(EnrolledBefore { gallery: gallery_of(&templates, None)?, rotation, generation })
        })
        .await
    }

    /// Checks that the record still has the generation that a verdict was computed from.
    ///
    /// # Errors
    /// [`Refusal::Cancelled`] when it has another one.
    pub(crate) async fn unchanged(&self, uid: Uid, generation: u64) -> Result<(), Refusal> {
        let now = self.read_store(uid, move |store| Ok(store.templates(uid)?.0)).await?;
        if now == generation { Ok(()) } else { Err(Refusal::Cancelled) }
    }
}

/// The cameras of these templates if the configuration pins cameras, else any.
fn allowed_cameras_of(templates: &[StoredTemplate], pinned: bool) -> AllowedCameras {
    if pinned { AllowedCameras::of(templates) } else { AllowedCameras::Any }
}

/// Templates, ready for comparison.
fn gallery_of(templates: &[StoredTemplate], window: Option<Window>) -> Result<Gallery, StoreError> {
    let template =
        |stored| adapt::comparison_template(stored, window).map_err(|_| StoreError::Malformed);
    Ok(Gallery::new(templates.iter().map(template).collect::<Result<_, _>>()?))
}

/// Logs an error of the store and returns what the caller is told.
fn log_refusal(uid: Uid, error: &StoreError) -> Refusal {
    let refusal = error.refusal();
    let expected = matches!(
        refusal,
        Refusal::NeverEnrolled
            | Refusal::Removed
            | Refusal::NoRecoveryCodes
            | Refusal::RecoveryRefused
    );
    if !expected {
        tracing::warn!(uid = uid.0, %error, "store");
    }
    refusal
}
