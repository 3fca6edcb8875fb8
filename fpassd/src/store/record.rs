//! The content of a sealed record.

use std::collections::HashSet;

use fpass_camera::{CameraId, Rotation};
use fpass_face::{Embedding, Features};
use fpass_proto::{Label, limits};
use postcard::experimental::serialized_size;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{StoreError, seal::Format};

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
    /// By how much the frames of the camera were turned. `None` for records from other machines.
    pub(crate) rotation: Option<Rotation>,
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
    /// Encodes the record in the current format. An empty list is the tombstone.
    pub(super) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.encode_as(Format::CURRENT)
    }

    /// Encodes the record, without what the format does not hold.
    pub(super) fn encode_as(&self, format: Format) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let templates = match self {
            Self::Removed => &[][..],
            Self::Enrolled(templates) => templates,
        };
        let raw: Vec<RawTemplate> =
            templates.iter().map(RawTemplate::of).collect::<Result<_, _>>()?;
        let rotations = if format >= Format::V6 { rotations(templates) } else { Vec::new() };
        let cameras = if format >= Format::V5 { cameras(templates) } else { Vec::new() };
        let has_cameras = !rotations.is_empty() || cameras.iter().any(|camera| !camera.is_empty());
        // The buffer has its final size: a growing one would leave copies in memory.
        let malformed = |_| StoreError::Malformed;
        let size = serialized_size(&raw).map_err(malformed)?;
        let mut behind = Vec::new();
        if has_cameras {
            behind = postcard::to_extend(&cameras, behind).map_err(malformed)?;
        }
        if !rotations.is_empty() {
            behind = postcard::to_extend(&rotations, behind).map_err(malformed)?;
        }
        let mut bytes = Zeroizing::new(vec![0; size + behind.len()]);
        let (encoded, rest) = bytes.split_at_mut(size);
        postcard::to_slice(&raw, encoded).map_err(malformed)?;
        rest.copy_from_slice(&behind);
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

    /// Decodes the content of a record in this format.
    pub(super) fn read(format: Format, bytes: &[u8]) -> Result<Self, StoreError> {
        let mut record = Self::decode(bytes)?;
        match (&mut record, format) {
            // Versions that wrote these formats did not turn frames.
            (Self::Enrolled(templates), Format::V3 | Format::V4 | Format::V5) => {
                templates.iter_mut().for_each(|template| template.rotation = Some(Rotation::None));
            }
            (Self::Enrolled(_), Format::V6) | (Self::Removed, _) => {}
        }
        Ok(record)
    }

    /// Decodes a record. Checks every limit of enrolment and adaptation again.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let (raw, rest) = postcard::take_from_bytes::<Vec<RawTemplate>>(bytes)
            .map_err(|_| StoreError::Malformed)?;
        if raw.len() > limits::TEMPLATES_MAX {
            return Err(StoreError::Malformed);
        }
        let places = places_of(rest, raw.len())?;
        if raw.is_empty() {
            return Ok(Self::Removed);
        }
        let mut labels = HashSet::new();
        let templates = raw
            .iter()
            .zip(places)
            .map(|(raw, EnrolmentPlace { camera, rotation })| {
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
                let created = raw.created;
                Ok(StoredTemplate { label, created, samples, adapted, camera, rotation })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Enrolled(templates))
    }
}

/// The camera of each template, empty if unknown.
fn cameras(templates: &[StoredTemplate]) -> Vec<&str> {
    let cameras = templates.iter().map(|template| template.camera.as_ref());
    cameras.map(|camera| camera.map_or("", CameraId::as_str)).collect()
}

/// The code of the rotation of each template: 0 if unknown, else 1 and the number of quarters. No
/// list at all if no rotation is known.
fn rotations(templates: &[StoredTemplate]) -> Vec<u8> {
    let code = |rotation: Rotation| (0..).zip(Rotation::ALL).find(|(_, known)| *known == rotation);
    let codes: Vec<u8> = templates
        .iter()
        .map(|template| template.rotation.and_then(code).map_or(0, |(quarters, _)| 1 + quarters))
        .collect();
    if codes.iter().all(|code| *code == 0) { Vec::new() } else { codes }
}

