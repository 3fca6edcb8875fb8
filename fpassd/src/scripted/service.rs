//! The daemon without its bus.

use std::{
    path::Path,
    sync::{Arc, RwLock},
    time::{Duration, SystemTime},
};

use fpass_face::{Calibration, Comparator};
use fpass_proto::{Label, Uid};
use tokio::sync::Semaphore;

use super::{FakeAuthority, ScriptedRecogniser, strangers, user};
use crate::{
    admission::RefusedCalls,
    audit::{self, AuditLog},
    authorizer::Authorizer,
    calibrations::Calibrations,
    calls::Calls,
    config::Config,
    drawn_prompts::DrawnPrompts,
    engine::Engine,
    look_memory::LookMemory,
    memory::Memory,
    pending_setups::PendingSetups,
    seat::{LookUpTurns, RecentSessions, SeatLeases},
    service::{RecogniserFacts, Service},
    store::{self, Binding, Store, StoredTemplate},
    throttle::{Clock, Throttle},
    users::SystemUsers,
    viewfinder::Viewfinders,
};

/// The only enrolled user.
pub(crate) const ALICE: Uid = Uid(1000);

/// A daemon in which [`ALICE`] has one template and adaptation is on. It counts attempts by this
/// clock.
pub(crate) fn service(directory: &Path, clock: impl Clock + 'static) -> Arc<Service> {
    store::create_key(directory).unwrap();
    let store = Store::new(
        directory.to_owned(),
        Binding { machine_id: String::new(), features: [0; 32], former: None },
    );
    let template = StoredTemplate {
        label: Label::default(),
        created: 1,
        samples: (0..5).map(user).collect(),
        adapted: Vec::new(),
        camera: None,
        rotation: None,
    };
    store.add(ALICE, 0, 0, template).unwrap();
    let now = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let refused_calls = RefusedCalls::default();
    let (directory_of_log, sink) = (directory.to_owned(), Box::new(audit::LogSink));
    let audit_log = AuditLog::new(directory_of_log, [0; 32], sink, now, refused_calls.clone());
    let mut config = Config::default();
    config.adaptation.enabled = true;
    let calibration = Calibration {
        comparator: Comparator::Fused,
        protocol: String::new(),
        comparisons: 1,
        points: vec![(1e-2, 0.1), (1e-8, 0.7)],
        extrapolated: Vec::new(),
    };
    Arc::new(Service {
        engine: Engine::start(Box::new(ScriptedRecogniser), Box::new(|| None)).unwrap(),
        store: Arc::new(store),
        throttle: Arc::new(Throttle::new(directory.to_owned(), Box::new(clock))),
        audit_log: Arc::new(audit_log),
        users: Arc::new(SystemUsers),
        authorizer: Authorizer::new(FakeAuthority::answering(Ok(()))),
        calls: Calls::default(),
        refused_calls,
        seat_leases: SeatLeases::default(),
        look_up_turns: LookUpTurns::default(),
        recent_sessions: RecentSessions::default(),
        drawn_prompts: DrawnPrompts::default(),
        look_memory: LookMemory::default(),
        pending_setups: PendingSetups::default(),
        viewfinders: Viewfinders::default(),
        facts: RecogniserFacts { embedding: Duration::ZERO, advice: "" },
        memory: Memory::Swappable,
        calibrations: Calibrations::new(vec![calibration], strangers()),
        camera_listing: Arc::new(Semaphore::new(1)),
        now,
        config: RwLock::new(Arc::new(config)),
    })
}
