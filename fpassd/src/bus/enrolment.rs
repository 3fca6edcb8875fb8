//! `org.fpass.Fpass1.Enrolment`

use std::time::{Duration, Instant, SystemTime};

use fpass_face::calibration::FALSE_MATCH_RATE_MAX;
use fpass_proto::{Label, PictureReport, Refusal, Strength, TemplateReport, Uid};
use tokio::sync::mpsc;
use zbus::{interface, message::Header, object_server::SignalEmitter};

use super::{
    Bus, arguments, consent,
    outgoing::{count, log_failure},
    preview::Preview,
    request::{Operation, Request},
    throttling,
};
use crate::{
    authorizer::{Action, Role},
    drawn_prompts::PromptDraw,
    engine::{EnrolmentReporters, TaskContext},
    enroll::{EnrolmentParams, EnrolmentProgress},
    kept_numbers::AttemptEnd,
    queue::Priority,
    seat::{CameraUse, Seated},
    service::EnrolledBefore,
    store::{Store, StoreError, StoredTemplate},
    strength,
    throttle::{AttemptKind, Settlement},
    viewfinder::{SealedPicture, Viewfinder},
};

/// Word with which `EnrollFinished` reports success.
const ENROLLED: &str = "enrolled";
/// Word with which `EnrollFinished` reports that the time of a preview has expired.
const SHOWN: &str = "shown";
/// Generation of a record that does not exist.
const NO_RECORD: u64 = 0;

const ENROL: Operation = Operation { kind: "enrolment", action: Action::Enrol };
const INSPECT: Operation = Operation { kind: "inspection", action: Action::Inspect };
const RENAME: Operation = Operation { kind: "rename", action: Action::Maintain };
const REMOVE: Operation = Operation { kind: "removal", action: Action::Maintain };
const CLEAR: Operation = Operation { kind: "clearing", action: Action::Maintain };
const RESET: Operation = Operation { kind: "adaptation reset", action: Action::Maintain };

pub(super) struct Enrolment {
    bus: Bus,
}

