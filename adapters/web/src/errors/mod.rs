//! All errors of the web adapter, each with a status, a code and a message.
//!
//! Clients get fixed messages. The cause of a failure is logged once and never sent to a client.

mod from_domain;
mod status;

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use kunci_domain::ports::{Cause, MailError, StoreError, UnsealError};
use kunci_domain::use_cases::Problems;
use kunci_domain::{DataError, PasswordProblem, SignUpMode};
use thiserror::Error;

use crate::kit::forms::FormError;
use crate::kit::json_body::JsonError;

pub(crate) use status::chain;

/// Why a request fails: the status, and when.
///
/// Each variant has one code for programs, except for the three that hold an error of the body or of the
/// session's values.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// 404: no route has this path.
    #[error("There is nothing here")]
    NotFound,
    /// 405: the route has other methods, which the header `Allow` lists.
    #[error("This address does not support the method")]
    MethodNotAllowed(HeaderValue),
    /// 403: another site sent a request that changes something.
    #[error("The request came from another site and was refused")]
    CrossSite,
    /// 400: the request is malformed, for this reason.
    #[error("{0}")]
    BadRequest(&'static str),
    /// 413: the body exceeds the limit.
    #[error("The request is larger than 64 KiB")]
    TooLarge,
    /// 411: the body has no declared length.
    #[error("The request has a body without a length; send Content-Length")]
    LengthRequired,
    /// 503: a bounded resource is in use. The client can retry after a second.
    #[error("The server is busy; try again in a moment")]
    Busy,
    /// 408: the request did not arrive in time.
    #[error("The request took too long")]
    TooSlow,
    /// 431: the head exceeds the limit.
    #[error("The head of the request is too large")]
    HeadTooLarge,
    /// 400 or 415: the body is not a form with the expected fields.
    #[error(transparent)]
    Form(#[from] FormError),
    /// 400, 415 or 422: the body is not JSON of the expected shape.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// 400, 413 or 422: a session value was not accepted.
    #[error(transparent)]
    Data(#[from] DataError),
    /// 404: the session has no value under this key.
    #[error("There is no value under this key")]
    NoSuchValue,
    /// 401: no user is signed in. Pages redirect to the sign-in form.
    #[error("You are not logged in")]
    NotSignedIn,
    /// 403: the user is not an administrator.
    #[error("This is for administrators only")]
    NotAdministrator,
    /// 403: the user must re-authenticate. Pages redirect to the form for it.
    #[error("Confirm first that it is you")]
    ProofNeeded,
    /// 403: the user must set up a second factor first. Pages redirect to the set-up.
    #[error("Set up a second factor first")]
    SecondFactorNeeded,
    /// 429: a rate limit is reached, for this duration.
    #[error("Too many attempts; try again later")]
    Throttled(Duration),
    /// 401: the sign-in failed.
    #[error("Wrong username or password")]
    WrongCredentials,
    /// 401: the password was correct, and a code is still needed.
    #[error("Enter the code from your authenticator")]
    CodeNeeded,
    /// 401: no sign-in waits for a code.
    #[error("Sign in with your password first")]
    CodeNotExpected,
    /// 401, 403 or 422: a code was not accepted, for this use.
    #[error("{}", wrong_code(*.0))]
    WrongCode(CodeUse),
    /// 403: the signed-in user entered a wrong current password.
    #[error("The current password is wrong")]
    WrongPassword,
    /// 422: the new password was repeated differently.
    #[error("The two new passwords differ")]
    PasswordsDiffer,
    /// 422: fields of a new account break rules.
    #[error("{}", problems_message(.0))]
    Invalid(Problems),
    /// 422: a new password breaks a rule.
    #[error("{}", capitalize(&.0.to_string()))]
    BadPassword(PasswordProblem),
    /// 422: the text is not an email address.
    #[error("An email address looks like name@example.org")]
    BadAddress,
    /// 409: the account has no unconfirmed address.
    #[error("There is no address to confirm")]
    NothingToConfirm,
    /// 409: another user has this name.
    #[error("This username is taken")]
    NameTaken,
    /// 403: sign-up is closed or needs an invitation.
    #[error("{}", not_invited(*.0))]
    NotInvited(SignUpMode),
    /// 410: the link is unknown, expired or used.
    #[error("This link no longer works; ask for a new one")]
    LinkDead,
    /// 400: the page of a link was requested without the cookie that opening the link sets.
    #[error(
        "This page needs a cookie that the link sets; allow cookies for this site, and open the link again"
    )]
    CookieNeeded,
    /// 409: the link creates an account and does nothing else.
    #[error("This link is an invitation; send its token as invitation when you register")]
    LinkIsInvitation,
    /// 409: the second factor must be removed before another is set up.
    #[error("The account already has a second factor")]
    SecondFactorExists,
    /// 409: there is no second factor to change.
    #[error("The account has no second factor")]
    NoSecondFactor,
    /// 409: no second factor waits for its first code.
    #[error("Start setting up a second factor first")]
    EnrolmentNotBegun,
    /// 403: the second factor cannot be removed.
    #[error("This site requires a second factor")]
    SecondFactorRequired,
    /// 404: the user has no session with this id.
    #[error("There is no such session")]
    NoSuchSession,
    /// 404: no invitation has this id.
    #[error("There is no such invitation")]
    NoSuchInvitation,
    /// 401: the session ended during the request.
    #[error("Your session has ended")]
    SessionEnded,
    /// 503: a store failed.
    #[error("The service is not available at the moment; try again later")]
    Store(#[from] StoreError),
    /// 503: a mail was not accepted for delivery.
    #[error("Email cannot be sent at the moment; try again later")]
    Mail(#[source] MailError),
    /// 503: the seed of a second factor cannot be decrypted.
    #[error("Authenticator codes cannot be checked at the moment; use a recovery code")]
    CodesUnreadable(#[source] UnsealError),
    /// 500: a handler panicked, or anything else failed for this cause.
    #[error("Something went wrong")]
    Internal(#[source] Option<Cause>),
    /// An error of the application; see [`Error::refuse`].
    #[error("{message}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The code for programs.
        code: &'static str,
        /// The message for users.
        message: Cow<'static, str>,
    },
}

/// What a code of a second factor was entered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    /// The second step of a sign-in.
    SignIn,
    /// A re-authentication.
    Proof,
    /// The set-up of a second factor.
    Enrolment,
}

impl Error {
    /// Creates an error of the application with a status, a code for programs and a message for users.
    pub fn refuse(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            status,
            code,
            message: message.into(),
        }
    }

    /// Returns the error for a status with which the transport refuses a request.
    pub(crate) fn from_transport(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::LENGTH_REQUIRED => Self::LengthRequired,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Internal(None),
            _ => Self::BadRequest("The request cannot be understood"),
        }
    }
}

const fn wrong_code(used_for: CodeUse) -> &'static str {
    match used_for {
        CodeUse::SignIn | CodeUse::Proof => "This code is wrong or was used before",
        CodeUse::Enrolment => "This code is wrong; check the clock of your device",
    }
}

const fn not_invited(mode: SignUpMode) -> &'static str {
    match mode {
        SignUpMode::Open | SignUpMode::Invitation => "You need an invitation to create an account here",
        SignUpMode::Closed => "This site does not accept new accounts",
    }
}

/// Returns the problems of a form in one line.
fn problems_message(problems: &Problems) -> String {
    let name = problems.name.map(|problem| problem.to_string());
    let email = problems.email.map(|problem| problem.to_string());
    let password = problems.password.map(|problem| problem.to_string());
    let parts: Vec<String> = [name, email, password].into_iter().flatten().collect();
    capitalize(&parts.join("; "))
}

/// Capitalizes the first letter.
pub(crate) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
