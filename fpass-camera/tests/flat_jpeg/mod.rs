//! JPEG pictures of one colour, in which a sample of the colour may stand for several pixels.

/// A picture of `width`×`height` pixels with this luma, blue and red difference. One sample of the
/// differences stands for `across`×`down` pixels: 2×2 in pictures that are called 4:2:0.
pub(crate) fn flat_jpeg([width, height]: [u16; 2], sampling: [u8; 2], colour: [u8; 3]) -> Vec<u8> {
    let [across, down] = sampling;
    let mut file = vec![0xff, 0xd8];
    segment(&mut file, 0xdb, &[&[0][..], &[1; 64]].concat());
    let [[high, low], [wide, narrow]] = [height.to_be_bytes(), width.to_be_bytes()];
    let frame = [8, high, low, wide, narrow, 3, 1, (across << 4) | down, 0, 2, 0x11, 0, 3, 0x11, 0];
    segment(&mut file, 0xc0, &frame);
    // Each number of bits, 0 to 11, has a code of four bits.
    let constant: Vec<u8> = [0x00, 0, 0, 0, 12].into_iter().chain([0; 12]).chain(0..12).collect();
    segment(&mut file, 0xc4, &constant);
    // The only other code, of one bit, ends a block.
    segment(&mut file, 0xc4, &[&[0x10, 1][..], &[0; 15], &[0]].concat());
    segment(&mut file, 0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let units = |size: u16, samples: u8| size.div_ceil(8 * u16::from(samples));
    let count = u32::from(units(width, across)) * u32::from(units(height, down));
    let mut bits = Bits { file, pending: 0, length: 0 };
    for unit in 0..count {
        for (blocks, value) in [across * down, 1, 1].into_iter().zip(colour) {
            for block in 0..blocks {
                // A block stores the difference to the last one of its kind.
                let is_first = unit == 0 && block == 0;
                bits.block(if is_first { (i32::from(value) - 128) * 8 } else { 0 });
            }
        }
    }
    bits.end()
}

fn segment(file: &mut Vec<u8>, marker: u8, content: &[u8]) {
    file.extend([0xff, marker]);
    file.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
    file.extend(content);
}

/// The coded picture.
struct Bits {
    file: Vec<u8>,
    pending: u32,
    length: u32,
}

impl Bits {
    fn block(&mut self, difference: i32) {
        let width = 32 - difference.unsigned_abs().leading_zeros();
        self.push(width, 4);
        // A negative number is stored without its sign, less one.
        let stored = if difference < 0 { difference - 1 } else { difference };
        self.push(stored.cast_unsigned() & ((1 << width) - 1), width);
        self.push(0, 1);
    }

    fn push(&mut self, value: u32, width: u32) {
        self.pending = (self.pending << width) | value;
        self.length += width;
        while self.length >= 8 {
            self.length -= 8;
            let byte = (self.pending >> self.length).to_le_bytes()[0];
            self.file.push(byte);
            if byte == 0xff {
                self.file.push(0);
            }
        }
        self.pending &= (1 << self.length) - 1;
    }

    fn end(mut self) -> Vec<u8> {
        self.push(0x7f, 7);
        self.file.extend([0xff, 0xd9]);
        self.file
    }
}