impl Enrolment {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

/// The checks before an enrolment. While the returned value lives, the caller is at this machine.
async fn prepare(
    request: &Request,
    uid: Uid,
    user: &str,
    label: &str,
) -> Result<(Label, Seated), Refusal> {
    let label = arguments::label(label)?;
    request.confirm_user(uid, user).await?;
    let wanted = label.clone();
    request.service.read_store(uid, move |store| store.has_room(uid, &wanted)).await?;
    let seated = request.require_local(uid, CameraUse::Own).await?;
    Ok((label, seated))
}

/// Changes the record of a user after the consent that the change needs, and records the outcome.
/// `work` gets the generation that may be changed.
async fn change(
    request: &Request,
    role: Role,
    uid: Uid,
    label: Option<&Label>,
    work: impl FnOnce(&Store, Option<u64>) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), Refusal> {
    let outcome = async {
        // The place in the consent lives until the change is made.
        let consent = consent::check_face(request, role, uid).await?;
        request.require_waiting()?;
        let generation = consent.generation;
        request.service.change_store(uid, move |store| work(store, generation)).await
    }
    .await;
    request.record(uid, label, &outcome).await;
    outcome
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
    ) -> Result<u32, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, ENROL, uid).await?;
        // Taken after the caller has typed a password: typing uses up no time in front of the
        // camera.
        let started = Instant::now();
        let prepared = prepare(&request, uid, user, label).await;
        if prepared.is_err() {
            request.record(uid, None, &prepared).await;
        }
        let (label, seated) = prepared?;
        let emitter = request.signal_emitter()?;
        let number = request.number();
        let caller = header.sender().ok_or(Refusal::NotAuthorized)?;
        let open = request.service.viewfinders.open(number, caller.as_str());
        tokio::spawn(async move {
            let timeout = request.service.config().enrolment_time();
            let priority = request.own_test();
            let enrolment = EnrolmentRequest {
                uid,
                label: &label,
                started,
                timeout,
                priority,
                first: false,
                viewfinder: open.viewfinder.clone(),
            };
            let outcome = enrol(&request, &emitter, &enrolment).await;
            drop((seated, open));
            request.record(uid, Some(&label), &outcome).await;
            let (result, strength) = match outcome {
                Ok(strength) => (ENROLLED, strength.as_str()),
                Err(refusal) => (refusal.error_name(), ""),
            };
            log_failure(Enrolment::enroll_finished(&emitter, number, result, strength).await);
        });
        Ok(number)
    }

    /// Starts a preview and returns its request id.
    async fn preview_start(
        &self,
        uid: u32,
        user: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<u32, Refusal> {
        let preview = Preview::begin(&self.bus, &header, Uid(uid), user).await?;
        let (emitter, number) = (preview.request.signal_emitter()?, preview.request.number());
        tokio::spawn(async move {
            let (progress, reports) = mpsc::unbounded_channel();
            let (shown, ()) =
                tokio::join!(preview.run(progress), forward(reports, &emitter, number));
            let result = shown.map_or_else(Refusal::error_name, |()| SHOWN);
            log_failure(Enrolment::enroll_finished(&emitter, number, result, "").await);
        });
        Ok(number)
    }

    /// The next picture of an enrolment or a preview that this caller started: a sealed file of
    /// RGB8 pixels, the number of pixels in a row, the number of rows, and the box of the face.
    async fn picture(
        &self,
        request: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<PictureReport, Refusal> {
        let caller = header.sender().ok_or(Refusal::NotAuthorized)?;
        let next = self.bus.service.viewfinders.next(request, caller.as_str());
        let SealedPicture { file, width, height, face: [left, top, across, down] } = next.await?;
        let face = (left, top, across, down);
        Ok(PictureReport { pixels: file.into(), width, height, face })
    }

    /// The templates of a user.
    async fn list(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<TemplateReport>, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, INSPECT, uid).await?;
        let service = &request.service;
        service.confirm_uid(uid).await?;
        let (_, templates) = service.read_store(uid, move |store| store.templates(uid)).await?;
        let report = |stored: StoredTemplate| TemplateReport {
            label: stored.label.as_str().to_owned(),
            created: stored.created,
            samples: count(stored.samples.len()),
            adapted: count(stored.adapted.len()),
        };
        Ok(templates.into_iter().map(report).collect())
    }

    /// Whether a user has an F-pass.
    async fn state(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<String, Refusal> {
        let uid = Uid(uid);
        let (request, _) = Request::begin_permitted(&self.bus, &header, INSPECT, uid).await?;
        let service = &request.service;
        service.confirm_uid(uid).await?;
        let state = service.read_store(uid, move |store| store.state(uid)).await?;
        Ok(state.as_str().to_owned())
    }

    /// Gives a template another label.
    async fn rename(
        &self,
        uid: u32,
        label: &str,
        new_label: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, RENAME, uid).await?;
        let (old, new) = (arguments::label(label)?, arguments::label(new_label)?);
        let (recorded, horizon) = (new.clone(), request.service.horizon());
        let rename =
            move |store: &Store, generation| store.rename(uid, generation, horizon, &old, &new);
        change(&request, role, uid, Some(&recorded), rename).await
    }

    /// Removes one template.
    async fn remove(
        &self,
        uid: u32,
        label: &str,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, REMOVE, uid).await?;
        let label = arguments::label(label)?;
        let (recorded, horizon) = (label.clone(), request.service.horizon());
        let remove =
            move |store: &Store, generation| store.remove(uid, generation, horizon, &label);
        change(&request, role, uid, Some(&recorded), remove).await
    }

    /// Removes every template.
    async fn clear(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, CLEAR, uid).await?;
        let clear = move |store: &Store, generation| store.clear(uid, generation);
        change(&request, role, uid, None, clear).await
    }

    /// Removes the samples that logins added to the templates.
    async fn reset_adaptation(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Refusal> {
        let uid = Uid(uid);
        let (request, role) = Request::begin_permitted(&self.bus, &header, RESET, uid).await?;
        let reset = move |store: &Store, generation| store.reset_adaptation(uid, generation);
        change(&request, role, uid, None, reset).await
    }

    /// A frame was examined.
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

/// An enrolment.
pub(super) struct EnrolmentRequest<'a> {
    /// User of the template.
    pub(super) uid: Uid,
    /// Label of the template.
    pub(super) label: &'a Label,
    /// When the time in front of the camera began.
    pub(super) started: Instant,
    /// How long that time is.
    pub(super) timeout: Duration,
    /// Priority in the queue.
    pub(super) priority: Priority,
    /// Whether no record may exist, not even that of a removed F-pass.
    pub(super) first: bool,
    /// Where its frames go.
    pub(super) viewfinder: Viewfinder,
}

