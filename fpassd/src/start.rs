//! From the command line to a daemon on the bus, and back down.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, RwLock},
    time::Duration,
};

use fpass_face::{FaceError, Manifest, ModelError, Recogniser, RecogniserSettings, VerifiedModels};
use nix::sys::{prctl, resource};
use sd_notify::NotifyState;
use thiserror::Error;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
};

use crate::{
    audit::{AuditLog, RecordSink},
    authorizer::{Authorizer, Polkit},
    bus,
    calls::Calls,
    config::{Config, ConfigError},
    engine::Engine,
    face_recogniser::FaceRecogniser,
    folder::FolderLock,
    memory,
    pending_setups::PendingSetups,
    seat::SeatLeases,
    service::{RecogniserFacts, Service},
    store::{Binding, KeySource, Store, StoreError},
    throttle::{SystemClock, Throttle},
    users::SystemUsers,
};

/// File that identifies this installation, see machine-id(5).
const MACHINE_ID: &str = "/etc/machine-id";
/// Median duration of one embedding above which the linear algebra library is the wrong one.
/// Measured: 15 ms with OpenBLAS, 216 ms with the reference BLAS.
const SLOW_EMBEDDING: Duration = Duration::from_millis(80);
/// How long the end of the daemon waits for the calls that it has cancelled.
const CALLS_END_MAX: Duration = Duration::from_millis(1500);
/// How long it waits for look-ups that hang.
const RUNTIME_END_MAX: Duration = Duration::from_secs(2);
/// What helps then.
const SLOW_ADVICE: &str =
    "face embeddings are slow; install libopenblas0-pthread and restart fpassd";

/// Why the daemon did not start or did not go on.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Models(#[from] ModelError),
    #[error("the face models cannot be loaded; run fpass-enroll models install: {0}")]
    Recogniser(#[from] FaceError),
    #[error("{MACHINE_ID} holds no machine id; run systemd-machine-id-setup")]
    MachineId,
    #[error("the store {path} is not usable ({cause}); it must be 0700 and owned by fpassd")]
    Store { path: String, cause: StoreError },
    #[error("the store {path} was not taken: {cause}")]
    StoreTaken { path: String, cause: StoreError },
    #[error("the store {path} was not sealed anew: {cause}; see KEY in fpassd(8)")]
    Reseal { path: String, cause: StoreError },
    #[error(
        "the key is a credential, which fpassd cannot replace; see KEY in fpassd(8) for how to do it"
    )]
    KeyIsCredential,
    #[error(
        "the system bus refused fpassd; check that it runs and that the policy is installed: {0}"
    )]
    Bus(#[from] zbus::Error),
    #[error("the system bus is gone; the service manager starts fpassd again with it")]
    BusGone,
    #[error(
        "the engine is stuck for good; the service manager starts fpassd again, check the camera"
    )]
    EngineLost,
    #[error("the system refused a thread, a signal or a limit: {0}")]
    System(#[from] io::Error),
}

impl StartError {
    /// Whether the next start would end in the same way until somebody has changed a file. What went
    /// wrong on the bus, in the engine or in the system, or a store that another program works on, may be
    /// over by then.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Models(_)
            | Self::Recogniser(_)
            | Self::MachineId
            | Self::Store { .. } => true,
            Self::StoreTaken { .. }
            | Self::Reseal { .. }
            | Self::KeyIsCredential
            | Self::Bus(_)
            | Self::BusGone
            | Self::EngineLost
            | Self::System(_) => false,
        }
    }
}

