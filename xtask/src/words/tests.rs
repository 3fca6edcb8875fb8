//! What counts as a sentence of the tree, and as one that is missing.

use super::*;

/// The sentences and bypasses of one file.
fn read_one(file: &str, source: &str) -> (Vec<String>, Vec<String>) {
    let mut sentences = Sentences::default();
    sentences.read_source(file, source);
    (sentences.used.into_keys().collect(), sentences.bypasses)
}

#[test]
fn strings_of_the_macros_are_sentences_and_values_are_not() {
    let source = r#"
        const A: Sentence = sentence!("One \
                                       line.");
        fn f() {
            tell!("Two {x}.", x = "not this")?;
            wording!(language, "Three {y}.", y = told!("four"));
            text!("Five.", "Six.");
            other!("not this");
            // tell!("nor this")
        }
        refusals! { /// Doc
            Name: Class = "Word", "Seven; eight.", "Nine."; }
    "#;
    let (mut used, _) = read_one("fpass-proto/src/x.rs", source);
    used.sort_by_key(String::len);
    let mut expected =
        ["One line.", "Two {x}.", "Three {y}.", "four", "Five.", "Six.", "Seven; eight.", "Nine."];
    expected.sort_by_key(|text| text.len());
    used.sort();
    expected.sort();
    assert_eq!(used, expected);
}

#[test]
fn a_sentence_that_goes_around_the_catalogues_is_found() {
    for (source, found) in [
        (r#"fn f() { say("All is well.") }"#, 1),
        (r#"fn f() { tell!("All is well.") }"#, 0),
        (r#"fn f() { say(format!("{x} was removed")) }"#, 1),
        (r#"#[error("All is well.")] enum E {}"#, 1),
        (r#"#[error("{}", told!("All is well."))] enum E {}"#, 0),
        (r#"#[arg(help = "All is well.")] enum E {}"#, 0),
        (r#"fn f() { say("fpass-enroll") }"#, 0),
        (r#"fn f() { say("{x:4}  {y}") }"#, 0),
        ("/// All is well.\nfn f() {}", 0),
        (r#"#[cfg(test)] mod tests { fn f() { say("All is well.") } }"#, 0),
    ] {
        for (file, holds) in [
            ("fpass-enroll/src/commands/add.rs", true),
            ("fpass-enroll/src/cli/audit.rs", false),
            ("fpassd/src/audit.rs", false),
        ] {
            let expected = if holds { found } else { 0 };
            assert_eq!(read_one(file, source).1.len(), expected, "{file}: {source}");
        }
    }
}

#[test]
fn a_catalogue_has_every_sentence_and_nothing_else() {
    let mut sentences = Sentences::default();
    sentences.read_source("a.rs", r#"tell!("One."); tell!("Two.");"#);
    sentences.read_policy("<message>Three</message><message xml:lang=\"de\">Drei</message>");
    let entries = |text: &str| po::parse(text).unwrap();
    let whole = "msgid \"One.\"\nmsgstr \"1\"\nmsgid \"Two.\"\nmsgstr \"2\"\nmsgid \"Three\"\nmsgstr \"3\"\n";
    assert!(sentences.faults("x.po", &entries(whole)).is_empty());
    for (replaced, by, fault) in [
        ("msgid \"Two.\"\nmsgstr \"2\"\n", "", "no entry for the sentence at a.rs:1: \"Two.\""),
        ("\"2\"", "\"\"", "the translation is empty: \"Two.\""),
        (
            "msgstr \"3\"\n",
            "msgstr \"3\"\nmsgid \"Four\"\nmsgstr \"4\"\n",
            "no longer has this text",
        ),
    ] {
        let faults = sentences.faults("x.po", &entries(&whole.replace(replaced, by)));
        assert!(faults.len() == 1 && faults[0].contains(fault), "{faults:?}");
    }
    let added = empty_entries(&sentences.absent_from(&entries("")));
    assert_eq!(entries(&added).len(), 3);
    assert_eq!(sentences.faults("x.po", &entries(&added)).len(), 3, "empty ones are named, too");
}

#[test]
fn a_dialogue_of_polkit_has_the_text_of_each_catalogue() {
    let entries = po::parse("msgid \"One\"\nmsgstr \"Eins\"\n").unwrap();
    for (policy, missing) in [
        ("<message>One</message><message xml:lang=\"de\">Eins</message>", 0),
        ("<message>One</message><message xml:lang=\"de\">Zwei</message>", 1),
        ("<message>One</message><message xml:lang=\"fr\">Eins</message>", 1),
        ("<message>One</message>", 1),
        ("<message>Other</message><message xml:lang=\"de\">Eins</message>", 1),
        ("<description>One</description><message xml:lang=\"de\">Eins</message>", 1),
    ] {
        assert_eq!(missing_in_policy(policy, "de", &entries).len(), missing, "{policy}");
    }
}

#[test]
fn this_tree_is_complete_in_every_language() {
    check(false).unwrap();
}
