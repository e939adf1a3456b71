//! What opens, and everything else, which does not.

use super::NewSealer;
use super::steps::{CONTEXT, SECRET, does_not_open, opens, seal, sealer};

/// Whatever the bytes are, they come back, also in another process.
pub fn what_was_sealed_opens(new: NewSealer<'_>) {
    let long = vec![0xff; 70_000];
    for secret in [SECRET, b"\0", b"\r\n", &[0; 64], &long] {
        for context in [CONTEXT, b"", b"\0", &long] {
            let sealed = seal(&*sealer(new), secret, context);
            opens(&*sealer(new), &sealed, context, secret);
        }
    }
}

/// The empty secret is one, and is as well guarded.
pub fn nothing_at_all_is_a_secret(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, b"", CONTEXT);
    opens(&*sealer, &sealed, CONTEXT, b"");
    does_not_open(&*sealer, &sealed, b"");
    does_not_open(&*sealer, &[], CONTEXT);
}

/// Every bit counts.
pub fn what_was_changed_does_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            does_not_open(&*sealer, &changed, CONTEXT);
        }
    }
}

/// So does every byte, at either end.
pub fn what_was_cut_or_lengthened_does_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    for length in 0..sealed.len() {
        does_not_open(&*sealer, &sealed[..length], CONTEXT);
        does_not_open(&*sealer, &sealed[sealed.len() - length..], CONTEXT);
    }
    for more in [&[0][..], &[0xff], &[0; 16], &sealed] {
        does_not_open(&*sealer, &[&sealed, more].concat(), CONTEXT);
        does_not_open(&*sealer, &[more, &sealed].concat(), CONTEXT);
    }
}

/// What was sealed for one owner is of no use in the row of another.
pub fn another_context_does_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, SECRET, CONTEXT);
    let last_bit = [0, 0, 0, 0, 0, 0, 0, 6];
    let longer = [CONTEXT, b"\0"].concat();
    for context in [&b""[..], &last_bit, &CONTEXT[..7], &longer] {
        does_not_open(&*sealer, &sealed, context);
    }
}

/// A byte that is moved from the one to the other makes another pair.
pub fn secret_and_context_do_not_run_into_each_other(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed = seal(&*sealer, b"ab", b"cd");
    for context in [&b"bcd"[..], b"d", b"abcd", b""] {
        does_not_open(&*sealer, &sealed, context);
    }
}

/// What no sealer wrote is refused, however short, long or regular.
pub fn garbage_does_not_open(new: NewSealer<'_>) {
    let sealer = sealer(new);
    for byte in [0, 1, 2, b'$', 0xff] {
        for length in [0, 1, 2, 16, 24, 25, 40, 41, 42, 1_000] {
            does_not_open(&*sealer, &vec![byte; length], CONTEXT);
        }
    }
}
