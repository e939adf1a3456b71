//! Fails each call of each use case to stores, throttle and mailer: the use case returns an error, no one is
//! signed in, and no partial change locks the owner out.
//!
//! The responses to clients are tested in `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::error::Error;

use kunci_domain::use_cases::{
    CookieAction, SignIn, begin_enrolment, change_address, change_password, confirm_address, delete_account,
    disable_second_factor, end_other_sessions, end_session, enter_code, finish_enrolment, invite,
    issue_link_for, prove, renew_recovery_codes, request_reset, resend_confirmation, reset_password, resume,
    sessions_of, sign_in, sign_in_by_link, sign_out, sign_out_everywhere, sign_up,
};
use kunci_domain::{Device, LinkToken, NoKnownDevices, OpenSession, Permanence, Purpose, SessionToken};
use support::{
    DAY, MINUTE, NEW_PASSWORD, PASSWORD, World, attempt, code_at, new_user, password, token, username,
};

type Outcome = Result<(), Box<dyn Error>>;

/// The client whose token a request presents.
#[derive(Clone, Copy, PartialEq)]
enum Client {
    Visitor,
    Ada,
    /// A client that has passed the first step of ada's sign-in.
    Waiting,
}

/// The inputs of a request.
struct Given {
    code: String,
    link: Option<LinkToken>,
    other: String,
}

impl Given {
    fn link(&self) -> &LinkToken {
        self.link.as_ref().unwrap()
    }
}

/// A use case that runs in a resumed session.
struct UseCase {
    name: &'static str,
    client: Client,
    /// Whether ada has a second factor.
    enrolled: bool,
    /// The purpose of the link that the request presents.
    link: Option<Purpose>,
    /// Whether sending a mail is the purpose of the use case, so that it fails with the mail.
    mails: bool,
    work: fn(&mut OpenSession, &Given) -> Outcome,
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
const EVENT_APART: [&str; 7] = [
    "sign_in over a visitor's session",
    "sign_in again",
    "enter_code",
    "enter_code, wrongly",
    "sign_in_by_link",
    "prove, wrongly",
    "end_session",
];

const USE_CASES: [UseCase; 29] = [
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
            Err(kunci_domain::use_cases::SignInError::WrongCredentials) => Ok(()),
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
            Err(kunci_domain::use_cases::EnterCodeError::WrongCode) => Ok(()),
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
        Ok(sessions_of(open).map(|_| ())?)
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
        Ok(reset_password(open, given.link(), NEW_PASSWORD.into())?)
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

struct Scenario {
    world: World,
    token: SessionToken,
    visitor: SessionToken,
    given: Given,
}

/// A world with ada on two devices and a visitor, a minute after their last requests.
fn scenario(case: &UseCase) -> Scenario {
    let world = World::new();
    let mut ada = world.sign_up_with_mail("ada", "ada@example.org");
    let mut seed = None;
    let other = if case.enrolled {
        let (token, authenticator) = world.enrol(&ada);
        ada = token;
        seed = Some(authenticator.seed);
        world.sign_in_with_code("ada", &authenticator.recovery[0].expose_text())
    } else {
        world.sign_in("ada")
    };
    let mut visitor = world.visit();
    visitor.insert("cart", 1).unwrap();
    visitor.commit().unwrap();
    let link = case.link.and_then(|purpose| link(&world, &ada, purpose));
    world.clock.advance(MINUTE);
    let code = seed.map(|seed| code_at(&seed, world.now())).unwrap_or_default();
    let token = match case.client {
        Client::Visitor => token(&visitor),
        Client::Ada => ada,
        Client::Waiting => world.pass_first_step("ada"),
    };
    let given = Given {
        code,
        link,
        other: other.key().public_id(),
    };
    Scenario {
        visitor: support::token(&visitor),
        world,
        token,
        given,
    }
}

fn link(world: &World, ada: &SessionToken, purpose: Purpose) -> Option<LinkToken> {
    match purpose {
        Purpose::Invitation => Some(invite(&world.core, 1, DAY, world.now()).unwrap()),
        Purpose::ChangeAddress => {
            change_address(&world.open(ada), "new@example.org").unwrap();
            Some(world.mailer.take_link())
        }
        Purpose::ConfirmAddress => {
            world.change("ada", |user| kunci_domain::User {
                email_confirmed_at: None,
                ..user
            });
            None
        }
        _ => Some(issue_link_for(&world.core, &username("ada"), purpose, world.now()).unwrap()),
    }
}

fn signed_in(world: &World) -> usize {
    world
        .live_sessions()
        .iter()
        .filter(|session| session.user().is_some())
        .count()
}

/// Returns whether ada can sign in with the old or the new password.
fn can_sign_in(world: &World) -> bool {
    [PASSWORD, NEW_PASSWORD].into_iter().any(|text| {
        let mut open = world.visit_from(world.another_network());
        sign_in(&mut open, attempt("ada", text)).is_ok()
    })
}

/// Fails the call after `passed` others. Returns `false` if the use case makes no such call.
#[track_caller]
fn check(case: &UseCase, passed: usize) -> bool {
    let Scenario {
        world,
        token,
        visitor,
        given,
    } = scenario(case);
    world.watch.fail_after(passed);
    let resumed = resume(&world.core, Some(token), Device::default(), world.now());
    let (outcome, open): (Outcome, _) = match resumed {
        Ok(mut open) => ((case.work)(&mut open, &given), Some(open)),
        Err(error) => (Err(error.into()), None),
    };
    let calls = world.watch.calls();
    world.watch.pass();
    let Some(failed) = calls.get(passed) else {
        outcome.unwrap();
        return false;
    };
    let at = format!("{}: {failed}, number {passed}", case.name);
    // Failures after the action are only reported, and the action is not undone.
    let is_notice = *failed == "mailer.send" && !case.mails;
    let is_event = *failed == "accounts.commit" && EVENT_APART.contains(&case.name);
    if is_notice || (is_event && outcome.is_ok()) {
        assert!(outcome.is_ok(), "{at}: {outcome:?}");
        let failed_notices = open.map(|mut open| open.take_failed_notices().len());
        assert_eq!(failed_notices, Some(1), "{at} is not reported");
        return true;
    }
    assert!(outcome.is_err(), "{at} is not an error");
    if let Some(open) = open {
        assert_eq!(
            open.cookie_action(),
            CookieAction::Keep,
            "{at}: the cookie changes"
        );
        let may_be_in = case.client == Client::Ada;
        assert!(open.account().is_none() || may_be_in, "{at}: a user is signed in");
    }
    assert!(signed_in(&world) <= 2, "{at}: there is an additional session");
    assert_eq!(
        world.open(&visitor).get("cart").unwrap(),
        Some(1),
        "{at}: the visitor lost a value"
    );
    let deleted = case.name == "delete_account" && calls[..passed].contains(&"accounts.commit");
    assert_eq!(can_sign_in(&world), !deleted, "{at}: the owner is locked out");
    true
}

#[test]
fn failing_port_never_signs_a_client_in() {
    for case in &USE_CASES {
        let steps = (0..).take_while(|passed| check(case, *passed)).count();
        assert!(3 <= steps, "{} has only {steps} steps", case.name);
    }
}
