//! Kinds of pictures, by the four-character codes that a device lists.

/// Codes of formats without colour.
const GREY: &[&[u8; 4]] = &[
    b"GREY", b"Y10 ", b"Y12 ", b"Y14 ", b"Y16 ", b"Y10B", b"Y10P", b"Y12P", b"Y8I ", b"Y12I",
    b"Y16\xa0",
];
/// Codes of raw pictures of a sensor behind a filter of colours (Bayer pattern), from the header
/// `linux/videodev2.h` of Linux 6.12.
const RAW: &[&[u8; 4]] = &[
    // 8 bits.
    b"BA81", b"GBRG", b"GRBG", b"RGGB", // 10 bits, in two bytes, packed, and compressed.
    b"BG10", b"GB10", b"BA10", b"RG10", b"pBAA", b"pGAA", b"pgAA", b"pRAA", b"aBA8", b"aGA8",
    b"agA8", b"aRA8", b"bBA8", b"bGA8", b"BD10", b"bRA8", // 10 bits of the IPU3.
    b"ip3b", b"ip3g", b"ip3G", b"ip3r", // 12 bits.
    b"BG12", b"GB12", b"BA12", b"RG12", b"pBCC", b"pGCC", b"pgCC", b"pRCC", // 14 bits.
    b"BG14", b"GB14", b"GR14", b"RG14", b"pBEE", b"pGEE", b"pgEE", b"pREE", // 16 bits.
    b"BYR2", b"GB16", b"GR16", b"RG16", // Compressed by the receivers of a board.
    b"PC1B", b"PC1G", b"PC1g", b"PC1R",
];

/// Whether all pictures are without colour, like those of infra-red cameras.
pub(super) fn are_grey(listed: &[[u8; 4]]) -> bool {
    !listed.is_empty() && listed.iter().all(|code| GREY.contains(&code))
}

/// Whether there are raw pictures of a sensor, which a receiver gives and a finished camera does
/// not.
pub(super) fn have_raw(listed: &[[u8; 4]]) -> bool {
    listed.iter().any(|code| RAW.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_format_with_colour_makes_a_camera_one_with_colour() {
        assert!(are_grey(&[*b"GREY", *b"Y10 "]));
        assert!(!are_grey(&[*b"GREY", *b"YUYV"]) && !are_grey(&[]));
    }

    #[test]
    fn one_raw_format_shows_a_receiver() {
        for code in [b"BA10", b"ip3G", b"pRAA", b"RG12"] {
            assert!(have_raw(&[*b"YUYV", *code]), "{code:?}");
        }
        assert!(!have_raw(&[*b"YUYV", *b"NV12", *b"Z16 ", *b"INZI"]) && !have_raw(&[]));
    }
}
