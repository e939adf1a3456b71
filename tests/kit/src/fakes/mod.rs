//! Stand-ins for the world: a clock that is set, entropy that repeats, a hasher that is quick,
//! stores and a mailer that fail when told to, or let a test in between two calls. Each passes the suite of its port.

mod clock;
mod entropy;
mod failing;
mod hasher;
mod postbox;
mod sealer;
mod watched;

pub use clock::FakeClock;
pub use entropy::{BrokenEntropy, SeededEntropy};
pub use failing::{Failing, FailurePlan};
pub use hasher::FastHasher;
pub use postbox::Postbox;
pub use sealer::FastSealer;
pub use watched::{Act, Watch, Watched};
