//! How often a JPEG picture goes over its pixels.
//!
//! A picture in several scans costs its area once for each of them, and a scan takes as little as
//! 14 bytes. What a camera sends has one scan, or one for each component, and is never progressive.

/// Most scans of a frame: one for each component.
const SCANS_MAX: usize = 3;

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Whether a picture is sequential and in no more scans than it has components.
///
/// Up to the first scan segments are passed over by their length, so that what an application put
/// into one is not read. From there on every marker counts, wherever it stands, because decoders
/// differ in what they pass over there.
pub(super) fn are_few(jpeg: &[u8]) -> bool {
    let mut scans = 0;
    let mut rest = jpeg;
    while let Some((marker, behind)) = next_marker(rest) {
        rest = behind;
        match marker {
            END_OF_IMAGE => return true,
            START_OF_SCAN => {
                scans += 1;
                if scans > SCANS_MAX {
                    return false;
                }
            }
            // Every frame header but those of baseline and extended sequential pictures.
            0xc2..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return false,
            0xd8 => {}
            _ if scans == 0 => rest = behind_segment(rest),
            _ => {}
        }
    }
    true
}

/// The next marker and what follows it. Stuffed bytes, restarts and filling are none.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let is_marker = |pair: &[u8]| matches!(pair, &[0xff, 0x02..=0xcf | 0xd8..=0xfe]);
    let at = bytes.windows(2).position(is_marker)?;
    match bytes.get(at + 1..)? {
        [marker, behind @ ..] => Some((*marker, behind)),
        [] => None,
    }
}

/// What follows a segment, which begins with its length.
fn behind_segment(segment: &[u8]) -> &[u8] {
    let Some(length) = segment.first_chunk().map(|bytes| u16::from_be_bytes(*bytes)) else {
        return &[];
    };
    segment.get(usize::from(length)..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: [u8; 2] = [0xff, 0xd8];
    const SCAN: [u8; 6] = [0xff, START_OF_SCAN, 0, 2, 0x55, 0xaa];
    const END: [u8; 2] = [0xff, END_OF_IMAGE];

    fn in_scans(count: usize) -> Vec<u8> {
        [&START[..], &[0xff, 0xc0, 0, 2], &SCAN.repeat(count), &END].concat()
    }

    #[test]
    fn more_scans_than_components_are_refused_wherever_they_stand() {
        for count in 4..10 {
            assert!(!are_few(&in_scans(count)), "{count}");
        }
        // An unknown segment between scans hides none of those behind it.
        let hidden = [&in_scans(1)[..14 - 2], &[0xff, 0x02, 0xff, 0xff], &SCAN.repeat(3)].concat();
        assert!(!are_few(&hidden));
    }

    #[test]
    fn frames_that_are_not_sequential_are_refused() {
        for marker in [0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
            let mut picture = in_scans(1);
            picture[3] = marker;
            assert!(!are_few(&picture), "{marker:x}");
        }
    }

    #[test]
    fn one_scan_for_each_component_is_taken() {
        for count in 0..=3 {
            assert!(are_few(&in_scans(count)), "{count}");
        }
    }

    #[test]
    fn what_an_application_put_before_and_a_driver_behind_the_picture_does_not_count() {
        let thumbnail = in_scans(4);
        let length = u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes();
        let behind = [&in_scans(1)[..], &thumbnail].concat();
        assert!(are_few(&behind));
        let before = [&START[..], &[0xff, 0xe4], &length, &thumbnail, &SCAN, &END].concat();
        assert!(are_few(&before));
    }

    #[test]
    fn segments_that_are_cut_or_lie_about_their_length_end_the_search() {
        for tail in [&[0xff, 0xe0][..], &[0xff, 0xe0, 0], &[0xff, 0xe0, 0, 0], &[0xff], &[]] {
            assert!(are_few(&[&START[..], tail].concat()));
        }
    }
}
