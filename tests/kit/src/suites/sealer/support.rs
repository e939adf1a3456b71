//! Helpers of the promises. If a sealer does not seal, the promise fails.

use kunci_domain::ports::Sealer;

/// A function that makes a sealer from the current key and the former keys, of 32 bytes each.
pub type NewSealer<'n> = &'n dyn Fn(&[u8], &[&[u8]]) -> Box<dyn Sealer>;

/// An ordinary secret: the seed of a second factor.
pub(super) const SECRET: &[u8] = b"twenty bytes of seed";
/// An ordinary context: the id of a user.
pub(super) const CONTEXT: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 7];
pub(super) const KEY: &[u8] = &[1; 32];
/// Differs from [`KEY`] in one bit.
pub(super) const OTHER_KEY: &[u8] = &{
    let mut key = [1; 32];
    key[31] ^= 0x80;
    key
};

/// Returns a sealer with one key.
pub(super) fn sealer(new: NewSealer<'_>) -> Box<dyn Sealer> {
    new(KEY, &[])
}

#[track_caller]
pub(super) fn seal(sealer: &dyn Sealer, secret: &[u8], context: &[u8]) -> Vec<u8> {
    match sealer.seal(secret, context) {
        Ok(sealed) => sealed,
        Err(error) => panic!("seal failed: {error:?}"),
    }
}

#[track_caller]
pub(super) fn assert_opens(sealer: &dyn Sealer, sealed: &[u8], context: &[u8], want: &[u8]) {
    match sealer.open(sealed, context) {
        Ok(secret) => assert_eq!(secret.as_slice(), want),
        Err(error) => panic!("open failed: {error:?}"),
    }
}

#[track_caller]
pub(super) fn assert_does_not_open(sealer: &dyn Sealer, sealed: &[u8], context: &[u8]) {
    let opened = sealer.open(sealed, context);
    assert!(opened.is_err(), "{sealed:?} opens for {context:?}");
}
