//! Sessions, accounts and their rules: the pure core of Kunci.
//!
//! Nothing in here does I/O, reads a clock, makes random numbers or waits. The world is reached
//! through [`ports`]; what can be done stands in [`use_cases`], one verb each; `now` is an argument.
//! So a year of use runs in a second of tests.
//!
//! Left out: how requests arrive and answers leave, how secrets travel, how records are laid out.

mod common_passwords;
mod email;
mod password;
pub mod ports;
mod revision;
mod session;
mod session_data;
mod time;
mod token;
pub mod use_cases;
mod user;
mod username;

pub use email::{EmailAddress, EmailAddressError};
pub use password::{NewPassword, Password, PasswordHash, PasswordProblem};
pub use revision::Revision;
pub use session::{Authentication, Device, Lifetime, Permanence, Session, SessionPolicy};
pub use session_data::{DataError, SessionData};
pub use time::{Timestamp, whole_millis};
pub use token::{SessionKey, SessionToken};
pub use use_cases::{Core, OpenSession};
pub use user::{Epoch, Role, Standing, User, UserId};
pub use username::{Username, UsernameError};
