//! The report as one page. It refers to no other file and holds no names of people or clips.

use super::evaluation::PadEvaluation;
use super::figures::{Errors, SpeciesFigures, overall};
use super::table::{fraction, rate};
use crate::html::{Escaped, Page, inline};
use crate::table::percents;

/// The page, with its plots.
pub(super) fn page(evaluation: &PadEvaluation, rates: &str, times: &str) -> String {
    let mut page = Page::new("F-pass: liveness", "How well liveness tells people from pictures");
    page.add("<h2>Attacks that were accepted (APCER)</h2>");
    open(&mut page);
    for figures in &evaluation.species {
        rows(&mut page, figures);
    }
    page.close_table();
    let all = evaluation.species.iter();
    let without = all.clone().filter(|figures| !figures.is_replay());
    for (name, [one, whole]) in
        [("All attacks", overall(all)), ("All but replayed videos", overall(without))]
    {
        page.add(format_args!(
            "<p>{name}: {} ({}; {}) with one prompt, {} ({}; {}) with the retry.</p>",
            rate(one),
            fraction(one),
            percents(one.interval()),
            rate(whole),
            fraction(whole),
            percents(whole.interval()),
        ));
    }
    page.add(inline(rates));
    if let Some(people) = &evaluation.bona_fide {
        page.add("<h2>People who were refused (BPCER)</h2>");
        open(&mut page);
        rows(&mut page, people);
        page.close_table();
        if let (Some(median), Some(most)) = (people.quantile(0.5), people.quantile(0.9)) {
            page.add(format_args!(
                "<p>Time from the first neutral frame to acceptance: median {median:.2} s, 90 % \
                 within {most:.2} s.</p>"
            ));
        }
        page.add(inline(times));
    }
    page.add("<h2>How attempts ended</h2>");
    page.open_table(&[&"Species", &"End", &"Attempts"]);
    for figures in evaluation.bona_fide.iter().chain(&evaluation.species) {
        for (end, number) in &figures.ends {
            page.row("td", &[&Escaped(&figures.name), end, number]);
        }
    }
    page.close_table();
    page.add("<h2>How this was measured</h2>");
    page.add(
        "<p class=note>The stages of fpassd judged each clip. Its own neutral frame said who is \
         expected, so liveness alone is measured. Where both sides were asked for, a person counts \
         as accepted if accepted for one of them, and an attack if accepted for either. Rates are \
         of the clips with a neutral frame. Intervals are exact (Clopper and Pearson) and assume \
         independent trials. Clips of one person are not independent, so the true uncertainty is \
         larger. A person counts as an error if one of the clips does.</p>",
    );
    page.finish()
}

fn open(page: &mut Page) {
    page.open_table(&[
        &"Species",
        &"Prompts",
        &"By clip",
        &"Rate",
        &"95 % interval",
        &"By person",
        &"95 % interval",
        &"No neutral frame",
        &"Unreadable",
    ]);
}

fn rows(page: &mut Page, figures: &SpeciesFigures) {
    for (prompts, Errors { clips, people }) in
        [("one", figures.one_prompt), ("with retry", figures.attempt)]
    {
        page.row(
            "td",
            &[
                &Escaped(&figures.name),
                &prompts,
                &fraction(clips),
                &rate(clips),
                &percents(clips.interval()),
                &fraction(people),
                &percents(people.interval()),
                &figures.no_neutral,
                &figures.unreadable,
            ],
        );
    }
}
