//! The records of one chain.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fpass_proto::audit::{Hash, Head};

use super::{ChainFault, ancestry::Ancestry};
use crate::audit::{
    entry::{ChainLink, RecordState},
    order::displaced,
};

/// Consecutive records, in the order of the journal.
#[derive(Debug, Default)]
pub(super) struct Segment {
    links: Vec<ChainLink>,
    hashes: HashSet<Hash>,
    /// The first records that lead to these.
    firsts: HashSet<Hash>,
    /// The hashes that records give as the previous one.
    previous: HashSet<Hash>,
    /// The numbers that altered records give.
    altered: BTreeSet<u64>,
}

impl Segment {
    /// Whether the record begins another chain.
    pub(super) fn is_ended_by(&self, state: &RecordState) -> bool {
        let RecordState::Intact(link) = state else { return false };
        link.is_first()
            && !self.links.is_empty()
            && !self.hashes.contains(&link.hash)
            && !self.firsts.contains(&link.hash)
    }

    /// Adds a record; a duplicate is a fault.
    pub(super) fn add(
        &mut self,
        state: &RecordState,
        ancestry: &Ancestry,
        faults: &mut Vec<ChainFault>,
    ) {
        match *state {
            RecordState::Intact(link) => {
                if self.hashes.insert(link.hash) {
                    self.previous.insert(link.previous);
                    self.firsts.extend(ancestry.first(link.hash));
                    self.links.push(link);
                } else {
                    faults.push(ChainFault::Duplicated { sequence: link.sequence });
                }
            }
            RecordState::Altered(sequence) => {
                faults.push(ChainFault::Altered { sequence });
                self.altered.extend(sequence);
            }
            RecordState::Unchained => {}
        }
    }

    /// One record for each number. Of several, the one that its neighbours name.
    pub(super) fn into_chain(self) -> Chain {
        let mut places: BTreeMap<u64, Vec<ChainLink>> = BTreeMap::new();
        for link in &self.links {
            places.entry(link.sequence).or_default().push(*link);
        }
        let mut chain = BTreeMap::new();
        let mut surplus = Vec::new();
        let mut before: Option<Hash> = None;
        for (sequence, claims) in &places {
            let named = |link: &&ChainLink| self.previous.contains(&link.hash);
            let follows = |link: &&ChainLink| Some(link.previous) == before;
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

/// One record for each number.
#[derive(Debug)]
pub(super) struct Chain {
    chain: BTreeMap<u64, ChainLink>,
    /// Other records with the number of one in the chain.
    surplus: Vec<ChainLink>,
    /// All records in the order of the journal.
    stood: Vec<ChainLink>,
    altered: BTreeSet<u64>,
}

impl Chain {
    /// Finds the faults of the chain.
    pub(super) fn judge(&self, faults: &mut Vec<ChainFault>) {
        let inserted = |link: &ChainLink| ChainFault::Inserted { sequence: link.sequence };
        faults.extend(self.surplus.iter().map(inserted));
        let mut known = self.chain.keys().copied().collect::<BTreeSet<u64>>();
        known.extend(self.plausible());
        let gaps = known.iter().zip(known.iter().skip(1));
        for (before, after) in gaps.filter(|(before, after)| **after - **before > 1) {
            faults.push(ChainFault::Missing { first: before + 1, last: after - 1 });
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
        let chosen = |link: &&ChainLink| self.chain.get(&link.sequence) == Some(link);
        let stood: Vec<u64> = self.stood.iter().filter(chosen).map(|link| link.sequence).collect();
        for position in displaced(&stood) {
            faults.extend(
                stood.get(position).map(|sequence| ChainFault::Moved { sequence: *sequence }),
            );
        }
    }

    /// The numbers of altered records, as far as they are plausible: an altered number makes no
    /// gap.
    fn plausible(&self) -> impl Iterator<Item = u64> {
        let slack = self.altered.len() as u64;
        let (low, high) = self.span().unwrap_or((1, 0));
        let range = low.saturating_sub(slack)..=high.saturating_add(slack);
        self.altered.iter().copied().filter(move |sequence| range.contains(sequence))
    }

    /// Whether the chain has the record that the head names.
    pub(super) fn holds(&self, head: Head) -> bool {
        self.chain.get(&head.sequence).is_some_and(|link| link.hash == head.hash)
    }

    /// The fault when the chain lacks the record that the head names.
    pub(super) fn lacks(&self, head: Head) -> Option<ChainFault> {
        let sequence = head.sequence;
        let last = self.span().map(|(_, last)| last).max(self.plausible().max()).unwrap_or(0);
        if sequence > last {
            Some(ChainFault::TailMissing { first: last + 1, last: sequence })
        } else if self.chain.contains_key(&sequence) {
            Some(ChainFault::HeadDiffers { sequence })
        } else if self.altered.contains(&sequence) {
            // Its alteration is a fault already.
            None
        } else {
            Some(ChainFault::HeadUnseen { sequence })
        }
    }

    /// Numbers of the first and the last intact record.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let (first, _) = self.chain.first_key_value()?;
        let (last, _) = self.chain.last_key_value()?;
        Some((*first, *last))
    }

    /// The last intact record.
    pub(super) fn head(&self) -> Option<Head> {
        let (sequence, link) = self.chain.last_key_value()?;
        Some(Head { sequence: *sequence, hash: link.hash })
    }
}
