//! The content of an opened record.

#![no_main]
#![allow(dead_code)]

use std::{collections::HashSet, time::Duration};

use fpass_fuzz::{Bounds, MIB, bounded};
use libfuzzer_sys::fuzz_target;

#[path = "../../fpassd/src/store"]
mod store {
    mod record;

    pub(crate) use record::{ADAPTED_MAX, Record, StoredTemplate};

    /// The one error of the content.
    #[derive(Debug, PartialEq)]
    pub(crate) enum StoreError {
        Malformed,
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Record, StoreError> {
        Record::decode(bytes)
    }

    pub(crate) fn encode(record: &Record) -> Result<zeroize::Zeroizing<Vec<u8>>, StoreError> {
        record.encode()
    }
}

use store::{ADAPTED_MAX, Record, StoreError, StoredTemplate};

fuzz_target!(|bytes: &[u8]| {
    // serde takes up to 1 MiB ahead for each list that is open.
    let bounds = Bounds { bytes: 8 * MIB + 64 * bytes.len(), time: Duration::from_millis(50) };
    match bounded(bounds, || store::decode(bytes)) {
        Err(error) => assert_eq!(error, StoreError::Malformed),
        Ok(record) => {
            let templates = within_bounds(&record);
            let encoded = store::encode(&record).expect("what was decoded can be encoded");
            let again = store::decode(&encoded).expect("what was encoded can be decoded");
            let pairs = templates.iter().zip(within_bounds(&again));
            assert_eq!(templates.len(), within_bounds(&again).len());
            pairs.for_each(|(one, other)| same(one, other));
        }
    }
});

fn within_bounds(record: &Record) -> &[StoredTemplate] {
    let Record::Enrolled(templates) = record else {
        return &[];
    };
    assert!((1..=8).contains(&templates.len()));
    let labels: HashSet<&str> = templates.iter().map(|template| template.label.as_str()).collect();
    assert_eq!(labels.len(), templates.len());
    for template in templates {
        assert!((1..=32).contains(&template.samples.len()));
        assert!(template.adapted.len() <= ADAPTED_MAX);
        let adapted = template.adapted.iter().map(|sample| &sample.features);
        for features in template.samples.iter().chain(adapted) {
            for embedding in [&features.dlib, &features.sface] {
                let values = embedding.as_ref().expect("both networks").values();
                assert!(values.iter().all(|value| value.is_finite()));
            }
        }
    }
    templates
}

fn same(one: &StoredTemplate, other: &StoredTemplate) {
    assert_eq!((&one.label, one.created), (&other.label, other.created));
    assert_eq!(one.camera, other.camera);
    assert!(one.samples == other.samples);
    let of = |template: &StoredTemplate| {
        template.adapted.iter().map(|a| (a.taken, a.features.clone())).collect::<Vec<_>>()
    };
    assert!(of(one) == of(other));
}
