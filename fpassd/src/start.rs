//! From the command line to a daemon on the bus, and back down.

use std::{
    path::Path,
    sync::{Arc, RwLock, mpsc},
    thread,
    time::Duration,
};

use fpass_face::{Manifest, Recogniser, RecogniserSettings, VerifiedModels};
use sd_notify::NotifyState;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
    time::MissedTickBehavior,
};

use crate::{
    admission::RefusedCalls,
    audit::{AuditLog, RecordSink},
    authorizer::{Authorizer, Polkit},
    bus,
    calibrations::Calibrations,
    calls::Calls,
    config::Config,
    drawn_prompts::DrawnPrompts,
    embedding_speed,
    engine::Engine,
    face_recogniser::FaceRecogniser,
    folder::FolderLock,
    logging,
    look_memory::LookMemory,
    machine_id, memory,
    pending_setups::PendingSetups,
    seat::{LookUpTurns, RecentSessions, SeatLeases},
    service::Service,
    service_manager,
    start_error::StartError,
    store::{KeySource, Store},
    throttle::{SystemClock, Throttle},
    users::SystemUsers,
    viewfinder::Viewfinders,
};

/// How long the daemon waits at its end for the calls that it has cancelled.
const CALLS_END_MAX: Duration = Duration::from_millis(1500);
/// Longest time in which the formats of the cameras are asked for.
const PROBE_MAX: Duration = Duration::from_secs(3);
/// How often refused calls are summed up in a record.
const SUMMARY_PERIOD: Duration = Duration::from_secs(10);
/// How long it then waits for blocking work that hangs.
const RUNTIME_END_MAX: Duration = Duration::from_secs(2);

