//! Why there is no frame.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{formats::FormatError, y4m::ClipError};

/// Why a camera cannot be opened or gives no frame. `Display` is the sentence for the user.
#[derive(Debug, Error)]
pub enum CameraError {
    /// The configured device, or any usable one, does not exist.
    #[error("No camera was found; plug one in or check the camera setting.")]
    NotFound,
    /// Another program, or another capture of this one, holds the camera.
    #[error("The camera is in use by another program; close it and try again.")]
    Busy,
    /// This process may not open the device node.
    #[error("The camera may not be opened; give this user access to the video devices.")]
    Denied,
    /// The camera was unplugged or its driver reported a fault.
    #[error("The camera stopped working ({cause}); check its cable and try again.")]
    Failed {
        /// What the driver or the decoder reported.
        #[source]
        cause: io::Error,
    },
    /// No frame came within the frame timeout.
    #[error("The camera sends no pictures; unplug it and plug it in again.")]
    Silent,
    /// Every frame shows exactly the same picture.
    #[error("The camera picture does not change; uncover or reconnect the camera and try again.")]
    Frozen,
    /// The device offers no format that can be decoded.
    #[error("The camera has no picture format that F-pass can read; use another camera.")]
    Unsuitable,
    /// The recording cannot be played.
    #[error("The recording {} cannot be played ({fault}); check it or name another one.", path.display())]
    Recording {
        /// File or directory at fault.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: RecordingFault,
    },
}

/// What is wrong with a recording.
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
    /// The directory holds more pictures than are played.
    #[error("the directory holds more than {0} pictures")]
    TooManyPictures(usize),
    /// The configured frame rate is not playable.
    #[error("its frame rate is outside 1 to 120 frames per second")]
    FrameRate,
    /// A picture cannot be decoded.
    #[error("it is not a picture that can be decoded: {0}")]
    Picture(#[from] FormatError),
    /// The clip is malformed.
    #[error("it is not a clip that can be decoded: {0}")]
    Clip(#[from] ClipError),
}
