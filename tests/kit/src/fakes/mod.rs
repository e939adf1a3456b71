//! Stand-ins for the world: a clock that is set, entropy that repeats, a hasher that is quick,
//! and stores that fail when told to. Each passes the suite of its port.

mod clock;
mod entropy;
mod failing;
mod hasher;

pub use clock::FakeClock;
pub use entropy::{BrokenEntropy, SeededEntropy};
pub use failing::{Failing, FailurePlan};
pub use hasher::FastHasher;
