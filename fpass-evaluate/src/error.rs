//! Why an evaluation failed.

use std::io;
use std::path::{Path, PathBuf};

use fpass_camera::RecordingFault;
use fpass_evaluate::exit_code::ExitCode;
use fpass_face::{FaceError, ModelError};
use thiserror::Error;

/// Every failure of an evaluation, as the sentence that the user reads.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// The directory of people, or one of them, cannot be listed.
    #[error("The directory {} cannot be read ({reason}); check its path and permissions.", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// There are too few people to compare.
    #[error(
        "{} holds pictures of too few people ({people} of at least 2); give a directory with one folder for each person and JPEG or PNG pictures in it.", path.display()
    )]
    TooFewPeople {
        /// The directory.
        path: PathBuf,
        /// People found.
        people: usize,
    },
    /// There are more pictures than numbers for them.
    #[error("There are more than {0} pictures; evaluate some of them.")]
    TooManyPictures(usize),
    /// Faces were found of too few people.
    #[error(
        "Faces were found of too few people ({0} of at least 2); check that the pictures show faces."
    )]
    TooFewFaces(usize),
    /// The file of pairs or groups cannot be read.
    #[error("The file {} cannot be read ({reason}); check its path and permissions.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The file of pairs or groups is too large.
    #[error("The file {} is larger than {limit} bytes; give a smaller one.", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Most bytes that are read.
        limit: u64,
    },
    /// The first line of the pairs is wrong.
    #[error(
        "The first line of {} must give the number of folds (at least 2) and of pairs of each kind in a fold; correct it.", path.display()
    )]
    PairsHead {
        /// The file.
        path: PathBuf,
    },
    /// A line of the pairs is wrong or missing.
    #[error(
        "Line {line} of {} must be \"name number number\" or \"name number name number\", {folds} folds of equal length; correct it.", path.display()
    )]
    PairsLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Folds that the first line announces.
        folds: usize,
    },
    /// A line of the groups is wrong.
    #[error(
        "Line {line} of {} must be \"person,group\", each person once; correct it.", path.display()
    )]
    GroupsLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// There are more clips than are judged.
    #[error("There are more than {0} clips; evaluate some of them.")]
    TooManyClips(usize),
    /// A clip cannot be read.
    #[error("The clip {} cannot be read ({reason}); check it or remove it.", path.display())]
    Clip {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A video needs a decoder that cannot be started.
    #[error(
        "The video {} needs ffmpeg, which cannot be started ({reason}); install ffmpeg, or give .y4m clips or directories of pictures.", path.display()
    )]
    NoDecoder {
        /// The video.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// There is no clip with a face.
    #[error("No neutral face was found in {0} clips; give clips of people who look at the camera.")]
    NoSources(usize),
    /// A species that is not known.
    #[error("There is no species \"{name}\"; choose from {known}.")]
    UnknownSpecies {
        /// What was given.
        name: String,
        /// Every species.
        known: String,
    },
    /// The directory for the attacks holds something.
    #[error("{} is not empty; give an empty or new directory.", .0.display())]
    NotEmpty(PathBuf),
    /// The list of clips is damaged.
    #[error("The list {} cannot be used ({reason}); correct or remove it.", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no folder with clips.
    #[error(
        "{} holds no folder with clips; give a directory with the folder bona-fide and one folder for each species of attack.", .0.display()
    )]
    NoClips(PathBuf),
    /// The cache is open to others.
    #[error(
        "Others can open the cache {}, which holds biometric data; run chmod 700 on it.", .0.display()
    )]
    CacheOpen(PathBuf),
    /// The cache cannot be used.
    #[error("The cache {} cannot be used ({reason}); check its permissions and room, or omit --cache.", path.display())]
    Cache {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The report or the calibration cannot be written.
    #[error("{} cannot be written ({reason}); check its path, permissions and room.", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The plots cannot be drawn.
    #[error("The plots cannot be drawn ({0}); omit --report.")]
    Plot(String),
    /// There are too few comparisons for a calibration.
    #[error(
        "A calibration needs at least 1000 impostor comparisons with templates; give more people or a smaller --template-size."
    )]
    CalibrationUnsupported,
    /// The recogniser does not load.
    #[error("The recogniser cannot be loaded: {0}.")]
    Recogniser(#[from] FaceError),
    /// A worker ended early.
    #[error(
        "A worker failed, which is a defect; please report it with the picture that causes it."
    )]
    Worker,
    /// Asked to stop.
    #[error("Stopped; run it again to continue, with the same --cache.")]
    Interrupted,
    /// The models do not pass their checks.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// Standard output does not take the result.
    #[error("The output could not be written ({0}); check where it goes and try again.")]
    Output(#[from] io::Error),
}

impl Error {
    /// A clip that cannot be read, for this reason.
    pub(crate) fn clip(path: &Path, fault: &RecordingFault) -> Self {
        Self::Clip { path: path.to_owned(), reason: fault.to_string() }
    }

    /// The exit code that belongs to the error.
    pub(crate) const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Directory { .. }
            | Self::TooFewPeople { .. }
            | Self::TooManyPictures(_)
            | Self::TooFewFaces(_)
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::PairsHead { .. }
            | Self::PairsLine { .. }
            | Self::GroupsLine { .. }
            | Self::TooManyClips(_)
            | Self::Clip { .. }
            | Self::NoDecoder { .. }
            | Self::NoSources(_)
            | Self::UnknownSpecies { .. }
            | Self::Index { .. }
            | Self::NoClips(_)
            | Self::CalibrationUnsupported => ExitCode::Dataset,
            Self::CacheOpen(_)
            | Self::Cache { .. }
            | Self::Unwritable { .. }
            | Self::NotEmpty(_)
            | Self::Plot(_)
            | Self::Output(_) => ExitCode::Output,
            Self::Recogniser(_) | Self::Models(_) => ExitCode::Models,
            Self::Worker => ExitCode::Failed,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }
}
