//! The record that a chain leads back to.

use std::collections::HashMap;

use fpass_proto::audit::Hash;

use crate::audit::entry::{ChainLink, RecordState};

/// For each intact record the first one that can be reached from it, record by record.
pub(super) struct Ancestry(HashMap<Hash, Hash>);

impl Ancestry {
    /// Follows every record back, each once.
    pub(super) fn of(states: &[RecordState]) -> Self {
        let links = states.iter().filter_map(|state| match state {
            RecordState::Intact(link) => Some(*link),
            RecordState::Altered(_) | RecordState::Unchained => None,
        });
        let before: HashMap<Hash, Hash> =
            links.map(|ChainLink { hash, previous, .. }| (hash, previous)).collect();
        let mut first: HashMap<Hash, Hash> = HashMap::with_capacity(before.len());
        let mut path = Vec::new();
        for start in before.keys() {
            let mut at = *start;
            // A hash covers the previous one, so there is no cycle.
            while !first.contains_key(&at) {
                path.push(at);
                match before.get(&at) {
                    Some(previous) if before.contains_key(previous) => at = *previous,
                    _ => break,
                }
            }
            let end = first.get(&at).copied().unwrap_or(at);
            first.extend(path.drain(..).map(|hash| (hash, end)));
        }
        Self(first)
    }

    /// The first record of those that lead to this one.
    pub(super) fn first(&self, hash: Hash) -> Option<Hash> {
        self.0.get(&hash).copied()
    }
}
