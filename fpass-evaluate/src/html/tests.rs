use std::collections::BTreeMap;

use fpass_face::Comparator;

use super::super::histogram::Histogram;
use super::super::interval::Interval;
use super::super::outcome::{Failure, Remark};
use super::super::points::Point;
use super::super::protocol::Protocol;
use super::super::tail::AlikePair;
use super::*;

fn evaluation(group: &str) -> Evaluation {
    let bounds = Interval { low: 0.5, high: 0.75 };
    let point = Point {
        rate: Rate::decade(3),
        threshold: 0.25,
        false_matches: 7,
        fmr: bounds,
        pair_fmr: 0.002,
        tar: None,
        tar_bounds: bounds,
    };
    let group = GroupErrors {
        group: group.to_owned(),
        people: 2,
        genuine: 0,
        impostor: 0,
        points: vec![super::super::groups::GroupPoint {
            rate: Rate::decade(3),
            fmr: None,
            fmr_bounds: bounds,
            tar: None,
            tar_bounds: bounds,
        }],
    };
    let assessment = Assessment {
        comparator: Comparator::Fused,
        protocol: Protocol::Single,
        people: 2,
        references: 4,
        genuine: 0,
        impostor: 1000,
        points: vec![point],
        unsupported: vec![Rate::decade(4)],
        alike: vec![AlikePair { probe: 0, reference: 1, matched: 3, compared: 4.0 }],
        spread: Vec::new(),
        groups: vec![group],
        accuracy: None,
        curve: Vec::new(),
        genuine_histogram: Histogram::default(),
        impostor_histogram: Histogram::default(),
        thresholds: Default::default(),
    };
    Evaluation {
        mean: Err(fpass_face::FaceError::TemplateEmpty),
        people: vec!["<Alice>".into(), "Bob".into()],
        pictures: 4,
        failures: BTreeMap::from([(Failure::NoFace, 3)]),
        remarks: BTreeMap::from([(Remark::Blurred, 1)]),
        pairs: None,
        unknown_in_groups: 0,
        assessments: vec![assessment],
    }
}

#[test]
fn markup_from_outside_is_shown_and_not_taken() {
    let group = "</td><script>alert(\"1\")</script>&'\u{1b}";
    let page = page(&evaluation(group), "", &[String::new()]);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("Alice") && !page.contains("Bob"), "the page names nobody");
    assert!(page.contains(
        "&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;\u{fffd}"
    ));
}

#[test]
fn a_page_without_genuine_comparisons_is_whole_and_needs_nothing_from_elsewhere() {
    let evaluation = evaluation("a");
    let det = super::super::plot::det(&evaluation.assessments).unwrap();
    let scores = super::super::plot::scores(&evaluation.assessments[0]).unwrap();
    let page = page(&evaluation, &det, &[scores]);
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(page.contains("not supported: it takes 10000 impostor comparisons"));
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    for link in ["http", "href", "src=", "url(", "@import"] {
        assert!(!outside.contains(link), "{link}");
    }
    for tag in ["table", "tr", "div", "html", "body", "head"] {
        let opened =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}
