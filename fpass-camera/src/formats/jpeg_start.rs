//! The beginning of a JPEG picture, as cameras send it and decoders do not take it.
//!
//! Some cameras put empty pictures (a start and an end) or a second start before each picture. Many
//! leave out the Huffman tables: the format "Motion JPEG" implies those of the JPEG standard.

use zeroize::Zeroizing;

use super::huffman_tables::STANDARD;

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const HUFFMAN_TABLES: u8 = 0xc4;
/// The tables that a picture can have: two for the mean and two for the details of its blocks.
const ALL_TABLES: u8 = 0b1111;

/// A picture that a decoder takes.
pub(super) enum WholePicture<'a> {
    /// Part of the frame.
    Part(&'a [u8]),
    /// A copy with the standard Huffman tables at its beginning. Tables of the picture come after
    /// them and replace them.
    WithTables(Zeroizing<Vec<u8>>),
}

impl WholePicture<'_> {
    /// The bytes of the picture.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Part(bytes) => bytes,
            Self::WithTables(bytes) => bytes,
        }
    }
}

/// The first picture of a frame that has a scan. Bytes without one are left as they are, and the
/// decoder refuses them.
pub(super) fn whole(frame: &[u8]) -> WholePicture<'_> {
    let Some((picture, tables)) = find(frame) else {
        return WholePicture::Part(frame);
    };
    let (Some(start), Some(rest)) = (picture.get(..2), picture.get(2..)) else {
        return WholePicture::Part(picture);
    };
    if tables == ALL_TABLES {
        return WholePicture::Part(picture);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(picture.len() + STANDARD.len()));
    for part in [start, &STANDARD, rest] {
        bytes.extend_from_slice(part);
    }
    WholePicture::WithTables(bytes)
}

/// The picture from its start, and the Huffman tables that it defines before its first scan.
fn find(frame: &[u8]) -> Option<(&[u8], u8)> {
    let mut picture = after_empty(frame)?;
    let mut rest = picture.get(2..)?;
    let mut tables = 0;
    loop {
        // Fill bytes and bytes between segments are skipped.
        let at = rest.windows(2).position(is_marker)?;
        let marker = *rest.get(at + 1)?;
        let after = rest.get(at + 2..)?;
        match marker {
            START_OF_SCAN => return Some((picture, tables)),
            START_OF_IMAGE => {
                picture = rest.get(at..)?;
                (rest, tables) = (after, 0);
            }
            END_OF_IMAGE => {
                picture = after_empty(after)?;
                (rest, tables) = (picture.get(2..)?, 0);
            }
            _ => {
                let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
                if marker == HUFFMAN_TABLES {
                    tables |= defined(after.get(2..length)?);
                }
                rest = after.get(length..)?;
            }
        }
    }
}

/// The bytes from the next start of a picture.
fn after_empty(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(bytes.windows(2).position(|pair| pair == [0xff, START_OF_IMAGE])?..)
}

/// Whether this is a marker other than a restart, which stands alone.
fn is_marker(pair: &[u8]) -> bool {
    matches!(pair, &[0xff, 0x02..=0xcf | 0xd8..=0xfe])
}

/// The tables that a segment defines: a bit for each class and number.
fn defined(mut segment: &[u8]) -> u8 {
    let mut tables = 0;
    while let [kind, rest @ ..] = segment {
        let (class, number) = (kind >> 4, kind & 0xf);
        if class < 2 && number < 2 {
            tables |= 1 << (2 * class + number);
        }
        let symbols: usize = rest.iter().take(16).map(|&count| usize::from(count)).sum();
        segment = rest.get(16 + symbols..).unwrap_or(&[]);
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: [u8; 2] = [0xff, START_OF_IMAGE];
    const END: [u8; 2] = [0xff, END_OF_IMAGE];
    const SCAN: [u8; 6] = [0xff, START_OF_SCAN, 0, 2, 0x55, 0xaa];

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    }

    /// A picture with these segments before its scan.
    fn picture(segments: &[u8]) -> Vec<u8> {
        [&START[..], segments, &SCAN, &END].concat()
    }

    #[test]
    fn the_standard_tables_are_four_and_end_with_their_segment() {
        let length = usize::from(u16::from_be_bytes([STANDARD[2], STANDARD[3]]));
        assert_eq!(length + 2, STANDARD.len());
        assert_eq!(defined(&STANDARD[4..]), ALL_TABLES);
    }

    #[test]
    fn a_picture_with_all_tables_is_left_as_it_is() {
        let given = picture(&STANDARD);
        assert!(matches!(whole(&given), WholePicture::Part(bytes) if bytes == given));
        let mut separate = Vec::new();
        let mut tables = &STANDARD[4..];
        while let [_, rest @ ..] = tables {
            let length = 17 + rest[..16].iter().map(|&count| usize::from(count)).sum::<usize>();
            separate.extend(segment(HUFFMAN_TABLES, &tables[..length]));
            tables = &tables[length..];
        }
        let given = picture(&separate);
        assert!(matches!(whole(&given), WholePicture::Part(bytes) if bytes == given));
    }

    #[test]
    fn missing_tables_come_before_those_of_the_picture() {
        let one = segment(HUFFMAN_TABLES, &STANDARD[4..4 + 29]);
        for segments in [Vec::new(), segment(0xe0, b"AVI1\0"), segment(0xe0, b"JFIF\0"), one] {
            let given = picture(&segments);
            let wanted = [&START[..], &STANDARD, &given[2..]].concat();
            assert_eq!(whole(&given).bytes(), wanted, "{segments:?}");
        }
    }

    #[test]
    fn empty_pictures_and_starts_before_a_picture_are_skipped() {
        let wanted = picture(&STANDARD);
        let comment = segment(0xfe, b"\xff\xda empty \xff\xd8");
        for before in [
            START.to_vec(),
            START.repeat(5),
            [START, END].concat(),
            [START, END].concat().repeat(4),
            [&START[..], &comment, &END, &START].concat(),
            [&START[..], &STANDARD, &END, &[0, 0, 7, 0xff]].concat(),
            vec![0; 9],
        ] {
            let given = [&before[..], &wanted].concat();
            assert_eq!(whole(&given).bytes(), wanted, "{before:?}");
        }
    }

    #[test]
    fn tables_of_an_empty_picture_are_not_those_of_the_next() {
        let given = [&START[..], &STANDARD, &END, &picture(&[])].concat();
        assert!(matches!(whole(&given), WholePicture::WithTables(_)));
        let given = [&START[..], &STANDARD, &picture(&[])].concat();
        assert!(matches!(whole(&given), WholePicture::WithTables(_)));
    }

    #[test]
    fn bytes_without_a_scan_are_left_as_they_are() {
        let comment = segment(0xfe, b"long");
        for given in [
            &[][..],
            &[0xff],
            &START,
            &[START, END].concat(),
            &[&START[..], &comment].concat(),
            &[&START[..], &comment[..5]].concat(),
            &[&START[..], &[0xff, HUFFMAN_TABLES, 0, 0]].concat(),
            &[&START[..], &[0xff, 0xe0, 0, 1]].concat(),
            b"\x89PNG\r\n\x1a\n",
        ] {
            assert!(
                matches!(whole(given), WholePicture::Part(bytes) if bytes == given),
                "{given:?}"
            );
        }
    }
}
