//! The records of one chain.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fpass_proto::audit::{Hash, Head};

use super::{Fault, ancestry::Ancestry};
use crate::audit::{
    entry::{Link, State},
    order::displaced,
};

/// Records that stand together, in their order.
#[derive(Debug, Default)]
pub(super) struct Segment {
    links: Vec<Link>,
    hashes: HashSet<Hash>,
    /// The first ones of those that lead to these.
    firsts: HashSet<Hash>,
    /// What records name as the one before them.
    previous: HashSet<Hash>,
    /// The places that altered records name.
    altered: BTreeSet<u64>,
}

impl Segment {
    /// Whether the record begins a chain that is not this one.
    pub(super) fn is_ended_by(&self, state: &State) -> bool {
        let State::Intact(link) = state else { return false };
        link.is_first()
            && !self.links.is_empty()
            && !self.hashes.contains(&link.hash)
            && !self.firsts.contains(&link.hash)
    }

    /// Takes a record; one that is there already is a fault.
    pub(super) fn add(&mut self, state: &State, ancestry: &Ancestry, faults: &mut Vec<Fault>) {
        match *state {
            State::Intact(link) => {
                if self.hashes.insert(link.hash) {
                    self.previous.insert(link.previous);
                    self.firsts.extend(ancestry.first(link.hash));
                    self.links.push(link);
                } else {
                    faults.push(Fault::Duplicated { sequence: link.sequence });
                }
            }
            State::Altered(sequence) => {
                faults.push(Fault::Altered { sequence });
                self.altered.extend(sequence);
            }
            State::Unchained => {}
        }
    }

    /// One record for each place, where several claim it the one that its neighbours know.
    pub(super) fn into_chain(self) -> Chain {
        let mut places: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
        for link in &self.links {
            places.entry(link.sequence).or_default().push(*link);
        }
        let mut chain = BTreeMap::new();
        let mut surplus = Vec::new();
        let mut before: Option<Hash> = None;
        for (sequence, claims) in &places {
            let named = |link: &&Link| self.previous.contains(&link.hash);
            let follows = |link: &&Link| Some(link.previous) == before;
            let chosen = claims
                .iter()
                .find(|link| named(link) && follows(link))
                .or_else(|| claims.iter().find(named))
                .or_else(|| claims.iter().find(follows))
                .or(claims.first());
            if let Some(chosen) = chosen {
                before = Some(chosen.hash);
                chain.insert(*sequence, *chosen);
                surplus.extend(claims.iter().filter(|link| *link != chosen));
            }
        }
        Chain { chain, surplus, stood: self.links, altered: self.altered }
    }
}

/// One record for each place.
#[derive(Debug)]
pub(super) struct Chain {
    chain: BTreeMap<u64, Link>,
    /// Others that claim a place.
    surplus: Vec<Link>,
    /// All of them as they stood.
    stood: Vec<Link>,
    altered: BTreeSet<u64>,
}

impl Chain {
    /// Finds what is wrong within the chain.
    pub(super) fn judge(&self, faults: &mut Vec<Fault>) {
        let inserted = |link: &Link| Fault::Inserted { sequence: link.sequence };
        faults.extend(self.surplus.iter().map(inserted));
        let mut known = self.chain.keys().copied().collect::<BTreeSet<u64>>();
        known.extend(self.plausible());
        let gaps = known.iter().zip(known.iter().skip(1));
        for (before, after) in gaps.filter(|(before, after)| **after - **before > 1) {
            faults.push(Fault::Missing { first: before + 1, last: after - 1 });
        }
        let pairs = self.chain.values().zip(self.chain.values().skip(1));
        for (before, after) in pairs {
            if after.sequence - before.sequence == 1 && after.previous != before.hash {
                faults.push(inserted(after));
            }
        }
        if let Some(first) = self.chain.get(&1)
            && !first.is_first()
        {
            faults.push(inserted(first));
        }
        let chosen = |link: &&Link| self.chain.get(&link.sequence) == Some(link);
        let stood: Vec<u64> = self.stood.iter().filter(chosen).map(|link| link.sequence).collect();
        for position in displaced(&stood) {
            faults.extend(stood.get(position).map(|sequence| Fault::Moved { sequence: *sequence }));
        }
    }

    /// The places of altered records, as far as they can be right: a number that was altered itself
    /// makes no gap.
    fn plausible(&self) -> impl Iterator<Item = u64> {
        let slack = self.altered.len() as u64;
        let (low, high) = self.span().unwrap_or((1, 0));
        let range = low.saturating_sub(slack)..=high.saturating_add(slack);
        self.altered.iter().copied().filter(move |sequence| range.contains(sequence))
    }

    /// Whether the record that the head names is here.
    pub(super) fn holds(&self, head: Head) -> bool {
        self.chain.get(&head.sequence).is_some_and(|link| link.hash == head.hash)
    }

    /// What is wrong when the record that the head names is not here.
    pub(super) fn lacks(&self, head: Head) -> Option<Fault> {
        let sequence = head.sequence;
        let last = self.span().map(|(_, last)| last).max(self.plausible().max()).unwrap_or(0);
        if sequence > last {
            Some(Fault::TailMissing { first: last + 1, last: sequence })
        } else if self.chain.contains_key(&sequence) {
            Some(Fault::HeadDiffers { sequence })
        } else if self.altered.contains(&sequence) {
            // That it was altered has been said.
            None
        } else {
            Some(Fault::HeadUnseen { sequence })
        }
    }

    /// Places of the first and the last whole record.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let (first, _) = self.chain.first_key_value()?;
        let (last, _) = self.chain.last_key_value()?;
        Some((*first, *last))
    }

    /// The last whole record.
    pub(super) fn head(&self) -> Option<Head> {
        let (sequence, link) = self.chain.last_key_value()?;
        Some(Head { sequence: *sequence, hash: link.hash })
    }
}
