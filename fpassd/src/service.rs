//! What the bus interfaces share.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use fpass_face::{Calibration, Comparator, Gallery, Score, calibration::FALSE_MATCH_RATE_MIN};
use fpass_proto::{Refusal, Uid, UserName};

use tokio::sync::Semaphore;

use crate::{
    adapt::{self, Window},
    allowed_cameras::AllowedCameras,
    audit::AuditLog,
    authorizer::Authorizer,
    calls::Calls,
    config::Config,
    decide::Policy,
    engine::Engine,
    memory::Memory,
    pending_setups::PendingSetups,
    qualify::MatchThresholds,
    seat::SeatLeases,
    store::{Store, StoreError, StoredTemplate},
    strength::{FAIR_RATE, STRONG_RATE, StrengthThresholds},
    throttle::Throttle,
    users::{self, UserDatabase},
};

/// Longest time that a look into the user database or the store may take.
pub(crate) const LOOK_UP_MAX: Duration = Duration::from_secs(3);

/// Facts about the recogniser that were established at the start.
#[derive(Clone, Debug)]
pub(crate) struct RecogniserFacts {
    /// Median duration of one embedding by dlib.
    pub(crate) embedding: Duration,
    /// Remedy when it is slow.
    pub(crate) advice: &'static str,
}

/// What somebody enrolled.
pub(crate) struct Enrolled {
    pub(crate) gallery: Gallery,
    /// Cameras to which the templates are held.
    pub(crate) allowed_cameras: AllowedCameras,
    /// Generation of the record.
    pub(crate) generation: u64,
}

/// State of the daemon behind its interfaces.
pub(crate) struct Service {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<Store>,
    pub(crate) throttle: Arc<Throttle>,
    /// Where attempts and changes are recorded.
    pub(crate) audit_log: Arc<AuditLog>,
    pub(crate) users: Arc<dyn UserDatabase>,
    pub(crate) authorizer: Authorizer,
    pub(crate) calls: Calls,
    /// What running attempts rest on.
    pub(crate) seat_leases: SeatLeases,
    /// Logins that may set up an F-pass.
    pub(crate) pending_setups: PendingSetups,
    pub(crate) facts: RecogniserFacts,
    /// Whether this process's memory can be swapped out.
    pub(crate) memory: Memory,
    /// Thresholds, one table for each comparator.
    pub(crate) calibrations: Vec<Calibration>,
    /// One look at the cameras at a time; a driver that hangs keeps it.
    pub(crate) survey: Arc<Semaphore>,
    /// The wall clock, for the dates of samples only.
    pub(crate) now: fn() -> SystemTime,
    pub(crate) config: RwLock<Arc<Config>>,
}

impl Service {
    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another configuration in force for the attempts that start from here on.
    pub(crate) fn reconfigure(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Makes sure that name and id exist and belong together.
    pub(crate) async fn confirm_user(&self, uid: Uid, name: &str) -> Result<(), Refusal> {
        let name = UserName::parse(name).map_err(|_| Refusal::MalformedUserName)?;
        let users = Arc::clone(&self.users);
        off_loop(move || users::confirm(users.as_ref(), uid, &name)).await?
    }

    /// Makes sure that the id exists.
    pub(crate) async fn confirm_uid(&self, uid: Uid) -> Result<(), Refusal> {
        let users = Arc::clone(&self.users);
        match off_loop(move || users.exists(uid)).await?? {
            true => Ok(()),
            false => Err(Refusal::UnknownUser),
        }
    }

    /// Looks into the store, off the event loop and for a bounded time.
    pub(crate) async fn read_store<T: Send + 'static>(
        &self,
        uid: Uid,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        off_loop(move || work(&store)).await?.map_err(|error| log(uid, &error))
    }

    /// Changes the store, off the event loop. Without a bound: nobody may hear that a change
    /// failed which then takes place after all.
    pub(crate) async fn change_store<T: Send + 'static>(
        &self,
        uid: Uid,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        let task = tokio::task::spawn_blocking(move || work(&store));
        task.await.map_err(|_| Refusal::EngineFailed)?.map_err(|error| log(uid, &error))
    }

    /// The templates of a user, ready to be compared with.
    pub(crate) async fn gallery(&self, uid: Uid, config: &Config) -> Result<Enrolled, Refusal> {
        let window = config.adaptation.enabled.then(|| self.window(config));
        let pinned = config.camera.pin;
        self.read_store(uid, move |store| {
            let (generation, templates) = store.templates(uid)?;
            let allowed_cameras = allowed_cameras_of(&templates, pinned);
            Ok(Enrolled { gallery: gallery_of(&templates, window)?, allowed_cameras, generation })
        })
        .await
    }

    /// The cameras to which a user's templates are held; refuses whoever has none.
    pub(crate) async fn allowed_cameras(
        &self,
        uid: Uid,
        config: &Config,
    ) -> Result<AllowedCameras, Refusal> {
        let pinned = config.camera.pin;
        self.read_store(uid, move |store| Ok(allowed_cameras_of(&store.templates(uid)?.1, pinned)))
            .await
    }

    /// What a further template of a user must be like, and the generation of their record: an empty
    /// gallery when there are no templates. Adapted samples have no say in who enrols.
    pub(crate) async fn gallery_so_far(&self, uid: Uid) -> Result<(Gallery, u64), Refusal> {
        self.read_store(uid, move |store| {
            let (generation, templates) = store.templates_or_empty(uid)?;
            Ok((gallery_of(&templates, None)?, generation))
        })
        .await
    }

    /// Makes sure that the record is still the one that a verdict was computed from.
    pub(crate) async fn unchanged(&self, uid: Uid, generation: u64) -> Result<(), Refusal> {
        let now = self.read_store(uid, move |store| Ok(store.templates(uid)?.0)).await?;
        if now == generation { Ok(()) } else { Err(Refusal::Cancelled) }
    }
}

