//! Format of sealed data, refused secrets, and missing entropy.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::sync::Arc;

use kunci_crypto::{SecretError, XChaChaSealer};
use kunci_domain::ports::Sealer;
use kunci_testkit::fakes::{BrokenEntropy, SeededEntropy};

const SECRET: &[u8] = &[7; 32];

fn sealer() -> XChaChaSealer {
    XChaChaSealer::new(SECRET, &[], Arc::new(SeededEntropy::new(1))).unwrap()
}

#[test]
fn sealed_data_has_version_nonce_ciphertext_and_tag() {
    let sealed = sealer().seal(b"seed", b"owner").unwrap();
    assert_eq!(sealed.len(), 1 + 24 + 4 + 16);
    assert_eq!(sealed[0], 1);
}

/// Opens data from the first version, to detect changes of the label, the scheme or a library.
#[test]
fn data_from_the_first_version_still_opens() {
    const SEALED: &str =
        "01c15c0289ec2d0a9167ec8e65a18debbe5e5532fbeea293f874239de1b1adc9a65b45dd94340b87910fff649d";
    let sealed: Vec<u8> = (0..SEALED.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&SEALED[at..at + 2], 16).unwrap())
        .collect();
    assert_eq!(sealer().open(&sealed, b"owner").unwrap().as_slice(), b"seed");
}

#[test]
fn unknown_version_does_not_open() {
    let mut sealed = sealer().seal(b"seed", b"owner").unwrap();
    for version in [0, 2, 255] {
        sealed[0] = version;
        assert!(sealer().open(&sealed, b"owner").is_err(), "{version}");
    }
}

#[test]
fn short_secrets_are_refused() {
    let new = |current: &[u8], former: &[&[u8]]| {
        XChaChaSealer::new(current, former, Arc::new(SeededEntropy::new(1))).map(drop)
    };
    assert_eq!(new(&[7; 31], &[]), Err(SecretError));
    assert_eq!(new(SECRET, &[SECRET, &[7; 31]]), Err(SecretError));
    assert_eq!(new(SECRET, &[&[8; 100]]), Ok(()));
}

#[test]
fn missing_entropy_prevents_sealing() {
    let sealer = XChaChaSealer::new(SECRET, &[], Arc::new(BrokenEntropy)).unwrap();
    assert!(sealer.seal(b"seed", b"owner").is_err());
}

#[test]
fn debug_output_hides_keys() {
    assert_eq!(format!("{:?}", sealer()), "XChaChaSealer { former: 0, .. }");
}
