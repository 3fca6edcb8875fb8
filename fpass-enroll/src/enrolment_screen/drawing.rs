//! How a scene is drawn. Two pixels share a character cell: the upper half block has the colour of
//! the upper one, its background that of the lower one.

use std::f64::consts::TAU;

use fpass_language::Wording;
use fpass_proto::Guidance;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::canvas::{Canvas, Points};
use ratatui::widgets::{Paragraph, Wrap};

use super::{Palette, Scene};
use crate::language::{spoken, told};
use crate::picture::{Outline, Picture};

/// Columns of the ring.
const RING: u16 = 22;
/// Lines of text below the picture.
const TEXT: u16 = 4;
/// Points of the whole ring.
const RING_POINTS: u32 = 240;
/// Of the points of one part of the ring, the share that is drawn; the rest parts it from the next.
const RING_DRAWN: f64 = 0.85;
const HALF_BLOCK: &str = "\u{2580}";

/// Draws a scene.
pub(super) fn draw(frame: &mut Frame<'_>, scene: &Scene, palette: Palette) {
    let [upper, text] =
        Layout::vertical([Constraint::Min(1), Constraint::Length(TEXT)]).areas(frame.area());
    let [picture, ring] =
        Layout::horizontal([Constraint::Min(1), Constraint::Length(RING)]).areas(upper);
    if let Some(shown) = &scene.picture {
        draw_picture(frame.buffer_mut(), picture, shown, scene.hint, palette);
    }
    draw_ring(frame, ring, scene);
    draw_text(frame, text, scene);
}

/// Draws a picture as large as the area allows, as in a mirror.
fn draw_picture(
    buffer: &mut Buffer,
    area: Rect,
    picture: &Picture,
    hint: Option<Guidance>,
    palette: Palette,
) {
    let (across, down) = fit(picture, u32::from(area.width), u32::from(area.height) * 2);
    let outline = if hint == Some(Guidance::Good) { [0, 200, 0] } else { [240, 200, 0] };
    let colour = |x: u32, y: u32| {
        // A mirror shows the person's left side on the left.
        let (x, y) = ((across - 1 - x) * picture.width() / across, y * picture.height() / down);
        let step = (picture.width().div_ceil(across), picture.height().div_ceil(down));
        let is_outline = picture.face().is_some_and(|face| is_on(face, (x, y), step));
        paint(if is_outline { outline } else { picture.pixel(x, y) }, palette)
    };
    let left = u32::from(area.width).saturating_sub(across) / 2;
    for y in 0..down / 2 {
        for x in 0..across {
            let place = (u16::try_from(left + x), u16::try_from(y));
            let (Ok(column), Ok(row)) = place else { continue };
            let position = Position { x: area.x + column, y: area.y + row };
            if let Some(cell) = buffer.cell_mut(position) {
                let style = Style::new().fg(colour(x, 2 * y)).bg(colour(x, 2 * y + 1));
                cell.set_symbol(HALF_BLOCK).set_style(style);
            }
        }
    }
}

/// The largest size of the picture's form within these pixels; an even number of rows.
fn fit(picture: &Picture, across: u32, down: u32) -> (u32, u32) {
    let (width, height) = (picture.width(), picture.height());
    let (fitted_across, fitted_down) = if across * height <= down * width {
        (across, across * height / width)
    } else {
        (down * width / height, down)
    };
    (fitted_across.max(1), (fitted_down & !1).max(2))
}

/// Whether a pixel is on the border of a rectangle whose lines are as thick as `step`.
fn is_on(face: Outline, (x, y): (u32, u32), (step_x, step_y): (u32, u32)) -> bool {
    let (right, bottom) = (face.left + face.width, face.top + face.height);
    let is_within = (face.left..right).contains(&x) && (face.top..bottom).contains(&y);
    let is_inside = (face.left + step_x..right.saturating_sub(step_x)).contains(&x)
        && (face.top + step_y..bottom.saturating_sub(step_y)).contains(&y);
    is_within && !is_inside
}

