use super::*;

const README: &str = "# F\n![p](docs/p.svg)\n[u](docs/user.md#two-words)\n`[no](link.md)`\n";
const USER: &str = "# Two words\n```\n# no heading\n[no](link.md)\n```\n[r](../README.md#f)\n";
const LIST: &str = "| number | decision |\n|---|---|\n| [0001](0001-a.md) | A [b] | accepted |\n";
const ADR: &str = "# A\n[list](README.md)\n";
const SHORT: &str = "[F](../README.md)\n- [U](user.md)\n- [D](adr/README.md)\n";

/// A tree with these files instead of, or in addition to, those of a right one.
fn book(other: &[(&str, &str)]) -> Book {
    let right = [
        ("README.md", README),
        ("docs/p.svg", ""),
        ("docs/user.md", USER),
        (DECISIONS, LIST),
        ("docs/adr/0001-a.md", ADR),
        (SUMMARY, SHORT),
    ];
    let tree: BTreeMap<&str, &str> = right.into_iter().chain(other.iter().copied()).collect();
    let files = tree.keys().map(|file| (*file).to_owned()).collect();
    Book::read(files, |file| Ok(tree[file].to_owned())).unwrap()
}

#[test]
fn a_right_book_passes() {
    assert_eq!(book(&[]).complaints(), [""; 0]);
}

#[test]
fn a_page_that_is_not_listed_is_found() {
    for page in ["docs/more.md", "docs/adr/0002-b.md"] {
        let expected = format!("{page}: is not in {SUMMARY} or {DECISIONS}");
        assert_eq!(book(&[(page, "# More\n")]).complaints(), [expected]);
    }
}

#[test]
fn a_listed_page_exists_and_is_listed_once() {
    let summary = SHORT.to_owned() + "- [U](user.md)\n- [G](gone.md)\n";
    let expected = ["4: docs/user.md is listed twice", "5: docs/gone.md does not exist"];
    let expected = expected.map(|complaint| format!("{SUMMARY}:{complaint}"));
    assert_eq!(book(&[(SUMMARY, &summary)]).complaints(), expected);
}

#[test]
fn a_link_that_does_not_resolve_is_found() {
    for (link, expected) in [
        ("gone.md", "docs/gone.md does not exist, or is a directory"),
        ("adr", "docs/adr does not exist, or is a directory"),
        ("../../README.md", "../README.md does not exist, or is a directory"),
        ("#no-heading", "docs/user.md has no #no-heading"),
        ("../README.md#g", "README.md has no #g"),
        ("../other.md", "other.md is not a page of the book"),
    ] {
        let page = format!("# User\nSee\n[this\none]({link}).\n");
        let readme = README.replace("#two-words", "#user");
        let tree = [("docs/user.md", page.as_str()), ("README.md", &readme), ("other.md", "")];
        assert_eq!(book(&tree).complaints(), [format!("docs/user.md:4: {expected}")]);
    }
}

#[test]
fn other_links_pass() {
    for link in ["https://example.org/a.md#b", "p.svg", "#user", "adr/0001-a.md#a"] {
        let page = format!("# User\n[this]({link})\n");
        let readme = README.replace("#two-words", "#user");
        let tree = [("docs/user.md", page.as_str()), ("README.md", &readme)];
        assert_eq!(book(&tree).complaints(), [""; 0], "{link}");
    }
}

#[test]
fn headings_have_the_names_that_links_use() {
    let text = "# What F-pass does, and `x_y`\n## A\n### A\n#no\n## See [this](b.md)!\n";
    let expected = ["a", "a-1", "see-this", "what-f-pass-does-and-x_y"];
    assert_eq!(headings(text).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_summary_of_the_source_is_from_the_root_and_has_the_decisions() {
    let expected = "[F](README.md)\n- [U](docs/user.md)\n- [D](docs/adr/README.md)\n  \
                    - [0001 A b](docs/adr/0001-a.md)\n";
    assert_eq!(book(&[]).rooted_summary(), expected);
}

#[test]
fn the_source_has_the_pages_and_what_they_show() {
    let root = tempfile::tempdir().unwrap();
    let into = tempfile::tempdir().unwrap();
    let book = book(&[]);
    for file in &book.files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    book.write(root.path(), into.path()).unwrap();
    for file in ["README.md", "docs/user.md", "docs/p.svg", "docs/adr/0001-a.md"] {
        assert_eq!(fs::read_to_string(into.path().join(file)).unwrap(), file);
    }
    assert!(!into.path().join(SUMMARY).exists());
}
