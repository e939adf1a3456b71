//! Runs the conformance suite of the `Sealer` port with entropy from the operating system.

use std::sync::Arc;

use kunci_crypto::{RandEntropy, XChaChaSealer};
use kunci_domain::ports::Sealer;

fn sealer(current: &[u8], former: &[&[u8]]) -> Box<dyn Sealer> {
    match XChaChaSealer::new(current, former, Arc::new(RandEntropy)) {
        Ok(sealer) => Box::new(sealer),
        Err(error) => panic!("no sealer: {error:?}"),
    }
}

kunci_testkit::sealer_suite!(sealer);
