//! Which record a chain leads back to.

use std::collections::HashMap;

use fpass_proto::audit::Hash;

use crate::audit::entry::{Link, State};

/// For each whole record the first one that can be reached from it, record by record.
pub(super) struct Ancestry(HashMap<Hash, Hash>);

impl Ancestry {
    /// Follows every record back, each only once.
    pub(super) fn of(states: &[State]) -> Self {
        let links = states.iter().filter_map(|state| match state {
            State::Intact(link) => Some(*link),
            State::Altered(_) | State::Unchained => None,
        });
        let before: HashMap<Hash, Hash> =
            links.map(|Link { hash, previous, .. }| (hash, previous)).collect();
        let mut first: HashMap<Hash, Hash> = HashMap::with_capacity(before.len());
        let mut path = Vec::new();
        for start in before.keys() {
            let mut at = *start;
            // A hash covers the one before it, so that no way leads in a circle.
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
