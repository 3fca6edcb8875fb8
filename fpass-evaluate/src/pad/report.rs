//! The files that the user asked for.

use std::path::Path;

use super::evaluation::PadEvaluation;
use super::{page, plot};
use crate::error::Error;
use crate::report::write_files;

/// Writes the report into a directory, which is created.
///
/// # Errors
/// [`Error::Unwritable`] and [`Error::Plot`].
pub(crate) fn write_report(directory: &Path, evaluation: &PadEvaluation) -> Result<(), Error> {
    let rates = plot::rates(evaluation)?;
    let times = plot::times(evaluation)?;
    let page = page::page(evaluation, &rates, &times);
    let files = [("report.html", &page), ("apcer.svg", &rates), ("times.svg", &times)];
    write_files(directory, &files)
}
