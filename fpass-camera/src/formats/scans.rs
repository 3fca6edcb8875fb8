//! The limit on the scans of a JPEG picture.
//!
//! Decoding costs one pass over the picture for each scan, and a scan can be as short as 14 bytes.
//! Frames of cameras have one scan, or one for each component, and are not progressive.

/// Most scans of a frame: one for each component.
const SCANS_MAX: usize = 3;

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Whether a picture is sequential and has at most [`SCANS_MAX`] scans.
///
/// Segments before the first scan are skipped by their length, so markers inside the data of an
/// application do not count. After it every marker counts wherever it is, because decoders differ
/// in what they skip there.
pub(super) fn within_limit(jpeg: &[u8]) -> bool {
    let mut scans = 0;
    let mut rest = jpeg;
    while let Some((marker, after)) = next_marker(rest) {
        rest = after;
        match marker {
            END_OF_IMAGE => return true,
            START_OF_SCAN => {
                scans += 1;
                if scans > SCANS_MAX {
                    return false;
                }
            }
            // All frame headers except those of baseline and extended sequential pictures.
            0xc2..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return false,
            0xd8 => {}
            _ if scans == 0 => rest = after_segment(rest),
            _ => {}
        }
    }
    true
}

/// The next marker and the bytes after it. Stuffed bytes, restart markers and fill bytes are
/// skipped.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let is_marker = |pair: &[u8]| matches!(pair, &[0xff, 0x02..=0xcf | 0xd8..=0xfe]);
    let at = bytes.windows(2).position(is_marker)?;
    match bytes.get(at + 1..)? {
        [marker, after @ ..] => Some((*marker, after)),
        [] => None,
    }
}

/// The bytes after a segment, which begins with its length.
fn after_segment(segment: &[u8]) -> &[u8] {
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
    fn more_scans_than_components_are_refused_wherever_they_are() {
        for count in 4..10 {
            assert!(!within_limit(&in_scans(count)), "{count}");
        }
        // An unknown segment between scans does not hide the scans after it.
        let hidden = [&in_scans(1)[..14 - 2], &[0xff, 0x02, 0xff, 0xff], &SCAN.repeat(3)].concat();
        assert!(!within_limit(&hidden));
    }

    #[test]
    fn frames_that_are_not_sequential_are_refused() {
        for marker in [0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
            let mut picture = in_scans(1);
            picture[3] = marker;
            assert!(!within_limit(&picture), "{marker:x}");
        }
    }

    #[test]
    fn one_scan_for_each_component_is_accepted() {
        for count in 0..=3 {
            assert!(within_limit(&in_scans(count)), "{count}");
        }
    }

    #[test]
    fn application_data_and_bytes_after_the_picture_do_not_count() {
        let thumbnail = in_scans(4);
        let length = u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes();
        let after = [&in_scans(1)[..], &thumbnail].concat();
        assert!(within_limit(&after));
        let before = [&START[..], &[0xff, 0xe4], &length, &thumbnail, &SCAN, &END].concat();
        assert!(within_limit(&before));
    }

    #[test]
    fn truncated_segments_and_wrong_lengths_end_the_search() {
        for tail in [&[0xff, 0xe0][..], &[0xff, 0xe0, 0], &[0xff, 0xe0, 0, 0], &[0xff], &[]] {
            assert!(within_limit(&[&START[..], tail].concat()));
        }
    }
}
