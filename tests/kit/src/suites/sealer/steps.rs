//! The steps that promises are made of. A sealer that does not seal fails the promise.

use kunci_domain::ports::Sealer;

use super::NewSealer;

/// An ordinary secret: the seed of a second factor.
pub(super) const SECRET: &[u8] = b"twenty bytes of seed";
/// An ordinary context: the id of a user.
pub(super) const CONTEXT: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 7];
/// A key.
pub(super) const KEY: &[u8] = &[1; 32];
/// Another one, which differs in a bit.
pub(super) const OTHER_KEY: &[u8] = &{
    let mut key = [1; 32];
    key[31] ^= 0x80;
    key
};

/// A sealer that knows one key.
pub(super) fn sealer(new: NewSealer<'_>) -> Box<dyn Sealer> {
    new(KEY, &[])
}

#[track_caller]
pub(super) fn seal(sealer: &dyn Sealer, secret: &[u8], context: &[u8]) -> Vec<u8> {
    match sealer.seal(secret, context) {
        Ok(sealed) => sealed,
        Err(error) => panic!("not sealed: {error:?}"),
    }
}

#[track_caller]
pub(super) fn opens(sealer: &dyn Sealer, sealed: &[u8], context: &[u8], want: &[u8]) {
    match sealer.open(sealed, context) {
        Ok(secret) => assert_eq!(secret.as_slice(), want),
        Err(error) => panic!("not opened: {error:?}"),
    }
}

#[track_caller]
pub(super) fn does_not_open(sealer: &dyn Sealer, sealed: &[u8], context: &[u8]) {
    let opened = sealer.open(sealed, context);
    assert!(opened.is_err(), "{sealed:?} opens for {context:?}");
}