/// Runs an enrolment, from the camera to the disk.
pub(super) async fn enrol(
    request: &Request,
    emitter: &SignalEmitter<'_>,
    enrolment: &EnrolmentRequest<'_>,
) -> Result<Strength, Refusal> {
    let &EnrolmentRequest { uid, label, started, timeout, priority, first, .. } = enrolment;
    let service = &request.service;
    // Somebody else may sit down in front of the camera.
    let _ended = service.look_memory.begin(uid);
    let config = service.config();
    let EnrolledBefore { gallery: enrolled, rotation, generation } =
        service.enrolled_before(uid, &config).await?;
    if first && generation != NO_RECORD {
        return Err(Refusal::Cancelled);
    }
    let comparator = config.recognition.recogniser;
    let params = EnrolmentParams {
        samples: usize::try_from(config.enrolment.frames).unwrap_or(usize::MAX),
        comparator,
        threshold: service.calibrations.policy(&config, 1).threshold,
        same_person_threshold: service.calibrations.threshold(
            comparator,
            FALSE_MATCH_RATE_MAX,
            enrolled.len(),
        ),
        liveness: config.liveness.mode(None).check(),
        enrolled,
    };
    // Adding a template tells whether a face is the enrolled one, so such an attempt is counted.
    let debit = if params.enrolled.is_empty() || request.caller() != uid {
        None
    } else {
        Some(throttling::debit(service, uid, AttemptKind::SelfTest).await?)
    };
    let (progress, reports) = mpsc::unbounded_channel();
    let lid_closed = request.is_lid_closed().await;
    let context = request.task_context(&config, priority, started, timeout, lid_closed);
    // A first template has nobody whose side could be kept.
    let draw = if debit.is_some() {
        service.drawn_prompts.of(uid, AttemptKind::SelfTest)
    } else {
        PromptDraw::default()
    };
    let (compared, kept) = (context.compared.clone(), draw.clone());
    let context = TaskContext { rotation, draw, ..context };
    // Without a receiver the enrolment has ended, and its result says how.
    let progress = Box::new(move |step| {
        let _ = progress.send(step);
    });
    let enrolling = request.prompting(|cues| {
        let viewfinder = enrolment.viewfinder.clone();
        service.engine.enroll(context, params, EnrolmentReporters { progress, cues, viewfinder })
    });
    let (samples, ()) = tokio::join!(enrolling, forward(reports, emitter, request.number()));
    let created = (service.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if let Some(debit) = debit {
        let settlement = match samples {
            Err(Refusal::AttackSuspected) => Settlement::Double,
            Err(_) if compared.is_set() => Settlement::Keep,
            Ok(_) | Err(_) => Settlement::Refund,
        };
        kept.end(AttemptEnd::of(samples.is_ok(), settlement));
        throttling::settle(service, uid, debit, settlement).await;
    }
    let samples = samples?;
    service.calibrations.admit(&samples.features)?;
    let strength =
        strength::assess(&samples, &service.calibrations.strength_thresholds(comparator));
    let template = StoredTemplate {
        label: label.clone(),
        created: created.as_secs(),
        samples: samples.features,
        adapted: Vec::new(),
        camera: samples.camera,
        rotation: Some(samples.rotation),
    };
    request.require_waiting()?;
    let horizon = service.horizon();
    service.change_store(uid, move |store| store.add(uid, generation, horizon, template)).await?;
    throttling::reserve(service, uid).await;
    Ok(strength)
}

/// Sends progress to the caller; a repeated state is sent once.
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
        log_failure(sent.await);
    }
}