/// A colour of the terminal.
fn paint([red, green, blue]: [u8; 3], palette: Palette) -> Color {
    match palette {
        Palette::True => Color::Rgb(red, green, blue),
        // A cube of 6 × 6 × 6 colours from number 16 on.
        Palette::Indexed => {
            let level = |value: u8| (u16::from(value) * 5 + 127) / 255;
            let number = 16 + 36 * level(red) + 6 * level(green) + level(blue);
            Color::Indexed(u8::try_from(number).unwrap_or(u8::MAX))
        }
    }
}

/// Draws the ring: a part for each wanted frame, or each tenth of a turn, and in it where to turn.
/// A preview wants no frame.
fn draw_ring(frame: &mut Frame<'_>, area: Rect, scene: &Scene) {
    if scene.frames.1 == 0 && scene.turned.is_none() {
        return;
    }
    // More parts than points cannot be told apart.
    let (taken, wanted) = match scene.turned {
        Some(percent) => (percent / TURN_PART, PERCENT / TURN_PART),
        None => (scene.frames.0, scene.frames.1.min(RING_POINTS)),
    };
    let parts = |range: std::ops::Range<u32>| -> Vec<(f64, f64)> {
        range.flat_map(|part| part_of_ring(part, wanted)).collect()
    };
    let done = parts(0..taken.min(wanted));
    let left = parts(taken.min(wanted)..wanted);
    let sign = match scene.hint {
        Some(Guidance::TurnLeft) => "\u{2190}",
        Some(Guidance::TurnRight) => "\u{2192}",
        Some(Guidance::Good) => "\u{2713}",
        _ => "",
    };
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([-1.1, 1.1])
        .y_bounds([-1.1, 1.1])
        .paint(move |context| {
            context.draw(&Points { coords: &left, color: Color::DarkGray });
            context.draw(&Points { coords: &done, color: Color::Green });
            context.print(0.0, 0.0, Line::from(sign).bold());
        });
    let height = area.height.min(RING / 2);
    frame.render_widget(canvas, Rect { height, ..area });
}

/// The points of one part of the ring, clockwise from the top.
fn part_of_ring(part: u32, wanted: u32) -> impl Iterator<Item = (f64, f64)> {
    let points = (RING_POINTS / wanted).max(1);
    (0..points).map(move |point| {
        let within = f64::from(point) / f64::from(points) * RING_DRAWN;
        let angle = (f64::from(part) + within) / f64::from(wanted) * TAU;
        (angle.sin(), angle.cos())
    })
}

/// Draws the sentences.
fn draw_text(frame: &mut Frame<'_>, area: Rect, scene: &Scene) {
    let (taken, wanted) = scene.frames;
    let progress = match scene.turned {
        Some(percent) => format!("{} %", percent.min(PERCENT)),
        None if wanted == 0 => String::new(),
        None => format!("{taken}/{wanted}"),
    };
    let hint = scene.hint.map(|hint| hint.text().wording(spoken()).to_string());
    let lines = vec![
        Line::from(scene.prompt.as_ref().map(Wording::as_str).unwrap_or_default()).bold(),
        Line::from(hint.unwrap_or_default()),
        Line::from(progress),
        Line::from(told!("Ctrl-C stops without changing anything.").to_string()).dim(),
    ];
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), area);
}

