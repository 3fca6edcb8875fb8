//! The report as one page. It refers to no other file and holds no names of people.

use std::fmt::{self, Display, Write};

use super::assessment::{Assessment, Evaluation};
use super::groups::GroupErrors;
use super::rate::{Rate, count, share};
use super::spread::{Distribution, Spread};
use super::table::{needed, percent, percents, rate_text, rates, thousands};

const STYLE: &str = "\
:root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;color:#22262c;background:#fff;\
max-width:900px;margin:2.5rem auto;padding:0 1.2rem}h1{font-size:1.7rem;margin-bottom:.2rem}\
h2{font-size:1.25rem;margin:2.4rem 0 .6rem;border-bottom:1px solid #dde1e6;padding-bottom:.2rem}\
h3{font-size:1.05rem;margin:1.6rem 0 .4rem}p{margin:.5rem 0}.note{color:#5a626d;font-size:.92rem}\
table{border-collapse:collapse;margin:.6rem 0 1rem;font-variant-numeric:tabular-nums;\
font-size:.92rem}th,td{padding:.28rem .8rem;text-align:right;border-bottom:1px solid #e8ebef;\
white-space:nowrap}th{font-weight:600;background:#f5f7f9}th:first-child,td:first-child\
{text-align:left}svg{max-width:100%;height:auto;display:block;margin:.4rem 0 1rem}\
.missing{color:#8a919b}.wide{overflow-x:auto}";

/// Shows text from outside so that a browser takes none of it for markup.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                control if control.is_control() => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The page, with the DET plot and one plot of scores for each assessment.
pub(crate) fn page(evaluation: &Evaluation, det: &str, scores: &[String]) -> String {
    let mut page = Page::new("F-pass: recognition", "How good recognition is");
    page.head(evaluation);
    page.overview(&evaluation.assessments);
    page.add("<h2>Trade-off between the errors</h2>");
    page.add(
        "<p class=note>Dashed: picture against picture. Solid: picture against template. \
              Lower is better; the curves end where the last false match is. On the lower border nothing is missed.</p>",
    );
    page.add(inline(det));
    for (assessment, plot) in evaluation.assessments.iter().zip(scores) {
        page.assessment(assessment, plot);
    }
    page.method(evaluation);
    page.finish()
}

/// A plot as an element of a page: without what may stand before it in a file.
pub(crate) fn inline(svg: &str) -> &str {
    svg.find("<svg").and_then(|start| svg.get(start..)).unwrap_or_default()
}

/// A page while it is written.
pub(crate) struct Page(String);

impl Page {
    /// The beginning of a page.
    pub(crate) fn new(title: &str, head: &str) -> Self {
        let mut page = Self(String::new());
        page.add("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>");
        page.add("<meta name=viewport content=\"width=device-width, initial-scale=1\">");
        page.add(format_args!("<title>{title}</title><style>{STYLE}</style></head>"));
        page.add(format_args!("<body><h1>{head}</h1>"));
        page
    }

