//! `org.fpass.Fpass1.Verification`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{
    QualifyReport, Refusal, ServiceName, Uid, Verdict, limits, root_socket::VerifyRequest,
};
use zbus::{interface, message::Header, object_server::SignalEmitter};

use super::{
    Bus,
    adaptation::{self, MatchedLogin},
    arguments,
    attempt::verify_counted,
    past_attempts,
    request::{Operation, Request},
    set_up, throttling,
    turn_plan::TurnPlan,
};
use crate::{
    adapt,
    allowed_cameras::AllowedCameras,
    audit::{ATTEMPT, AttemptMeasurements},
    authorizer::Action,
    decide::Policy,
    engine::{AttemptOutcome, AttemptParams, PREWARM_KEEP, TaskContext},
    kept_numbers::AttemptEnd,
    match_basis::MatchBasis,
    qualify::{self, QualifyParams},
    queue::Priority,
    seat::{self, CameraUse, SeatPlace, Seated},
    service::Enrolled,
    throttle::{AttemptKind, Settlement, qualification_verdict},
    trace::Trace,
};

pub(super) const VERIFY: Operation = Operation { kind: ATTEMPT, action: Action::Verify };
const QUALIFY: Operation = Operation { kind: "qualification", action: Action::Verify };
const PREWARM: Operation = Operation { kind: "prewarming", action: Action::Prewarm };

pub(super) struct Verification {
    bus: Bus,
}

/// The arguments of an attempt.
struct AttemptArguments<'a> {
    uid: Uid,
    user: &'a str,
    /// PAM service; `None` for a self-test.
    service: Option<&'a ServiceName>,
    /// When the call arrived.
    started: Instant,
    /// Longest time that the caller waits.
    timeout: Duration,
}

impl Verification {
    pub(super) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

/// What an attempt leaves behind.
#[derive(Default)]
struct AttemptNotes<'a> {
    /// Durations of its stages.
    trace: Trace,
    /// What was asked of a person who was recognised.
    matched: Option<TurnPlan<'a>>,
    /// The place at which the caller was admitted.
    place: Option<SeatPlace>,
}

/// Checks that user and name belong together, and that the caller is at this machine.
async fn admit(request: &Request, arguments: &AttemptArguments<'_>) -> Result<Seated, Refusal> {
    let &AttemptArguments { uid, user, service: pam_service, timeout, .. } = arguments;
    request.confirm_user(uid, user).await?;
    let is_root = request.caller().is_root();
    let limit = if is_root { seat::LOGIN_LOOK_UP_MAX } else { seat::LOOK_UP_MAX };
    let camera_use = CameraUse::verdict(pam_service);
    request.require_local_within(limit.min(timeout), uid, camera_use).await
}

