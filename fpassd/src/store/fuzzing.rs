//! Records, for the fuzz targets.

use std::collections::HashSet;

use fpass_proto::Uid;

use super::{
    ADAPTED_MAX, Record, StoreError, StoredTemplate,
    keyring::Keyring,
    seal::{self, Binding, Format, Opened},
};

const OWNER: Uid = Uid(1000);
const OTHER: Uid = Uid(1001);

/// The content of a record that was accepted.
pub struct RecordContent(Record);

/// Decodes the content of an opened record; `None` when it is malformed.
pub fn decode_record(bytes: &[u8]) -> Option<RecordContent> {
    match Record::decode(bytes) {
        Ok(record) => Some(RecordContent(record)),
        Err(error) => {
            assert!(matches!(error, StoreError::Malformed), "{error}");
            None
        }
    }
}

impl RecordContent {
    /// Checks the limits of a record, and that it is the same after it is encoded and decoded.
    pub fn check(&self) {
        let templates = within_limits(&self.0);
        let encoded = self.0.encode().expect("a decoded record can be encoded");
        let again = Record::decode(&encoded).expect("an encoded record can be decoded");
        let others = within_limits(&again);
        assert_eq!(templates.len(), others.len());
        templates.iter().zip(others).for_each(|(one, other)| assert_same(one, other));
    }
}

fn within_limits(record: &Record) -> &[StoredTemplate] {
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

fn assert_same(one: &StoredTemplate, other: &StoredTemplate) {
    assert_eq!((&one.label, one.created), (&other.label, other.created));
    assert_eq!((&one.camera, one.rotation), (&other.camera, other.rotation));
    assert!(one.samples == other.samples);
    let adapted = |template: &StoredTemplate| {
        template.adapted.iter().map(|a| (a.taken, a.features.clone())).collect::<Vec<_>>()
    };
    assert!(adapted(one) == adapted(other));
}

/// Keys of a store: the current one, and the one before a rotation.
pub struct SealedStore {
    keys: Keyring,
    binding: Binding,
}

impl Default for SealedStore {
    fn default() -> Self {
        let keys = Keyring::read([[7; 32], [8; 32]].as_flattened()).expect("64 bytes are two keys");
        let binding =
            Binding { machine_id: "0".repeat(32), features: [9; 32], former: Some([10; 32]) };
        Self { keys, binding }
    }
}

impl SealedStore {
    /// Seals content in the current format.
    pub fn seal(&self, content: &[u8]) -> Vec<u8> {
        self.seal_as(Format::CURRENT, 3, content)
    }

    fn seal_as(&self, format: Format, generation: u64, content: &[u8]) -> Vec<u8> {
        let sealed = seal::seal(&self.keys, format, &self.binding, OWNER, generation, content);
        sealed.expect("content can be sealed")
    }

    /// Generation and content.
    fn open(&self, uid: Uid, sealed: &[u8]) -> Result<(u64, Vec<u8>), StoreError> {
        let Opened { generation, plaintext, .. } =
            seal::open(&self.keys, &self.binding, uid, sealed)?;
        assert_eq!(seal::claimed_generation(sealed), generation);
        Ok((generation, plaintext.to_vec()))
    }

    /// Opens the bytes, and seals them as content: the result opens for its user and generation
    /// only, and in no altered form. The first two bytes choose the generation, the format and the
    /// alteration.
    pub fn check(&self, bytes: &[u8]) {
        if let Err(error) = self.open(OWNER, bytes) {
            assert!(!matches!(error, StoreError::NoRandomness));
        }
        let Some((&[place, value], content)) = bytes.split_first_chunk() else {
            return;
        };
        let generation = u64::from(place);
        let format = Format::of(3 + u16::from(value & 3)).expect("3 to 6 are formats");
        let mut sealed = self.seal_as(format, generation, content);
        let opened = self.open(OWNER, &sealed).expect("a sealed record opens");
        assert_eq!((opened.0, &opened.1[..]), (generation, content));
        assert!(matches!(self.open(OTHER, &sealed), Err(StoreError::Swapped)));
        let place = usize::from(place) % sealed.len();
        assert!(self.open(OWNER, &sealed[..place]).is_err());
        sealed[place] ^= value.max(1);
        assert!(self.open(OWNER, &sealed).is_err());
    }
}
