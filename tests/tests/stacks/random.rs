//! Random stacks: a file per level, with includes and substacks of further files.

use std::fmt::Write;

use proptest::prelude::*;

/// The real module that checks conditions about the user.
pub(crate) const CONDITION: &str = "pam_succeed_if.so";

/// One line.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    /// The witness with its answer.
    Module { prefix: &'static str, control: String, answer: i32 },
    /// The real `pam_succeed_if` with a condition about the user.
    Condition { prefix: &'static str, control: String, condition: &'static str },
    /// A missing module.
    Missing { prefix: &'static str, control: String },
    /// Another file.
    Include { keyword: &'static str, lines: Vec<Line> },
    /// A missing file.
    Nothing { keyword: &'static str },
    /// A line of another facility, which is ignored.
    Aside,
    /// A line that libpam cannot read.
    Broken { text: &'static str },
}

/// A stack of up to a dozen lines, nested up to three deep.
pub(crate) fn stack() -> impl Strategy<Value = Vec<Line>> {
    let leaf = prop_oneof![
        60 => (prefix(), control(), answer())
            .prop_map(|(prefix, control, answer)| Line::Module { prefix, control, answer }),
        12 => (prefix(), control(), condition())
            .prop_map(|(prefix, control, condition)| Line::Condition { prefix, control, condition }),
        1 => (prefix(), control()).prop_map(|(prefix, control)| Line::Missing { prefix, control }),
        1 => prop_oneof![
            6 => Just("auth include"), 6 => Just("auth substack"), 1 => Just("@include"),
        ].prop_map(|keyword| Line::Nothing { keyword }),
        1 => Just(Line::Aside),
        1 => prop_oneof![
            Just("auth"), Just("auth required"), Just("auth optional"), Just("auth sufficient"),
            Just("autx required pam_permit.so"), Just("autx sufficient pam_permit.so"),
            Just("auth [success=ok,default=bad] WITNESS auth=0"),
            Just("auth [success=0] WITNESS auth=0"),
        ].prop_map(|text| Line::Broken { text }),
    ];
    let line = leaf.prop_recursive(3, 24, 6, |inner| {
        let keyword =
            prop_oneof![1 => Just("include"), 2 => Just("substack"), 1 => Just("@include")];
        (keyword, prop::collection::vec(inner, 0..5))
            .prop_map(|(keyword, lines)| Line::Include { keyword, lines })
    });
    prop::collection::vec(line, 0..9)
}

fn prefix() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just("auth"), 1 => Just("-auth"), 1 => Just("AUTH")]
}

fn control() -> impl Strategy<Value = String> {
    let keyword = prop_oneof![
        Just("required"),
        Just("requisite"),
        Just("sufficient"),
        Just("optional"),
        Just("Required"),
    ];
    let action = prop_oneof![
        5 => Just("ok".to_owned()), 3 => Just("done".to_owned()), 1 => Just("bad".to_owned()),
        1 => Just("die".to_owned()), 3 => Just("ignore".to_owned()), 2 => Just("reset".to_owned()),
        5 => (1..6_u32).prop_map(|length| length.to_string()),
    ];
    let value = prop_oneof![
        7 => Just("success".to_owned()), 4 => Just("default".to_owned()),
        2 => Just("ignore".to_owned()), 2 => Just("auth_err".to_owned()),
        3 => (0..32_usize).prop_map(|index| fpass_stack::Code::ALL[index].name().to_owned()),
    ];
    let pairs = prop::collection::vec((value, action), 0..5).prop_map(|pairs| {
        let mut text = String::from("[");
        for (index, (value, action)) in pairs.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            let _ = write!(text, "{space}{value}={action}");
        }
        text + "]"
    });
    // Uses common actions: with uniformly random ones most stacks would fail.
    let usual = prop_oneof![
        Just("success=ok new_authtok_reqd=ok ignore=ignore default=bad".to_owned()),
        (1..5_u32).prop_map(|length| format!("success={length} default=ignore")),
        (1..5_u32).prop_map(|length| format!("success=ok default={length}")),
        Just("success=ok default=reset".to_owned()),
        Just("success=reset ignore=ignore default=die".to_owned()),
    ]
    .prop_map(|pairs| format!("[{pairs}]"));
    prop_oneof![2 => keyword.prop_map(str::to_owned), 2 => pairs, 2 => usual]
}

/// Conditions that hold either for root alone or for every other user alone.
fn condition() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[
        "uid = 0",
        "uid eq 0",
        "uid < 1",
        "uid <= 0",
        "user = root",
        "user in root",
        "uid != 0",
        "uid ne 0",
        "uid > 0",
        "uid >= 1",
        "uid >= 1000",
        "user != root",
        "user notin root",
    ])
}

fn answer() -> impl Strategy<Value = i32> {
    prop_oneof![
        12 => Just(0), 3 => Just(7), 3 => Just(25), 1 => Just(12), 3 => 0..32_i32,
        1 => prop_oneof![Just(-1), Just(32), Just(99), Just(-7)],
    ]
}

/// The files of a stack by name; the first is the service's own. `place` gives a file's path.
pub(crate) fn files(lines: &[Line], place: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let mut files = vec![("stack".to_owned(), String::new())];
    render(lines, 0, false, place, &mut files);
    files
}

fn render(
    lines: &[Line],
    index: usize,
    typed: bool,
    place: &dyn Fn(&str) -> String,
    files: &mut Vec<(String, String)>,
) {
    let witness = place("witness.so");
    let mut text = String::new();
    for line in lines {
        let written = match line {
            Line::Module { prefix, control, answer } => {
                format!("{prefix} {control} {witness} auth={answer}")
            }
            Line::Condition { prefix, control, condition } => {
                format!("{prefix} {control} {CONDITION} quiet {condition}")
            }
            Line::Missing { prefix, control } => {
                format!("{prefix} {control} {}", place("absent.so"))
            }
            Line::Include { keyword, lines } => {
                let name = format!("part{}", files.len());
                let inner = files.len();
                files.push((name.clone(), String::new()));
                render(lines, inner, typed || *keyword != "@include", place, files);
                let facility = if *keyword == "@include" { "" } else { "auth " };
                format!("{facility}{keyword} {}", place(&name))
            }
            // Debian's libpam reads the control from uninitialised memory here.
            Line::Nothing { keyword: "@include" } if typed => continue,
            Line::Nothing { keyword } => format!("{keyword} {}", place("nothing")),
            Line::Aside => format!("session required {witness} auth=0"),
            Line::Broken { text } => text.replace("WITNESS", &witness),
        };
        text.push_str(&written);
        text.push('\n');
    }
    files[index].1 = text;
}
