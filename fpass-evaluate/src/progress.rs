//! The bar on standard error, when that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for a number of things of one kind.
pub(crate) fn bar(length: u64, of: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {pos}/{len} {msg}, {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.with_message(of)
}
