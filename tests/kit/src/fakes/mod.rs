//! Fakes for tests: a settable clock, reproducible entropy, a fast hasher and sealer, a mailer that records
//! mails, a wrapper that intercepts calls, makes them fail, or blocks them, and a TCP proxy that cuts or stalls
//! connections.
//!
//! Each fake of a port that has a conformance suite passes it.

mod clock;
mod entropy;
mod gate;
mod hasher;
#[macro_use]
mod ports;
mod recording_mailer;
mod sealer;
mod tcp_proxy;
mod watched;

pub use clock::FakeClock;
pub use entropy::{BrokenEntropy, SeededEntropy};
pub use gate::Gate;
pub use hasher::FastHasher;
pub use recording_mailer::RecordingMailer;
pub use sealer::FastSealer;
pub use tcp_proxy::{Cut, TcpProxy};
pub use watched::{Act, Watch, Watched};
