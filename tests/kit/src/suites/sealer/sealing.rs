//! Promises about what a reader of the store learns from sealed bytes.

use std::collections::HashSet;

use super::support::{CONTEXT, NewSealer, SECRET, assert_opens, seal, sealer};

/// Checks that sealing a secret again gives different bytes, so that equal secrets cannot be
/// recognised.
pub fn sealing_twice_gives_different_bytes(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed: HashSet<_> = (0..64).map(|_| seal(&*sealer, SECRET, CONTEXT)).collect();
    assert_eq!(sealed.len(), 64, "two sealed texts are equal");
    for sealed in &sealed {
        assert_opens(&*sealer, sealed, CONTEXT, SECRET);
    }
}

/// Checks that sealed bytes contain no part of the secret.
pub fn sealed_bytes_do_not_contain_the_secret(new: NewSealer<'_>) {
    let sealed = seal(&*sealer(new), SECRET, CONTEXT);
    let part = SECRET
        .windows(4)
        .find(|part| sealed.windows(4).any(|window| window == *part));
    assert_eq!(part, None, "{sealed:?}");
}
