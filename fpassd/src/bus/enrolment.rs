//! `org.fpass.Fpass1.Enrolment`

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use fpass_face::calibration::FALSE_MATCH_RATE_MAX;
use fpass_proto::{Label, Refusal, Strength, TemplateReport, Uid, names};
use tokio::sync::mpsc;
use zbus::{Connection, interface, message::Header, names::BusName, object_server::SignalEmitter};

use super::{
    caller::{self, Known},
    consent, counting, locality,
    verification::{own_test, terms},
};
use crate::{
    authorizer::{Action, Role},
    enroll::{EnrolmentParams, EnrolmentProgress},
    queue::Priority,
    seat::{self, SeatLease},
    service::Service,
    store::{Store, StoreError, StoredTemplate},
    strength,
    throttle::{self, Settlement},
};

/// Word with which `EnrollFinished` reports success.
const ENROLLED: &str = "enrolled";
/// Generation of a record that does not exist.
const NO_RECORD: u64 = 0;
/// Kinds of journal records.
const ENROLMENT: &str = "enrolment";
const INSPECTION: &str = "inspection";
const RENAME: &str = "rename";
const REMOVAL: &str = "removal";
const CLEARING: &str = "clearing";
const RESET: &str = "adaptation reset";

pub(super) struct Enrolment {
    service: Arc<Service>,
}

impl Enrolment {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// [`caller::admit`] for this interface.
    async fn admit(
        &self,
        kind: &'static str,
        action: Action,
        uid: Uid,
        header: &Header<'_>,
        connection: &Connection,
    ) -> Result<(Known, Role), Refusal> {
        caller::admit(&self.service, connection, header, kind, action, uid).await
    }

