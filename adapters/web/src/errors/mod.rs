//! All errors of the web adapter, each with a status, a code and a message.
//!
//! Clients get fixed messages. The cause of a failure is logged once and never sent to a client.

mod from_domain;

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use kunci_domain::ports::{Cause, MailError, StoreError};
use kunci_domain::use_cases::Problems;
use kunci_domain::{DataError, PasswordProblem, SignUpMode};
use thiserror::Error;

use crate::kit::forms::FormError;
use crate::kit::json_body::JsonError;

/// Why a request fails.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the message of each variant describes it")]
pub enum Error {
    #[error("There is nothing here")]
    NotFound,
    #[error("This address does not support the method")]
    MethodNotAllowed(HeaderValue),
    #[error("The request came from another site and was refused")]
    CrossSite,
    #[error("The request has two different session cookies; remove this site's cookies and sign in again")]
    AmbiguousCookie,
    #[error("The path is not properly encoded")]
    BadPath,
    #[error("The request cannot be understood")]
    BadRequest,
    #[error("The request is larger than 64 KiB")]
    TooLarge,
    #[error("The request has a body without a length; send Content-Length")]
    LengthRequired,
    #[error("The server is busy; try again in a moment")]
    Busy,
    #[error("The request took too long")]
    TooSlow,
    #[error("The head of the request is too large")]
    HeadTooLarge,
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("There is no value under this key")]
    NoSuchValue,
    #[error("You are not logged in")]
    NotSignedIn,
    #[error("This is for administrators only")]
    NotAdministrator,
    #[error("Confirm first that it is you")]
    ProofNeeded,
    #[error("Set up a second factor first")]
    SecondFactorNeeded,
    #[error("Too many attempts; try again later")]
    Throttled(Duration),
    #[error("Wrong username or password")]
    WrongCredentials,
    #[error("Enter the code from your authenticator")]
    CodeNeeded,
    #[error("Sign in with your password first")]
    CodeNotExpected,
    #[error("This code is wrong or was used before")]
    WrongCode,
    #[error("This code is wrong or was used before")]
    WrongProofCode,
    #[error("This code is wrong; check the clock of your device")]
    WrongEnrolmentCode,
    #[error("The current password is wrong")]
    WrongPassword,
    #[error("The two new passwords differ")]
    PasswordsDiffer,
    #[error("{}", problems_message(.0))]
    Invalid(Problems),
    #[error("{}", capitalize(&.0.to_string()))]
    BadPassword(PasswordProblem),
    #[error("An email address looks like name@example.org")]
    BadAddress,
    #[error("There is no address to confirm")]
    NothingToConfirm,
    #[error("This username is taken")]
    NameTaken,
    #[error("{}", not_invited(*.0))]
    NotInvited(SignUpMode),
    #[error("This link no longer works; ask for a new one")]
    LinkDead,
    #[error("This link is an invitation; send its token as invitation when you register")]
    LinkIsInvitation,
    #[error("The account already has a second factor")]
    SecondFactorExists,
    #[error("The account has no second factor")]
    NoSecondFactor,
    #[error("Start setting up a second factor first")]
    EnrolmentNotBegun,
    #[error("This site requires a second factor")]
    SecondFactorRequired,
    #[error("There is no such session")]
    NoSuchSession,
    #[error("There is no such invitation")]
    NoSuchInvitation,
    #[error("Your session has ended")]
    SessionEnded,
    #[error("The service is not available at the moment; try again later")]
    Store(#[source] StoreError),
    #[error("Email cannot be sent at the moment; try again later")]
    Mail(#[source] MailError),
    #[error("Something went wrong")]
    Failed(#[source] Cause),
    #[error("Authenticator codes cannot be checked at the moment; use a recovery code")]
    CodesUnreadable(#[source] Cause),
    #[error("Something went wrong")]
    Panicked,
    #[error("{message}")]
    Refused {
        status: StatusCode,
        code: &'static str,
        message: Cow<'static, str>,
    },
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
            StatusCode::INTERNAL_SERVER_ERROR => Self::Panicked,
            _ => Self::BadRequest,
        }
    }

    /// Returns the status, and the code by which programs distinguish errors.
    pub(crate) const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::AmbiguousCookie => (StatusCode::BAD_REQUEST, "ambiguous_cookie"),
            Self::BadPath | Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::LengthRequired => (StatusCode::LENGTH_REQUIRED, "length_required"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::HeadTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large"),
            Self::Form(error) => form_status(error),
            Self::Json(error) => json_status(error),
            Self::Data(error) => data_status(error),
            Self::NoSuchValue => (StatusCode::NOT_FOUND, "no_such_value"),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in"),
            Self::NotAdministrator => (StatusCode::FORBIDDEN, "forbidden"),
            Self::ProofNeeded => (StatusCode::FORBIDDEN, "proof_needed"),
            Self::SecondFactorNeeded => (StatusCode::FORBIDDEN, "second_factor_needed"),
            Self::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, "wrong_credentials"),
            Self::CodeNeeded => (StatusCode::UNAUTHORIZED, "code_needed"),
            Self::CodeNotExpected => (StatusCode::UNAUTHORIZED, "code_not_due"),
            Self::WrongCode => (StatusCode::UNAUTHORIZED, "wrong_code"),
            Self::WrongProofCode => (StatusCode::FORBIDDEN, "wrong_code"),
            Self::WrongEnrolmentCode => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_code"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::PasswordsDiffer => (StatusCode::UNPROCESSABLE_ENTITY, "passwords_differ"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::BadPassword(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_password"),
            Self::BadAddress => (StatusCode::UNPROCESSABLE_ENTITY, "bad_address"),
            Self::NothingToConfirm => (StatusCode::CONFLICT, "nothing_to_confirm"),
            Self::NameTaken => (StatusCode::CONFLICT, "name_taken"),
            Self::NotInvited(_) => (StatusCode::FORBIDDEN, "not_invited"),
            Self::LinkDead => (StatusCode::GONE, "link_dead"),
            Self::LinkIsInvitation => (StatusCode::CONFLICT, "link_invites"),
            Self::SecondFactorExists => (StatusCode::CONFLICT, "second_factor_there"),
            Self::NoSecondFactor => (StatusCode::CONFLICT, "no_second_factor"),
            Self::EnrolmentNotBegun => (StatusCode::CONFLICT, "enrolment_not_begun"),
            Self::SecondFactorRequired => (StatusCode::FORBIDDEN, "second_factor_required"),
            Self::NoSuchSession => (StatusCode::NOT_FOUND, "no_such_session"),
            Self::NoSuchInvitation => (StatusCode::NOT_FOUND, "no_such_invitation"),
            Self::SessionEnded => (StatusCode::UNAUTHORIZED, "session_ended"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Mail(_) => (StatusCode::SERVICE_UNAVAILABLE, "mail_unavailable"),
            Self::Failed(_) | Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            Self::CodesUnreadable(_) => (StatusCode::SERVICE_UNAVAILABLE, "codes_unreadable"),
            Self::Refused { status, code, .. } => (*status, code),
        }
    }

    /// Returns the seconds for `Retry-After`, if retrying can help.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(1),
            Self::Store(_) | Self::Mail(_) => Some(5),
            Self::Throttled(wait) => Some(whole_seconds(*wait)),
            _ => None,
        }
    }

    /// Returns whether the user can send the same form again after waiting.
    pub(crate) const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Throttled(_))
    }

    /// Logs errors that operators need to know about.
    pub(crate) fn log(&self) {
        match self {
            Self::Store(_) | Self::Mail(_) | Self::Failed(_) | Self::CodesUnreadable(_) => {
                tracing::error!(cause = %chain(self), "request failed");
            }
            Self::CrossSite => tracing::warn!("cross-site request refused"),
            // Logged at debug level, so a flood of requests does not fill the log.
            Self::Busy => tracing::debug!("request refused: busy"),
            Self::Throttled(_) => tracing::debug!("request refused: too many attempts"),
            // Rate limits bound the number of these lines.
            Self::WrongCode | Self::WrongProofCode => {
                tracing::warn!("a second-factor code was wrong or used before");
            }
            Self::LinkDead => tracing::info!("a link was followed that no longer works"),
            _ => {}
        }
    }
}

