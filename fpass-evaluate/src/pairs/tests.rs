use proptest::prelude::*;

use super::*;

const TEXT: &str = "2\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\nBob\t1\t2\nBob 2 Ann 9\n";

#[test]
fn a_first_line_without_two_folds_is_refused() {
    for text in ["", "\n\n", "10", "x y", "1\t300", "2 0", "2 1 1", "99999999999999999999 1"] {
        assert_eq!(parse(text), Err(PairsError::Head), "{text:?}");
    }
    let huge = format!("2 {}", usize::MAX);
    assert_eq!(parse(&huge), Err(PairsError::Head));
}

#[test]
fn lines_that_are_no_pair_or_too_few_are_refused() {
    let fault = |line| Err(PairsError::Line { line, folds: 2 });
    assert_eq!(parse("2 1\nAnn 1 2\nAnn 1\n"), fault(3));
    assert_eq!(parse("2 1\nAnn 1 2\n\nAnn one 2\n"), fault(4));
    assert_eq!(parse("2 1\nAnn 1 2\nAnn 1 Bob -1\n"), fault(3));
    assert_eq!(parse("2 1\nAnn 1 2\nAnn 1 Bob 1\n"), fault(3));
    assert_eq!(parse(&format!("{TEXT}Ann 1 2\n")), fault(6));
}

#[test]
fn pairs_are_found_and_the_others_named() {
    let folds = parse(TEXT).unwrap();
    assert_eq!(folds.len(), 2);
    assert_eq!(folds[0][1], (("Ann", 1), ("Bob", 1)));
    let find = |named: PictureName<'_>| match named {
        ("Ann", 1) => Some(Some(0)),
        ("Ann", 2) => Some(Some(1)),
        ("Bob", 1) => Some(Some(2)),
        ("Bob", 2) => Some(None),
        _ => None,
    };
    let pairs = Pairs::resolve(&folds, find);
    assert_eq!(pairs.total, 4);
    assert_eq!(pairs.folds, [vec![(0, 1), (0, 2)], vec![]]);
    assert_eq!(pairs.faceless, ["Bob 1 – Bob 2"]);
    assert_eq!(pairs.missing, ["Bob 2 – Ann 9"]);
    assert_eq!(pairs.accuracy(&[], Comparator::Fused), None);
}

#[test]
fn one_fold_with_pairs_has_no_other_to_choose_by() {
    assert_eq!(accuracy(&[vec![(0.5, true)], Vec::new()]), None);
}

#[test]
fn the_threshold_comes_from_the_other_folds() {
    let folds = [vec![(0.9, true), (0.1, false)], vec![(0.4, true), (0.3, false)]];
    let found = accuracy(&folds).unwrap();
    // The first fold gives 0.5, which misses 0.4; the second gives 0.35, which errs nowhere.
    assert!((found.mean - 0.75).abs() < 1e-9);
    assert!((found.standard_error - 0.25).abs() < 1e-9);
    assert_eq!((found.folds, found.pairs), (2, 4));
}

#[test]
fn scores_that_are_no_numbers_match_nothing() {
    let pairs = [(f32::NAN, true), (f32::NEG_INFINITY, true), (0.5, true), (0.2, false)];
    assert!((best_threshold(pairs.into_iter()) - 0.35).abs() < 1e-6);
    assert_eq!(best_threshold([(0.5, false)].into_iter()), f32::INFINITY);
}

#[test]
fn long_lists_are_cut() {
    let names = ["b", "a", "b", "c"].map(str::to_owned);
    assert_eq!(some(&names, 2), "a, b and 1 more");
    assert_eq!(some(&names, 3), "a, b, c");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[0-9a-zA-Z \t\n_-]{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_other_threshold_is_better(pairs in proptest::collection::vec((-8_i8..8, any::<bool>()), 1..60)) {
        let pairs: Vec<Judged> = pairs.iter().map(|&(s, genuine)| (f32::from(s), genuine)).collect();
        let right = |t: f32| pairs.iter().filter(|(score, genuine)| (*score >= t) == *genuine).count();
        let best = right(best_threshold(pairs.iter().copied()));
        prop_assert!((-9..=9_i8).all(|t| right(f32::from(t)) <= best));
        prop_assert!(right(f32::INFINITY) <= best);
    }
}
