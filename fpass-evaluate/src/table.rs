//! The evaluation on a terminal.

use std::fmt;

use fpass_terminal::Printable;

use super::assessment::{Assessment, Evaluation};
use super::interval::Interval;
use super::pairs::some;
use super::points::Point;
use super::rate::{Rate, real};
use super::spread::Distribution;

/// Most pairs that are named as left out.
const NAMED_MAX: usize = 10;

/// Shows an evaluation as text.
#[derive(Debug)]
pub(crate) struct Table<'a>(pub(crate) &'a Evaluation);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(evaluation) = self;
        writeln!(f, "{} pictures of {} people", evaluation.pictures, evaluation.people.len())?;
        let failures = &evaluation.failures;
        if !failures.is_empty() {
            let listed: Vec<String> =
                failures.iter().map(|(why, n)| format!("{n} {why}")).collect();
            let failed = evaluation.failed_to_enrol();
            writeln!(f, "{failed} failed to enrol: {}", listed.join(", "))?;
        }
        let remarks = &evaluation.remarks;
        if !remarks.is_empty() {
            let listed: Vec<String> =
                remarks.iter().map(|(what, n)| format!("{n} {what}")).collect();
            writeln!(f, "compared, though fpassd would wait for better: {}", listed.join(", "))?;
        }
        if let Some(pairs) = &evaluation.pairs {
            for (what, names) in [
                ("a picture is missing", &pairs.missing),
                ("a face was not found", &pairs.faceless),
            ] {
                if !names.is_empty() {
                    let named = some(names, NAMED_MAX);
                    let (left, all) = (names.len(), pairs.total);
                    writeln!(f, "{left} of {all} pairs left out, {what}: {}", Printable(&named))?;
                }
            }
        }
        if evaluation.unknown_in_groups > 0 {
            writeln!(f, "{} people of the groups are not here", evaluation.unknown_in_groups)?;
        }
        for assessment in &evaluation.assessments {
            writeln!(f)?;
            show(assessment, f)?;
            show_alike(evaluation, assessment, f)?;
        }
        Ok(())
    }
}

fn show(assessment: &Assessment, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Assessment { comparator, protocol, people, genuine, impostor, references, .. } = assessment;
    writeln!(
        f,
        "{comparator}, {protocol}: {genuine} genuine and {impostor} impostor comparisons of {people} people with {references} references"
    )?;
    if !assessment.points.is_empty() {
        writeln!(
            f,
            "  {:<7} {:>9}  {:>8}  {:>19}  {:>8}  {:>24}  {:>12}",
            "FMR", "threshold", "TAR", "95 % of TAR", "FNMR", "95 % of FMR", "FMR by pairs"
        )?;
    }
    for point in &assessment.points {
        show_point(point, f)?;
    }
    for rate in &assessment.unsupported {
        writeln!(f, "  {rate:<7} not supported: it takes {} impostor comparisons", needed(*rate))?;
    }
    if let Some(accuracy) = assessment.accuracy {
        let (mean, error) = (percent(accuracy.mean), percent(accuracy.standard_error));
        let (folds, pairs) = (accuracy.folds, accuracy.pairs);
        writeln!(f, "  accuracy on {pairs} pairs in {folds} folds: {mean} ± {error}")?;
    }
    show_spread(assessment, f)?;
    for group in &assessment.groups {
        writeln!(
            f,
            "  group {}: {} people, {} genuine, {} impostor comparisons within",
            Printable(&group.group),
            group.people,
            group.genuine,
            group.impostor
        )?;
        for point in &group.points {
            let fmr = point.fmr.map_or("–".into(), rate_text);
            let tar = point.tar.map_or("–".into(), percent);
            writeln!(
                f,
                "    at {}: FMR {fmr} ({}), TAR {tar} ({})",
                point.rate,
                rates(point.fmr_bounds),
                percents(point.tar_bounds)
            )?;
        }
    }
    Ok(())
}

/// Wrong labels and relatives come first.
fn show_alike(
    evaluation: &Evaluation,
    assessment: &Assessment,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let name = |person: u32| {
        let found = usize::try_from(person).ok().and_then(|number| evaluation.people.get(number));
        Printable(found.map_or("", String::as_str)).to_string()
    };
    if let (Some(point), false) = (assessment.points.last(), assessment.alike.is_empty()) {
        writeln!(f, "  pairs of people who match most at {}:", point.rate)?;
    }
    for pair in &assessment.alike {
        let (matched, compared) = (pair.matched, pair.compared.round());
        let (probe, reference) = (name(pair.probe), name(pair.reference));
        writeln!(f, "    {matched} of {compared}: {probe}, compared with {reference}")?;
    }
    Ok(())
}

fn show_point(point: &Point, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let tar = point.tar.map_or("–".into(), percent);
    let fnmr = point.tar.map_or("–".into(), |tar| percent(1.0 - tar));
    let (bounds, fmr) = (percents(point.tar_bounds), rates(point.fmr));
    let (rate, threshold) = (point.rate, point.threshold);
    let pairs = rate_text(point.pair_fmr);
    writeln!(
        f,
        "  {rate:<7} {threshold:>9.4}  {tar:>8}  {bounds:>19}  {fnmr:>8}  {fmr:>24}  {pairs:>12}"
    )
}

fn show_spread(assessment: &Assessment, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for spread in &assessment.spread {
        let rate = spread.rate;
        if let Some(people) = spread.fmr {
            writeln!(f, "  at {rate}, FMR of {}", distribution(people, rate_text))?;
        }
        if let Some(people) = spread.fnmr {
            writeln!(f, "  at {rate}, FNMR of {}", distribution(people, percent))?;
        }
    }
    Ok(())
}

fn distribution(of: Distribution, shown: fn(f64) -> String) -> String {
    format!(
        "{} people: median {}, 90th percentile {}, 99th {}, largest {}",
        of.people,
        shown(of.median),
        shown(of.p90),
        shown(of.p99),
        shown(of.maximum)
    )
}

/// How many comparisons support a rate.
pub(crate) fn needed(rate: Rate) -> String {
    format!("{:.0}", (1.0 / rate.value()).round())
}

/// A share in percent with two decimals.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// Bounds in percent.
pub(crate) fn percents(bounds: Interval) -> String {
    format!("{:.2} – {:.2} %", 100.0 * bounds.low, 100.0 * bounds.high)
}

/// A small rate with two digits.
pub(crate) fn rate_text(rate: f64) -> String {
    if rate > 0.0 { format!("{rate:.2e}") } else { "0".into() }
}

/// Bounds of a small rate.
pub(crate) fn rates(bounds: Interval) -> String {
    format!("{} – {}", rate_text(bounds.low), rate_text(bounds.high))
}

/// A count with its thousands apart.
pub(crate) fn thousands(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{},{:03}", count / 1000, count % 1000),
        _ => format!("{:.2} million", real(count) / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0, 9999, 10_000, 999_999].map(thousands), ["0", "9999", "10,000", "999,999"]);
        assert_eq!(thousands(19_679_401), "19.68 million");
        assert_eq!([0.0, 1.3e-4].map(rate_text), ["0", "1.30e-4"]);
        assert_eq!(percent(0.99876), "99.88 %");
        assert_eq!([needed(Rate::decade(2)), needed(Rate::decade(6))], ["100", "1000000"]);
    }
}
