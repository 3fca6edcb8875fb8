//! Records that are out of order.

/// The fewest positions in `sequences` to move so that the rest ascends.
pub(crate) fn displaced(sequences: &[u64]) -> Vec<usize> {
    // Patience sorting: for each length, the position where an ascending run of it has the lowest
    // end.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(sequences.len());
    let value = |position: usize| sequences.get(position).copied().unwrap_or(u64::MAX);
    for (position, sequence) in sequences.iter().enumerate() {
        let length = ends.partition_point(|end| value(*end) < *sequence);
        before.push(length.checked_sub(1).and_then(|length| ends.get(length).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = position,
            None => ends.push(position),
        }
    }
    let mut stays = vec![false; sequences.len()];
    let mut next = ends.last().copied();
    while let Some(position) = next {
        if let Some(stay) = stays.get_mut(position) {
            *stay = true;
        }
        next = before.get(position).copied().flatten();
    }
    stays.iter().enumerate().filter(|(_, stay)| !**stay).map(|(position, _)| position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_are_named() {
        for (sequences, expected) in [
            (&[1, 2, 3, 4][..], &[][..]),
            (&[1, 3, 2, 4], &[1]),
            (&[4, 1, 2, 3], &[0]),
            (&[1, 2, 4, 5, 3], &[4]),
            (&[1, 1], &[0]),
            (&[], &[]),
        ] {
            let found = displaced(sequences);
            assert_eq!(found, expected, "{sequences:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_left_ascends(sequences in proptest::collection::vec(0_u64..20, 0..30)) {
            let displaced = displaced(&sequences);
            let left: Vec<u64> = (0..sequences.len())
                .filter(|position| !displaced.contains(position))
                .map(|position| sequences[position])
                .collect();
            proptest::prop_assert!(left.is_sorted_by(|a, b| a < b));
        }
    }
}
