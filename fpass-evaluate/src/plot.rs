//! The plots, as SVG without external resources.

use std::fmt::Display;

use fpass_face::Comparator;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::assessment::Assessment;
use super::error::Error;
use super::histogram::{self, Histogram};
use super::protocol::Protocol;

/// Size of the DET plot in pixels.
const DET_SIZE: (u32, u32) = (860, 560);
/// Size of a plot of scores in pixels.
const SCORES_SIZE: (u32, u32) = (860, 380);
/// Lowest rate of false non-matches shown.
const FNMR_MIN: f64 = 1e-4;
/// Lowest rate of false matches shown.
const FMR_MIN: f64 = 1e-8;
/// Start of an axis, as a share of the rate of its first label.
const EDGE: f64 = 0.8;
/// Font of all text.
pub(crate) const FONT: &str = "sans-serif";
/// Colour of text and axes.
pub(crate) const INK: RGBColor = RGBColor(0x33, 0x38, 0x40);
/// Colour of lines behind the data.
pub(crate) const GRID: RGBColor = RGBColor(0xdd, 0xe1, 0xe6);
/// Colours that colour-blind people can tell apart (Okabe and Ito, 2008).
pub(crate) const GENUINE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
/// The other one.
pub(crate) const IMPOSTOR: RGBColor = RGBColor(0xd5, 0x5e, 0x00);

/// Where a plot is drawn.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn colour(comparator: Comparator) -> RGBColor {
    match comparator {
        Comparator::Fused => RGBColor(0x00, 0x72, 0xb2),
        Comparator::Dlib => RGBColor(0xd5, 0x5e, 0x00),
        Comparator::Sface => RGBColor(0x00, 0x9e, 0x73),
    }
}

/// A plot that cannot be drawn.
pub(crate) fn failed(error: impl Display) -> Error {
    Error::Plot(error.to_string())
}

/// False non-match rate against false match rate, both logarithmic, of every comparator and
/// protocol.
///
/// # Errors
/// [`Error::Plot`].
pub(crate) fn det(assessments: &[Assessment]) -> Result<String, Error> {
    draw(DET_SIZE, |area| {
        let curves = || assessments.iter().flat_map(|assessment| assessment.curve.iter());
        let left = EDGE * decade_below(curves().map(|(fmr, _)| *fmr)).max(FMR_MIN);
        let low = EDGE * decade_below(curves().map(|(_, fnmr)| *fnmr)).max(FNMR_MIN);
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_right(28)
            .x_label_area_size(52)
            .y_label_area_size(70)
            .build_cartesian_2d((left..1.0).log_scale(), (low..1.0).log_scale())
            .map_err(failed)?;
        chart
            .configure_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style((FONT, 14).into_font().color(&INK))
            .axis_desc_style((FONT, 15).into_font().color(&INK))
            .x_desc("false match rate")
            .y_desc("false non-match rate")
            .x_label_formatter(&|rate| power(*rate))
            .y_label_formatter(&|rate| share(*rate))
            .draw()
            .map_err(failed)?;
        for assessment in assessments.iter().filter(|assessment| !assessment.curve.is_empty()) {
            let colour = colour(assessment.comparator);
            let points = assessment.curve.iter().map(|(fmr, fnmr)| (fmr.max(left), fnmr.max(low)));
            let dashed = assessment.protocol == Protocol::Single;
            let style = colour.stroke_width(2);
            let series = if dashed {
                chart.draw_series(DashedLineSeries::new(points, 6, 4, style)).map_err(failed)?
            } else {
                chart.draw_series(LineSeries::new(points, style)).map_err(failed)?
            };
            series.label(format!("{}, {}", assessment.comparator, assessment.protocol)).legend(
                move |place| {
                    let (end, start) = if dashed { (10, 14) } else { (12, 12) };
                    EmptyElement::at(place)
                        + PathElement::new(vec![(0, 0), (end, 0)], style)
                        + PathElement::new(vec![(start, 0), (24, 0)], style)
                },
            );
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.9))
            .border_style(GRID)
            .label_font((FONT, 14).into_font().color(&INK))
            .legend_area_size(34)
            .margin(10)
            .draw()
            .map_err(failed)
    })
}

