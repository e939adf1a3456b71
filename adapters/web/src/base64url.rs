//! Base64url without padding (RFC 4648, section 5), read strictly and without tables or branches, so that
//! time tells nothing of what was read.
//!
//! Every request brings some. `base64ct` reads one character after the other through a list of ranges, which
//! was a seventh of all instructions of a session check; here the compiler can take many at a time.
//! Leaves out writing, which is rare.

/// The `M` bytes that `N` characters stand for, or `None` when one of them is no digit, or when the last one
/// has bits to spare that are not zero: then another text would mean the same.
pub(crate) fn decode<const N: usize, const M: usize>(text: &[u8; N]) -> Option<[u8; M]> {
    const { assert!(N == (M * 4).div_ceil(3)) }
    let mut digits = [0; N];
    for (digit, character) in digits.iter_mut().zip(text) {
        *digit = value(*character);
    }
    let mut faults = digits.iter().fold(0, |faults, digit| faults | digit & !MOST);
    let mut bytes = [0; M];
    for (group, three) in digits.chunks(4).zip(bytes.chunks_mut(3)) {
        let mut padded = [0; 4];
        padded[..group.len()].copy_from_slice(group);
        let [a, b, c, d] = padded;
        let whole = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        let (used, spare) = whole.split_at(three.len());
        three.copy_from_slice(used);
        faults |= spare.first().copied().unwrap_or(0);
    }
    (faults == 0).then_some(bytes)
}

/// The highest value of a digit.
const MOST: u8 = 63;

/// What a character is worth as a digit; all ones when it is none.
const fn value(character: u8) -> u8 {
    let upper = mask(character, b'A', b'Z');
    let lower = mask(character, b'a', b'z');
    let number = mask(character, b'0', b'9');
    let minus = mask(character, b'-', b'-');
    let underscore = mask(character, b'_', b'_');
    upper & character.wrapping_sub(b'A')
        | lower & character.wrapping_sub(b'a' - 26)
        | number & character.wrapping_add(52 - b'0')
        | minus & 62
        | underscore & 63
        | !(upper | lower | number | minus | underscore)
}

/// All ones when `byte` is in the range, none otherwise.
const fn mask(byte: u8, first: u8, last: u8) -> u8 {
    0_u8.wrapping_sub((byte.wrapping_sub(first) <= last - first) as u8)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::decode;

    /// Nine texts in ten that differ from a good one in one place are bad ones; all are read as by `base64ct`.
    #[track_caller]
    fn check<const N: usize, const M: usize>(good: [u8; M]) {
        let text: [u8; N] = Base64UrlUnpadded::encode_string(&good)
            .into_bytes()
            .try_into()
            .unwrap();
        assert_eq!(decode(&text), Some(good));
        for place in 0..N {
            for byte in 0..=u8::MAX {
                let mut other = text;
                other[place] = byte;
                let mut room = [0; M];
                let want = Base64UrlUnpadded::decode(other, &mut room).is_ok();
                assert_eq!(decode(&other), want.then_some(room), "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn every_character_in_every_place_is_read_as_by_base64ct() {
        check::<4, 3>([0xfb, 0xef, 0xbe]);
        check::<3, 2>([0xff, 0xff]);
        check::<2, 1>([0x10]);
        check::<86, 64>(std::array::from_fn(|n| (n as u8).wrapping_mul(151)));
    }
}