/// Runs the daemon until a signal ends it.
pub(crate) fn run(config_path: &Path, records: Box<dyn RecordSink>) -> Result<(), StartError> {
    memory::forbid_core_dumps()?;
    let memory = memory::lock();
    let config = Config::read(config_path)?;
    config.liveness.warn_if_off();
    ensure_infrared(&config)?;
    let manifest = Manifest::embedded()?;
    let models = manifest.verify(&config.models.directory)?;
    let store = open_store(&config, &models)?;
    let _occupied = lock(&config, &store)?;
    migrate(&store);
    let refused_calls = RefusedCalls::default();
    let audit_log = open_audit_log(&config, &models, records, refused_calls.clone());
    let clock = Box::new(SystemClock::new());
    let throttle = Throttle::new(config.storage.directory.clone(), clock);
    reserve_counters(&store, &throttle);
    let settings = search_settings(&config);
    let mut recogniser = Recogniser::load(&models, settings)?;
    let facts = embedding_speed::measure(&mut recogniser)?;
    let engine = Engine::start(Box::new(recogniser), Box::new(move || reload(&models, settings)))?;
    let service = Arc::new(Service {
        engine,
        store: Arc::new(store),
        throttle: Arc::new(throttle),
        audit_log: Arc::new(audit_log),
        users: Arc::new(SystemUsers),
        authorizer: Authorizer::new(Polkit::new(Arc::new(SystemUsers))),
        calls: Calls::default(),
        refused_calls,
        seat_leases: SeatLeases::default(),
        look_up_turns: LookUpTurns::default(),
        recent_sessions: RecentSessions::default(),
        drawn_prompts: DrawnPrompts::default(),
        look_memory: LookMemory::default(),
        pending_setups: PendingSetups::default(),
        viewfinders: Viewfinders::default(),
        facts,
        memory,
        calibrations: Calibrations::new(manifest.calibrations, manifest.strangers),
        camera_listing: Arc::new(Semaphore::new(1)),
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
    // Signal handlers are installed before the name is requested: other programs may signal from
    // then on.
    let mut reload = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut served = bus::serve(Arc::clone(&service)).await?;
    let mut summaries = tokio::time::interval(SUMMARY_PERIOD);
    summaries.set_missed_tick_behavior(MissedTickBehavior::Delay);
    service_manager::notify(NotifyState::Ready);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
    let ended = loop {
        tokio::select! {
            _ = reload.recv() => reconfigure(&service, config_path),
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            _ = &mut served.departure => break Err(StartError::BusGone),
            () = service.engine.lost() => break Err(StartError::EngineLost),
            _ = summaries.tick() => sum_up(&service).await,
        }
    };
    service_manager::notify(NotifyState::Stopping);
    tracing::info!("stopping");
    service.calls.cancel_all();
    // Calls settle their debits and answer; a call that takes longer is abandoned.
    let _ = tokio::time::timeout(CALLS_END_MAX, service.calls.none()).await;
    bus::withdraw(served).await;
    sum_up(&service).await;
    ended
}

/// Records the calls that were refused, and the lines that were left out, since the last time.
async fn sum_up(service: &Service) {
    let lines = logging::take_left_out();
    if lines > 0 {
        tracing::warn!(lines, "lines of the log were left out because there were too many");
    }
    if let Some(tally) = service.refused_calls.take() {
        service.audit_log.record_refused_calls(&tally).await;
    }
}

fn reconfigure(service: &Service, path: &Path) {
    match Config::read(path) {
        Err(error) => tracing::error!(%error, "the configuration stays as it was"),
        Ok(config) if ensure_infrared(&config).is_err() => {
            tracing::error!("the configuration stays as it was: {}", StartError::NotInfrared);
        }
        Ok(config) => {
            let old = service.config();
            if old.models != config.models
                || old.storage != config.storage
                || search_settings(&old) != search_settings(&config)
            {
                tracing::warn!(
                    "models, storage and recognition.detection_side take effect at the next start"
                );
            }
            config.liveness.warn_if_off();
            service.reconfigure(config);
            tracing::info!("the configuration was read again");
        }
    }
}

/// Checks that the camera is an infra-red one if the liveness check needs that. A camera that is
/// not there yet, or whose driver does not answer, is checked at each attempt.
fn ensure_infrared(config: &Config) -> Result<(), StartError> {
    if !config.liveness.needs_infrared() {
        return Ok(());
    }
    let (sender, answer) = mpsc::channel();
    let source = config.source();
    // A driver can hang.
    thread::Builder::new().name("probe".to_owned()).spawn(move || {
        // Without a receiver it took too long.
        let _ = sender.send(source.is_infrared());
    })?;
    match answer.recv_timeout(PROBE_MAX) {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => Err(StartError::NotInfrared),
        Ok(None) | Err(_) => {
            tracing::warn!("no camera is there; the liveness check needs an infra-red one");
            Ok(())
        }
    }
}

fn search_settings(config: &Config) -> RecogniserSettings {
    RecogniserSettings { detection_side: config.recognition.detection_side }
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
    let binding = machine_id::binding(models)?;
    let store = Store::new(config.storage.directory.clone(), binding).with_key(key);
    store.check().map_err(|cause| StartError::store(&config.storage.directory, cause))?;
    if let Err(error) = store.check_key() {
        // Not fatal: callers are told that the key is at fault.
        tracing::error!(%error, "every request will be refused; see KEY in fpassd(8)");
    }
    Ok(store)
}

/// Brings records of older formats to the current one.
fn migrate(store: &Store) {
    match store.migrate() {
        Ok(0) => {}
        Ok(records) => tracing::info!(records, "records were written in the current format"),
        // Not fatal: such records are read as they are.
        Err(error) => tracing::warn!(%error, "records of an older format stay as they are"),
    }
}

fn open_audit_log(
    config: &Config,
    models: &VerifiedModels,
    records: Box<dyn RecordSink>,
    refused: RefusedCalls,
) -> AuditLog {
    let directory = config.storage.directory.clone();
    let audit_log = AuditLog::new(directory, models.fingerprint(), records, system_time, refused);
    if let Err(error) = audit_log.open() {
        // Not fatal: a match without a record is refused.
        tracing::error!(%error, "every match will be refused; see AUDIT LOG in fpassd(8)");
    }
    audit_log
}

/// Gives the counters of every user with a record their space on the disk.
fn reserve_counters(store: &Store, throttle: &Throttle) {
    for uid in store.users().unwrap_or_default() {
        if let Err(error) = throttle.reserve(uid) {
            tracing::warn!(uid = uid.0, %error, "a full disk may refuse the logins of a user");
        }
    }
}

fn lock(config: &Config, store: &Store) -> Result<FolderLock, StartError> {
    let path = || config.storage.directory.display().to_string();
    store.lock().map_err(|cause| StartError::StoreTaken { path: path(), cause })
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn system_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
