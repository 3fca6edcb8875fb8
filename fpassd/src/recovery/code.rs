//! One recovery code and its text: `3-ABCD-EFGH-JKMN-PQRS`.
//!
//! The symbols are those of Crockford's base 32, without I, L, O and U. The first symbol, a digit,
//! is the number of the code. The other 16 symbols are 80 random bits. No part of a code implements
//! `Debug`.

use fpass_proto::limits;
use zeroize::{Zeroize, Zeroizing};

/// The symbols by their values.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bits of one symbol.
const SYMBOL_BITS: u32 = 5;
/// Random bytes of a code.
pub(crate) const SECRET: usize = 10;
/// Number of symbols for the random bytes.
const LENGTH: usize = 16;
/// Symbols between two hyphens.
const GROUP: usize = 4;

/// A well-formed code; it may be wrong.
pub(crate) struct Code {
    number: usize,
    secret: Zeroizing<[u8; SECRET]>,
}

impl Code {
    /// A code of random bytes with this number, from 0 to 9.
    pub(crate) fn new(number: usize, secret: Zeroizing<[u8; SECRET]>) -> Self {
        Self { number, secret }
    }

    /// Parses typed text. Case, white space and hyphens are ignored; O is read as 0, I and L as 1.
    /// `None` for a malformed code and for more than 64 bytes.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        if typed.len() > limits::RECOVERY_CODE_MAX {
            return None;
        }
        let mut symbols = typed.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        let number = usize::from(value(symbols.next()?)?);
        if number >= limits::RECOVERY_CODES {
            return None;
        }
        let mut bits = 0_u128;
        for _ in 0..LENGTH {
            bits = (bits << SYMBOL_BITS) | u128::from(value(symbols.next()?)?);
        }
        let code = symbols.next().is_none().then(|| {
            let mut bytes = bits.to_be_bytes();
            let mut secret = Zeroizing::new([0; SECRET]);
            if let Some(low) = bytes.last_chunk::<SECRET>() {
                secret.copy_from_slice(low);
            }
            bytes.zeroize();
            Self { number, secret }
        });
        bits.zeroize();
        code
    }

    /// The text of the code.
    pub(crate) fn spell(&self) -> Zeroizing<String> {
        let mut bytes = [0; size_of::<u128>()];
        if let Some(low) = bytes.last_chunk_mut::<SECRET>() {
            low.copy_from_slice(self.secret.as_slice());
        }
        let mut bits = u128::from_be_bytes(bytes);
        bytes.zeroize();
        // This capacity suffices: growing would leave a copy in memory.
        let mut text = Zeroizing::new(String::with_capacity(limits::RECOVERY_CODE_MAX));
        text.push(symbol(u128::try_from(self.number).unwrap_or_default()));
        for place in 0..LENGTH {
            if place % GROUP == 0 {
                text.push('-');
            }
            let rest = u32::try_from(LENGTH - 1 - place).unwrap_or_default();
            text.push(symbol(bits >> (rest * SYMBOL_BITS)));
        }
        bits.zeroize();
        text
    }

    /// Number of the code, from 0 to 9.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The random bytes.
    pub(crate) fn secret(&self) -> &[u8; SECRET] {
        &self.secret
    }
}

/// The symbol for the lowest five bits.
fn symbol(bits: u128) -> char {
    let value = usize::try_from(bits & 0x1f).unwrap_or_default();
    SYMBOLS.get(value).copied().map_or('0', char::from)
}

fn value(typed: u8) -> Option<u8> {
    let symbol = match typed.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let place = SYMBOLS.iter().position(|known| *known == symbol)?;
    u8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(number: usize, secret: [u8; SECRET]) -> Code {
        Code::new(number, Zeroizing::new(secret))
    }

    #[test]
    fn malformed_codes_are_refused() {
        let right = code(3, [0x5a; SECRET]).spell();
        let right = right.as_str();
        assert!(Code::parse(right).is_some());
        for typed in [
            "",
            "-",
            "3",
            &right[..right.len() - 1],
            &format!("{right}0"),
            &right.replacen('3', "A", 1),
            &right.replace('B', "U"),
            &right.replace('B', "\0"),
            &right.replace('B', "Ｂ"),
            &format!("{right}\u{202e}"),
            &format!("{right}{}", " ".repeat(limits::RECOVERY_CODE_MAX)),
            &"0".repeat(1 << 20),
        ] {
            assert!(Code::parse(typed).is_none(), "{typed:.40?}");
        }
    }

    #[test]
    fn a_code_is_spelt_as_documented_and_parsed_leniently() {
        let zeros = code(0, [0; SECRET]).spell();
        assert_eq!(zeros.as_str(), "0-0000-0000-0000-0000");
        let ones = code(9, [0xff; SECRET]).spell();
        assert_eq!(ones.as_str(), "9-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let known = code(1, [0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        assert_eq!(known.spell().as_str(), "1-0123-4567-89AB-CDEF");
        for typed in ["10123456789ABCDEF", "lo123456789abcdef", " I-OL23 4567-89ab\tcdef\n"] {
            let read = Code::parse(typed).unwrap();
            assert_eq!((read.number(), read.secret()), (1, known.secret()), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_spelt_code_parses_back(number in 0_usize..10, secret in any::<[u8; SECRET]>()) {
            let read = Code::parse(&code(number, secret).spell()).unwrap();
            prop_assert_eq!((read.number(), *read.secret()), (number, secret));
        }

        #[test]
        fn no_text_panics(typed in ".{0,80}") {
            if let Some(code) = Code::parse(&typed) {
                prop_assert!(code.number() < limits::RECOVERY_CODES);
            }
        }
    }
}
