//! Promises about what opens and what does not.

use super::support::{CONTEXT, NewSealer, SECRET, assert_does_not_open, assert_opens, seal, sealer};

/// Checks that any secret and context can be opened again by another sealer with the same key.
pub fn sealed_secret_opens(new: NewSealer<'_>) {
    let long = vec![0xff; 70_000];
    for secret in [SECRET, b"\0", b"\r\n", &[0; 64], &long] {
        for context in [CONTEXT, b"", b"\0", &long] {
            let sealed = seal(&*sealer(new), secret, context);
            assert_opens(&*sealer(new), &sealed, context, secret);
        }
    }
}

/// Checks that the empty secret can be sealed, and is bound to its context.
pub fn empty_secret_can_be_sealed(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, b"", CONTEXT);
    assert_opens(&*sealer, &sealed, CONTEXT, b"");
    assert_does_not_open(&*sealer, &sealed, b"");
    assert_does_not_open(&*sealer, &[], CONTEXT);
}

/// Checks that sealed bytes do not open after a change of any single bit.
pub fn changed_bytes_do_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert_does_not_open(&*sealer, &changed, CONTEXT);
        }
    }
}

/// Checks that sealed bytes do not open if bytes are missing or added at either end.
pub fn truncated_or_extended_bytes_do_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    for length in 0..sealed.len() {
        assert_does_not_open(&*sealer, &sealed[..length], CONTEXT);
        assert_does_not_open(&*sealer, &sealed[sealed.len() - length..], CONTEXT);
    }
    for more in [&[0][..], &[0xff], &[0; 16], &sealed] {
        assert_does_not_open(&*sealer, &[&sealed, more].concat(), CONTEXT);
        assert_does_not_open(&*sealer, &[more, &sealed].concat(), CONTEXT);
    }
}

/// Checks that a secret sealed for one context does not open for another.
///
/// For example, a seed copied into another user's row is useless.
pub fn different_context_does_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    let last_bit = [0, 0, 0, 0, 0, 0, 0, 6];
    let longer = [CONTEXT, b"\0"].concat();
    for context in [&b""[..], &last_bit, &CONTEXT[..7], &longer] {
        assert_does_not_open(&*sealer, &sealed, context);
    }
}

/// Checks that moving bytes between the secret and the context makes a different pair.
pub fn secret_and_context_are_kept_apart(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, b"ab", b"cd");
    for context in [&b"bcd"[..], b"d", b"abcd", b""] {
        assert_does_not_open(&*sealer, &sealed, context);
    }
}

/// Checks that bytes which no sealer made do not open, at various lengths.
pub fn arbitrary_bytes_do_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    for byte in [0, 1, 2, b'$', 0xff] {
        for length in [0, 1, 2, 16, 24, 25, 40, 41, 42, 1_000] {
            assert_does_not_open(&*sealer, &vec![byte; length], CONTEXT);
        }
    }
}
