//! The results of a measurement of liveness.

use super::figures::{JudgedClip, SpeciesFigures};

/// The results of a measurement of liveness.
#[derive(Debug)]
pub(crate) struct PadEvaluation {
    /// The clips of people; `None` without that folder.
    pub(super) bona_fide: Option<SpeciesFigures>,
    /// The attacks, the species with the largest rate of acceptance first.
    pub(super) species: Vec<SpeciesFigures>,
}

impl PadEvaluation {
    /// Every clip with its species, for reports that name clips.
    pub(super) fn clips(&self) -> impl Iterator<Item = (&str, &JudgedClip)> {
        let all = self.bona_fide.iter().chain(&self.species);
        all.flat_map(|figures| figures.clips.iter().map(|clip| (figures.name.as_str(), clip)))
    }
}
