//! The verifier: from what each record claims to be, in the order in which they stand, to what is wrong
//! with their chain.

mod ancestry;
mod fault;
mod segment;

use fpass_proto::audit::Head;

pub(crate) use self::fault::Fault;
use self::{ancestry::Ancestry, segment::Segment};
use super::entry::State;

/// What the records must fit beside one another.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected {
    /// A head that the daemon tells, or that was noted.
    pub(crate) head: Option<Head>,
    /// Whether the first record must be among them.
    pub(crate) from_start: bool,
}

/// What the records come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Records with a place, whole or not.
    pub(crate) records: usize,
    /// Places of the first and the last whole one of the last chain.
    pub(crate) span: Option<(u64, u64)>,
    /// The head as these records have it.
    pub(crate) head: Option<Head>,
    /// What is wrong; nothing when it is empty.
    pub(crate) faults: Vec<Fault>,
}

/// Judges records in the order in which they stand.
pub(crate) fn verify(states: &[State], expected: Expected) -> Verdict {
    let mut faults = Vec::new();
    let ancestry = Ancestry::of(states);
    let mut segments = vec![Segment::default()];
    let mut records = 0;
    for (position, state) in (1_u64..).zip(states) {
        if *state == State::Unchained {
            faults.push(Fault::Unchained { position });
            continue;
        }
        records += 1;
        let begins = segments.last().is_none_or(|segment| segment.is_ended_by(state));
        if begins {
            faults.push(Fault::Restarted { position });
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
            Some(first) => faults.push(Fault::Missing { first: 1, last: first - 1 }),
            None => faults.push(Fault::Missing { first: 1, last: 1 }),
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
    Verdict { records, span, head, faults }
}

#[cfg(test)]
mod tests;