/// Distributions of genuine and impostor scores, and the thresholds.
///
/// # Errors
/// [`Error::Plot`].
pub(crate) fn scores(assessment: &Assessment) -> Result<String, Error> {
    let series = [
        ("impostor", IMPOSTOR, assessment.impostor_histogram.shares()),
        ("genuine", GENUINE, assessment.genuine_histogram.shares()),
    ];
    draw(SCORES_SIZE, |area| {
        let (left, right) = extent([&assessment.genuine_histogram, &assessment.impostor_histogram]);
        let all = series.iter().flat_map(|(_, _, shares)| shares.iter());
        let top = all.map(|(_, share)| *share).fold(0.01, f64::max) * 1.18;
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_right(28)
            .x_label_area_size(52)
            .y_label_area_size(70)
            .build_cartesian_2d(left..right, 0.0..top)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .label_style((FONT, 14).into_font().color(&INK))
            .axis_desc_style((FONT, 15).into_font().color(&INK))
            .x_desc("score: larger is more alike")
            .y_desc("share of comparisons")
            .x_label_formatter(&|score| tenths(*score))
            .y_label_formatter(&|part| share(*part))
            .draw()
            .map_err(failed)?;
        for (name, colour, shares) in &series {
            let width = histogram::width();
            let steps: Vec<(f64, f64)> = shares
                .iter()
                .filter(|(edge, _)| *edge >= left - width && *edge < right)
                .flat_map(|&(edge, share)| [(edge, share), (edge + width, share)])
                .map(|(edge, share)| (edge.clamp(left, right), share))
                .collect();
            let filled = AreaSeries::new(steps, 0.0, colour.mix(0.25)).border_style(*colour);
            let legend = *colour;
            chart.draw_series(filled).map_err(failed)?.label(*name).legend(move |(x, y)| {
                Rectangle::new([(x, y - 6), (x + 18, y + 6)], legend.mix(0.5).filled())
            });
        }
        let label = (FONT, 13).into_font().color(&INK).pos(Pos::new(HPos::Center, VPos::Bottom));
        for (step, point) in (0_u8..).zip(&assessment.points) {
            let threshold = f64::from(point.threshold);
            let height = top * (0.93 - 0.07 * f64::from(step));
            let line =
                DashedLineSeries::new([(threshold, 0.0), (threshold, height)], 4, 3, INK.into());
            chart.draw_series(line).map_err(failed)?;
            let text = Text::new(power(point.rate.value()), (threshold, height), label.clone());
            chart.draw_series(std::iter::once(text)).map_err(failed)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.9))
            .border_style(GRID)
            .label_font((FONT, 14).into_font().color(&INK))
            .legend_area_size(26)
            .margin(10)
            .draw()
            .map_err(failed)
    })
}

/// Draws a plot of this size in pixels.
///
/// # Errors
/// [`Error::Plot`].
pub(crate) fn draw(
    size: (u32, u32),
    content: impl FnOnce(&Area<'_>) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        content(&area)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

/// The power of ten at or below the smallest of some rates that are not 0; a tenth without any.
fn decade_below(rates: impl Iterator<Item = f64>) -> f64 {
    let smallest = rates.filter(|rate| *rate > 0.0).fold(0.1, f64::min);
    10.0_f64.powf(smallest.log10().floor())
}

/// Where both histograms have scores, with a margin.
fn extent(histograms: [&Histogram; 2]) -> (f64, f64) {
    let shares = histograms.iter().flat_map(|histogram| histogram.shares());
    let edges: Vec<f64> = shares.filter(|(_, share)| *share > 1e-6).map(|(edge, _)| edge).collect();
    let margin = 3.0 * histogram::width();
    let low = edges.iter().copied().reduce(f64::min).unwrap_or(-1.0);
    let high = edges.iter().copied().reduce(f64::max).unwrap_or(1.0);
    (low - margin, high + margin)
}

/// A power of ten: 10⁻³.
fn power(rate: f64) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let exponent = -rate.log10().round();
    if exponent < 0.5 {
        return "1".into();
    }
    let raised = format!("{exponent:.0}")
        .chars()
        .filter_map(|digit| RAISED.get(usize::try_from(digit.to_digit(10)?).ok()?).copied())
        .collect::<String>();
    format!("10⁻{raised}")
}

/// A score with one decimal, and without a sign before 0.
fn tenths(score: f64) -> String {
    let rounded = (score * 10.0).round() / 10.0 + 0.0;
    format!("{rounded:.1}").replace('-', "−")
}

/// A share in percent without superfluous digits.
pub(crate) fn share(rate: f64) -> String {
    format!("{} %", (rate * 1e6).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        assert_eq!([0.0, -0.04, 0.25, -0.6].map(tenths), ["0.0", "0.0", "0.3", "−0.6"]);
        assert_eq!([1.0, 1e-3, 1e-12].map(power), ["1", "10⁻³", "10⁻¹²"]);
        assert_eq!([1.0, 0.1, 1e-4].map(share), ["100 %", "10 %", "0.01 %"]);
    }

    #[test]
    fn axes_begin_at_a_decade_that_exists() {
        assert!((decade_below([0.0, 0.02].into_iter()) - 0.01).abs() < 1e-12);
        assert!((decade_below(std::iter::empty()) - 0.1).abs() < 1e-12);
        let nothing = [Histogram::default(), Histogram::default()];
        let (left, right) = extent([&nothing[0], &nothing[1]]);
        assert!(left < right);
    }
}
