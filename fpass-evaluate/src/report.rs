//! The files that the user asked for.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::assessment::Evaluation;
use super::error::Error;
use super::{html, json, plot};

/// Writes the report into a directory, which is created: `report.html`, which refers to no other
/// file, and the plots.
///
/// # Errors
/// [`Error::Unwritable`] and [`Error::Plot`].
pub(crate) fn write_report(directory: &Path, evaluation: &Evaluation) -> Result<(), Error> {
    let det = plot::det(&evaluation.assessments)?;
    let scores = evaluation.assessments.iter().map(plot::scores);
    let scores: Vec<String> = scores.collect::<Result<_, Error>>()?;
    let unwritable = |reason| Error::Unwritable { path: directory.to_owned(), reason };
    fs::create_dir_all(directory).map_err(unwritable)?;
    let page = html::page(evaluation, &det, &scores);
    write(&directory.join("report.html"), &page)?;
    write(&directory.join("det.svg"), &det)?;
    for (assessment, plot) in evaluation.assessments.iter().zip(&scores) {
        let name = format!("scores-{}-{}.svg", assessment.comparator, assessment.protocol);
        write(&directory.join(name), plot)?;
    }
    Ok(())
}

/// Writes files by their names into a directory, which is created.
///
/// # Errors
/// [`Error::Unwritable`].
pub(crate) fn write_files(directory: &Path, files: &[(&str, &String)]) -> Result<(), Error> {
    let unwritable = |reason| Error::Unwritable { path: directory.to_owned(), reason };
    fs::create_dir_all(directory).map_err(unwritable)?;
    files.iter().try_for_each(|(name, text)| write(&directory.join(name), text))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|reason| Error::Unwritable { path: path.to_owned(), reason })
}

impl Evaluation {
    /// One value for each comparator and protocol, to be serialised.
    pub(crate) fn as_json(&self) -> Vec<json::AssessmentJson<'_>> {
        json::assessments(self)
    }
}

/// A file that appears whole or not at all.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    path: PathBuf,
    draft: tempfile::NamedTempFile,
}

impl AtomicFile {
    /// Creates the draft, so that a path that cannot be written is found before the long work.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        use std::os::unix::fs::PermissionsExt;

        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let draft = tempfile::Builder::new()
            .prefix(".draft")
            .permissions(fs::Permissions::from_mode(0o644))
            .tempfile_in(parent.unwrap_or(Path::new(".")))
            .map_err(|reason| Error::Unwritable { path: path.to_owned(), reason })?;
        Ok(Self { path: path.to_owned(), draft })
    }

    /// Writes the text and gives the draft its name.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub(crate) fn write(mut self, text: &str) -> Result<(), Error> {
        let written = self.draft.write_all(text.as_bytes());
        let kept = written.and_then(|()| self.draft.persist(&self.path).map_err(io::Error::from));
        let unwritable = |reason: io::Error| Error::Unwritable { path: self.path, reason };
        kept.map(drop).map_err(unwritable)
    }
}
