//! The verifier: from the records in the order of the journal to the faults of their chain.

mod ancestry;
mod fault;
mod segment;

use fpass_proto::audit::Head;

pub(crate) use self::fault::ChainFault;
use self::{ancestry::Ancestry, segment::Segment};
use super::entry::RecordState;

/// Conditions in addition to the chain itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expectations {
    /// A head from the daemon, or one that was noted.
    pub(crate) head: Option<Head>,
    /// Whether the first record of the chain must be there.
    pub(crate) from_start: bool,
}

/// The result of the verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChainReport {
    /// Records with a place in the chain, intact or not.
    pub(crate) records: usize,
    /// Numbers of the first and the last intact record of the last chain.
    pub(crate) span: Option<(u64, u64)>,
    /// The head of the last chain.
    pub(crate) head: Option<Head>,
    /// The faults; empty when nothing is wrong.
    pub(crate) faults: Vec<ChainFault>,
}

/// Judges records, given in the order of the journal.
pub(crate) fn verify(states: &[RecordState], expected: Expectations) -> ChainReport {
    let mut faults = Vec::new();
    let ancestry = Ancestry::of(states);
    let mut segments = vec![Segment::default()];
    let mut records = 0;
    for (position, state) in (1_u64..).zip(states) {
        if *state == RecordState::Unchained {
            faults.push(ChainFault::Unchained { position });
            continue;
        }
        records += 1;
        let begins = segments.last().is_none_or(|segment| segment.is_ended_by(state));
        if begins {
            faults.push(ChainFault::Restarted { position });
            segments.push(Segment::default());
        }
        if let Some(segment) = segments.last_mut() {
            segment.add(state, &ancestry, &mut faults);
        }
    }
    let mut chains: Vec<_> = segments.into_iter().map(Segment::into_chain).collect();
    for chain in &mut chains {
        chain.judge(&mut faults);
    }
    if expected.from_start {
        let first = chains.first().and_then(|chain| chain.span()).map(|(first, _)| first);
        match first {
            Some(1) => {}
            Some(first) => faults.push(ChainFault::Missing { first: 1, last: first - 1 }),
            None => faults.push(ChainFault::Missing { first: 1, last: 1 }),
        }
    }
    if let Some(head) = expected.head
        && !chains.iter().any(|chain| chain.holds(head))
        && head != Head::NONE
    {
        faults.extend(chains.last().and_then(|chain| chain.lacks(head)));
    }
    let last = chains.last();
    let (span, head) = (last.and_then(|c| c.span()), last.and_then(|c| c.head()));
    ChainReport { records, span, head, faults }
}

#[cfg(test)]
mod tests;
