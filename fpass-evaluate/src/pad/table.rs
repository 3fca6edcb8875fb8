//! The measurement on a terminal.

use std::fmt;

use fpass_terminal::Printable;

use super::evaluation::PadEvaluation;
use super::figures::{Errors, Share, SpeciesFigures, overall};
use super::result::Prompts;
use crate::table::{percent, percents};

/// Most clips that are named.
const NAMED_MAX: usize = 20;

/// Shows a measurement as text.
#[derive(Debug)]
pub(crate) struct PadTable<'a>(pub(crate) &'a PadEvaluation);

impl fmt::Display for PadTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(evaluation) = self;
        if !evaluation.species.is_empty() {
            writeln!(f, "APCER, the worst species first:")?;
            head(f)?;
            for figures in &evaluation.species {
                rows(figures, f)?;
            }
            sums(evaluation, f)?;
        }
        if let Some(people) = &evaluation.bona_fide {
            writeln!(f, "\nBPCER:")?;
            head(f)?;
            rows(people, f)?;
            if let (Some(median), Some(most)) = (people.quantile(0.5), people.quantile(0.9)) {
                writeln!(
                    f,
                    "time from the first neutral frame to acceptance: median {median:.2} s, 90 % \
                     within {most:.2} s"
                )?;
            }
        }
        for figures in evaluation.bona_fide.iter().chain(&evaluation.species) {
            ends(figures, f)?;
        }
        named(evaluation, f)
    }
}

fn head(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(
        f,
        "  {:<24} {:<10} {:>11} {:>9}  {:>16}  {:>9}  {:>16}",
        "species", "prompts", "by clip", "rate", "95 %", "by person", "95 %"
    )
}

fn rows(figures: &SpeciesFigures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let name = Printable(&figures.name).to_string();
    for (name, prompts, Errors { clips, people }) in
        [(name.as_str(), "one", figures.one_prompt), ("", "retry too", figures.attempt)]
    {
        writeln!(
            f,
            "  {name:<24} {prompts:<10} {:>11} {:>9}  {:>16}  {:>9}  {:>16}",
            fraction(clips),
            rate(clips),
            percents(clips.interval()),
            fraction(people),
            percents(people.interval()),
        )?;
    }
    Ok(())
}

fn sums(evaluation: &PadEvaluation, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let all = evaluation.species.iter();
    let mut lines = vec![("all attacks", overall(all.clone()))];
    if evaluation.species.iter().any(SpeciesFigures::is_replay) {
        lines.push(("all but replays", overall(all.filter(|figures| !figures.is_replay()))));
    }
    for (name, [one, whole]) in lines {
        for (name, prompts, share) in [(name, "one", one), ("", "retry too", whole)] {
            writeln!(
                f,
                "  {name:<24} {prompts:<10} {:>11} {:>9}  {:>16}",
                fraction(share),
                rate(share),
                percents(share.interval())
            )?;
        }
    }
    Ok(())
}

fn ends(figures: &SpeciesFigures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let listed: Vec<String> =
        figures.ends.iter().map(|(end, number)| format!("{number} {end}")).collect();
    write!(f, "\n{}: attempts by their end: {}", Printable(&figures.name), listed.join(", "))?;
    for (number, what) in
        [(figures.no_neutral, "without a neutral frame"), (figures.unreadable, "unreadable")]
    {
        if number > 0 {
            write!(f, "; {number} clips {what}, in no rate")?;
        }
    }
    let listed: Vec<String> =
        figures.obstacles.iter().map(|(what, number)| format!("{number} {what}")).collect();
    if !listed.is_empty() {
        write!(f, "; attempts without one by their reason: {}", listed.join(", "))?;
    }
    Ok(())
}

/// The clips that were judged wrongly, and those that cannot be read.
fn named(evaluation: &PadEvaluation, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f)?;
    let mut lines = Vec::new();
    for (species, clip) in evaluation.clips() {
        let name = format!("{species}/{}", clip.name);
        if let Some(reason) = &clip.result.unreadable {
            lines.push(reason.clone());
        } else if clip.result.has_neutral() {
            let is_person = evaluation.bona_fide.as_ref().is_some_and(|own| own.name == species);
            match (is_person, clip.result.is_accepted(Prompts::All)) {
                (true, false) => lines.push(format!("refused: {name}")),
                (false, true) => lines.push(format!("accepted: {name}")),
                (true, true) | (false, false) => {}
            }
        }
    }
    for line in lines.iter().take(NAMED_MAX) {
        writeln!(f, "{}", Printable(line))?;
    }
    match lines.len().saturating_sub(NAMED_MAX) {
        0 => Ok(()),
        rest => writeln!(f, "and {rest} more; --json lists every clip"),
    }
}

/// Hits and trials.
pub(super) fn fraction(share: Share) -> String {
    format!("{}/{}", share.hits, share.trials)
}

/// A rate in percent.
pub(super) fn rate(share: Share) -> String {
    share.rate().map_or("–".to_owned(), percent)
}
