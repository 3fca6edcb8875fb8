//! Every attempt is counted before it is made, and the count is put right when it has ended.

use std::{sync::Arc, time::Duration};

use fpass_face::Gallery;
use fpass_proto::{AttemptsReport, CounterReport, Refusal, Uid, Verdict};

use crate::{
    decide::Policy,
    engine::{AttemptOutcome, TaskContext},
    match_basis::MatchBasis,
    service::{LOOK_UP_MAX, Service, off_loop},
    throttle::{AttemptKind, AttemptStatus, Debit, Settlement, Throttle, ThrottleError},
};

/// Compares the person in front of the camera with a gallery, and counts the attempt. A match on
/// grounds that no longer hold is none.
pub(super) async fn verify(
    service: &Service,
    basis: &MatchBasis,
    kind: AttemptKind,
    terms: TaskContext,
    gallery: Gallery,
    policy: Policy,
) -> Result<AttemptOutcome, Refusal> {
    let debit = debit(service, basis.uid, kind).await?;
    let compared = terms.compared.clone();
    let mut attempted = service.engine.verify(terms, gallery, policy).await;
    let mut settlement = Settlement::of(attempted.verdict, compared.is_set());
    if attempted.verdict == Ok(Verdict::Match)
        && let Err(refusal) = basis.recheck(service).await
    {
        // The user was there: that is no failure, and no success either.
        settlement = Settlement::Refund;
        (attempted.verdict, attempted.probe) = (Err(refusal), None);
    }
    settle(service, basis.uid, debit, settlement).await;
    // Writing took its time.
    if attempted.verdict == Ok(Verdict::Match) && basis.cancel.is_raised() {
        (attempted.verdict, attempted.probe) = (Err(Refusal::Cancelled), None);
    }
    Ok(attempted)
}

/// Counts an attempt as failed, or refuses it. A debit that comes too late for its attempt is given
/// back: a slow disk is nobody's failure.
pub(super) async fn debit(
    service: &Service,
    uid: Uid,
    kind: AttemptKind,
) -> Result<Debit, Refusal> {
    let throttle = Arc::clone(&service.throttle);
    let mut work = tokio::task::spawn_blocking(move || throttle.debit(uid, kind));
    match tokio::time::timeout(LOOK_UP_MAX, &mut work).await {
        Ok(done) => done.map_err(|_| Refusal::EngineFailed)?.map_err(|error| refuse(uid, &error)),
        Err(_elapsed) => {
            let throttle = Arc::clone(&service.throttle);
            tokio::spawn(async move {
                if let Ok(Ok(debit)) = work.await {
                    // What it cannot write stays a failure.
                    let give_back = move || throttle.settle(debit, Settlement::Refund);
                    let _ = tokio::task::spawn_blocking(give_back).await;
                }
            });
            Err(Refusal::DeadlinePassed)
        }
    }
}

/// Refuses what an attempt would be refused for; counts nothing.
pub(super) async fn admit(service: &Service, uid: Uid, kind: AttemptKind) -> Result<(), Refusal> {
    look(service, uid, move |throttle| throttle.admit(uid, kind)).await
}

/// Puts the count right. The answer to the attempt stays what it is: a count that cannot be written
/// stays a failure.
pub(super) async fn settle(service: &Service, uid: Uid, debit: Debit, settlement: Settlement) {
    // What went wrong is logged there.
    let _ = look(service, uid, move |throttle| throttle.settle(debit, settlement)).await;
}

/// Forgets the failures of a user.
pub(super) async fn unlock(service: &Service, uid: Uid) -> Result<(), Refusal> {
    forget(service, uid, Throttle::unlock).await
}

/// Forgets the failed logins of a user who came in by a recovery code.
pub(super) async fn unlock_logins(service: &Service, uid: Uid) -> Result<(), Refusal> {
    forget(service, uid, Throttle::unlock_logins).await
}

async fn forget(
    service: &Service,
    uid: Uid,
    what: fn(&Throttle, Uid) -> Result<(), ThrottleError>,
) -> Result<(), Refusal> {
    let throttle = Arc::clone(&service.throttle);
    // Without a bound, as every change that somebody asked for.
    let task = tokio::task::spawn_blocking(move || what(&throttle, uid));
    task.await.map_err(|_| Refusal::EngineFailed)?.map_err(|error| refuse(uid, &error))
}

/// How the attempts of a user stand.
pub(super) async fn report(service: &Service, uid: Uid) -> Result<AttemptsReport, Refusal> {
    let status = move |throttle: &Throttle, kind| Ok(report_of(throttle.status(uid, kind)?));
    look(service, uid, move |throttle| {
        Ok(AttemptsReport {
            logins: status(throttle, AttemptKind::Login)?,
            self_tests: status(throttle, AttemptKind::SelfTest)?,
            recoveries: status(throttle, AttemptKind::Recovery)?,
        })
    })
    .await
}

fn report_of(status: AttemptStatus) -> CounterReport {
    // Rounded up, so that an attempt at the end of it is not refused.
    let wait = status.wait + Duration::from_nanos(999_999_999);
    CounterReport {
        failures: status.failures,
        wait_s: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX),
        disabled: status.disabled,
    }
}

/// Looks at the counts or changes them, off the event loop and for a bounded time.
async fn look<T: Send + 'static>(
    service: &Service,
    uid: Uid,
    work: impl FnOnce(&Throttle) -> Result<T, ThrottleError> + Send + 'static,
) -> Result<T, Refusal> {
    let throttle = Arc::clone(&service.throttle);
    off_loop(move || work(&throttle)).await?.map_err(|error| refuse(uid, &error))
}

/// Logs why, and says what the caller is told.
fn refuse(uid: Uid, error: &ThrottleError) -> Refusal {
    let refusal = error.refusal();
    match refusal {
        Refusal::LockedOut | Refusal::QueueFull => {
            tracing::debug!(uid = uid.0, %error, "throttle");
        }
        _ => tracing::warn!(uid = uid.0, %error, "throttle"),
    }
    refusal
}

#[cfg(test)]
mod tests;
