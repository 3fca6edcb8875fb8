//! The list of phrases that prose avoids.

use crate::error::Error;
use crate::prose::passages::Passage;

/// A phrase, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// In lower case, with single spaces.
    words: String,
    advice: String,
}

/// Reads the list: `phrase: advice` on each line that is neither empty nor a comment.
pub(crate) fn read(list: &str) -> Result<Vec<Phrase>, Error> {
    let rows = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| {
        let (words, advice) =
            row.split_once(": ").ok_or_else(|| Error::PhraseList(row.to_owned()))?;
        Ok(Phrase { words: words.to_lowercase(), advice: advice.to_owned() })
    })
    .collect()
}

impl Phrase {
    /// The lines of a passage on which the phrase begins.
    pub(crate) fn lines<'a>(&'a self, passage: &'a Passage) -> impl Iterator<Item = usize> + 'a {
        let text = Joined::new(passage);
        let found: Vec<usize> = text
            .words
            .match_indices(&self.words)
            .filter(|(at, _)| text.is_whole(*at, self.words.len()))
            .filter_map(|(at, _)| text.number(at))
            .collect();
        found.into_iter()
    }

    /// What is said about a place that has the phrase.
    pub(crate) fn complaint(&self) -> String {
        format!("\"{}\": {}", self.words, self.advice)
    }
}

/// A passage as one line in lower case.
struct Joined {
    words: String,
    /// Where each line begins, and its number.
    starts: Vec<(usize, usize)>,
}

impl Joined {
    fn new(passage: &Passage) -> Self {
        let mut words = String::new();
        let mut starts = Vec::new();
        for line in &passage.lines {
            starts.push((words.len(), line.number));
            for word in line.text.split_whitespace() {
                words.push_str(&word.to_lowercase());
                words.push(' ');
            }
        }
        Self { words, starts }
    }

    /// Whether no letter, digit, hyphen or underscore touches the part.
    fn is_whole(&self, at: usize, length: usize) -> bool {
        let touches = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
        let before = self.words.get(..at).and_then(|text| text.chars().next_back());
        let after = self.words.get(at + length..).and_then(|text| text.chars().next());
        !before.is_some_and(touches) && !after.is_some_and(touches)
    }

    fn number(&self, at: usize) -> Option<usize> {
        self.starts.iter().rev().find(|(start, _)| *start <= at).map(|(_, number)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::passages::passages;

    #[test]
    fn a_row_without_advice_is_refused() {
        let answer = read("# list\n\ngreen apples: red pears\nblue plums\n");
        assert!(matches!(answer, Err(Error::PhraseList(row)) if row == "blue plums"));
    }

    #[test]
    fn a_phrase_is_whole_words() {
        let phrases = read("green apples: red pears\n").unwrap();
        let seen = |text: &str| {
            let passages = passages("a.md", text);
            passages.iter().flat_map(|passage| phrases[0].lines(passage)).collect::<Vec<_>>()
        };
        assert_eq!(seen("Green  Apples. Evergreen apples, green applesauce, green_apples.\n"), [1]);
        assert_eq!(seen("a\nb green\napples\n"), [2]);
        assert_eq!(phrases[0].complaint(), "\"green apples\": red pears");
    }
}
