use super::*;

fn kinds(source: &str) -> Vec<(Kind, &str)> {
    tokens(source).into_iter().map(|token| (token.kind, token.text)).collect()
}

#[test]
fn comment_marks_in_strings_begin_no_comment() {
    for source in ["\"// a\"", "r#\"/* \" */\"#", "\"\\\"// a\"", "b\"//\"", "c\"//\"", "br\"//\""]
    {
        assert_eq!(kinds(source), [(Kind::Text, source)]);
    }
}

#[test]
fn quotes_in_comments_begin_no_string() {
    for source in ["// don't \"", "/* a \" /* ' */ b */"] {
        assert_eq!(kinds(source), [(Kind::Comment, source)]);
    }
}

#[test]
fn characters_and_lifetimes_are_told_apart() {
    for source in ["'a'", "'\"'", "'\\''", "'\\u{e4}'", "b'\\\\'", "'ä'", "12_u8"] {
        assert_eq!(kinds(source), [(Kind::Scalar, source)]);
    }
    for source in ["'a", "'static", "r#type", "rest", "b"] {
        assert_eq!(kinds(source), [(Kind::Word, source)]);
    }
}

#[test]
fn a_token_has_the_line_of_its_first_character() {
    let found = tokens("a\n\n\"b\nc\" d /*\n*/ e\n");
    let lines: Vec<_> = found.iter().map(|token| (token.text, token.line)).collect();
    assert_eq!(lines, [("a", 1), ("\"b\nc\"", 3), ("d", 4), ("/*\n*/", 4), ("e", 5)]);
}

#[test]
fn what_is_not_closed_reaches_to_the_end() {
    for source in ["\"a", "/* a", "r#\"a\"", "'\\"] {
        assert_eq!(tokens(source).len(), 1, "{source}");
    }
}
