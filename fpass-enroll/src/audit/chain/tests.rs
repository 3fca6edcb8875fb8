//! Chains of real records, as lines of the journal, with one thing done to them.

use fpass_proto::audit::{self, Fields, Hash};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::audit::entry::{JournalEntry, judge};

type Line = Map<String, Value>;

/// A record as the journal gives it.
fn line(sequence: u64, before: Hash, user: &str) -> (Line, Head) {
    let mut fields = Fields::default();
    for (name, value) in [
        (audit::MESSAGE, "attempt for uid 1000: match"),
        (audit::KIND, "attempt"),
        (audit::UID, user),
        (audit::SEQUENCE, &sequence.to_string()),
        (audit::PREVIOUS, &before.to_string()),
    ] {
        fields.add(name, value).unwrap();
    }
    let hash = fields.digest();
    let mut line: Line = fields.iter().map(|(name, value)| (name.into(), json!(value))).collect();
    line.insert(audit::HASH.into(), json!(hash.to_string()));
    line.insert("_SYSTEMD_UNIT".into(), json!("fpassd.service"));
    line.insert("_UID".into(), json!("990"));
    line.insert("__REALTIME_TIMESTAMP".into(), json!("1"));
    (line, Head { sequence, hash })
}

/// `count` records that follow a head, and their own head.
fn records(mut head: Head, count: u64) -> (Vec<Line>, Head) {
    let mut lines = Vec::new();
    for _ in 0..count {
        let (line, next) = self::line(head.sequence + 1, head.hash, "1000");
        lines.push(line);
        head = next;
    }
    (lines, head)
}

fn states(lines: &[Line]) -> Vec<RecordState> {
    let judged = lines.iter().map(|line| {
        let text = Value::Object(line.clone()).to_string();
        judge(&serde_json::from_str(&text).unwrap(), Some(990))
    });
    let record = |entry| match entry {
        JournalEntry::Record(record) => record.state,
        JournalEntry::Foreign => panic!("not a record"),
    };
    judged.map(record).collect()
}

fn faults(lines: &[Line], head: Head) -> Vec<ChainFault> {
    verify(&states(lines), Expectations { head: Some(head), from_start: true }).faults
}

#[test]
fn a_removed_an_altered_a_moved_a_doubled_and_an_inserted_record_are_named() {
    let (whole, head) = records(Head::NONE, 6);
    assert_eq!(faults(&whole, head), []);

    let mut removed = whole.clone();
    removed.remove(2);
    assert_eq!(faults(&removed, head), [ChainFault::Missing { first: 3, last: 3 }]);

    let mut altered = whole.clone();
    altered[2].insert(audit::UID.into(), json!("0"));
    assert_eq!(faults(&altered, head), [ChainFault::Altered { sequence: Some(3) }]);

    let mut moved = whole.clone();
    moved.swap(2, 3);
    assert_eq!(faults(&moved, head).len(), 1);
    assert!(matches!(faults(&moved, head)[0], ChainFault::Moved { sequence: 3 | 4 }));

    let mut doubled = whole.clone();
    doubled.insert(4, whole[2].clone());
    assert_eq!(faults(&doubled, head), [ChainFault::Duplicated { sequence: 3 }]);

    // With a hash that belongs to it.
    let (forged, _) = line(3, Hash([9; 32]), "0");
    let mut inserted = whole;
    inserted.insert(2, forged.clone());
    assert_eq!(faults(&inserted, head), [ChainFault::Inserted { sequence: 3 }]);
    inserted[3] = forged;
    inserted.remove(2);
    assert!(!faults(&inserted, head).is_empty());
}

#[test]
fn a_chain_that_is_cut_or_rewritten_does_not_fit_its_head() {
    let (whole, head) = records(Head::NONE, 6);
    assert_eq!(faults(&whole[..4], head), [ChainFault::TailMissing { first: 5, last: 6 }]);
    assert_eq!(faults(&[], head)[1], ChainFault::TailMissing { first: 1, last: 6 });
    let (kept, noted) = records(Head::NONE, 3);
    let (forged, other) = line(4, noted.hash, "0");
    let (rest, _) = records(other, 2);
    let rewritten = [&kept[..], &[forged], &rest].concat();
    assert_eq!(faults(&rewritten, head), [ChainFault::HeadDiffers { sequence: 6 }]);
    // A head that was noted earlier is found among the records.
    assert_eq!(faults(&whole, noted), []);
    let rotated =
        verify(&states(&whole[4..]), Expectations { head: Some(noted), from_start: false });
    assert_eq!(rotated.faults, [ChainFault::HeadUnseen { sequence: 3 }]);
}

