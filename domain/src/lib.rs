//! Sessions, accounts and their rules: the pure core of Kunci.
//!
//! The domain does no I/O, reads no clock, generates no randomness and never waits. Adapters implement the
//! [`ports`]; each use case is a function in [`use_cases`] that gets the time from its caller. Tests can
//! therefore simulate a year of use within a second.
//!
//! HTTP, cookies, the transport of secrets and the layout of records belong to adapters.

mod account_budget;
mod account_change;
mod account_policy;
mod admission;
mod budget;
mod byte_types;
mod common_passwords;
mod decoy_key;
mod email;
mod event;
mod hidden;
mod idn;
mod known_device;
pub mod mail;
mod notices;
mod one_time_token;
mod password;
pub mod ports;
mod revision;
mod second_factor;
mod session;
mod session_data;
mod session_policy;
mod sign_in_state;
mod stage;
mod time;
mod token;
mod typed_code;
pub mod use_cases;
mod user;
mod username;

pub use account_budget::{BudgetKind, BudgetOwner, UsedBudget};
pub use account_change::{AccountChange, Step};
pub use account_policy::{AccountPolicy, Budgets, ReservedNames, SecondFactorRule, SignUpMode, SiteWords};
pub use admission::Admission;
pub use budget::{Budget, BudgetKey, Network};
pub use decoy_key::DecoyKey;
pub use email::{EmailAddress, EmailAddressError};
pub use event::{Actor, Event, EventKind, Interface};
pub use hidden::{escape_hidden, is_hidden};
pub use known_device::{DeviceId, KnownDevices, NoKnownDevices};
pub use notices::Notices;
pub use one_time_token::{LinkKey, LinkToken, LinkTokenError, OneTimeToken, Purpose};
pub use password::{NewPassword, Password, PasswordContext, PasswordHash, PasswordProblem};
pub use revision::Revision;
pub use second_factor::{RecoveryCode, RecoveryDigest, SealedSeed, SecondFactor, TotpSeed, TotpStep};
pub use session::{Device, Session};
pub use session_data::{DataError, SessionData};
pub use session_policy::{Lifetime, Permanence, SessionPolicy};
pub use sign_in_state::{Authentication, PendingSignIn, SignInState};
pub use stage::Stage;
pub use time::{Timestamp, whole_millis};
pub use token::{SessionId, SessionKey, SessionToken};
pub use use_cases::{Core, OpenSession, RequestContext};
pub use user::{Epoch, Role, Standing, User, UserId};
pub use username::{Username, UsernameError};
