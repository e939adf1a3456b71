//! The use cases: one verb per file, each with its own refusals. [`UseCaseError`] separates refusals from
//! failures.
//!
//! Use cases for a client's request take an [`OpenSession`], which [`resume()`] returns. Administrative use
//! cases take the [`Core`] and an [`Operator`], which proves the authority.

mod addresses;
mod administer;
mod administer_sessions;
mod auth_state;
mod change_password;
mod change_user;
mod client_token;
mod commit_session;
mod create_user;
mod decoys;
mod delete_account;
mod devices;
mod draft;
mod enrol;
mod enter_code;
mod invitations;
mod link_sign_in;
mod links;
mod notify;
mod open_session;
mod operator;
mod prove;
mod record_event;
mod replace_session;
mod request_context;
mod reset_password;
mod resume;
mod sign_in;
mod sign_out;
mod sign_out_everywhere;
mod sign_up;
mod stored_budgets;
mod throttled;
mod throttling;
mod trail;
mod use_case_error;
mod visitor_budget;

use std::sync::Arc;

use crate::account_policy::AccountPolicy;
use crate::decoy_key::DecoyKey;
use crate::ports::{
    AccountStore, Entropy, Mailer, PasswordHasher, Sealer, SessionCheck, SessionStore, Throttle,
};
use crate::session_policy::SessionPolicy;

pub use addresses::{AddressRefusal, change_address, confirm_address, resend_confirmation};
pub use administer::{
    AdministerRefusal, delete_user, find_user, issue_link_for, list_users, remove_second_factor,
    set_password, set_standing,
};
pub use administer_sessions::{RevokeSessionRefusal, SessionPage, list_sessions, revoke_session};
pub use auth_state::AuthorityError;
pub use change_password::{ChangePasswordRefusal, change_password};
pub use client_token::CookieAction;
pub use create_user::{CreateUserRefusal, NewUser, Problems, create_user};
pub use delete_account::delete_account;
pub use devices::{EndSessionRefusal, OwnSessions, end_other_sessions, end_session, sessions_of};
pub use enrol::{
    EnrolRefusal, begin_enrolment, disable_second_factor, enrolment, finish_enrolment, renew_recovery_codes,
};
pub use enter_code::{EnterCodeRefusal, enter_code};
pub use invitations::{invitations, invite, revoke_invitation, set_up_link};
pub use link_sign_in::{LinkSignInRefusal, sign_in_by_link};
pub use links::{LinkRefusal, inspect_link};
pub use notify::NoticeError;
pub use open_session::{OpenSession, SessionError};
pub use operator::Operator;
pub use prove::{PasswordRefusal, ProveRefusal, prove};
pub use request_context::RequestContext;
pub use reset_password::{ResetPasswordRefusal, request_reset, reset_password};
pub use resume::resume;
pub use sign_in::{SignIn, SignInRefusal, SignedIn, sign_in};
pub use sign_out::sign_out;
pub use sign_out_everywhere::{end_all_sessions, sign_out_everywhere};
pub use sign_up::{SignUpRefusal, sign_up};
pub use throttled::Throttled;
pub use trail::Act;
pub use use_case_error::{Failure, Outcome, SessionRefusal, UseCaseError};

/// The adapters behind the ports, and the operator's settings.
pub struct Core {
    /// Keeps sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Looks up a session together with its user, for each request.
    pub check: Arc<dyn SessionCheck>,
    /// Keeps users, links and events, possibly in another engine than the sessions.
    pub accounts: Arc<dyn AccountStore>,
    /// Counts attempts against rate limits.
    pub throttle: Arc<dyn Throttle>,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Seals the seeds of second factors.
    pub sealer: Arc<dyn Sealer>,
    /// The randomness for tokens and ids.
    pub entropy: Arc<dyn Entropy>,
    /// Assigns decoys to unknown names.
    pub decoy_key: DecoyKey,
    /// The session lifetimes.
    pub policy: SessionPolicy,
    /// The settings for accounts.
    pub account_policy: AccountPolicy,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("policy", &self.policy)
            .field("account_policy", &self.account_policy)
            .finish_non_exhaustive()
    }
}