/// Returns the chain of causes of an error in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Returns the seconds of a duration, rounded up so that a client does not retry too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(0 < wait.subsec_nanos())
}

const fn form_status(error: &FormError) -> (StatusCode, &'static str) {
    match error {
        FormError::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        FormError::Missing(_) => (StatusCode::BAD_REQUEST, "missing_field"),
        FormError::Repeated(_) => (StatusCode::BAD_REQUEST, "repeated_field"),
        FormError::PercentEncoding | FormError::Utf8 | FormError::BadValue(_) => {
            (StatusCode::BAD_REQUEST, "bad_form")
        }
    }
}

const fn json_status(error: &JsonError) -> (StatusCode, &'static str) {
    match error {
        JsonError::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        JsonError::Syntax(_) => (StatusCode::BAD_REQUEST, "bad_json"),
        JsonError::Shape(_) => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_shape"),
    }
}

const fn data_status(error: &DataError) -> (StatusCode, &'static str) {
    match error {
        DataError::BadKey => (StatusCode::BAD_REQUEST, "bad_key"),
        DataError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "session_full"),
        DataError::TooDeep => (StatusCode::UNPROCESSABLE_ENTITY, "too_deep"),
        DataError::WrongType(_) => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_type"),
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
    let Problems {
        name,
        email,
        password,
    } = problems;
    let parts = [
        name.map(|p| p.to_string()),
        email.map(|p| p.to_string()),
        password.map(|p| p.to_string()),
    ];
    capitalize(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// Capitalizes the first letter.
pub(crate) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
