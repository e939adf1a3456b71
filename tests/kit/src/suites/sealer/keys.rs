//! Which key seals and which ones open.

use super::NewSealer;
use super::steps::{CONTEXT, KEY, OTHER_KEY, SECRET, does_not_open, opens, seal};

/// The key decides, to its last bit.
pub fn an_unknown_key_does_not_open(new: NewSealer<'_>) {
    let sealed = seal(&*new(KEY, &[]), SECRET, CONTEXT);
    does_not_open(&*new(OTHER_KEY, &[]), &sealed, CONTEXT);
    does_not_open(&*new(OTHER_KEY, &[&[2; 32], &[3; 32]]), &sealed, CONTEXT);
}

/// A secret that was changed does not lock anybody out, for as long as the former one is known.
pub fn a_former_key_still_opens(new: NewSealer<'_>) {
    let sealed = seal(&*new(KEY, &[]), SECRET, CONTEXT);
    opens(&*new(OTHER_KEY, &[KEY]), &sealed, CONTEXT, SECRET);
    let third = new(&[3; 32], &[OTHER_KEY, KEY]);
    opens(&*third, &sealed, CONTEXT, SECRET);
    does_not_open(&*third, &sealed, b"another context");
}

/// What is written from now on needs the current key alone.
pub fn nothing_is_sealed_under_a_former_key(new: NewSealer<'_>) {
    let sealed = seal(&*new(OTHER_KEY, &[KEY]), SECRET, CONTEXT);
    opens(&*new(OTHER_KEY, &[]), &sealed, CONTEXT, SECRET);
    does_not_open(&*new(KEY, &[]), &sealed, CONTEXT);
}
