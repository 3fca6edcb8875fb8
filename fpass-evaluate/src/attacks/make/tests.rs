use super::*;
use crate::attacks::source::NeutralPlace;
use crate::clips::ClipKind;

fn source(person: &str, is_replayable: bool) -> Source {
    let clip = ClipFile {
        path: PathBuf::from("clip"),
        name: format!("{person}-1"),
        person: person.to_owned(),
        side: None,
        kind: ClipKind::Recording,
    };
    Source { clip, place: NeutralPlace::default(), is_replayable }
}

#[test]
fn each_species_has_its_number_and_each_source_its_share() {
    let sources = [source("anna", false), source("bert", true), source("anna", true)];
    let species = [Species::PrintFlat, Species::ScreenReplay];
    let orders = orders(&sources, &species, 5);
    let names = |number: usize| -> Vec<&str> {
        orders[number].iter().map(|order| order.name.as_str()).collect()
    };
    assert_eq!(names(0), ["print-flat/anna-0001", "print-flat/anna-0003"]);
    let bert = ["print-flat/bert-0001", "print-flat/bert-0002"];
    let replayed =
        ["screen-replay/bert-0001", "screen-replay/bert-0002", "screen-replay/bert-0003"];
    assert_eq!(names(1), [&bert[..], &replayed].concat());
    let again = ["print-flat/anna-0002", "screen-replay/anna-0001", "screen-replay/anna-0002"];
    assert_eq!(names(2), again);
    // Without a clip to replay there are no replays.
    assert!(super::orders(&sources[..1], &[Species::ScreenReplay], 5)[0].is_empty());
}

#[test]
fn species_are_chosen_by_name_and_an_unknown_one_is_refused() {
    assert_eq!(wanted(&[]).unwrap(), Species::ALL);
    assert_eq!(wanted(&["screen-still".into()]).unwrap(), [Species::ScreenStill]);
    let error = wanted(&["mask".into()]).unwrap_err();
    assert!(error.to_string().contains("print-paper-nose"), "{error}");
}

#[test]
fn a_directory_that_holds_something_is_refused() {
    let root = tempfile::tempdir().unwrap();
    prepare(root.path()).unwrap();
    prepare(&root.path().join("a/b")).unwrap();
    assert!(matches!(prepare(root.path()), Err(Error::NotEmpty(_))));
}
