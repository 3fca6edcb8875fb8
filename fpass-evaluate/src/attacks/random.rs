//! Random numbers that a seed determines.

/// Random numbers by `SplitMix64` (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Numbers that belong to a seed and to the words, such as a species and a number.
    pub(super) fn new(seed: u64, words: &[&str]) -> Self {
        let mut random = Self(seed);
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
            random.0 ^= u64::from(byte);
            random.next();
        }
        random
    }

    /// The state, by which the numbers that follow can be had again.
    pub(super) fn state(&self) -> u64 {
        self.0
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number between two others.
    #[expect(clippy::cast_precision_loss, reason = "24 bits are exact")]
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * ((self.next() >> 40) as f32 / 16_777_216.0)
    }

    /// A whole number below a limit, which is at least 1.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let product = (self.next() >> 32) * u64::from(limit.max(1));
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// True in a share of all cases.
    pub(super) fn chance(&mut self, share: f32) -> bool {
        self.between(0.0, 1.0) < share
    }

    /// 1 or −1.
    pub(super) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// A number of about the standard normal distribution: the sum of twelve equal ones.
    pub(super) fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.between(0.0, 1.0)).sum::<f32>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_its_words_determine_the_numbers() {
        let first = |seed, words: &[&str]| Random::new(seed, words).next();
        assert_eq!(first(1, &["a", "b"]), first(1, &["a", "b"]));
        let others = [first(2, &["a", "b"]), first(1, &["ab"]), first(1, &["b", "a"])];
        assert!(others.iter().all(|other| *other != first(1, &["a", "b"])));
    }

    #[test]
    fn numbers_have_the_range_mean_and_spread_that_they_should() {
        let mut random = Random::new(3, &[]);
        let normals: Vec<f32> = (0..4000).map(|_| random.normal()).collect();
        let mean = normals.iter().sum::<f32>() / 4000.0;
        let variance = normals.iter().map(|one| (one - mean).powi(2)).sum::<f32>() / 4000.0;
        assert!(mean.abs() < 0.06 && (variance - 1.0).abs() < 0.1, "{mean} {variance}");
        for _ in 0..1000 {
            assert!((2.0..3.0).contains(&random.between(2.0, 3.0)));
            assert!(random.below(5) < 5);
        }
    }
}
