//! Fakes for tests: a settable clock, reproducible entropy, a fast hasher and sealer, a mailer that records
//! mails, and wrappers that make stores fail, block, or intercept their calls.
//!
//! Each fake of a port that has a conformance suite passes it.

mod clock;
mod entropy;
mod failing;
mod gate;
mod hasher;
mod ports;
mod recording_mailer;
mod sealer;
mod watched;

pub use clock::FakeClock;
pub use entropy::{BrokenEntropy, SeededEntropy};
pub use failing::{Failing, FailurePlan};
pub use gate::Gate;
pub use hasher::FastHasher;
pub use recording_mailer::RecordingMailer;
pub use sealer::FastSealer;
pub use watched::{Act, Watch, Watched};