/// How many times smaller than the configured rate the one is at which a user is surely recognised.
const STRICTER: f64 = 100.0;
/// How many times as many attempts of a stranger match as single comparisons do. An attempt has
/// several frames, of which any two in a row may agree; but they are nearly the same, so that the
/// attempt is little more than one comparison. Measured by `fpass-face/examples/frames.rs`: 1.2 to
/// 1.3 for two agreeing frames; rounded up.
const ATTEMPT_FACTOR: f64 = 1.5;

/// The score that a frame must reach so that `false_match_rate` of the attempts of strangers match
/// by chance. Without a table for the comparator nothing matches.
pub(crate) fn threshold(
    calibrations: &[Calibration],
    comparator: Comparator,
    false_match_rate: f64,
    templates: usize,
) -> Score {
    let table = calibrations.iter().find(|table| table.comparator == comparator);
    let rate = false_match_rate / ATTEMPT_FACTOR;
    table.map_or(Score::new(f32::NAN), |table| table.threshold(rate, templates))
}

/// What templates are held to, if the configuration holds them.
fn allowed_cameras_of(templates: &[StoredTemplate], pinned: bool) -> AllowedCameras {
    if pinned { AllowedCameras::of(templates) } else { AllowedCameras::Any }
}

/// Templates, ready to be compared with.
fn gallery_of(templates: &[StoredTemplate], window: Option<Window>) -> Result<Gallery, StoreError> {
    let template =
        |stored| adapt::comparison_template(stored, window).map_err(|_| StoreError::Malformed);
    Ok(Gallery::new(templates.iter().map(template).collect::<Result<_, _>>()?))
}

impl Service {
    /// [`threshold`] by the tables of this machine's models.
    pub(crate) fn threshold(&self, comparator: Comparator, rate: f64, templates: usize) -> Score {
        threshold(&self.calibrations, comparator, rate, templates)
    }

    /// The time within which adapted samples count.
    pub(crate) fn window(&self, config: &Config) -> Window {
        Window::new((self.now)(), config.adaptation.expiry_days)
    }

    /// Seconds since the Unix epoch before which adapted samples have expired.
    pub(crate) fn horizon(&self) -> u64 {
        self.window(&self.config()).horizon()
    }

    /// What the samples of a new template are measured by.
    pub(crate) fn strength_thresholds(&self, comparator: Comparator) -> StrengthThresholds {
        StrengthThresholds {
            comparator,
            fair: self.threshold(comparator, FAIR_RATE, 1),
            strong: self.threshold(comparator, STRONG_RATE, 1),
        }
    }

    /// What frames are measured by, compared with a gallery of `templates` templates, where it matters
    /// how sure a match is.
    pub(crate) fn match_thresholds(&self, config: &Config, templates: usize) -> MatchThresholds {
        let recognition = &config.recognition;
        let (comparator, rate) = (recognition.recogniser, recognition.false_match_rate);
        let strict = (rate / STRICTER).max(FALSE_MATCH_RATE_MIN);
        MatchThresholds {
            comparator,
            configured: self.threshold(comparator, rate, templates),
            strict: self.threshold(comparator, strict, templates),
        }
    }

    /// When an attempt with a gallery of `templates` templates ends.
    pub(crate) fn policy(&self, config: &Config, templates: usize) -> Policy {
        let recognition = &config.recognition;
        let (comparator, rate) = (recognition.recogniser, recognition.false_match_rate);
        Policy {
            comparator,
            threshold: self.threshold(comparator, rate, templates),
            agreeing_frames: config.verification.agreeing_frames,
            judged_frames: config.verification.judged_frames,
            keep_probe: false,
        }
    }
}

/// Logs what went wrong with the store, and says what the caller is told.
fn log(uid: Uid, error: &StoreError) -> Refusal {
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

/// Runs blocking work on another thread for a bounded time.
pub(crate) async fn off_loop<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let task = tokio::task::spawn_blocking(work);
    match tokio::time::timeout(LOOK_UP_MAX, task).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_panicked)) => Err(Refusal::EngineFailed),
        Err(_elapsed) => Err(Refusal::DeadlinePassed),
    }
}

#[cfg(test)]
mod tests {
    use fpass_face::{Manifest, calibration::TEMPLATES_MAX};

    use super::*;

    #[test]
    fn an_attempt_is_stricter_than_a_comparison_at_every_rate_and_number_of_templates() {
        let manifest = Manifest::embedded().unwrap();
        for comparator in Comparator::ALL {
            let table = manifest.calibration(comparator).unwrap();
            for rate in [FALSE_MATCH_RATE_MIN, 1e-5, 1e-4, 1e-3] {
                for templates in [1, 2, TEMPLATES_MAX] {
                    let attempt = threshold(&manifest.calibrations, comparator, rate, templates);
                    let comparison = table.threshold(rate, templates);
                    assert!(attempt > comparison, "{comparator} {rate} {templates}");
                }
            }
        }
    }

    #[test]
    fn without_a_table_nothing_matches() {
        let threshold = threshold(&[], Comparator::Fused, 1e-3, 1);
        assert!(!Score::new(f32::MAX).reaches(threshold));
    }
}
