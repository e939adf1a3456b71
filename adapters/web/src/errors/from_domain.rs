//! Mapping from the domain's errors to [`enum@Error`].
//!
//! Every match is exhaustive, so a new variant in the domain does not compile until it is mapped here.

use kunci_domain::EmailAddressError;
use kunci_domain::ports::{EntropyError, HashError, MailError, StoreError, UnsealError};
use kunci_domain::use_cases::{
    AddressError, AuthorityError, ChangePasswordError, CreateUserError, DeleteAccountError, EndSessionError,
    EnrolError, EnterCodeError, IssueError, LinkError, LinkSignInError, ProveError, RequestResetError,
    ResetPasswordError, SessionError, SignInError, SignUpError, ThrottleError,
};

use super::Error;

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<MailError> for Error {
    fn from(error: MailError) -> Self {
        Self::Mail(error)
    }
}

impl From<EntropyError> for Error {
    fn from(error: EntropyError) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<UnsealError> for Error {
    fn from(error: UnsealError) -> Self {
        Self::CodesUnreadable(Box::new(error))
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

/// Logs an unreadable password hash. The client gets the error for a wrong password (OWASP ASVS 5.0, 11.2.5).
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

impl From<AuthorityError> for Error {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::NotSignedIn => Self::NotSignedIn,
            AuthorityError::NotAdministrator => Self::NotAdministrator,
            AuthorityError::ProofNeeded => Self::ProofNeeded,
        }
    }
}

impl From<ThrottleError> for Error {
    fn from(error: ThrottleError) -> Self {
        match error {
            ThrottleError::Throttled { retry_after } => Self::Throttled(retry_after),
            ThrottleError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::WrongCredentials,
            SignInError::Throttle(error) => error.into(),
            SignInError::Hash(error) => error.into(),
            SignInError::Session(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<EnterCodeError> for Error {
    fn from(error: EnterCodeError) -> Self {
        match error {
            EnterCodeError::NotBegun => Self::CodeNotExpected,
            EnterCodeError::WrongCode => Self::WrongCode,
            EnterCodeError::Throttle(error) => error.into(),
            EnterCodeError::Unseal(error) => error.into(),
            EnterCodeError::Session(error) => error.into(),
            EnterCodeError::Store(error) => error.into(),
        }
    }
}

impl From<SignUpError> for Error {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::NotInvited(mode) => Self::NotInvited(mode),
            SignUpError::Link(error) => error.into(),
            SignUpError::Throttle(error) => error.into(),
            SignUpError::Create(CreateUserError::Invalid(problems)) => Self::Invalid(problems),
            SignUpError::Create(CreateUserError::NameTaken) => Self::NameTaken,
            SignUpError::Create(CreateUserError::Hash(error)) => error.into(),
            SignUpError::Create(CreateUserError::Store(error)) => error.into(),
            SignUpError::Create(CreateUserError::Entropy(error)) => error.into(),
            SignUpError::Store(error) => error.into(),
            SignUpError::Session(error) => error.into(),
        }
    }
}

impl From<ProveError> for Error {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::NotSignedIn => Self::NotSignedIn,
            ProveError::WrongPassword => Self::WrongPassword,
            ProveError::WrongCode => Self::WrongProofCode,
            ProveError::Throttle(error) => error.into(),
            ProveError::Hash(HashError::Unreadable) => {
                log_unreadable_hash();
                Self::WrongPassword
            }
            ProveError::Hash(error) => error.into(),
            ProveError::Unseal(error) => error.into(),
            ProveError::Session(error) => error.into(),
            ProveError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Error {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Authority(error) => error.into(),
            ChangePasswordError::Prove(error) => error.into(),
            ChangePasswordError::Problem(problem) => Self::BadPassword(problem),
            ChangePasswordError::Hash(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
            ChangePasswordError::Session(error) => error.into(),
        }
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Dead => Self::LinkDead,
            LinkError::Throttle(error) => error.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<LinkSignInError> for Error {
    fn from(error: LinkSignInError) -> Self {
        match error {
            LinkSignInError::Link(error) => error.into(),
            LinkSignInError::SignIn(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Error {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Link(error) => error.into(),
            ResetPasswordError::Problem(problem) => Self::BadPassword(problem),
            ResetPasswordError::Hash(error) => error.into(),
            ResetPasswordError::Store(error) => error.into(),
        }
    }
}

impl From<IssueError> for Error {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Entropy(error) => error.into(),
            IssueError::Store(error) => error.into(),
            IssueError::Mail(error) => error.into(),
        }
    }
}

impl From<RequestResetError> for Error {
    fn from(error: RequestResetError) -> Self {
        match error {
            RequestResetError::Throttle(error) => error.into(),
            RequestResetError::Issue(error) => error.into(),
            RequestResetError::Store(error) => error.into(),
        }
    }
}

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Authority(error) => error.into(),
            AddressError::Invalid(EmailAddressError) => Self::BadAddress,
            AddressError::NothingToConfirm => Self::NothingToConfirm,
            AddressError::Throttle(error) => error.into(),
            AddressError::Issue(error) => error.into(),
        }
    }
}

impl From<EnrolError> for Error {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Authority(error) => error.into(),
            EnrolError::AlreadySet => Self::SecondFactorExists,
            EnrolError::NotSet => Self::NoSecondFactor,
            EnrolError::NotBegun => Self::EnrolmentNotBegun,
            EnrolError::WrongCode => Self::WrongEnrolmentCode,
            EnrolError::Required => Self::SecondFactorRequired,
            EnrolError::Throttle(error) => error.into(),
            EnrolError::Unseal(error) => error.into(),
            EnrolError::Entropy(error) => error.into(),
            EnrolError::Session(error) => error.into(),
            EnrolError::Store(error) => error.into(),
        }
    }
}

impl From<EndSessionError> for Error {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotSignedIn => Self::NotSignedIn,
            EndSessionError::Unknown => Self::NoSuchSession,
            EndSessionError::Session(error) => error.into(),
            EndSessionError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteAccountError> for Error {
    fn from(error: DeleteAccountError) -> Self {
        match error {
            DeleteAccountError::Authority(error) => error.into(),
            DeleteAccountError::Store(error) => error.into(),
        }
    }
}