    /// The whole page.
    pub(crate) fn finish(mut self) -> String {
        self.add("</body></html>\n");
        self.0
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, part: impl Display) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.0, "{part}");
    }

    /// Adds a row of a table.
    pub(crate) fn row(&mut self, tag: &str, cells: &[&dyn Display]) {
        self.0.push_str("<tr>");
        for cell in cells {
            let _ = write!(self.0, "<{tag}>{cell}</{tag}>");
        }
        self.0.push_str("</tr>\n");
    }

    /// Begins a table.
    pub(crate) fn open_table(&mut self, heads: &[&dyn Display]) {
        self.0.push_str("<div class=wide><table>\n");
        self.row("th", heads);
    }

    /// Ends a table.
    pub(crate) fn close_table(&mut self) {
        self.add("</table></div>");
    }

    fn head(&mut self, evaluation: &Evaluation) {
        let (people, pictures) = (evaluation.people.len(), evaluation.pictures);
        let failed = evaluation.failed_to_enrol();
        self.add(format_args!(
            "<p>{pictures} pictures of {people} people; {failed} failed to enrol.</p>"
        ));
        if !evaluation.failures.is_empty() || !evaluation.remarks.is_empty() {
            self.open_table(&[&"Problem", &"Pictures", &"Compared"]);
            for (why, number) in &evaluation.failures {
                self.row("td", &[&why, &number, &"no"]);
            }
            for (what, number) in &evaluation.remarks {
                self.row("td", &[&format_args!("face {what}"), &number, &"yes"]);
            }
            self.close_table();
            self.add(
                "<p class=note>Pictures marked “yes” were compared, although fpassd would wait for \
                 a better frame.</p>",
            );
        }
    }

    /// True accept rates of all comparators and protocols in one table.
    fn overview(&mut self, assessments: &[Assessment]) {
        self.add("<h2>True accept rates</h2>");
        self.0.push_str("<div class=wide><table>\n<tr><th>Comparator</th><th>Protocol</th>");
        for rate in Rate::DECADES {
            let _ = write!(self.0, "<th>FMR {rate}</th>");
        }
        self.0.push_str("</tr>\n");
        for assessment in assessments {
            let (comparator, protocol) = (assessment.comparator, assessment.protocol);
            let _ = write!(self.0, "<tr><td>{comparator}</td><td>{protocol}</td>");
            for rate in Rate::DECADES {
                let point = assessment.points.iter().find(|point| point.rate == rate);
                let _ = match point.and_then(|point| point.tar) {
                    Some(tar) => write!(self.0, "<td>{}</td>", percent(tar)),
                    None => write!(self.0, "<td class=missing>–</td>"),
                };
            }
            self.0.push_str("</tr>\n");
        }
        self.close_table();
    }

    fn assessment(&mut self, assessment: &Assessment, plot: &str) {
        let Assessment { comparator, protocol, .. } = assessment;
        self.add(format_args!("<h2>{comparator}, {protocol}</h2>"));
        self.add(format_args!(
            "<p>{} genuine and {} impostor comparisons of {} people.</p>",
            thousands(assessment.genuine),
            thousands(assessment.impostor),
            thousands(assessment.people),
        ));
        self.points(assessment);
        if let Some(accuracy) = assessment.accuracy {
            let (mean, error) = (percent(accuracy.mean), percent(accuracy.standard_error));
            let (pairs, folds) = (accuracy.pairs, accuracy.folds);
            self.add(format_args!(
                "<p>Accuracy on {pairs} pairs in {folds} folds: {mean} ± {error}</p>"
            ));
        }
        self.add(inline(plot));
        self.spread(&assessment.spread);
        self.groups(&assessment.groups);
    }

    fn points(&mut self, assessment: &Assessment) {
        self.open_table(&[
            &"FMR",
            &"Threshold",
            &"TAR",
            &"95 % interval",
            &"FNMR",
            &"False matches",
            &"95 % interval of FMR",
        ]);
        for point in &assessment.points {
            let shown = |share: Option<f64>| share.map_or("–".to_owned(), percent);
            self.row(
                "td",
                &[
                    &point.rate,
                    &format_args!("{:.4}", point.threshold),
                    &shown(point.tar),
                    &percents(point.tar_bounds),
                    &shown(point.tar.map(|tar| 1.0 - tar)),
                    &point.false_matches,
                    &rates(point.fmr),
                ],
            );
        }
        for rate in &assessment.unsupported {
            let needed = needed(*rate);
            self.add(format_args!(
                "<tr class=missing><td>{rate}</td><td colspan=6>not supported: it takes {needed} \
                 impostor comparisons</td></tr>"
            ));
        }
        self.close_table();
    }

    fn spread(&mut self, spreads: &[Spread]) {
        if spreads.is_empty() {
            return;
        }
        self.add("<h3>Spread over people</h3>");
        self.open_table(&[
            &"At FMR",
            &"Rate of each person",
            &"People",
            &"Median",
            &"90 %",
            &"99 %",
            &"Largest",
        ]);
        for Spread { rate, fmr, fnmr } in spreads {
            self.distribution(*rate, "false matches", *fmr, rate_text);
            self.distribution(*rate, "false non-matches", *fnmr, percent);
        }
        self.close_table();
    }

    fn distribution(
        &mut self,
        rate: Rate,
        kind: &str,
        values: Option<Distribution>,
        shown: fn(f64) -> String,
    ) {
        if let Some(Distribution { people, median, p90, p99, maximum }) = values {
            let [median, p90, p99, maximum] = [median, p90, p99, maximum].map(shown);
            self.row("td", &[&rate, &kind, &people, &median, &p90, &p99, &maximum]);
        }
    }

    fn groups(&mut self, groups: &[GroupErrors]) {
        if groups.is_empty() {
            return;
        }
        self.add("<h3>Groups</h3>");
        self.open_table(&[
            &"Group",
            &"People",
            &"At FMR",
            &"FMR within",
            &"95 % interval",
            &"TAR",
            &"95 % interval",
        ]);
        for group in groups {
            for point in &group.points {
                self.row(
                    "td",
                    &[
                        &Escaped(&group.group),
                        &group.people,
                        &point.rate,
                        &point.fmr.map_or("–".to_owned(), rate_text),
                        &rates(point.fmr_bounds),
                        &point.tar.map_or("–".to_owned(), percent),
                        &percents(point.tar_bounds),
                    ],
                );
            }
        }
        self.close_table();
    }

    fn method(&mut self, evaluation: &Evaluation) {
        self.add("<h2>How this was measured</h2>");
        self.add(
            "<p class=note>The stages of fpassd found the face nearest to the middle of each \
             picture and computed its features. “single” compares every picture with every other \
             one. “template-K” compares pictures with the mean of the first K pictures of each \
             person who has more than K, without those K pictures. The threshold at a false match \
             rate f is the smallest score that at most f of the impostor comparisons reach. \
             Pictures that failed to enrol count in neither rate. Intervals are exact (Clopper and \
             Pearson) and assume independent comparisons. Comparisons that share a person are not \
             independent, so the true uncertainty is larger.</p>",
        );
        if let Some(pairs) = &evaluation.pairs {
            let left = pairs.missing.len() + pairs.faceless.len();
            let share = share(count(left), count(pairs.total)).map_or("–".to_owned(), percent);
            self.add(format_args!(
                "<p class=note>{left} of {} pairs ({share}) were left out: a picture is missing or \
                 gave no features.</p>",
                pairs.total
            ));
        }
    }
}

#[cfg(test)]
mod tests;
