//! What each error becomes: a status, a code for programs, `Retry-After` and a line in the log.

use std::time::Duration;

use http::StatusCode;
use kunci_domain::DataError;

use super::{CodeUse, Error};
use crate::kit::forms::FormError;
use crate::kit::json_body::JsonError;

impl Error {
    /// Returns the status, and the code by which programs distinguish errors.
    pub(crate) const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
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
            Self::WrongCode(used_for) => (wrong_code_status(*used_for), "wrong_code"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::PasswordsDiffer => (StatusCode::UNPROCESSABLE_ENTITY, "passwords_differ"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::BadPassword(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_password"),
            Self::BadAddress => (StatusCode::UNPROCESSABLE_ENTITY, "bad_address"),
            Self::NothingToConfirm => (StatusCode::CONFLICT, "nothing_to_confirm"),
            Self::NameTaken => (StatusCode::CONFLICT, "name_taken"),
            Self::NotInvited(_) => (StatusCode::FORBIDDEN, "not_invited"),
            Self::LinkDead => (StatusCode::GONE, "link_dead"),
            Self::CookieNeeded => (StatusCode::BAD_REQUEST, "cookie_needed"),
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
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
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

    /// Returns the causes of a failure that operators need to know about. Refusals are in the security log.
    pub(crate) fn failure(&self) -> Option<String> {
        match self {
            Self::Store(_) | Self::Mail(_) | Self::CodesUnreadable(_) | Self::Internal(Some(_)) => {
                Some(chain(self))
            }
            _ => None,
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

const fn wrong_code_status(used_for: CodeUse) -> StatusCode {
    match used_for {
        CodeUse::SignIn => StatusCode::UNAUTHORIZED,
        CodeUse::Proof => StatusCode::FORBIDDEN,
        CodeUse::Enrolment => StatusCode::UNPROCESSABLE_ENTITY,
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
        JsonError::LargeInteger => (StatusCode::UNPROCESSABLE_ENTITY, "number_too_large"),
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

#[cfg(test)]
mod tests {
    use kunci_domain::ports::StoreError;
    use kunci_domain::use_cases::Failure;

    use super::*;

    #[test]
    fn every_store_failure_is_503() {
        let store = "test";
        let source = || "disk".into();
        for error in [
            StoreError::Unavailable {
                store,
                source: source(),
            },
            StoreError::OutcomeUnknown {
                store,
                source: source(),
            },
            StoreError::Corrupt {
                store,
                source: source(),
            },
        ] {
            let error = Error::from(Failure::from(error));
            assert_eq!(
                error.status_and_code(),
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            );
            assert_eq!(error.retry_after(), Some(5));
        }
    }
}
