//! The report of a script in a throw-away machine.

use std::{fmt::Write, fs, path::PathBuf, time::Duration};

use crate::{TestbedError, figures, tree};

/// The line that a script prints when it has reached its end.
const DONE: &str = "== done";
/// Prefix of each line of the table.
const ROW: &str = "row: ";

/// Prefix of lines of the launcher, for example about disks that it had to make.
const MADE: &str = "machine: ";

/// A line of the table of scenarios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was tried.
    pub scenario: String,
    /// The expected outcome.
    pub expected: String,
    /// The actual outcome.
    pub seen: String,
}

/// The report of one script.
#[derive(Clone, Debug)]
pub struct Report {
    /// The script's name.
    pub script: String,
    /// Everything that it printed.
    pub printed: String,
    /// Its lines of the table.
    pub rows: Vec<Row>,
    /// Screenshots that it took.
    pub pictures: Vec<PathBuf>,
    /// Duration of the whole call, including the time to make a missing disk.
    pub time: Duration,
}

impl Row {
    /// Parses `row: SCENARIO | EXPECTED | SEEN`.
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix(ROW)?.split(" | ");
        let row = Self {
            scenario: parts.next()?.to_owned(),
            expected: parts.next()?.to_owned(),
            seen: parts.next()?.to_owned(),
        };
        parts.next().is_none().then_some(row)
    }
}

impl Report {
    pub(super) fn new(
        script: &str,
        printed: String,
        pictures: Vec<PathBuf>,
        time: Duration,
    ) -> Self {
        let rows = printed.lines().filter_map(Row::parse).collect();
        Self { script: script.to_owned(), printed, rows, pictures, time }
    }

    /// Whether the script reached its end, and every row can be parsed and is as expected.
    pub(super) fn is_complete(&self) -> bool {
        let begun = self.printed.lines().filter(|line| line.starts_with(ROW)).count();
        self.printed.lines().any(|line| line.starts_with(DONE))
            && begun == self.rows.len()
            && self.rows.iter().all(|row| row.expected == row.seen)
    }

    /// Keeps the output in `target/fpass/vm/SCRIPT.log` and the pictures in the same directory.
    /// Also adds to the table that `scripts/vm-table` prints. Lines
    /// `SCRIPT | SCENARIO | EXPECTED | SEEN` go to `target/fpass/vm/rows`. Times, what had to be
    /// made first, and pictures go to `target/fpass/vm/runs`.
    pub(super) fn note(&self, launcher: &str) -> Result<(), TestbedError> {
        let directory = tree::root().join("target/fpass/vm");
        fs::create_dir_all(&directory)
            .and_then(|()| fs::write(directory.join(format!("{}.log", self.script)), &self.printed))
            .map_err(TestbedError::io("keeping the report of a machine"))?;
        let mut rows = String::new();
        for Row { scenario, expected, seen } in &self.rows {
            let _ = writeln!(rows, "{} | {scenario} | {expected} | {seen}", self.script);
        }
        let mut runs = format!(
            "machine {}: {} rows, {} s, log in target/fpass/vm/{}.log\n",
            self.script,
            self.rows.len(),
            self.time.as_secs(),
            self.script
        );
        for line in launcher.lines().filter(|line| line.starts_with(MADE)) {
            let _ = writeln!(runs, "  {line}");
        }
        for picture in &self.pictures {
            let name = picture.file_name().unwrap_or_default().to_string_lossy();
            let kept = format!("{}-{name}", self.script);
            fs::copy(picture, directory.join(&kept))
                .map_err(TestbedError::io(format!("keeping {}", picture.display())))?;
            let _ = writeln!(runs, "screenshot target/fpass/vm/{kept}");
        }
        if !rows.is_empty() {
            figures::note("vm/rows", rows.trim_end())?;
        }
        figures::note("vm/runs", runs.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(printed: &str) -> Report {
        Report::new("script", printed.to_owned(), Vec::new(), Duration::ZERO)
    }

    #[test]
    fn a_script_that_ends_early_or_has_a_row_that_differs_is_not_complete() {
        for printed in [
            "",
            "row: a | refused | refused\n",
            "row: a | refused | admitted\n== done (3 s)\n",
            "row: a | refused\n== done (3 s)\n",
            "row: a | refused | refused | more\n== done (3 s)\n",
        ] {
            assert!(!report(printed).is_complete(), "{printed}");
        }
    }

    #[test]
    fn rows_are_gathered_from_what_else_is_printed() {
        let report = report("== one\nrow: a face | admitted | admitted\nok: x\n== done (3 s)\n");
        assert!(report.is_complete());
        let [row] = report.rows.as_slice() else { panic!("{:?}", report.rows) };
        assert_eq!(row.scenario, "a face");
        assert_eq!((row.expected.as_str(), row.seen.as_str()), ("admitted", "admitted"));
    }
}
