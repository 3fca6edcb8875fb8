//! `org.fpass.Fpass1.Verification`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{QualifyReport, Refusal, ServiceName, Terminal, Uid, Verdict, limits};
use zbus::{Connection, interface, message::Header};

use super::{
    adaptation::{self, Login},
    caller::{self, Known},
    counting, locality, set_up,
};
use crate::{
    adapt,
    allowed_cameras::AllowedCameras,
    audit,
    authorizer::Action,
    comparison_flag::ComparisonFlag,
    decide::Policy,
    engine::{AttemptOutcome, PREWARM_KEEP, TaskContext},
    match_basis::MatchBasis,
    queue::Priority,
    seat,
    service::{Enrolled, Service},
    throttle::{self, Settlement},
    trace::Trace,
};

pub(super) struct Verification {
    service: Arc<Service>,
}

impl Verification {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// Guards, then work.
    #[allow(clippy::too_many_arguments, reason = "the bus method's own arguments")]
    async fn attempt(
        &self,
        known: &Known,
        connection: &Connection,
        uid: Uid,
        user: &str,
        pam_service: Option<&ServiceName>,
        started: Instant,
        timeout: Duration,
        trace: &mut Trace,
    ) -> Result<Verdict, Refusal> {
        let service = &self.service;
        let pam_service = pam_service.map_or("", ServiceName::as_str);
        known.permit(service, Action::Verify, uid).await?;
        service.confirm_user(uid, user).await?;
        let purpose = seat::CameraUse::Verdict(pam_service);
        let _lease = locality::admit(service, connection, known, uid, purpose).await?;
        let config = service.config();
        let gallery = service.gallery(uid, &config).await;
        if gallery.as_ref().is_err_and(|refusal| *refusal == Refusal::NeverEnrolled) {
            set_up::note(service, connection, known, uid, pam_service).await;
        }
        let Enrolled { gallery, allowed_cameras, generation } = gallery?;
        let templates = gallery.len();
        let timeout = timeout.min(Duration::from_millis(config.verification.timeout_ms));
        let login = Priority::Login { subject: uid };
        let priority = if known.uid.is_root() { login } else { own_test(known) };
        let terms =
            TaskContext { allowed_cameras, ..terms(known, &config, priority, started, timeout) };
        let keep_probe = adapt::admit(config.adaptation.enabled, known.uid, pam_service).is_ok();
        let policy = Policy { keep_probe, ..service.policy(&config, templates) };
        let purpose = throttle::AttemptKind::of(known.uid);
        let (for_basis, cancel) = (Arc::clone(&config), known.call.cancel.clone());
        let basis = MatchBasis { uid, generation, config: for_basis, cancel };
        let attempted = counting::verify(service, &basis, purpose, terms, gallery, policy).await?;
        let AttemptOutcome { verdict, probe, trace: measured } = attempted;
        *trace = measured;
        if let Some(probe) = probe {
            let (request, caller) = (known.call.request, known.uid);
            let login = Login { request, caller, uid, generation, templates };
            tokio::spawn(adaptation::follow(Arc::clone(service), config, login, probe));
        }
        verdict
    }

    /// Guards, then work: always a self-test, never a login.
    async fn measure(
        &self,
        known: &Known,
        connection: &Connection,
        uid: Uid,
        user: &str,
        started: Instant,
        timeout: Duration,
    ) -> Result<QualifyReport, Refusal> {
        let service = &self.service;
        known.permit(service, Action::Verify, uid).await?;
        service.confirm_user(uid, user).await?;
        let _lease = locality::admit(service, connection, known, uid, seat::CameraUse::Own).await?;
        let config = service.config();
        let Enrolled { gallery, allowed_cameras, .. } = service.gallery(uid, &config).await?;
        let debit = counting::debit(service, uid, throttle::AttemptKind::SelfTest).await?;
        let terms = TaskContext {
            allowed_cameras,
            ..terms(known, &config, own_test(known), started, timeout)
        };
        let thresholds = service.match_thresholds(&config, gallery.len());
        let compared = terms.compared.clone();
        let outcome = service.engine.qualify(terms, gallery, thresholds).await;
        let verdict =
            outcome.as_ref().map(throttle::qualification_verdict).map_err(|refusal| *refusal);
        let settlement = Settlement::of(verdict, compared.is_set());
        counting::settle(service, uid, debit, settlement).await;
        outcome
    }
}

