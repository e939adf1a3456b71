//! Everything that can be refused, and the only map from it to a status, a code and a sentence.
//!
//! Clients get fixed sentences; what lies behind a failure goes to the log, once, and never to a client.

use std::borrow::Cow;
use std::error::Error as _;

use http::{HeaderValue, StatusCode};
use kunci_domain::ports::{Cause, EntropyError, HashError, StoreError};
use kunci_domain::use_cases::{
    ChangePasswordError, CreateUserError, Problems, SessionError, SignInError, SignUpError,
};
use kunci_domain::{DataError, PasswordProblem};
use thiserror::Error;

use crate::forms::FormError;
use crate::json_body::JsonError;

/// Why a request is not carried out.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each variant's message says what it is")]
pub enum Error {
    #[error("There is nothing here")]
    NotFound,
    #[error("This method is not for this address")]
    MethodNotAllowed(HeaderValue),
    #[error("The request came from another site and was refused")]
    CrossSite,
    #[error(
        "Two different session cookies came with the request; remove this site's cookies and sign in again"
    )]
    AmbiguousCookie,
    #[error("The path is not properly encoded")]
    BadPath,
    #[error("The request cannot be understood")]
    BadRequest,
    #[error("The request is larger than 64 KiB")]
    TooLarge,
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
    #[error("Wrong username or password")]
    WrongCredentials,
    #[error("The current password is wrong")]
    WrongPassword,
    #[error("The two new passwords differ")]
    PasswordsDiffer,
    #[error("{}", sentence(.0))]
    Invalid(Problems),
    #[error("{}", capital(&.0.to_string()))]
    BadPassword(PasswordProblem),
    #[error("This user name is taken")]
    NameTaken,
    #[error("Your session has ended")]
    SessionEnded,
    #[error("The service is not available at the moment; try again later")]
    Store(#[source] StoreError),
    #[error("Something went wrong")]
    Failed(#[source] Cause),
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
    /// A refusal of an application's own: a status, a code for programs, and a sentence for people.
    pub fn refuse(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            status,
            code,
            message: message.into(),
        }
    }

    /// What a transport says that it refuses.
    pub(crate) fn from_transport(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::REQUEST_TIMEOUT => Self::TooSlow,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Panicked,
            _ => Self::BadRequest,
        }
    }

    /// The status, and the code by which programs tell errors apart.
    pub(crate) const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::AmbiguousCookie => (StatusCode::BAD_REQUEST, "ambiguous_cookie"),
            Self::BadPath | Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::HeadTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large"),
            Self::Form(error) => form_status(error),
            Self::Json(error) => json_status(error),
            Self::Data(DataError::BadKey) => (StatusCode::BAD_REQUEST, "bad_key"),
            Self::Data(DataError::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "session_full"),
            Self::Data(DataError::TooDeep) => (StatusCode::UNPROCESSABLE_ENTITY, "too_deep"),
            Self::Data(DataError::WrongType(_)) => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_type"),
            Self::NoSuchValue => (StatusCode::NOT_FOUND, "no_such_value"),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in"),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, "wrong_credentials"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::PasswordsDiffer => (StatusCode::UNPROCESSABLE_ENTITY, "passwords_differ"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::BadPassword(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_password"),
            Self::NameTaken => (StatusCode::CONFLICT, "name_taken"),
            Self::SessionEnded => (StatusCode::UNAUTHORIZED, "session_ended"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Failed(_) | Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            Self::Refused { status, code, .. } => (*status, code),
        }
    }

    /// In how many seconds it may be worth trying again, where that is so.
    pub(crate) const fn retry_after(&self) -> Option<u8> {
        match self {
            Self::Busy => Some(1),
            Self::Store(_) => Some(5),
            _ => None,
        }
    }

    /// Writes down what an operator should know of.
    pub(crate) fn log(&self) {
        match self {
            Self::Store(_) | Self::Failed(_) => tracing::error!(cause = %self.chain(), "request failed"),
            Self::CrossSite => tracing::warn!("cross-site request refused"),
            // A flood must not fill the log as well.
            Self::Busy => tracing::debug!("request refused: busy"),
            _ => {}
        }
    }

    fn chain(&self) -> String {
        let mut text = String::new();
        let mut cause = self.source();
        while let Some(error) = cause {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
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

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Unreadable => {
                log_unreadable_hash();
                Self::WrongCredentials
            }
            HashError::Failed(cause) => Self::Failed(cause),
        }
    }
}

/// To the client it is one more wrong password (OWASP ASVS 5.0, 11.2.5).
fn log_unreadable_hash() {
    tracing::error!("a stored password hash is unreadable");
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Self::SessionEnded,
            SessionError::Data(error) => error.into(),
            SessionError::Store(error) => error.into(),
            SessionError::Entropy(error) => error.into(),
        }
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::WrongCredentials,
            SignInError::Hash(error) => error.into(),
            SignInError::Session(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<SignUpError> for Error {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::Create(CreateUserError::Invalid(problems)) => Self::Invalid(problems),
            SignUpError::Create(CreateUserError::NameTaken) => Self::NameTaken,
            SignUpError::Create(CreateUserError::Hash(error)) => error.into(),
            SignUpError::Create(CreateUserError::Store(error)) => error.into(),
            SignUpError::Create(CreateUserError::Entropy(error)) => error.into(),
            SignUpError::Session(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Error {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::NotSignedIn => Self::NotSignedIn,
            ChangePasswordError::WrongPassword => Self::WrongPassword,
            ChangePasswordError::Problem(problem) => Self::BadPassword(problem),
            ChangePasswordError::Hash(HashError::Unreadable) => {
                log_unreadable_hash();
                Self::WrongPassword
            }
            ChangePasswordError::Hash(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
            ChangePasswordError::Session(error) => error.into(),
        }
    }
}

/// What is wrong with a form, as one line.
fn sentence(problems: &Problems) -> String {
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
    capital(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// With a capital letter, as a sentence begins.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
