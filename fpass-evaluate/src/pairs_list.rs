//! A list of pairs, as Labeled Faces in the Wild has it.

/// A picture as the file names it: the person and the number.
pub type PictureName<'a> = (&'a str, u32);
/// Two pictures that are compared.
pub type Pair<'a> = (PictureName<'a>, PictureName<'a>);

/// What is wrong in a list of pairs.
#[derive(Debug, PartialEq)]
pub enum PairsError {
    /// The first line does not announce at least two folds of at least one pair.
    Head,
    /// The line does not hold a pair, or is the last one and the number of pairs differs from the
    /// one that the first line announces.
    Line {
        /// Its number, counted from 1.
        line: usize,
        /// Folds that the first line announces.
        folds: usize,
    },
}

/// Reads the pairs, fold by fold. The first line gives the number of folds and the number of pairs
/// of each kind (genuine, impostor) in a fold.
///
/// # Errors
/// The first line that is wrong.
pub fn parse(text: &str) -> Result<Vec<Vec<Pair<'_>>>, PairsError> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let (head, _) = lines.next().ok_or(PairsError::Head)?;
    let numbers: Vec<usize> =
        head.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[folds @ 2..=usize::MAX, each @ 1..=usize::MAX] = numbers.as_slice() else {
        return Err(PairsError::Head);
    };
    let each = each.checked_mul(2).ok_or(PairsError::Head)?;
    let (mut pairs, mut last) = (Vec::new(), 1);
    for (line, number) in lines {
        pairs.push(pair(line).ok_or(PairsError::Line { line: number, folds })?);
        last = number;
    }
    if folds.checked_mul(each) != Some(pairs.len()) {
        return Err(PairsError::Line { line: last, folds });
    }
    Ok(pairs.chunks(each).map(<[Pair<'_>]>::to_vec).collect())
}

fn pair(line: &str) -> Option<Pair<'_>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match *words.as_slice() {
        [name, one, other] => Some(((name, one.parse().ok()?), (name, other.parse().ok()?))),
        [name, one, other_name, other] => {
            Some(((name, one.parse().ok()?), (other_name, other.parse().ok()?)))
        }
        _ => None,
    }
}