    /// Changes the record of a user after the consent that it needs, and records the outcome.
    async fn change(
        &self,
        kind: &'static str,
        connection: &Connection,
        (known, role): (Known, Role),
        uid: Uid,
        label: Option<&Label>,
        work: impl FnOnce(&Store, Option<u64>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Refusal> {
        let outcome = match consent::face(&self.service, connection, &known, role, uid).await {
            Ok(_) if known.call.cancel.is_raised() => Err(Refusal::Cancelled),
            Ok(consent) => {
                // What the consent rests on at the seat holds until the change is made.
                let work = move |store: &Store| work(store, consent.basis);
                self.service.change_store(uid, work).await
            }
            Err(refusal) => Err(refusal),
        };
        known.record(&self.service, kind, uid, label, &outcome).await;
        outcome
    }

    /// What must hold before an enrolment starts.
    async fn prepare(&self, uid: Uid, user: &str, label: &str) -> Result<Label, Refusal> {
        let label = self::label(label)?;
        self.service.confirm_user(uid, user).await?;
        let wanted = label.clone();
        self.service.read_store(uid, move |store| store.has_room(uid, &wanted)).await?;
        Ok(label)
    }
}

fn label(raw: &str) -> Result<Label, Refusal> {
    Label::parse(raw).map_err(|_| Refusal::InvalidArgument)
}

#[interface(name = "org.fpass.Fpass1.Enrolment")]
impl Enrolment {
    /// Starts an enrolment and returns its request id.
    async fn enroll_start(
        &self,
        uid: u32,
        user: &str,
        label: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<u32, Refusal> {
        let uid = Uid(uid);
        let (known, _) = self.admit(ENROLMENT, Action::Enrol, uid, &header, connection).await?;
        // Typing a password does not use up the time before the camera.
        let started = Instant::now();
        let request = known.call.request;
        let prepared: Result<(Label, SeatLease), Refusal> = async {
            let label = self.prepare(uid, user, label).await?;
            let purpose = seat::CameraUse::Own;
            let lease = locality::admit(&self.service, connection, &known, uid, purpose).await?;
            Ok((label, lease))
        }
        .await;
        if prepared.is_err() {
            known.record(&self.service, ENROLMENT, uid, None, &prepared).await;
        }
        let (label, lease) = prepared?;
        let emitter = emitter(connection, &known)?;
        let service = Arc::clone(&self.service);
        tokio::spawn(async move {
            let timeout = Duration::from_millis(service.config().enrolment.timeout_ms);
            let priority = own_test(&known);
            let order =
                EnrolmentRequest { uid, label: &label, started, timeout, priority, first: false };
            let outcome = run(&service, &known, &emitter, &order).await;
            drop(lease);
            known.record(&service, ENROLMENT, uid, Some(&label), &outcome).await;
            let (result, strength) = match outcome {
                Ok(strength) => (ENROLLED, strength.as_str()),
                Err(refusal) => (refusal.error_name(), ""),
            };
            let sent = Enrolment::enroll_finished(&emitter, request, result, strength);
            report_failure(sent.await);
        });
        Ok(request)
    }

    /// The templates of a user.
    async fn list(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<TemplateReport>, Refusal> {
        let uid = Uid(uid);
        self.admit(INSPECTION, Action::Inspect, uid, &header, connection).await?;
        self.service.confirm_uid(uid).await?;
        let (_, templates) =
            self.service.read_store(uid, move |store| store.templates(uid)).await?;
        let report = |stored: StoredTemplate| TemplateReport {
            label: stored.label.as_str().to_owned(),
            created: stored.created,
            samples: count(stored.samples.len()),
            adapted: count(stored.adapted.len()),
        };
        Ok(templates.into_iter().map(report).collect())
    }

    /// Whether a user has an F-pass.
    async fn state(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let uid = Uid(uid);
        self.admit(INSPECTION, Action::Inspect, uid, &header, connection).await?;
        self.service.confirm_uid(uid).await?;
        let state = self.service.read_store(uid, move |store| store.state(uid)).await?;
        Ok(state.as_str().to_owned())
    }

    /// Gives a template another label.
    async fn rename(
        &self,
        uid: u32,
        label: &str,
        new_label: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let admitted = self.admit(RENAME, Action::Maintain, uid, &header, connection).await?;
        let (old, new) = (self::label(label)?, self::label(new_label)?);
        let audited = new.clone();
        let horizon = self.service.horizon();
        let rename = move |store: &Store, basis| store.rename(uid, basis, horizon, &old, &new);
        self.change(RENAME, connection, admitted, uid, Some(&audited), rename).await
    }

    /// Removes one template.
    async fn remove(
        &self,
        uid: u32,
        label: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let admitted = self.admit(REMOVAL, Action::Maintain, uid, &header, connection).await?;
        let label = self::label(label)?;
        let audited = label.clone();
        let horizon = self.service.horizon();
        let remove = move |store: &Store, basis| store.remove(uid, basis, horizon, &label);
        self.change(REMOVAL, connection, admitted, uid, Some(&audited), remove).await
    }

    /// Removes every template.
    async fn clear(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let admitted = self.admit(CLEARING, Action::Maintain, uid, &header, connection).await?;
        let clear = move |store: &Store, basis| store.clear(uid, basis);
        self.change(CLEARING, connection, admitted, uid, None, clear).await
    }

    /// Drops what logins added to the templates.
    async fn reset_adaptation(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let admitted = self.admit(RESET, Action::Maintain, uid, &header, connection).await?;
        let reset = move |store: &Store, basis| store.reset_adaptation(uid, basis);
        self.change(RESET, connection, admitted, uid, None, reset).await
    }

    /// A frame was looked at.
    #[zbus(signal)]
    async fn enroll_progress(
        emitter: &SignalEmitter<'_>,
        request: u32,
        taken: u32,
        wanted: u32,
        guidance: &str,
    ) -> zbus::Result<()>;

    /// The enrolment ended.
    #[zbus(signal)]
    async fn enroll_finished(
        emitter: &SignalEmitter<'_>,
        request: u32,
        result: &str,
        strength: &str,
    ) -> zbus::Result<()>;
}

/// What is to be enrolled.
pub(super) struct EnrolmentRequest<'a> {
    /// Whose template.
    pub(super) uid: Uid,
    /// Its label.
    pub(super) label: &'a Label,
    /// When the time before the camera began.
    pub(super) started: Instant,
    /// How long that time is.
    pub(super) timeout: Duration,
    /// Its place in the queue.
    pub(super) priority: Priority,
    /// Whether there must be no record yet, not even of a removed F-pass.
    pub(super) first: bool,
}

/// Where the progress of an enrolment goes: to its caller alone.
pub(super) fn emitter(
    connection: &Connection,
    known: &Known,
) -> Result<SignalEmitter<'static>, Refusal> {
    Ok(SignalEmitter::new(connection, names::OBJECT_PATH)
        .map_err(|_| Refusal::EngineFailed)?
        .set_destination(BusName::Unique(known.name.as_ref()))
        .into_owned())
}

/// One enrolment from the camera to the disk.
pub(super) async fn run(
    service: &Arc<Service>,
    known: &Known,
    emitter: &SignalEmitter<'_>,
    order: &EnrolmentRequest<'_>,
) -> Result<Strength, Refusal> {
    let &EnrolmentRequest { uid, label, started, timeout, priority, first } = order;
    let config = service.config();
    let (enrolled, generation) = service.gallery_so_far(uid).await?;
    if first && generation != NO_RECORD {
        return Err(Refusal::Cancelled);
    }
    let comparator = config.recognition.recogniser;
    let params = EnrolmentParams {
        samples: usize::try_from(config.enrolment.frames).unwrap_or(usize::MAX),
        comparator,
        threshold: service.policy(&config, 1).threshold,
        same_person_threshold: service.threshold(comparator, FALSE_MATCH_RATE_MAX, enrolled.len()),
        enrolled,
    };
    // A further template tells whether a face is the enrolled one: users are counted for that.
    let debit = if params.enrolled.is_empty() || known.uid != uid {
        None
    } else {
        Some(counting::debit(service, uid, throttle::AttemptKind::SelfTest).await?)
    };
    let (progress, reports) = mpsc::unbounded_channel();
    let terms = terms(known, &config, priority, started, timeout);
    let foreign = terms.compared.clone();
    // A receiver that is gone means that the enrolment is over; its result tells the rest.
    let report = Box::new(move |step| {
        let _ = progress.send(step);
    });
    let enrolling = service.engine.enroll(terms, params, report);
    let (samples, ()) = tokio::join!(enrolling, forward(reports, emitter, known.call.request));
    let created = (service.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if let Some(debit) = debit {
        let failed = samples.is_err() && foreign.is_set();
        let settlement = if failed { Settlement::Keep } else { Settlement::Refund };
        counting::settle(service, uid, debit, settlement).await;
    }
    let samples = samples?;
    let strength = strength::assess(&samples, &service.strength_thresholds(comparator));
    let template = StoredTemplate {
        label: label.clone(),
        created: created.as_secs(),
        samples: samples.features,
        adapted: Vec::new(),
        camera: samples.camera,
    };
    if known.call.cancel.is_raised() {
        return Err(Refusal::Cancelled);
    }
    let horizon = service.horizon();
    service.change_store(uid, move |store| store.add(uid, generation, horizon, template)).await?;
    Ok(strength)
}

/// A number as it crosses the bus.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Sends progress to the caller, each state once.
async fn forward(
    mut reports: mpsc::UnboundedReceiver<EnrolmentProgress>,
    emitter: &SignalEmitter<'_>,
    request: u32,
) {
    let mut last = None;
    while let Some(step) = reports.recv().await {
        if last.replace(step) == Some(step) {
            continue;
        }
        let word = step.guidance.as_str();
        let sent = Enrolment::enroll_progress(
            emitter,
            request,
            count(step.taken),
            count(step.wanted),
            word,
        );
        report_failure(sent.await);
    }
}

fn report_failure(sent: zbus::Result<()>) {
    if let Err(error) = sent {
        tracing::debug!(%error, "a signal could not be sent");
    }
}