/// Kind of the journal record.
const QUALIFICATION: &str = "qualification";

/// The context of a task for this caller; it uses the camera that the configuration means.
pub(super) fn terms(
    known: &Known,
    config: &crate::config::Config,
    priority: Priority,
    started: Instant,
    timeout: Duration,
) -> TaskContext {
    TaskContext {
        priority,
        source: config.source(),
        allowed_cameras: AllowedCameras::Any,
        started,
        deadline: started + timeout,
        cancel: known.call.cancel.clone(),
        compared: ComparisonFlag::default(),
    }
}

/// The place of what a user does for themselves, and of every enrolment.
pub(super) fn own_test(known: &Known) -> Priority {
    Priority::OwnTest { caller: known.uid }
}

/// An optional argument: empty, or well-formed.
pub(super) fn optional<T>(
    raw: &str,
    parse: impl Fn(&str) -> Result<T, fpass_proto::IdentifierError>,
) -> Result<Option<T>, Refusal> {
    if raw.is_empty() {
        return Ok(None);
    }
    parse(raw).map(Some).map_err(|_| Refusal::InvalidArgument)
}

#[interface(name = "org.fpass.Fpass1.Verification")]
impl Verification {
    /// Compares the person in front of the camera with the templates of `uid`.
    #[allow(clippy::too_many_arguments, reason = "the bus method's own arguments")]
    async fn verify(
        &self,
        uid: u32,
        user: &str,
        service: &str,
        tty: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Refusal> {
        let started = Instant::now();
        let known = caller::identify(&self.service, connection, &header).await?;
        let names = optional(service, ServiceName::parse)
            .and_then(|service| Ok((service, optional(tty, Terminal::parse)?)));
        let uid = Uid(uid);
        let timeout = Duration::from_millis(timeout_ms.into()).min(limits::DEADLINE_CAP);
        let mut trace = Trace::default();
        let (outcome, (service, tty)) = match names {
            Ok((service, tty)) => {
                let (trace, pam) = (&mut trace, service.as_ref());
                let work =
                    self.attempt(&known, connection, uid, user, pam, started, timeout, trace);
                (work.await, (service, tty))
            }
            Err(refusal) => (Err(refusal), (None, None)),
        };
        let (request, caller) = (known.call.request, known.uid);
        let (service, tty) = (service.as_ref(), tty.as_ref());
        let attempt = audit::AttemptContext { request, caller, uid, service, tty };
        let outcome =
            audit::record_attempt(&self.service, &attempt, outcome, &trace, started.elapsed())
                .await;
        outcome.map(|verdict| verdict.as_str().to_owned())
    }

    /// Measures how surely the person in front of the camera is recognised as `uid`.
    async fn qualify(
        &self,
        uid: u32,
        user: &str,
        timeout_ms: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<QualifyReport, Refusal> {
        let started = Instant::now();
        let known = caller::identify(&self.service, connection, &header).await?;
        let uid = Uid(uid);
        let timeout = Duration::from_millis(timeout_ms.into()).min(limits::DEADLINE_CAP);
        let outcome = self.measure(&known, connection, uid, user, started, timeout).await;
        known.record(&self.service, QUALIFICATION, uid, None, &outcome).await;
        outcome
    }

    /// Starts the camera ahead of an expected attempt.
    async fn prewarm(
        &self,
        uid: u32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Refusal> {
        let known = caller::identify(&self.service, connection, &header).await?;
        let uid = Uid(uid);
        known.permit(&self.service, Action::Prewarm, uid).await?;
        let purpose = seat::CameraUse::Prewarm;
        let _lease = locality::admit(&self.service, connection, &known, uid, purpose).await?;
        let config = self.service.config();
        // The camera is never lit for a user without an F-pass.
        let allowed_cameras = self.service.allowed_cameras(uid, &config).await?;
        // Nor for a login that would be refused unseen.
        counting::admit(&self.service, uid, throttle::AttemptKind::Login).await?;
        self.service.engine.prewarm(config.source(), allowed_cameras, PREWARM_KEEP)
    }

    /// Ends every attempt and enrolment of the caller.
    async fn cancel(&self, #[zbus(header)] header: Header<'_>) -> Result<(), Refusal> {
        let sender = header.sender().ok_or(Refusal::NotAuthorized)?;
        self.service.calls.cancel(sender.as_str());
        Ok(())
    }
}