/// The checks before an attempt, then the attempt.
async fn attempt<'a>(
    request: &'a Request,
    arguments: &AttemptArguments<'_>,
    notes: &mut AttemptNotes<'a>,
) -> Result<Verdict, Refusal> {
    let &AttemptArguments { uid, service: pam_service, started, timeout, .. } = arguments;
    let (service, caller) = (&request.service, request.caller());
    request.permit(uid).await?;
    let asked = Instant::now();
    let seated = admit(request, arguments).await;
    notes.trace.look_up = asked.elapsed();
    let seated = seated.inspect_err(|_| service.look_memory.forget(uid))?;
    notes.place = Some(seated.place);
    let ticket = service.look_memory.begin(uid);
    let config = service.config();
    let gallery = service.gallery(uid, &config).await;
    if gallery.as_ref().is_err_and(|refusal| *refusal == Refusal::NeverEnrolled)
        && let Some(pam_service) = pam_service
    {
        set_up::remember_login(request, uid, pam_service).await;
    }
    let Enrolled { gallery, allowed_cameras, rotation, generation } = gallery?;
    let templates = gallery.len();
    // The time in front of the camera begins here; the caller waits since `started`.
    let mode = if seated.place.proves_service(caller) {
        config.liveness.mode(pam_service)
    } else {
        config.liveness.mode_for_anybody(pam_service)
    };
    let mut plan = TurnPlan::new(ticket, &config, mode, &seated, (uid, generation));
    if plan.is_fresh {
        tracing::info!(request = request.number(), "the user turned the head a while ago");
    }
    let liveness = plan.check;
    let timeout = timeout.min(started.elapsed() + config.judging_time(liveness));
    let login = Priority::Login { subject: uid };
    let priority = if caller.is_root() { login } else { request.own_test() };
    let lid_closed = seated.lid_closed;
    let context = request.task_context(&config, priority, started, timeout, lid_closed);
    let (kind, cancel) = (AttemptKind::of(caller, seated.place), request.cancel().clone());
    let draw = service.drawn_prompts.of(uid, kind);
    let context = TaskContext { allowed_cameras, rotation, draw, ..context };
    // Without the turn the templates could learn from a picture.
    let adapts = config.adaptation.enabled && !plan.is_fresh;
    let keep_probe = adapt::admit(adapts, caller, pam_service).is_ok();
    let policy = Policy { keep_probe, liveness, ..service.calibrations.policy(&config, templates) };
    let basis = MatchBasis { uid, generation, config: Arc::clone(&config), cancel };
    let attempt = request.prompting(|cues| {
        let params = AttemptParams { gallery, policy, cues };
        verify_counted(service, &basis, kind, context, params)
    });
    let outcome = attempt.await?;
    let AttemptOutcome { verdict, probe, trace: measured, is_suspicious: _ } = outcome;
    notes.trace = Trace { look_up: notes.trace.look_up, ..measured };
    if verdict == Ok(Verdict::Match) {
        plan.note_match(seated);
        notes.matched = Some(plan);
    }
    if let Some(probe) = probe {
        let login = MatchedLogin { request: request.number(), caller, uid, generation, templates };
        tokio::spawn(adaptation::adapt_templates(Arc::clone(service), config, login, probe));
    }
    verdict
}

/// The checks before a qualification, then the qualification. It counts as a self-test.
async fn qualify(
    request: &Request,
    arguments: &AttemptArguments<'_>,
) -> Result<QualifyReport, Refusal> {
    let &AttemptArguments { uid, user, started, timeout, .. } = arguments;
    let service = &request.service;
    request.permit(uid).await?;
    request.confirm_user(uid, user).await?;
    let seated = request.require_local(uid, CameraUse::Own).await?;
    // Who is in front of the camera is not told apart here, so a remembered turn ends.
    let _ended = service.look_memory.begin(uid);
    let config = service.config();
    let Enrolled { gallery, allowed_cameras, rotation, .. } = service.gallery(uid, &config).await?;
    let debit = throttling::debit(service, uid, AttemptKind::SelfTest).await?;
    let (priority, lid_closed) = (request.own_test(), seated.lid_closed);
    let context = request.task_context(&config, priority, started, timeout, lid_closed);
    let draw = service.drawn_prompts.of(uid, AttemptKind::SelfTest);
    let kept = draw.clone();
    let context = TaskContext { allowed_cameras, rotation, draw, ..context };
    let liveness = config.liveness.mode(None).check();
    let policy = Policy { liveness, ..service.calibrations.policy(&config, gallery.len()) };
    let thresholds = service.calibrations.match_thresholds(&config, gallery.len());
    let separation = service.calibrations.separation_percent(&gallery);
    let compared = context.compared.clone();
    let params = QualifyParams { gallery, thresholds, policy };
    let measure = |cues| service.engine.qualify(context, params, cues);
    let outcome = request.prompting(measure).await;
    let is_suspicious = outcome.as_ref().is_ok_and(|qualified| qualified.is_suspicious);
    let outcome = outcome.map(|qualified| qualified.report);
    let verdict = outcome.as_ref().map(qualification_verdict).map_err(|refusal| *refusal);
    let settlement = Settlement::of(verdict, compared.is_set(), is_suspicious);
    kept.end(AttemptEnd::of(verdict.is_ok(), settlement));
    throttling::settle(service, uid, debit, settlement).await;
    outcome.map(|report| qualify::with_separation(report, separation))
}

