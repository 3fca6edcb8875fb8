//! Cameras in every format and in several sizes.

use fpass_tests::{figures, machine::Machine};

/// File for the table of formats, sizes, rates and times.
const FIGURES: &str = "cameras.txt";

#[test]
fn every_format_and_size_gives_frames_in_the_right_colours() {
    let report =
        Machine::for_script("cameras").with(env!("CARGO_BIN_EXE_trial"), "trial").run().unwrap();
    let mut table = format!(
        "{:<6} {:<10} {:<32} {:>8} {:>16}",
        "format", "size", "camera", "frames/s", "first frame, ms"
    );
    let figures = report.printed.lines().filter_map(|line| line.strip_prefix("figure: "));
    for figure in figures {
        let words: Vec<&str> = figure.split(' ').collect();
        let [code, size, camera @ .., rate, first] = words.as_slice() else {
            panic!("a figure that cannot be read: {figure}");
        };
        table += &format!("\n{code:<6} {size:<10} {:<32} {rate:>8} {first:>16}", camera.join(" "));
    }
    figures::note(FIGURES, &table).unwrap();
}
