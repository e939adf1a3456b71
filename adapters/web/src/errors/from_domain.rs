//! Mapping from the domain's refusals and failures to [`enum@Error`].
//!
//! Every match is exhaustive, so a new variant in the domain does not compile until it is mapped here.

use kunci_domain::EmailAddressError;
use kunci_domain::ports::HashError;
use kunci_domain::use_cases::{
    AddressRefusal, AuthorityError, ChangePasswordRefusal, CreateUserRefusal, EndSessionRefusal,
    EnrolRefusal, EnterCodeRefusal, Failure, LinkRefusal, LinkSignInRefusal, NoticeError, PasswordRefusal,
    ProveRefusal, ResetPasswordRefusal, SessionError, SessionRefusal, SignInRefusal, SignUpRefusal,
    Throttled, UseCaseError,
};

use super::{CodeUse, Error};

impl<R> From<UseCaseError<R>> for Error
where
    Self: From<R>,
{
    fn from(error: UseCaseError<R>) -> Self {
        match error {
            UseCaseError::Refused(refusal) => refusal.into(),
            UseCaseError::Failed(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) | Failure::Notice(NoticeError::Store(error)) => Self::Store(error),
            Failure::Mail(error) | Failure::Notice(NoticeError::Mail(error)) => Self::Mail(error),
            Failure::Unseal(error) => Self::CodesUnreadable(error),
            Failure::Hash(HashError::Busy) => Self::Busy,
            Failure::Hash(error @ (HashError::Unreadable | HashError::Failed(_))) => {
                Self::Internal(Some(error.into()))
            }
            Failure::Entropy(error) => Self::Internal(Some(error.into())),
        }
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        UseCaseError::<SessionRefusal>::from(error).into()
    }
}

impl From<SessionRefusal> for Error {
    fn from(refusal: SessionRefusal) -> Self {
        match refusal {
            SessionRefusal::Ended => Self::SessionEnded,
            SessionRefusal::Data(error) => error.into(),
            SessionRefusal::Throttled(refusal) => refusal.into(),
        }
    }
}

impl From<Throttled> for Error {
    fn from(Throttled { retry_after }: Throttled) -> Self {
        Self::Throttled(retry_after)
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

impl From<SignInRefusal> for Error {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::WrongCredentials => Self::WrongCredentials,
            SignInRefusal::UnreadableHash => {
                log_unreadable_hash();
                Self::WrongCredentials
            }
            SignInRefusal::Throttled(refusal) => refusal.into(),
            SignInRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<PasswordRefusal> for Error {
    fn from(refusal: PasswordRefusal) -> Self {
        match refusal {
            PasswordRefusal::Wrong => Self::WrongPassword,
            PasswordRefusal::UnreadableHash => {
                log_unreadable_hash();
                Self::WrongPassword
            }
            PasswordRefusal::Throttled(refusal) => refusal.into(),
        }
    }
}

/// Logs an unreadable password hash. The client gets the error for a wrong password (OWASP ASVS 5.0, 11.2.5).
fn log_unreadable_hash() {
    tracing::error!("a stored password hash is unreadable");
}

impl From<EnterCodeRefusal> for Error {
    fn from(refusal: EnterCodeRefusal) -> Self {
        match refusal {
            EnterCodeRefusal::NotBegun => Self::CodeNotExpected,
            EnterCodeRefusal::WrongCode => Self::WrongCode(CodeUse::SignIn),
            EnterCodeRefusal::Throttled(refusal) => refusal.into(),
            EnterCodeRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<CreateUserRefusal> for Error {
    fn from(refusal: CreateUserRefusal) -> Self {
        match refusal {
            CreateUserRefusal::Invalid(problems) => Self::Invalid(problems),
            CreateUserRefusal::NameTaken => Self::NameTaken,
        }
    }
}

impl From<SignUpRefusal> for Error {
    fn from(refusal: SignUpRefusal) -> Self {
        match refusal {
            SignUpRefusal::NotInvited(mode) => Self::NotInvited(mode),
            SignUpRefusal::Link(refusal) => refusal.into(),
            SignUpRefusal::Throttled(refusal) => refusal.into(),
            SignUpRefusal::Create(refusal) => refusal.into(),
            SignUpRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<ProveRefusal> for Error {
    fn from(refusal: ProveRefusal) -> Self {
        match refusal {
            ProveRefusal::NotSignedIn => Self::NotSignedIn,
            ProveRefusal::Password(refusal) => refusal.into(),
            ProveRefusal::WrongCode => Self::WrongCode(CodeUse::Proof),
            ProveRefusal::Throttled(refusal) => refusal.into(),
            ProveRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<ChangePasswordRefusal> for Error {
    fn from(refusal: ChangePasswordRefusal) -> Self {
        match refusal {
            ChangePasswordRefusal::Authority(refusal) => refusal.into(),
            ChangePasswordRefusal::Password(refusal) => refusal.into(),
            ChangePasswordRefusal::Problem(problem) => Self::BadPassword(problem),
            ChangePasswordRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<LinkRefusal> for Error {
    fn from(refusal: LinkRefusal) -> Self {
        match refusal {
            LinkRefusal::Dead => Self::LinkDead,
            LinkRefusal::Throttled(refusal) => refusal.into(),
        }
    }
}

impl From<LinkSignInRefusal> for Error {
    fn from(refusal: LinkSignInRefusal) -> Self {
        match refusal {
            LinkSignInRefusal::Link(refusal) => refusal.into(),
            LinkSignInRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<ResetPasswordRefusal> for Error {
    fn from(refusal: ResetPasswordRefusal) -> Self {
        match refusal {
            ResetPasswordRefusal::Link(refusal) => refusal.into(),
            ResetPasswordRefusal::Problem(problem) => Self::BadPassword(problem),
        }
    }
}

impl From<AddressRefusal> for Error {
    fn from(refusal: AddressRefusal) -> Self {
        match refusal {
            AddressRefusal::Authority(refusal) => refusal.into(),
            AddressRefusal::Invalid(EmailAddressError) => Self::BadAddress,
            AddressRefusal::NothingToConfirm => Self::NothingToConfirm,
            AddressRefusal::Throttled(refusal) => refusal.into(),
        }
    }
}

impl From<EnrolRefusal> for Error {
    fn from(refusal: EnrolRefusal) -> Self {
        match refusal {
            EnrolRefusal::Authority(refusal) => refusal.into(),
            EnrolRefusal::AlreadySet => Self::SecondFactorExists,
            EnrolRefusal::NotSet => Self::NoSecondFactor,
            EnrolRefusal::NotBegun => Self::EnrolmentNotBegun,
            EnrolRefusal::WrongCode => Self::WrongCode(CodeUse::Enrolment),
            EnrolRefusal::Required => Self::SecondFactorRequired,
            EnrolRefusal::Throttled(refusal) => refusal.into(),
            EnrolRefusal::Session(refusal) => refusal.into(),
        }
    }
}

impl From<EndSessionRefusal> for Error {
    fn from(refusal: EndSessionRefusal) -> Self {
        match refusal {
            EndSessionRefusal::NotSignedIn => Self::NotSignedIn,
            EndSessionRefusal::Unknown => Self::NoSuchSession,
            EndSessionRefusal::Session(refusal) => refusal.into(),
        }
    }
}