/// The answer to `Verify`, whose arguments are as the caller gave them.
pub(super) async fn verify(
    request: &Request,
    arguments: &VerifyRequest<'_>,
    started: Instant,
) -> Result<Verdict, Refusal> {
    let &VerifyRequest { uid, user, service, terminal, timeout_ms } = arguments;
    let (pam, names) = arguments::pam_context(service, terminal);
    let mut notes = AttemptNotes::default();
    let uid = Uid(uid);
    let (service, timeout) = (pam.service.as_ref(), timeout(timeout_ms));
    let outcome = match names {
        Ok(()) => {
            let arguments = AttemptArguments { uid, user, service, started, timeout };
            attempt(request, &arguments, &mut notes).await
        }
        Err(refusal) => Err(refusal),
    };
    let daemon = &request.service;
    if !daemon.audit_log.may_record(request.caller(), &outcome) {
        return outcome;
    }
    let (camera, total) = (daemon.config().source().description(), started.elapsed());
    let AttemptNotes { trace, matched, place } = notes;
    let measurements = AttemptMeasurements { camera, trace: &trace, total };
    let context = request.audit_context(uid);
    let told = daemon.audit_log.record_attempt(context, &pam, outcome, measurements).await;
    if told == Ok(Verdict::Match)
        && let Some(plan) = matched
    {
        plan.keep();
    }
    let caller = request.caller();
    // Before a place is known only root's word counts.
    let is_proven = place.unwrap_or(SeatPlace::Elsewhere).proves_service(caller);
    let service = pam.service.as_ref().filter(|_| is_proven);
    past_attempts::remember(daemon, caller, uid, service, told);
    told
}

/// A time limit in milliseconds, as a caller gives it.
fn timeout(timeout_ms: u32) -> Duration {
    Duration::from_millis(timeout_ms.into()).min(limits::DEADLINE_CAP)
}

#[interface(name = "org.fpass.Fpass1.Verification")]
impl Verification {
    /// Compares the person in front of the camera with the templates of `uid`.
    async fn verify(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Refusal> {
        let started = Instant::now();
        let request = Request::begin(&self.bus, &header, VERIFY)?;
        let arguments = VerifyRequest { uid, user, service, terminal: tty, timeout_ms };
        let verdict = verify(&request, &arguments, started).await?;
        Ok(verdict.as_str().to_owned())
    }

    /// Measures how reliably the person in front of the camera is recognised as `uid`.
    async fn qualify(
        &self,
        uid: u32,
        user: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<QualifyReport, Refusal> {
        let started = Instant::now();
        let request = Request::begin(&self.bus, &header, QUALIFY)?;
        let uid = Uid(uid);
        let timeout = timeout(timeout_ms);
        let arguments = AttemptArguments { uid, user, service: None, started, timeout };
        let outcome = qualify(&request, &arguments).await;
        request.record(uid, None, &outcome).await;
        outcome
    }

    /// Starts the camera ahead of an expected attempt.
    async fn prewarm(&self, uid: u32, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let request = Request::begin(&self.bus, &header, PREWARM)?;
        let service = &request.service;
        let uid = Uid(uid);
        request.permit(uid).await?;
        let _seated = request.require_local(uid, CameraUse::Prewarm).await?;
        // Neither the store nor the counters are read: the light of the camera would tell, before
        // any password, whether this user has an F-pass.
        service.engine.prewarm(service.config().source(), AllowedCameras::Any, PREWARM_KEEP)
    }

    /// The caller of a method should tell the person in front of the camera to do this.
    #[zbus(signal)]
    pub(super) async fn prompted(emitter: &SignalEmitter<'_>, prompt: &str) -> zbus::Result<()>;

    /// How far the head has turned as the last prompt asked, in percent.
    #[zbus(signal)]
    pub(super) async fn turned(emitter: &SignalEmitter<'_>, percent: u32) -> zbus::Result<()>;
    /// The camera sees this.
    #[zbus(signal)]
    pub(super) async fn face_feedback(emitter: &SignalEmitter<'_>, seen: &str) -> zbus::Result<()>;

    /// Ends every attempt and enrolment of the caller.
    async fn cancel(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let sender = header.sender().ok_or(Refusal::NotAuthorized)?;
        self.bus.service.calls.cancel(sender.as_str());
        Ok(())
    }
}
