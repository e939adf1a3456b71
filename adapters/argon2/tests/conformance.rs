//! Runs the conformance suite of the `PasswordHasher` port at the default cost and on several lanes.

use std::sync::Arc;

use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_crypto::RandEntropy;

fn hasher(cost: Cost) -> Argon2Hasher {
    match Argon2Hasher::new(cost, Concurrency::default(), Arc::new(RandEntropy)) {
        Ok(hasher) => hasher,
        Err(error) => panic!("no hasher: {error:?}"),
    }
}

mod at_the_default_cost {
    kunci_testkit::password_hasher_suite!(super::hasher(kunci_argon2::Cost::default()));
}

mod on_several_lanes {
    use kunci_argon2::Cost;

    const COST: Cost = Cost {
        memory_kib: 64,
        iterations: 3,
        parallelism: 4,
    };

    kunci_testkit::password_hasher_suite!(super::hasher(COST));
}
