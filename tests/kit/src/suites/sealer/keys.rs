//! Promises about the keys that seal and open.

use super::support::{CONTEXT, KEY, NewSealer, OTHER_KEY, SECRET, assert_does_not_open, assert_opens, seal};

/// Checks that a key which differs in one bit, alone or with former keys, does not open.
pub fn unknown_key_does_not_open(new: NewSealer<'_>) {
    let sealed = seal(&*new(KEY, &[]), SECRET, CONTEXT);
    assert_does_not_open(&*new(OTHER_KEY, &[]), &sealed, CONTEXT);
    assert_does_not_open(&*new(OTHER_KEY, &[&[2; 32], &[3; 32]]), &sealed, CONTEXT);
}

/// Checks that a secret sealed under a former key opens while that key is known.
pub fn former_key_still_opens(new: NewSealer<'_>) {
    let sealed = seal(&*new(KEY, &[]), SECRET, CONTEXT);
    assert_opens(&*new(OTHER_KEY, &[KEY]), &sealed, CONTEXT, SECRET);
    let third = new(&[3; 32], &[OTHER_KEY, KEY]);
    assert_opens(&*third, &sealed, CONTEXT, SECRET);
    assert_does_not_open(&*third, &sealed, b"another context");
}

/// Checks that new secrets are sealed under the current key only.
pub fn former_key_never_seals(new: NewSealer<'_>) {
    let sealed = seal(&*new(OTHER_KEY, &[KEY]), SECRET, CONTEXT);
    assert_opens(&*new(OTHER_KEY, &[]), &sealed, CONTEXT, SECRET);
    assert_does_not_open(&*new(KEY, &[]), &sealed, CONTEXT);
}
