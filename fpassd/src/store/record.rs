//! The content of a sealed record.

use std::collections::HashSet;

use fpass_camera::CameraId;
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
    /// Samples that logins added, at most [`ADAPTED_MAX`].
    pub(crate) adapted: Vec<AdaptedSample>,
    /// Camera of the enrolment. `None` for records in older formats and from other machines.
    pub(crate) camera: Option<CameraId>,
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
    /// Features of the last agreeing frame, by both networks.
    pub(crate) features: Features,
}

/// State of a user's record.
#[derive(Clone)]
pub(crate) enum Record {
    /// At least one template.
    Enrolled(Vec<StoredTemplate>),
    /// Tombstone: the user had templates.
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
    /// Encodes the record. An empty list is the tombstone.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let raw: Vec<RawTemplate> = match self {
            Self::Removed => Vec::new(),
            Self::Enrolled(templates) => {
                templates.iter().map(RawTemplate::of).collect::<Result<_, _>>()?
            }
        };
        let cameras = self.cameras();
        // The buffer has its final size: a growing one would leave copies in memory.
        let malformed = |_| StoreError::Malformed;
        let size = serialized_size(&raw).map_err(malformed)?;
        let behind =
            if cameras.is_empty() { 0 } else { serialized_size(&cameras).map_err(malformed)? };
        let mut bytes = Zeroizing::new(vec![0; size + behind]);
        let (templates, rest) = bytes.split_at_mut(size);
        postcard::to_slice(&raw, templates).map_err(malformed)?;
        if !rest.is_empty() {
            postcard::to_slice(&cameras, rest).map_err(malformed)?;
        }
        Ok(bytes)
    }

    /// The camera of each template, empty if unknown. No list at all if no camera is known.
    fn cameras(&self) -> Vec<&str> {
        let Self::Enrolled(templates) = self else {
            return Vec::new();
        };
        if templates.iter().all(|template| template.camera.is_none()) {
            return Vec::new();
        }
        let cameras = templates.iter().map(|template| template.camera.as_ref());
        cameras.map(|camera| camera.map_or("", CameraId::as_str)).collect()
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

    /// Decodes a record. Checks every limit of enrolment and adaptation again.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let (raw, rest) = postcard::take_from_bytes::<Vec<RawTemplate>>(bytes)
            .map_err(|_| StoreError::Malformed)?;
        if raw.len() > limits::TEMPLATES_MAX {
            return Err(StoreError::Malformed);
        }
        let cameras = cameras_of(rest, raw.len())?;
        if raw.is_empty() {
            return Ok(Self::Removed);
        }
        let mut labels = HashSet::new();
        let templates = raw
            .iter()
            .zip(cameras)
            .map(|(raw, camera)| {
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
                Ok(StoredTemplate { label, created: raw.created, samples, adapted, camera })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Enrolled(templates))
    }
}

/// The list of cameras after the templates, one for each. It is missing if no camera is known.
fn cameras_of(bytes: &[u8], templates: usize) -> Result<Vec<Option<CameraId>>, StoreError> {
    if bytes.is_empty() {
        return Ok(vec![None; templates]);
    }
    let (cameras, rest) =
        postcard::take_from_bytes::<Vec<&str>>(bytes).map_err(|_| StoreError::Malformed)?;
    if !rest.is_empty() || cameras.len() != templates || cameras.iter().all(|c| c.is_empty()) {
        return Err(StoreError::Malformed);
    }
    let camera = |text: &&str| match *text {
        "" => Ok(None),
        text => CameraId::parse(text).map(Some).ok_or(StoreError::Malformed),
    };
    cameras.iter().map(camera).collect()
}

/// The content of a record without its cameras, as in formats before 5.
pub(super) fn without_cameras(bytes: &[u8]) -> Result<&[u8], StoreError> {
    let (_, rest) =
        postcard::take_from_bytes::<Vec<RawTemplate>>(bytes).map_err(|_| StoreError::Malformed)?;
    let length = bytes.len() - rest.len();
    bytes.get(..length).ok_or(StoreError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::template;

    fn pinned(label: &str, camera: Option<&str>) -> StoredTemplate {
        let camera = camera.map(|camera| CameraId::parse(camera).unwrap());
        StoredTemplate { camera, ..template(label) }
    }

    fn content(cameras: &[u8]) -> Vec<u8> {
        let two = Record::Enrolled(vec![pinned("one", None), pinned("two", None)]);
        [&two.encode().unwrap()[..], cameras].concat()
    }

    #[test]
    fn a_wrong_number_of_cameras_or_only_empty_ones_is_refused() {
        for cameras in [
            &[1, 1, b'a'][..],
            &[3, 1, b'a', 1, b'b', 1, b'c'],
            &[2, 1, b'a'],
            &[2, 1, b'a', 1, b'b', 0],
            &[2, 0, 0],
            &[2, 1, b' ', 1, b'b'],
            &[2, 1, 0xff, 1, b'b'],
            &[0xff, 0xff, 0xff, 0xff, 0x0f],
        ] {
            let decoded = Record::decode(&content(cameras));
            assert!(matches!(decoded, Err(StoreError::Malformed)), "{cameras:?}");
        }
        assert!(
            matches!(Record::decode(&[0, 1, 1, b'a']), Err(StoreError::Malformed)),
            "tombstone"
        );
    }

    #[test]
    fn cameras_are_read_back_and_older_formats_have_none() {
        let record =
            Record::Enrolled(vec![pinned("one", Some("uvcvideo usb-1")), pinned("two", None)]);
        let bytes = record.encode().unwrap();
        let Record::Enrolled(templates) = Record::decode(&bytes).unwrap() else {
            panic!("enrolled")
        };
        let cameras: Vec<_> =
            templates.iter().map(|t| t.camera.as_ref().map(CameraId::as_str)).collect();
        assert_eq!(cameras, [Some("uvcvideo usb-1"), None]);
        assert_eq!(without_cameras(&bytes).unwrap(), content(&[]));
        assert_eq!(without_cameras(&content(&[])).unwrap(), content(&[]));
    }
}
