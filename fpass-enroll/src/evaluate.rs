//! How good recognition is on a directory of people.
//!
//! ```text
//! Dataset → Outcome of each picture (by the stages of the daemon, or from the Cache) → Sample
//! Sample → Plan of a Protocol → Scores of a Comparator → Assessment → table, JSON, report
//! ```

mod assessment;
mod cache;
mod calibrate;
mod dataset;
mod error;
mod extract;
mod groups;
mod histogram;
mod html;
mod interval;
mod json;
mod outcome;
mod pairs;
mod picture;
mod plot;
mod points;
mod protocol;
mod rate;
mod report;
mod spread;
mod table;
mod tail;
mod text;
mod threads;

pub(crate) use assessment::{Evaluation, Inputs};
pub use error::EvaluateError;
pub(crate) use report::{Fresh, write_report};
pub(crate) use table::Table;
pub(crate) use threads::one_blas_thread_each;
