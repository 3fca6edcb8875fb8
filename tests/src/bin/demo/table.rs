//! The table, in at most 100 columns.

use std::fmt::Write;

/// Milliseconds of the steps of one login; `None` for a skipped step.
pub(crate) struct Times {
    /// Face search in the last frame.
    pub(crate) detect: Option<f64>,
    /// Landmarks in the last frame with one face.
    pub(crate) landmarks: Option<f64>,
    /// Embedding in the last judged frame.
    pub(crate) embed: Option<f64>,
    /// The whole `pam_authenticate`.
    pub(crate) call: Option<f64>,
}

/// One login.
pub(crate) struct Line {
    /// What it shows.
    pub(crate) case: &'static str,
    /// Whether the user should be admitted.
    pub(crate) expected_in: bool,
    /// Its result; `None` for a skipped row.
    pub(crate) ending: Option<Ending>,
}

/// The result of one login.
pub(crate) struct Ending {
    /// Whether the user was admitted.
    pub(crate) let_in: bool,
    /// PAM code.
    pub(crate) code: &'static str,
    /// The last sentence for the user.
    pub(crate) sentence: String,
    /// Durations.
    pub(crate) times: Times,
    /// Whether ending, code and sentence are the expected ones.
    pub(crate) as_expected: bool,
}

/// The whole table, with `machine` below it.
pub(crate) fn render(lines: &[Line], machine: &str) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "\n{:2} {:30} {:8} {:8} {:20} {:>6} {:>5} {:>6} {:>6}",
        "", "login", "expected", "seen", "PAM code", "detect", "marks", "embed", "call",
    );
    let _ = writeln!(text, "{:68}    {:>6} {:>5} {:>6} {:>6}", "", "ms", "ms", "ms", "ms");
    let _ = writeln!(text, "{}", "-".repeat(99));
    for Line { case, expected_in, ending } in lines {
        let expected = name(*expected_in);
        let Some(ending) = ending else {
            let _ = writeln!(text, "{:2} {case:30} {expected:8} skipped", "--");
            continue;
        };
        let _ = writeln!(
            text,
            "{:2} {case:30} {expected:8} {:8} {:20} {:>6} {:>5} {:>6} {:>6}",
            if ending.as_expected { "ok" } else { "!!" },
            name(ending.let_in),
            ending.code,
            figure(ending.times.detect, 1),
            figure(ending.times.landmarks, 1),
            figure(ending.times.embed, 1),
            figure(ending.times.call, 0),
        );
        let told = if ending.sentence.is_empty() { "(nothing)" } else { &ending.sentence };
        let _ = writeln!(text, "   {}", wrap(told, 95).join("\n   "));
    }
    let _ = writeln!(text, "{}", "-".repeat(99));
    for line in machine.lines().flat_map(|line| wrap(line, 99)) {
        let _ = writeln!(text, "{line}");
    }
    let played: Vec<&Ending> = lines.iter().filter_map(|line| line.ending.as_ref()).collect();
    let wrong = played.iter().filter(|ending| !ending.as_expected).count();
    let skipped = lines.len() - played.len();
    let _ = writeln!(text, "{} logins, {wrong} not as expected, {skipped} skipped", played.len());
    text
}

/// The last value of a field in the daemon's log; 0 means that the step was skipped.
pub(crate) fn field(log: &str, name: &str) -> Option<f64> {
    let (_, rest) = log.rsplit_once(&format!(" {name}="))?;
    let word = rest.split_whitespace().next()?;
    word.parse().ok().filter(|milliseconds| *milliseconds > 0.0)
}

fn name(admitted: bool) -> &'static str {
    if admitted { "admitted" } else { "refused" }
}

fn figure(milliseconds: Option<f64>, decimals: usize) -> String {
    milliseconds.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped() -> Line {
        Line { case: "right password, daemon stopped", expected_in: true, ending: None }
    }

    fn line(as_expected: bool) -> Line {
        let sentence = "word ".repeat(40);
        let times =
            Times { detect: Some(99.9), landmarks: None, embed: Some(216.0), call: Some(30_000.0) };
        let ending =
            Ending { let_in: false, code: "PAM_AUTHINFO_UNAVAIL", sentence, times, as_expected };
        Line { ending: Some(ending), ..skipped() }
    }

    #[test]
    fn what_is_not_as_expected_is_marked_and_counted() {
        let text = render(&[line(true), line(false), skipped()], "");
        assert_eq!(text.matches("!!").count(), 1);
        assert_eq!(text.lines().filter(|line| line.ends_with(" skipped")).count(), 2, "{text}");
        assert!(text.contains("2 logins, 1 not as expected, 1 skipped"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_a_hundred_columns() {
        let text = render(&[line(true)], &"long ".repeat(60));
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn fields_are_read_from_the_last_line_that_has_them() {
        let log =
            " INFO attempt detect_ms=1.5 embed_ms=0.0\n INFO attempt detect_ms=2.25 embed_ms=0.0\n";
        assert_eq!(field(log, "detect_ms"), Some(2.25));
        assert_eq!(field(log, "embed_ms"), None);
        assert_eq!(field("", "detect_ms"), None);
    }
}
