//! The interfaces that adapters implement for the domain: plain sync traits, usable as trait objects.
//!
//! Stores keep records and the promises that each trait documents. They decide no policy, read no clock and
//! generate no secrets. The conformance suites in `kunci-testkit` prove the promises on any adapter.

mod account_store;
mod clock;
mod entropy;
mod health;
mod mailer;
mod password_hasher;
mod sealer;
mod session_check;
mod session_store;
mod store_error;
mod throttle;

pub use account_store::{AccountStore, Committed};
pub use clock::Clock;
pub use entropy::{Entropy, EntropyError};
pub use health::Health;
pub use mailer::{MailError, Mailer};
pub use password_hasher::{HashError, PasswordHasher, Verdict};
pub use sealer::{Sealer, UnsealError};
pub use session_check::{CheckedSession, SeparateStores, SessionCheck};
pub use session_store::{Inserted, Rotated, SessionStore, Touched, Updated};
pub use store_error::{Cause, StoreError};
pub use throttle::{Taken, Throttle};