/// Where a template was enrolled, as far as it is known.
#[derive(Clone, Default)]
struct EnrolmentPlace {
    camera: Option<CameraId>,
    rotation: Option<Rotation>,
}

/// The lists of cameras and of rotations after the templates, each with one item for each template.
/// The second is missing if no rotation is known, the first too if no camera is known either.
fn places_of(bytes: &[u8], templates: usize) -> Result<Vec<EnrolmentPlace>, StoreError> {
    if bytes.is_empty() {
        return Ok(vec![EnrolmentPlace::default(); templates]);
    }
    let malformed = |_| StoreError::Malformed;
    let (cameras, rest) = postcard::take_from_bytes::<Vec<&str>>(bytes).map_err(malformed)?;
    let (rotations, rest) = if rest.is_empty() {
        (vec![0; cameras.len()], rest)
    } else {
        let (rotations, rest) = postcard::take_from_bytes::<Vec<u8>>(rest).map_err(malformed)?;
        if rotations.iter().all(|code| *code == 0) {
            return Err(StoreError::Malformed);
        }
        (rotations, rest)
    };
    let is_empty = cameras.iter().all(|c| c.is_empty()) && rotations.iter().all(|code| *code == 0);
    let is_complete = cameras.len() == templates && rotations.len() == templates;
    if is_empty || !is_complete || !rest.is_empty() {
        return Err(StoreError::Malformed);
    }
    let camera = |text: &str| match text {
        "" => Ok(None),
        text => CameraId::parse(text).map(Some).ok_or(StoreError::Malformed),
    };
    let rotation = |code: u8| match code.checked_sub(1) {
        None => Ok(None),
        Some(quarters) => {
            Rotation::ALL.get(usize::from(quarters)).copied().map(Some).ok_or(StoreError::Malformed)
        }
    };
    let place = |(text, code): (&&str, u8)| {
        Ok(EnrolmentPlace { camera: camera(text)?, rotation: rotation(code)? })
    };
    cameras.iter().zip(rotations).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{label, template};

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
            &[2, 0, 0, 2, 0, 0],
            &[2, 0, 0, 1, 1],
            &[2, 0, 0, 3, 1, 1, 1],
            &[2, 0, 0, 2, 1, 5],
            &[2, 0, 0, 2, 1, 1, 0],
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
    fn cameras_and_rotations_are_read_back_in_formats_that_hold_them() {
        let camera = Some("uvcvideo usb-1");
        let turned = Some(Rotation::Half);
        let record = |places: [(Option<&str>, Option<Rotation>); 2]| {
            let [one, two] = places.map(|(camera, rotation)| (pinned("one", camera), rotation));
            Record::Enrolled(vec![
                StoredTemplate { rotation: one.1, ..one.0 },
                StoredTemplate { label: label("two"), rotation: two.1, ..two.0 },
            ])
        };
        let places = |format, bytes: &[u8]| match Record::read(format, bytes).unwrap() {
            Record::Enrolled(templates) => templates
                .iter()
                .map(|t| (t.camera.as_ref().map(ToString::to_string), t.rotation))
                .collect::<Vec<_>>(),
            Record::Removed => panic!("enrolled"),
        };
        for given in [
            [(camera, turned), (None, None)],
            [(None, turned), (None, Some(Rotation::None))],
            [(camera, None), (None, None)],
            [(None, None), (None, None)],
        ] {
            for format in Format::ALL {
                let expected = given.map(|(camera, rotation)| {
                    let camera = camera.filter(|_| format >= Format::V5).map(str::to_owned);
                    let known = format >= Format::V6;
                    (camera, if known { rotation } else { Some(Rotation::None) })
                });
                let bytes = record(given).encode_as(format).unwrap();
                assert_eq!(places(format, &bytes), expected, "{format:?}");
            }
        }
        let before = record([(camera, turned), (None, turned)]).encode_as(Format::V4).unwrap();
        assert_eq!(*before, content(&[]));
    }
}
