//! The use cases, each with what its request presents.

use std::error::Error;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    EnterCodeRefusal, SignIn, SignInRefusal, begin_enrolment, change_address, change_password,
    confirm_address, delete_account, disable_second_factor, end_other_sessions, end_session, enter_code,
    finish_enrolment, prove, renew_recovery_codes, request_reset, resend_confirmation, reset_password,
    sessions_of, sign_in, sign_in_by_link, sign_out, sign_out_everywhere, sign_up,
};
use kunci_domain::{LinkToken, NoKnownDevices, OpenSession, Permanence, Purpose};

use crate::support::{NEW_PASSWORD, PASSWORD, attempt, code_at, new_user, password};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// The client whose token a request presents.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Client {
    Visitor,
    Ada,
    /// A client that has passed the first step of ada's sign-in.
    Waiting,
}

/// The inputs of a request.
pub(crate) struct Given {
    pub(crate) code: String,
    pub(crate) link: Option<LinkToken>,
    pub(crate) other: String,
}

impl Given {
    fn link(&self) -> &LinkToken {
        self.link.as_ref().unwrap()
    }
}

/// A use case that runs in a resumed session.
pub(crate) struct UseCase {
    pub(crate) name: &'static str,
    pub(crate) client: Client,
    /// Whether ada has a second factor.
    pub(crate) enrolled: bool,
    /// The purpose of the link that the request presents.
    pub(crate) link: Option<Purpose>,
    /// Whether sending a mail is the purpose of the use case, so that it fails with the mail.
    pub(crate) mails: bool,
    pub(crate) work: fn(&mut OpenSession, &Given) -> Outcome,
}

const fn case(name: &'static str, client: Client, work: fn(&mut OpenSession, &Given) -> Outcome) -> UseCase {
    UseCase {
        name,
        client,
        enrolled: matches!(client, Client::Waiting),
        link: None,
        mails: false,
        work,
    }
}

impl UseCase {
    const fn enrolled(self) -> Self {
        Self {
            enrolled: true,
            ..self
        }
    }

    const fn with(self, purpose: Purpose) -> Self {
        Self {
            link: Some(purpose),
            ..self
        }
    }

    const fn mails(self) -> Self {
        Self { mails: true, ..self }
    }
}

/// The use cases that record their event in a commit of its own, because it follows a change of the session.
pub(crate) const EVENT_APART: [&str; 6] = [
    "sign_in over a visitor's session",
    "sign_in again",
    "enter_code",
    "enter_code, wrongly",
    "sign_in_by_link",
    "end_session",
];

pub(crate) const USE_CASES: [UseCase; 29] = [
    case("sign_up", Client::Visitor, |open, _| {
        Ok(sign_up(
            open,
            new_user("bob", PASSWORD),
            Permanence::Permanent,
            None,
        )?)
    }),
    case("sign_up by invitation", Client::Visitor, |open, given| {
        let new = new_user("bob", PASSWORD);
        Ok(sign_up(open, new, Permanence::Permanent, given.link.as_ref())?)
    })
    .with(Purpose::Invitation),
    case("sign_in over a visitor's session", Client::Visitor, |open, _| {
        Ok(sign_in(open, attempt("ada", PASSWORD)).map(|_| ())?)
    }),
    case("sign_in again", Client::Ada, |open, _| {
        Ok(sign_in(open, attempt("ada", PASSWORD)).map(|_| ())?)
    }),
    case("sign_in, the first of two steps", Client::Visitor, |open, _| {
        Ok(sign_in(open, attempt("ada", PASSWORD)).map(|_| ())?)
    })
    .enrolled(),
    case("sign_in, wrongly", Client::Visitor, |open, _| {
        let wrong = SignIn {
            devices: &NoKnownDevices,
            ..attempt("ada", "wrong password")
        };
        match sign_in(open, wrong) {
            Err(Refused(SignInRefusal::WrongCredentials)) => Ok(()),
            other => Ok(other.map(|_| ())?),
        }
    }),
    case("enter_code", Client::Waiting, |open, given| {
        Ok(enter_code(open, &given.code, &NoKnownDevices)?)
    }),
    case(
        "enter_code, wrongly",
        Client::Waiting,
        |open, _| match enter_code(open, "000000", &NoKnownDevices) {
            Err(Refused(EnterCodeRefusal::WrongCode)) => Ok(()),
            other => Ok(other?),
        },
    ),
    case("sign_in_by_link", Client::Visitor, |open, given| {
        Ok(sign_in_by_link(open, given.link(), &NoKnownDevices).map(|_| ())?)
    })
    .with(Purpose::SignIn),
    case("prove", Client::Ada, |open, _| {
        Ok(prove(open, &password(PASSWORD), "", &NoKnownDevices)?)
    }),
    case("prove with a code", Client::Ada, |open, given| {
        Ok(prove(open, &password(PASSWORD), &given.code, &NoKnownDevices)?)
    })
    .enrolled(),
    case("sign_out", Client::Ada, |open, _| Ok(sign_out(open)?)),
    case("sign_out_everywhere", Client::Ada, |open, _| {
        Ok(sign_out_everywhere(open)?)
    }),
    case("end_session", Client::Ada, |open, given| {
        Ok(end_session(open, &given.other)?)
    }),
    case("end_other_sessions", Client::Ada, |open, _| {
        Ok(end_other_sessions(open)?)
    }),
    case("sessions_of", Client::Ada, |open, _| {
        Ok(sessions_of(open, None).map(|_| ())?)
    }),
    case("change_password", Client::Ada, |open, _| {
        Ok(change_password(
            open,
            &password(PASSWORD),
            NEW_PASSWORD.into(),
            &NoKnownDevices,
        )?)
    }),
    case("request_reset", Client::Visitor, |open, _| {
        Ok(request_reset(open, "ada")?)
    })
    .mails(),
    case("reset_password", Client::Visitor, |open, given| {
        reset_password(open, given.link(), NEW_PASSWORD.into())?;
        Ok(())
    })
    .with(Purpose::ResetPassword),
    case("change_address", Client::Ada, |open, _| {
        Ok(change_address(open, "new@example.org")?)
    })
    .mails(),
    case("confirm_address", Client::Visitor, |open, given| {
        Ok(confirm_address(open, given.link())?)
    })
    .with(Purpose::ChangeAddress),
    case("resend_confirmation", Client::Ada, |open, _| {
        Ok(resend_confirmation(open)?)
    })
    .with(Purpose::ConfirmAddress)
    .mails(),
    case("set a second factor up", Client::Ada, |open, _| {
        let seed = begin_enrolment(open)?;
        open.commit()?;
        Ok(finish_enrolment(open, &code_at(&seed, open.now())).map(|_| ())?)
    }),
    case("disable_second_factor", Client::Ada, |open, _| {
        Ok(disable_second_factor(open)?)
    })
    .enrolled(),
    case("renew_recovery_codes", Client::Ada, |open, _| {
        Ok(renew_recovery_codes(open).map(|_| ())?)
    })
    .enrolled(),
    case("delete_account", Client::Ada, |open, _| Ok(delete_account(open)?)),
    case("commit", Client::Ada, |open, _| {
        open.insert("k", 1)?;
        Ok(open.commit()?)
    }),
    case("update", Client::Ada, |open, _| {
        Ok(open.update("k", |n: Option<u8>| n.unwrap_or(0)).map(|_| ())?)
    }),
    case("rotate", Client::Ada, |open, _| Ok(open.rotate()?)),
];
