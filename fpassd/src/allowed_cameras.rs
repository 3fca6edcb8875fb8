//! The cameras that a user may be recognised with: those of the enrolment.

use fpass_camera::CameraId;

use crate::store::StoredTemplate;

/// The cameras that the templates of a user are pinned to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum AllowedCameras {
    /// Any camera that the configuration selects.
    #[default]
    Any,
    /// Only these.
    Only(Vec<CameraId>),
}

impl AllowedCameras {
    /// The cameras of these templates. A template without a camera allows any: it came from another
    /// machine or from an older version.
    pub(crate) fn of(templates: &[StoredTemplate]) -> Self {
        let cameras = templates.iter().map(|template| template.camera.clone());
        cameras.collect::<Option<Vec<_>>>().map_or(Self::Any, Self::Only)
    }

    /// Whether frames of this camera may be compared. An unknown camera is not one of
    /// [`Self::Only`].
    pub(crate) fn admit(&self, camera: Option<&CameraId>) -> bool {
        match self {
            Self::Any => true,
            Self::Only(pinned) => camera.is_some_and(|camera| pinned.contains(camera)),
        }
    }

    /// The cameras that are tried before others.
    pub(crate) fn expected(&self) -> &[CameraId] {
        match self {
            Self::Any => &[],
            Self::Only(pinned) => pinned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::enrolled_with;

    #[test]
    fn a_camera_without_an_enrolment_is_refused() {
        let (built_in, other) =
            (CameraId::parse("uvcvideo usb-1"), CameraId::parse("uvcvideo usb-2"));
        let allowed_cameras = AllowedCameras::of(&[enrolled_with(Some("uvcvideo usb-1"))]);
        assert!(allowed_cameras.admit(built_in.as_ref()));
        assert!(!allowed_cameras.admit(other.as_ref()) && !allowed_cameras.admit(None));
        assert_eq!(allowed_cameras.expected(), built_in.as_slice());
        let both = [enrolled_with(Some("uvcvideo usb-1")), enrolled_with(Some("uvcvideo usb-2"))];
        assert!(
            AllowedCameras::of(&both).admit(other.as_ref())
                && !AllowedCameras::of(&both).admit(None)
        );
    }

    #[test]
    fn a_template_without_a_camera_allows_any() {
        let allowed_cameras =
            AllowedCameras::of(&[enrolled_with(Some("uvcvideo usb-1")), enrolled_with(None)]);
        assert_eq!(allowed_cameras, AllowedCameras::Any);
        assert!(allowed_cameras.admit(None) && allowed_cameras.expected().is_empty());
    }
}
