//! Durations of the stages of an attempt, without and with a camera started early.

use fpass_tests::{figures, machine::Machine};

/// File for the table of stages.
const FIGURES: &str = "latency.txt";

#[test]
fn the_camera_is_on_before_the_password_is_complete_and_off_when_none_follows() {
    let report = Machine::for_script("latency").run().unwrap();
    let mut table = format!(
        "{:<54} {:>8} {:>6} {:>6} {:>7} {:>9} {:>6} {:>9}",
        "medians in ms, by sudo",
        "attempts",
        "camera",
        "first",
        "usable",
        "detection",
        "embed",
        "verdict"
    );
    for figure in report.printed.lines().filter_map(|line| line.strip_prefix("figure: ")) {
        let cells: Vec<&str> = figure.split(" | ").collect();
        let [what, attempts, camera, first, usable, detection, embed, verdict] = cells.as_slice()
        else {
            panic!("a figure that cannot be read: {figure}");
        };
        table += &format!(
            "\n{what:<54} {attempts:>8} {camera:>6} {first:>6} {usable:>7} {detection:>9} \
             {embed:>6} {verdict:>9}"
        );
    }
    figures::note(FIGURES, &table).unwrap();
}