/// Runs the daemon until it is told to stop.
pub(crate) fn run(config_path: &Path, records: Box<dyn RecordSink>) -> Result<(), StartError> {
    forbid_core_dumps()?;
    let memory = memory::lock();
    let config = Config::read(config_path)?;
    let manifest = Manifest::embedded()?;
    let models = manifest.verify(&config.models.directory)?;
    let store = open_store(&config, &models)?;
    let _occupied = lock(&config, &store)?;
    let audit_log = open_audit_log(&config, &models, records);
    let clock = Box::new(SystemClock::new());
    let throttle = Throttle::new(config.storage.directory.clone(), clock);
    let settings = search_settings(&config);
    let mut recogniser = Recogniser::load(&models, settings)?;
    let facts = measure(&mut recogniser)?;
    let engine = Engine::start(Box::new(recogniser), Box::new(move || reload(&models, settings)))?;
    let service = Arc::new(Service {
        engine,
        store: Arc::new(store),
        throttle: Arc::new(throttle),
        audit_log: Arc::new(audit_log),
        users: Arc::new(SystemUsers),
        authorizer: Authorizer::new(Polkit::new(Arc::new(SystemUsers))),
        calls: Calls::default(),
        seat_leases: SeatLeases::default(),
        pending_setups: PendingSetups::default(),
        facts,
        memory,
        calibrations: manifest.calibrations,
        survey: Arc::new(Semaphore::new(1)),
        now: system_time,
        config: RwLock::new(Arc::new(config)),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(Arc::clone(&service), config_path));
    service.calls.cancel_all();
    runtime.shutdown_timeout(RUNTIME_END_MAX);
    outcome
}

async fn serve(service: Arc<Service>, config_path: &Path) -> Result<(), StartError> {
    // The handlers lease before the name is taken: whoever sees the daemon may signal it.
    let mut reload = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (_connection, mut departure) = bus::serve(Arc::clone(&service)).await?;
    tell_manager(NotifyState::Ready);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
    let ended = loop {
        tokio::select! {
            _ = reload.recv() => reconfigure(&service, config_path),
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = &mut departure => break Err(StartError::BusGone),
            () = service.engine.lost() => break Err(StartError::EngineLost),
        }
    };
    tell_manager(NotifyState::Stopping);
    tracing::info!("stopping");
    service.calls.cancel_all();
    // Calls put their counts right and answer; what does not end by then is left.
    let _ = tokio::time::timeout(CALLS_END_MAX, service.calls.none()).await;
    ended
}

fn reconfigure(service: &Service, path: &Path) {
    match Config::read(path) {
        Err(error) => tracing::error!(%error, "the configuration stays as it was"),
        Ok(config) => {
            let old = service.config();
            if old.models != config.models
                || old.storage != config.storage
                || search_settings(&old) != search_settings(&config)
            {
                tracing::warn!(
                    "models, storage and recognition.detection_side change at the next start"
                );
            }
            service.reconfigure(config);
            tracing::info!("the configuration was read again");
        }
    }
}

fn search_settings(config: &Config) -> RecogniserSettings {
    RecogniserSettings { detection_side: config.recognition.detection_side }
}

fn measure(recogniser: &mut Recogniser) -> Result<RecogniserFacts, FaceError> {
    let embedding = recogniser.self_test_time()?;
    let advice = if embedding > SLOW_EMBEDDING { SLOW_ADVICE } else { "" };
    if !advice.is_empty() {
        tracing::warn!(embedding_ms = embedding.as_secs_f64() * 1e3, "{advice}");
    }
    Ok(RecogniserFacts { embedding, advice })
}

fn reload(
    models: &VerifiedModels,
    settings: RecogniserSettings,
) -> Option<Box<dyn FaceRecogniser + Send>> {
    match Recogniser::load(models, settings) {
        Ok(recogniser) => Some(Box::new(recogniser)),
        Err(error) => {
            tracing::error!(%error, "the models could not be loaded again");
            None
        }
    }
}

fn open_store(config: &Config, models: &VerifiedModels) -> Result<Store, StartError> {
    let key = KeySource::of_service();
    tracing::info!(key = key.as_str(), "templates are sealed with a key");
    let binding = binding(models)?;
    let store = Store::new(config.storage.directory.clone(), binding).with_key(key);
    store.check().map_err(|cause| unusable(&config.storage.directory, cause))?;
    if let Err(error) = store.check_key() {
        // Not fatal: whoever asks hears that the key is at fault.
        tracing::error!(%error, "every request will be refused; see KEY in fpassd(8)");
    }
    Ok(store)
}

/// What records of this machine are bound to.
pub(crate) fn binding(models: &VerifiedModels) -> Result<Binding, StartError> {
    let machine_id = fs::read_to_string(MACHINE_ID).map_err(|_| StartError::MachineId)?;
    let machine_id = machine_id.trim();
    if machine_id.len() != 32 || !machine_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(StartError::MachineId);
    }
    Ok(Binding { machine_id: machine_id.to_owned(), models: models.fingerprint() })
}

fn open_audit_log(
    config: &Config,
    models: &VerifiedModels,
    records: Box<dyn RecordSink>,
) -> AuditLog {
    let directory = config.storage.directory.clone();
    let audit_log = AuditLog::new(directory, models.fingerprint(), records, system_time);
    if let Err(error) = audit_log.begin() {
        // Not fatal: no match is given without its record.
        tracing::error!(%error, "every match will be refused; see AUDIT TRAIL in fpassd(8)");
    }
    audit_log
}

fn lock(config: &Config, store: &Store) -> Result<FolderLock, StartError> {
    let path = || config.storage.directory.display().to_string();
    store.lock().map_err(|cause| StartError::StoreTaken { path: path(), cause })
}

pub(crate) fn unusable(directory: &Path, cause: StoreError) -> StartError {
    StartError::Store { path: directory.display().to_string(), cause }
}

/// Templates and frames live in this process: no core file and no debugger of the same user.
pub(crate) fn forbid_core_dumps() -> io::Result<()> {
    resource::setrlimit(resource::Resource::RLIMIT_CORE, 0, 0)?;
    prctl::set_dumpable(false)?;
    Ok(())
}

pub(crate) fn tell_manager(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_change_of_files_mends_is_lasting() {
        let path = || "/x".to_owned();
        let missing = || StoreError::Malformed;
        let lasting = [
            StartError::from(Config::read(Path::new("does-not-exist.toml")).unwrap_err()),
            StartError::from(
                Manifest::embedded().unwrap().verify(Path::new("/nowhere")).unwrap_err(),
            ),
            StartError::Recogniser(FaceError::DetectionSide(0)),
            StartError::MachineId,
            StartError::Store { path: path(), cause: missing() },
        ];
        for error in lasting {
            assert!(error.is_lasting(), "{error}");
        }
        let passing = [
            StartError::StoreTaken { path: path(), cause: StoreError::InUse },
            StartError::Bus(zbus::Error::InvalidReply),
            StartError::BusGone,
            StartError::EngineLost,
            StartError::System(io::Error::other("no threads")),
        ];
        for error in passing {
            assert!(!error.is_lasting(), "{error}");
        }
    }
}
