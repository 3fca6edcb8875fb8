//! The page of cameras: which one is used, and why another one is not.

use super::parts::{Rows, group, page, row};
use crate::language::told;
use crate::phrases::{plain, told_refusal};
use crate::snapshot::Snapshot;

/// The page.
pub(super) struct Cameras {
    /// The widget.
    pub(super) page: adw::PreferencesPage,
    rows: Rows,
}

impl Cameras {
    /// An empty page.
    pub(super) fn new() -> Self {
        let description = told!("An administrator chooses the camera in /etc/fpass/fpassd.toml.");
        let group = group(&told!("Cameras"), Some(&description));
        Self { page: page(&[&group]), rows: Rows::of(&group) }
    }

    /// Shows the cameras.
    pub(super) fn fill(&self, snapshot: &Snapshot) {
        self.rows.replace(match &snapshot.cameras {
            Ok(cameras) if cameras.is_empty() => {
                vec![row(
                    told!("No camera was found. Plug one in, then choose Reload.").as_str(),
                    "",
                )]
            }
            Ok(cameras) => cameras
                .iter()
                .map(|camera| {
                    let mark = if camera.usable { told!("usable") } else { told!("not used") };
                    let text = format!("{mark}: {}\n{}", plain(&camera.detail), plain(&camera.id));
                    row(&plain(&camera.name), &text)
                })
                .collect(),
            Err(refusal) => vec![row(told_refusal(*refusal).as_str(), "")],
        });
    }
}
