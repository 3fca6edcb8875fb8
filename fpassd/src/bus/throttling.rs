//! The counters of failed attempts, off the event loop.

use std::{sync::Arc, time::Duration};

use fpass_proto::{AttemptsReport, CounterReport, Refusal, Uid};

use crate::{
    blocking::{self, BLOCKING_MAX},
    service::Service,
    throttle::{AttemptKind, AttemptStatus, Debit, Settlement, Throttle, ThrottleError},
};

/// Counts an attempt as failed, or refuses it. A debit that is written too late for its attempt is
/// refunded: a slow disk is not a failure of the user.
pub(super) async fn debit(
    service: &Service,
    uid: Uid,
    kind: AttemptKind,
) -> Result<Debit, Refusal> {
    let throttle = Arc::clone(&service.throttle);
    let mut work = tokio::task::spawn_blocking(move || throttle.debit(uid, kind));
    match tokio::time::timeout(BLOCKING_MAX, &mut work).await {
        Ok(done) => done
            .map_err(|error| blocking::panicked(&error))?
            .map_err(|error| log_refusal(uid, &error)),
        Err(_elapsed) => {
            let throttle = Arc::clone(&service.throttle);
            tokio::spawn(async move {
                if let Ok(Ok(debit)) = work.await {
                    // A refund that cannot be written leaves the failure counted.
                    let refund = move || throttle.settle(debit, Settlement::Refund);
                    let _ = blocking::run_to_end(refund).await;
                }
            });
            Err(Refusal::DeadlinePassed)
        }
    }
}

/// Ensures that the attempts of a user can be counted on a full disk.
pub(super) async fn reserve(service: &Service, uid: Uid) {
    // An error is logged there. The F-pass is set up, so the caller is not told of a failure.
    let _ = run(service, uid, move |throttle| throttle.reserve(uid)).await;
}

/// Settles the debit of an attempt. The answer to the attempt does not depend on it: a settlement
/// that cannot be written leaves the failure counted.
pub(super) async fn settle(service: &Service, uid: Uid, debit: Debit, settlement: Settlement) {
    // An error is logged there.
    let _ = run(service, uid, move |throttle| throttle.settle(debit, settlement)).await;
}

/// Resets the counters of a user.
pub(super) async fn unlock(service: &Service, uid: Uid) -> Result<(), Refusal> {
    reset(service, uid, move |throttle| throttle.unlock(uid)).await
}

/// Resets one counter of a user who used a recovery code.
pub(super) async fn unlock_kind(
    service: &Service,
    uid: Uid,
    kind: AttemptKind,
) -> Result<(), Refusal> {
    reset(service, uid, move |throttle| throttle.unlock_kind(uid, kind)).await
}

async fn reset(
    service: &Service,
    uid: Uid,
    reset: impl FnOnce(&Throttle) -> Result<(), ThrottleError> + Send + 'static,
) -> Result<(), Refusal> {
    let throttle = Arc::clone(&service.throttle);
    blocking::run_to_end(move || reset(&throttle)).await?.map_err(|error| log_refusal(uid, &error))
}

/// The counters of a user.
pub(super) async fn report(service: &Service, uid: Uid) -> Result<AttemptsReport, Refusal> {
    let status = move |throttle: &Throttle, kind| Ok(report_of(throttle.status(uid, kind)?));
    run(service, uid, move |throttle| {
        Ok(AttemptsReport {
            logins: status(throttle, AttemptKind::Login)?,
            self_tests: status(throttle, AttemptKind::SelfTest)?,
            recoveries: status(throttle, AttemptKind::Recovery)?,
            lock_screen: status(throttle, AttemptKind::LockScreen)?,
            lock_screen_recoveries: status(throttle, AttemptKind::LockScreenRecovery)?,
        })
    })
    .await
}

fn report_of(status: AttemptStatus) -> CounterReport {
    // Rounded up, so that an attempt after this time is not refused.
    let wait = status.wait + Duration::from_nanos(999_999_999);
    CounterReport {
        failures: status.failures,
        wait_s: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX),
        disabled: status.disabled,
    }
}

/// Reads or writes the counters, off the event loop and for a bounded time.
async fn run<T: Send + 'static>(
    service: &Service,
    uid: Uid,
    work: impl FnOnce(&Throttle) -> Result<T, ThrottleError> + Send + 'static,
) -> Result<T, Refusal> {
    let throttle = Arc::clone(&service.throttle);
    blocking::run(move || work(&throttle)).await?.map_err(|error| log_refusal(uid, &error))
}

/// Logs an error and returns what the caller is told.
fn log_refusal(uid: Uid, error: &ThrottleError) -> Refusal {
    let refusal = error.refusal();
    match refusal {
        Refusal::LockedOut | Refusal::QueueFull => {
            tracing::debug!(uid = uid.0, %error, "throttle");
        }
        _ => tracing::warn!(uid = uid.0, %error, "throttle"),
    }
    refusal
}
