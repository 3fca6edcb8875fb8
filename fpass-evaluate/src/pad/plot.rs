//! The plots of a measurement of liveness.

use plotters::prelude::*;

use super::evaluation::PadEvaluation;
use super::figures::SpeciesFigures;
use crate::error::Error;
use crate::plot::{FONT, GENUINE, GRID, IMPOSTOR, INK, draw, failed, share};
use crate::rate::{count, real};

/// Width of the plots and height of that of times, in pixels.
const WIDTH: u32 = 860;
const TIMES_HEIGHT: u32 = 380;
/// Height of a species, and of what is around the species, in pixels.
const ROW_HEIGHT: u32 = 34;
const AROUND: u32 = 90;
/// Shortest axis of times in seconds.
const SECONDS_MIN: f64 = 2.5;

/// The share of attacks of each species that a whole attempt accepts, with its interval.
///
/// # Errors
/// [`Error::Plot`].
pub(super) fn rates(evaluation: &PadEvaluation) -> Result<String, Error> {
    let species = &evaluation.species;
    let rows = u32::try_from(species.len()).unwrap_or(u32::MAX).min(200);
    let bottom = f64::from(rows) + 0.5;
    let highest = species.iter().map(|figures| figures.attempt.clips.interval().high);
    let right = highest.fold(0.05, f64::max).min(1.0);
    draw((WIDTH, AROUND + ROW_HEIGHT * rows), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_right(28)
            .x_label_area_size(52)
            .y_label_area_size(200)
            .build_cartesian_2d(0.0..right, bottom..0.5)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style((FONT, 14).into_font().color(&INK))
            .axis_desc_style((FONT, 15).into_font().color(&INK))
            .y_labels(species.len() + 1)
            .x_desc("attacks accepted, and the 95 % interval")
            .x_label_formatter(&|rate| share(*rate))
            .y_label_formatter(&|row| name(species, *row))
            .draw()
            .map_err(failed)?;
        for (row, figures) in (1_u32..).zip(species) {
            let (row, errors) = (f64::from(row), figures.attempt.clips);
            let interval = errors.interval();
            let line = [(interval.low, row), (interval.high.min(right), row)];
            let line = LineSeries::new(line, IMPOSTOR.stroke_width(2));
            chart.draw_series(line).map_err(failed)?;
            if let Some(rate) = errors.rate() {
                let dot = Circle::new((rate, row), 5, IMPOSTOR.filled());
                chart.draw_series(std::iter::once(dot)).map_err(failed)?;
            }
        }
        Ok(())
    })
}

/// The name of the species of a row.
fn name(species: &[SpeciesFigures], row: f64) -> String {
    let found = (1_u32..).zip(species).find(|(number, _)| (f64::from(*number) - row).abs() < 0.01);
    let printable = |name: &str| name.chars().filter(|letter| !letter.is_control()).collect();
    found.map_or(String::new(), |(_, figures)| printable(&figures.name))
}

/// The share of people who are accepted within a time.
///
/// # Errors
/// [`Error::Plot`].
pub(super) fn times(evaluation: &PadEvaluation) -> Result<String, Error> {
    let seconds = evaluation.bona_fide.as_ref().map_or(&[][..], |people| &people.seconds);
    let trials = evaluation.bona_fide.as_ref().map_or(0, |people| people.attempt.clips.trials);
    let right = seconds.iter().copied().fold(SECONDS_MIN, f64::max);
    let total = real(trials.max(count(seconds.len())).max(1));
    let steps = (1..).zip(seconds).flat_map(|(number, time)| {
        [(*time, real(number - 1) / total), (*time, real(number) / total)]
    });
    let last = (right, real(count(seconds.len())) / total);
    let points: Vec<(f64, f64)> =
        std::iter::once((0.0, 0.0)).chain(steps).chain(std::iter::once(last)).collect();
    draw((WIDTH, TIMES_HEIGHT), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_right(28)
            .x_label_area_size(52)
            .y_label_area_size(70)
            .build_cartesian_2d(0.0..right, 0.0..1.0)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style((FONT, 14).into_font().color(&INK))
            .axis_desc_style((FONT, 15).into_font().color(&INK))
            .x_desc("seconds from the first neutral frame")
            .y_desc("people accepted")
            .x_label_formatter(&|time| format!("{time:.1}"))
            .y_label_formatter(&|part| share(*part))
            .draw()
            .map_err(failed)?;
        let line = LineSeries::new(points, GENUINE.stroke_width(2));
        chart.draw_series(line).map_err(failed)?;
        Ok(())
    })
}
