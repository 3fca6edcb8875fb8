//! How often presentation attacks pass as live, and how often people are refused.
//!
//! ```text
//! ClipFile → ClipFrames → Attempts (LivenessAttempt, one for each side) → ClipResult
//! ClipResult → SpeciesFigures → PadEvaluation → table, JSON, report
//! ```

mod attempts;
mod evaluation;
mod figures;
pub(crate) mod json;
mod page;
mod plot;
mod report;
mod result;
mod table;
mod trials;

pub(crate) use report::write_report;
pub(crate) use table::PadTable;
pub(crate) use trials::{PadInputs, measure};
