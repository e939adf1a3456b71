//! What somebody sees who reads the store.

use std::collections::HashSet;

use super::NewSealer;
use super::steps::{CONTEXT, SECRET, opens, seal, sealer};

/// Nobody can tell that two secrets are the same one, not even across two starts.
pub fn the_same_secret_is_sealed_differently_each_time(new: NewSealer<'_>) {
    let sealer = sealer(new);
    let sealed: HashSet<_> = (0..64).map(|_| seal(&*sealer, SECRET, CONTEXT)).collect();
    assert_eq!(sealed.len(), 64, "two of them are the same");
    for sealed in &sealed {
        opens(&*sealer, sealed, CONTEXT, SECRET);
    }
}

/// Not even a part of it.
pub fn what_is_sealed_does_not_show_the_secret(new: NewSealer<'_>) {
    let sealed = seal(&*sealer(new), SECRET, CONTEXT);
    let part = SECRET
        .windows(4)
        .find(|part| sealed.windows(4).any(|window| window == *part));
    assert_eq!(part, None, "{sealed:?}");
}
