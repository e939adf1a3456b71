//! What can be done: one verb a file, each with its own small error.
//!
//! Everything that concerns one client's request works on an [`OpenSession`], which [`resume()`] opens;
//! what an operator does to accounts works on the [`Core`] itself.

mod administer;
mod change_password;
mod change_user;
mod commit_session;
mod create_user;
mod open_session;
mod replace_session;
mod resume;
mod sign_in;
mod sign_out;
mod sign_out_everywhere;
mod sign_up;

use std::sync::Arc;

use crate::account_policy::AccountPolicy;
use crate::ports::{
    AuditLog, Entropy, Mailer, PasswordHasher, Sealer, SessionDirectory, SessionStore, Throttle, TokenStore,
    UserStore,
};
use crate::session::SessionPolicy;

pub use administer::{AdministerError, delete_user, set_password, set_standing};
pub use change_password::{ChangePasswordError, change_password};
pub use create_user::{CreateUserError, NewUser, Problems, create_user};
pub use open_session::{Handover, OpenSession, SessionError};
pub use resume::resume;
pub use sign_in::{SignIn, SignInError, sign_in};
pub use sign_out::sign_out;
pub use sign_out_everywhere::{end_all_sessions, sign_out_everywhere};
pub use sign_up::{SignUpError, sign_up};

/// The adapters behind the ports, and the operator's choices.
pub struct Core {
    /// Keeps sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Lists the same sessions.
    pub directory: Arc<dyn SessionDirectory>,
    /// Keeps users; may be another engine than the one for sessions.
    pub users: Arc<dyn UserStore>,
    /// Keeps the tokens of links.
    pub tokens: Arc<dyn TokenStore>,
    /// Keeps what happened to accounts.
    pub history: Arc<dyn AuditLog>,
    /// Counts attempts.
    pub throttle: Arc<dyn Throttle>,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Seals the seeds of second factors.
    pub sealer: Arc<dyn Sealer>,
    /// Makes tokens and ids.
    pub entropy: Arc<dyn Entropy>,
    /// How long sessions live.
    pub policy: SessionPolicy,
    /// What goes for accounts.
    pub accounts: AccountPolicy,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("policy", &self.policy)
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}
