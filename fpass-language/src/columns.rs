//! The width of a text on a screen.

/// Columns of a text on a terminal: two for each character of Chinese and for its punctuation, one
/// for each other character.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|character| if is_wide(character) { 2 } else { 1 }).sum()
}

/// Whether the character has the East Asian width "wide" or "fullwidth" (Unicode Standard Annex
/// 11), as far as the catalogues use such characters: ideographs, their punctuation, and the quotes
/// that Chinese fonts draw as wide.
const fn is_wide(character: char) -> bool {
    matches!(
        character,
        '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{20000}'..='\u{3fffd}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_of_chinese_has_two_columns() {
        for (text, width) in [
            ("", 0),
            ("Hold still.", 11),
            ("größer", 6),
            ("请看摄像头。", 12),
            ("F-pass 已设置", 13),
        ] {
            assert_eq!(columns(text), width, "{text}");
        }
    }
}