/// Percent of a turn that one part of the ring stands for.
const TURN_PART: u32 = 10;
const PERCENT: u32 = 100;

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    /// A picture whose left half is red and whose right half is blue.
    fn two_halves(face: Option<Outline>) -> Picture {
        let row = [[200, 0, 0].repeat(40), [0, 0, 200].repeat(40)].concat();
        Picture::of(80, 60, &row.repeat(60), face)
    }

    fn drawn(scene: &Scene, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, scene, Palette::True)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn text(buffer: &Buffer) -> String {
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn the_picture_is_a_mirror_and_keeps_its_form() {
        let scene = Scene { picture: Some(two_halves(None)), ..Scene::default() };
        let buffer = drawn(&scene, 80, 24);
        let cells: Vec<(u16, u16, Color)> = (0..24)
            .flat_map(|y| (0..80).map(move |x| (x, y)))
            .filter(|place| buffer[*place].symbol() == HALF_BLOCK)
            .map(|place| (place.0, place.1, buffer[place].fg))
            .collect();
        let width = cells.iter().map(|cell| cell.0).max().unwrap()
            - cells.iter().map(|cell| cell.0).min().unwrap()
            + 1;
        let rows = cells.iter().map(|cell| cell.1).max().unwrap() + 1;
        assert_eq!((width, rows), (53, 20), "4:3 in square half cells");
        assert_eq!(cells[0].2, Color::Rgb(0, 0, 200), "the right half of the picture is left");
        assert_eq!(cells[usize::from(width) - 1].2, Color::Rgb(200, 0, 0));
    }

    #[test]
    fn the_face_is_outlined_where_it_is_in_the_mirror() {
        let face = Outline { left: 4, top: 4, width: 20, height: 20 };
        let scene = Scene {
            picture: Some(two_halves(Some(face))),
            hint: Some(Guidance::Good),
            ..Scene::default()
        };
        let buffer = drawn(&scene, 80, 24);
        let green =
            |cell: &ratatui::buffer::Cell| [cell.fg, cell.bg].contains(&Color::Rgb(0, 200, 0));
        let columns: Vec<u16> = (0..24)
            .flat_map(|y| (0..58).map(move |x| (x, y)))
            .filter(|place| green(&buffer[*place]))
            .map(|place| place.0)
            .collect();
        assert!(!columns.is_empty());
        assert!(columns.iter().all(|column| *column > 29), "{columns:?}");
    }

    #[test]
    fn each_prompt_hint_and_count_is_on_the_screen() {
        for hint in Guidance::ALL {
            let scene = Scene {
                frames: (3, 7),
                hint: Some(*hint),
                prompt: Some(told!("Look at the camera.")),
                picture: None,
                turned: None,
            };
            let shown = text(&drawn(&scene, 80, 24));
            for wanted in ["Look at the camera.", "3/7", "Ctrl-C stops", &hint.to_string()] {
                assert!(shown.contains(wanted), "{wanted}: {shown}");
            }
        }
    }

    #[test]
    fn the_ring_fills_and_no_size_or_count_panics() {
        let green = |taken, wanted| {
            let scene = Scene { frames: (taken, wanted), ..Scene::default() };
            let buffer = drawn(&scene, 80, 24);
            buffer.content().iter().filter(|cell| cell.fg == Color::Green).count()
        };
        assert_eq!(green(0, 7), 0);
        assert!(green(1, 7) < green(4, 7) && green(4, 7) < green(7, 7));
        assert_eq!(green(9, 7), green(7, 7));
        for (width, height) in [(1, 1), (5, 2), (22, 4), (60, 18), (300, 100)] {
            for turned in [Some(0), Some(40), Some(u32::MAX)] {
                drawn(&Scene { turned, ..Scene::default() }, width, height);
            }
            for frames in [(0, 0), (1, 0), (u32::MAX, u32::MAX), (3, 1000)] {
                let picture = Some(two_halves(None));
                drawn(&Scene { frames, picture, ..Scene::default() }, width, height);
            }
        }
    }

    #[test]
    fn every_colour_has_a_number_of_the_cube() {
        for (colour, number) in
            [([0, 0, 0], 16), ([255, 255, 255], 231), ([255, 0, 0], 196), ([0, 0, 255], 21)]
        {
            assert_eq!(paint(colour, Palette::Indexed), Color::Indexed(number));
        }
    }
}
