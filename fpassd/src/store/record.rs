//! What a sealed record says about one user.

use std::collections::HashSet;

use fpass_face::Embedding;
use fpass_proto::{Label, limits};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::StoreError;

/// Most embeddings in one template.
const SAMPLES_MAX: usize = 32;

/// One enrolled appearance of a user.
#[derive(Clone)]
pub(crate) struct StoredTemplate {
    /// Name that the user gave it.
    pub(crate) label: Label,
    /// Time of enrolment in seconds since the Unix epoch.
    pub(crate) created: u64,
    /// Embeddings of the accepted frames.
    pub(crate) samples: Vec<Embedding>,
}

/// State of a user's record.
#[derive(Clone)]
pub(crate) enum Record {
    /// At least one template.
    Enrolled(Vec<StoredTemplate>),
    /// Tombstone: there were templates once.
    Removed,
}

#[derive(Serialize, Deserialize)]
struct RawTemplate {
    label: String,
    created: u64,
    samples: Vec<Vec<f32>>,
}

impl Drop for RawTemplate {
    fn drop(&mut self) {
        self.samples.zeroize();
    }
}

impl Record {
    /// Writes the record; an empty list is the tombstone.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let raw: Vec<RawTemplate> = match self {
            Self::Removed => Vec::new(),
            Self::Enrolled(templates) => templates
                .iter()
                .map(|template| RawTemplate {
                    label: template.label.as_str().to_owned(),
                    created: template.created,
                    samples: template.samples.iter().map(|s| s.values().to_vec()).collect(),
                })
                .collect(),
        };
        let bytes = postcard::to_allocvec(&raw).map_err(|_| StoreError::Malformed)?;
        Ok(Zeroizing::new(bytes))
    }

    /// Reads a record; every bound that an enrolment keeps is checked again.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let (raw, rest) = postcard::take_from_bytes::<Vec<RawTemplate>>(bytes)
            .map_err(|_| StoreError::Malformed)?;
        if !rest.is_empty() || raw.len() > limits::TEMPLATES_MAX {
            return Err(StoreError::Malformed);
        }
        if raw.is_empty() {
            return Ok(Self::Removed);
        }
        let mut labels = HashSet::new();
        let templates = raw
            .iter()
            .map(|raw| {
                let label = Label::parse(&raw.label).map_err(|_| StoreError::Malformed)?;
                if !labels.insert(label.clone()) {
                    return Err(StoreError::Malformed);
                }
                if raw.samples.is_empty() || raw.samples.len() > SAMPLES_MAX {
                    return Err(StoreError::Malformed);
                }
                let samples = raw
                    .samples
                    .iter()
                    .map(|values| Embedding::from_values(values).map_err(|_| StoreError::Malformed))
                    .collect::<Result<_, _>>()?;
                Ok(StoredTemplate { label, created: raw.created, samples })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Enrolled(templates))
    }
}
