//! The text of a list of pairs.

/// A picture as the file names it: the person and the number.
pub(crate) type Named<'a> = (&'a str, u32);
/// Two of them.
pub(crate) type Pair<'a> = (Named<'a>, Named<'a>);

/// Why a text is no list of pairs.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    /// The first line does not give two folds or more with one pair or more.
    Head,
    /// The line of this number, counted from 1, is no pair, or the list ends at it with another
    /// number of pairs than the first line gives.
    Line { line: usize, folds: usize },
}

/// The pairs in their folds. The first line gives the number of folds and the number of pairs of
/// each kind in a fold.
///
/// # Errors
/// A [`Fault`].
pub(crate) fn parse(text: &str) -> Result<Vec<Vec<Pair<'_>>>, Fault> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let (head, _) = lines.next().ok_or(Fault::Head)?;
    let numbers: Vec<usize> =
        head.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[folds @ 2..=usize::MAX, each @ 1..=usize::MAX] = numbers.as_slice() else {
        return Err(Fault::Head);
    };
    let each = each.checked_mul(2).ok_or(Fault::Head)?;
    let (mut pairs, mut last) = (Vec::new(), 1);
    for (line, number) in lines {
        pairs.push(pair(line).ok_or(Fault::Line { line: number, folds })?);
        last = number;
    }
    if folds.checked_mul(each) != Some(pairs.len()) {
        return Err(Fault::Line { line: last, folds });
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
