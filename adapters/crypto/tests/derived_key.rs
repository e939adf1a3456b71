//! Keys derived from the server's secret.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use kunci_crypto::derive_key;

const SECRET: &[u8] = &[1; 32];

#[test]
fn derived_key_depends_on_secret_and_label() {
    let key = derive_key(SECRET, b"first").unwrap();
    assert_eq!(derive_key(SECRET, b"first").unwrap(), key);
    assert_ne!(derive_key(SECRET, b"second").unwrap(), key);
    assert_ne!(derive_key(&[2; 32], b"first").unwrap(), key);
    assert_ne!(&key[..], SECRET);
}

#[test]
fn derived_key_is_the_hmac_of_the_label() {
    // The value comes from Python's `hmac` module.
    let key = derive_key(SECRET, b"first").unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "5bc2988af85f9b534a7aef6086870243599240de61e02a8074f2c99a4dd8c9a2"
    );
}

#[test]
fn short_secret_is_refused() {
    assert!(derive_key(&[1; 31], b"first").is_err());
}
