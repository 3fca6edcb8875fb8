//! What a sealed record says about one user.

use std::collections::HashSet;

use fpass_face::{Embedding, Features};
use fpass_proto::{Label, limits};
use postcard::experimental::serialized_size;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::StoreError;

/// Most enrolled samples in one template.
const SAMPLES_MAX: usize = 32;
/// Most adapted samples in one template.
pub(crate) const ADAPTED_MAX: usize = 5;

/// One enrolled appearance of a user.
#[derive(Clone)]
pub(crate) struct StoredTemplate {
    /// Name that the user gave it.
    pub(crate) label: Label,
    /// Time of enrolment in seconds since the Unix epoch.
    pub(crate) created: u64,
    /// Features of the accepted frames, by both networks.
    pub(crate) samples: Vec<Features>,
    /// What logins added, at most [`ADAPTED_MAX`].
    pub(crate) adapted: Vec<AdaptedSample>,
}

impl StoredTemplate {
    /// Drops the adapted samples from before `horizon`, in seconds since the Unix epoch.
    pub(crate) fn expire(&mut self, horizon: u64) {
        self.adapted.retain(|sample| sample.taken >= horizon);
    }
}

/// Features of one login.
#[derive(Clone)]
pub(crate) struct AdaptedSample {
    /// Time of the login in seconds since the Unix epoch.
    pub(crate) taken: u64,
    /// What its last agreeing frame showed, by both networks.
    pub(crate) features: Features,
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
    samples: Vec<RawSample>,
    adapted: Vec<RawAdapted>,
}

#[derive(Serialize, Deserialize, Zeroize)]
struct RawAdapted {
    taken: u64,
    sample: RawSample,
}

impl RawTemplate {
    fn of(template: &StoredTemplate) -> Result<Self, StoreError> {
        let adapted = |sample: &AdaptedSample| {
            Ok(RawAdapted { taken: sample.taken, sample: RawSample::of(&sample.features)? })
        };
        Ok(Self {
            label: template.label.as_str().to_owned(),
            created: template.created,
            samples: template.samples.iter().map(RawSample::of).collect::<Result<_, _>>()?,
            adapted: template.adapted.iter().map(adapted).collect::<Result<_, StoreError>>()?,
        })
    }
}

/// The values of both networks.
#[derive(Serialize, Deserialize, Zeroize)]
struct RawSample {
    dlib: Vec<f32>,
    sface: Vec<f32>,
}

impl RawSample {
    fn of(sample: &Features) -> Result<Self, StoreError> {
        let values = |embedding: &Option<Embedding>| {
            embedding.as_ref().map(|e| e.values().to_vec()).ok_or(StoreError::Malformed)
        };
        Ok(Self { dlib: values(&sample.dlib)?, sface: values(&sample.sface)? })
    }

    fn features(&self) -> Result<Features, StoreError> {
        let embedding = |values| Embedding::from_values(values).map_err(|_| StoreError::Malformed);
        Ok(Features { dlib: Some(embedding(&self.dlib)?), sface: Some(embedding(&self.sface)?) })
    }
}

impl Drop for RawTemplate {
    fn drop(&mut self) {
        self.samples.zeroize();
        self.adapted.zeroize();
    }
}

impl Record {
    /// Writes the record; an empty list is the tombstone.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let raw: Vec<RawTemplate> = match self {
            Self::Removed => Vec::new(),
            Self::Enrolled(templates) => {
                templates.iter().map(RawTemplate::of).collect::<Result<_, _>>()?
            }
        };
        // One buffer of the right size: one that grows would leave copies behind.
        let size = serialized_size(&raw).map_err(|_| StoreError::Malformed)?;
        let mut bytes = Zeroizing::new(vec![0; size]);
        postcard::to_slice(&raw, &mut bytes).map_err(|_| StoreError::Malformed)?;
        Ok(bytes)
    }

    /// Drops the adapted samples from before `horizon`, in seconds since the Unix epoch.
    pub(super) fn expire(&mut self, horizon: u64) {
        match self {
            Self::Enrolled(templates) => {
                templates.iter_mut().for_each(|template| template.expire(horizon));
            }
            Self::Removed => {}
        }
    }

    /// Reads a record; every bound that enrolment and adaptation keep is checked again.
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
                if raw.adapted.len() > ADAPTED_MAX {
                    return Err(StoreError::Malformed);
                }
                let samples =
                    raw.samples.iter().map(RawSample::features).collect::<Result<_, _>>()?;
                let adapted = |raw: &RawAdapted| {
                    Ok(AdaptedSample { taken: raw.taken, features: raw.sample.features()? })
                };
                let adapted = raw.adapted.iter().map(adapted).collect::<Result<_, StoreError>>()?;
                Ok(StoredTemplate { label, created: raw.created, samples, adapted })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Enrolled(templates))
    }
}
