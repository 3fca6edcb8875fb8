//! One attempt, counted by the throttle.

use fpass_proto::{Refusal, Verdict};

use super::throttling;
use crate::{
    engine::{AttemptOutcome, AttemptParams, TaskContext},
    kept_numbers::AttemptEnd,
    match_basis::MatchBasis,
    service::Service,
    throttle::{AttemptKind, Settlement},
};

/// Compares the person in front of the camera with a gallery. The attempt is counted as failed
/// beforehand, and the count is corrected afterwards. A match is discarded if its inputs changed in
/// the meantime.
///
/// # Errors
/// Why no attempt may be made. Why an attempt had no verdict is in the outcome.
pub(super) async fn verify_counted(
    service: &Service,
    basis: &MatchBasis,
    kind: AttemptKind,
    context: TaskContext,
    params: AttemptParams,
) -> Result<AttemptOutcome, Refusal> {
    let debit = throttling::debit(service, basis.uid, kind).await?;
    let (compared, draw) = (context.compared.clone(), context.draw.clone());
    let mut outcome = service.engine.verify(context, params).await;
    let mut settlement = Settlement::of(outcome.verdict, compared.is_set(), outcome.is_suspicious);
    if outcome.verdict == Ok(Verdict::Match)
        && let Err(refusal) = basis.recheck(service).await
    {
        // The user was recognised, so this is no failure. It is no success either.
        settlement = Settlement::Refund;
        (outcome.verdict, outcome.probe) = (Err(refusal), None);
    }
    draw.end(AttemptEnd::of(outcome.verdict.is_ok(), settlement));
    throttling::settle(service, basis.uid, debit, settlement).await;
    // The caller may have left while the count was written.
    if outcome.verdict == Ok(Verdict::Match) && basis.cancel.is_raised() {
        (outcome.verdict, outcome.probe) = (Err(Refusal::Cancelled), None);
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests;
