//! Errors of cameras and recordings.

use std::{fmt, io, path::PathBuf};

use thiserror::Error;

use crate::{formats::FormatError, y4m::ClipError};

/// Why a camera cannot be opened or delivers no frame. `Display` is the sentence for the user.
#[derive(Debug, Error)]
pub enum CameraError {
    /// The configured device does not exist, or there is no usable one.
    #[error("No camera was found; connect one, or check the camera setting.")]
    NotFound,
    /// Another program, or another capture of this process, has the camera.
    #[error("Another program is using the camera; close it and try again.")]
    Busy,
    /// This process may not open the device node.
    #[error("This user has no access to the camera; grant access to the video devices.")]
    Denied,
    /// The camera was unplugged or its driver reported a fault.
    #[error("The camera stopped working ({cause}); check its cable and try again.")]
    Failed {
        /// The error of the driver or the decoder.
        #[source]
        cause: io::Error,
    },
    /// No frame came within the frame timeout.
    #[error("The camera sends no pictures; unplug it and plug it in again.")]
    Silent,
    /// All frames show exactly the same picture.
    #[error("The camera picture is frozen; uncover the camera or reconnect it, then try again.")]
    Frozen,
    /// The device offers no format that can be decoded.
    #[error("F-pass cannot read any picture format of this camera; use another camera.")]
    Unsuitable,
    /// The device does not offer the only format that the configuration allows.
    #[error(
        "The camera does not offer the format of camera.format; choose one of these or leave it \
         empty: {offered}."
    )]
    FormatMissing {
        /// The formats that it offers and that can be decoded.
        offered: String,
    },
    /// The configured device is not one that captures pictures.
    #[error(
        "This device captures no pictures; name another node of the camera in camera.device, or \
         leave it empty."
    )]
    NoCapture,
    /// The camera gives pictures that only libcamera turns into usable ones.
    #[error(
        "This camera gives {kind}, which F-pass cannot read; bridge it through libcamera or \
         PipeWire to a v4l2loopback device and name that in camera.device."
    )]
    NeedsBridge {
        /// What it gives.
        kind: BridgedPictures,
    },
    /// The bus has no room for the stream of the camera.
    #[error(
        "The USB port has no bandwidth left for the camera; plug it into another port, or unplug \
         other devices."
    )]
    NoBandwidth,
    /// The pictures are black.
    #[error("The camera sees only black; open its shutter or switch it on, or turn on a light.")]
    Covered,
    /// The recording cannot be played.
    #[error(
        "The recording {} cannot be played ({fault}); check it or name another one.",
        path.display()
    )]
    Recording {
        /// The file or directory.
        path: PathBuf,
        /// The defect.
        #[source]
        fault: RecordingFault,
    },
}

/// Pictures of a camera that needs a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgedPictures {
    /// Raw pictures of a sensor, in a Bayer pattern.
    Raw,
    /// Pictures through the multi-planar interface of V4L2.
    MultiPlanar,
}

impl fmt::Display for BridgedPictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "only raw pictures of its sensor",
            Self::MultiPlanar => "only multi-planar pictures",
        })
    }
}

/// A defect of a recording.
#[derive(Debug, Error)]
pub enum RecordingFault {
    /// The file or directory cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is neither a directory nor a file whose name ends in `.y4m`.
    #[error("it is neither a directory of pictures nor a .y4m clip")]
    Kind,
    /// The directory holds no PNG or JPEG file.
    #[error("the directory holds no .png or .jpg file")]
    NoPictures,
    /// The directory holds too many pictures.
    #[error("the directory holds more than {0} pictures")]
    TooManyPictures(usize),
    /// The configured frame rate is outside 1 to 120 frames per second.
    #[error("its frame rate is outside 1 to 120 frames per second")]
    FrameRate,
    /// A picture cannot be decoded.
    #[error("it is not a picture that can be decoded: {0}")]
    Picture(#[from] FormatError),
    /// The clip is malformed.
    #[error("it is not a clip that can be decoded: {0}")]
    Clip(#[from] ClipError),
}
