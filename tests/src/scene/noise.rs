//! Sensor noise from a small generator with a fixed seed.

/// Xorshift generator (Marsaglia, "Xorshift RNGs", 2003, 64-bit triple 13/7/17).
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// About normal, mean 0, standard deviation 1: the sum of four uniform bytes.
    pub(super) fn sample(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        let sum = f32::from(u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d));
        (sum - 510.0) / 147.8
    }
}