#[test]
fn a_missing_beginning_is_told_and_a_fault_only_where_it_is_asked_for() {
    let (whole, head) = records(Head::NONE, 6);
    let rotated = states(&whole[2..]);
    let told = verify(&rotated, Expectations { head: Some(head), from_start: false });
    assert_eq!((told.faults.as_slice(), told.span), (&[][..], Some((3, 6))));
    assert_eq!(faults(&whole[2..], head), [ChainFault::Missing { first: 1, last: 2 }]);
}

#[test]
fn a_chain_that_begins_again_and_a_record_without_a_place_are_told() {
    let (first, _) = records(Head::NONE, 3);
    let (mut line, opened) = line(1, Hash::NONE, "0");
    let (rest, head) = records(opened, 2);
    let both = [&first[..], &[line.clone()], &rest].concat();
    assert_eq!(faults(&both, head), [ChainFault::Restarted { position: 4 }]);
    for name in [audit::SEQUENCE, audit::PREVIOUS, audit::HASH] {
        line.remove(name);
    }
    line.insert(audit::UNCHAINED.into(), json!("the disk is full"));
    let both = [&first[..], &[line]].concat();
    assert!(
        faults(&both, records(Head::NONE, 3).1).contains(&ChainFault::Unchained { position: 4 })
    );
}

#[test]
fn a_place_that_was_altered_makes_no_gap_of_its_own() {
    let (mut lines, head) = records(Head::NONE, 6);
    lines[2].insert(audit::SEQUENCE.into(), json!("999999"));
    let found = faults(&lines, head);
    assert_eq!(
        found,
        [
            ChainFault::Altered { sequence: Some(999_999) },
            ChainFault::Missing { first: 3, last: 3 }
        ]
    );
}

proptest! {
    #[test]
    fn any_removal_is_found(count in 1_u64..20, at in 0_usize..20) {
        let (mut lines, head) = records(Head::NONE, count);
        let at = at % lines.len();
        lines.remove(at);
        let found = faults(&lines, head);
        let place = at as u64 + 1;
        prop_assert_eq!(found.iter().filter_map(|fault| fault.sequence()).max(), Some(place));
    }

    #[test]
    fn any_two_that_change_places_are_found(
        count in 2_u64..20, one in 0_usize..20, other in 0_usize..20,
    ) {
        let (mut lines, head) = records(Head::NONE, count);
        let (one, other) = (one % lines.len(), other % lines.len());
        prop_assume!(one != other);
        lines.swap(one, other);
        let found = faults(&lines, head);
        prop_assert!(!found.is_empty());
        prop_assert!(found.iter().all(|fault| matches!(fault, ChainFault::Moved { .. })), "{:?}", found);
    }

    #[test]
    fn any_altered_field_is_found(
        count in 1_u64..10, at in 0_usize..10, field in 0_usize..6, value in ".{0,8}",
    ) {
        let (mut lines, head) = records(Head::NONE, count);
        let at = at % lines.len();
        let name = [
            audit::MESSAGE, audit::KIND, audit::UID, audit::SEQUENCE, audit::PREVIOUS, audit::HASH,
        ][field];
        let before = lines[at].insert(name.to_owned(), json!(value));
        prop_assume!(before != Some(json!(value)));
        let found = faults(&lines, head);
        let altered = found.iter().any(|fault| matches!(fault, ChainFault::Altered { .. }));
        prop_assert!(altered, "{:?}", found);
    }

    #[test]
    fn any_field_that_is_taken_away_or_added_is_found(
        count in 1_u64..10, at in 0_usize..10, field in 0_usize..6, name in "[A-Z]{1,8}",
    ) {
        let (lines, head) = records(Head::NONE, count);
        let at = at % lines.len();
        let mut added = lines.clone();
        let is_new = added[at].insert(format!("FPASS_{name}"), json!("x")).is_none();
        prop_assert_eq!(faults(&added, head).is_empty(), false, "{}", is_new);
        let mut less = lines;
        let name = [
            audit::MESSAGE, audit::KIND, audit::UID, audit::SEQUENCE, audit::PREVIOUS, audit::HASH,
        ][field];
        less[at].remove(name);
        prop_assert!(!faults(&less, head).is_empty());
    }

    #[test]
    fn any_doubled_record_is_found(count in 1_u64..20, at in 0_usize..20, to in 0_usize..21) {
        let (mut lines, head) = records(Head::NONE, count);
        let copy = lines[at % lines.len()].clone();
        let to = to % (lines.len() + 1);
        lines.insert(to, copy);
        let sequence = (at as u64 % count) + 1;
        let found = faults(&lines, head);
        prop_assert!(found.contains(&ChainFault::Duplicated { sequence }), "{:?}", found);
    }
}
