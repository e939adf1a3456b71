//! Prepared accounts: with a second factor, a confirmed address, or a known device.

use kunci_domain::Step;
use kunci_domain::ports::{AccountStore, Committed};
use kunci_domain::use_cases::{
    EnterCodeRefusal, Outcome, SignedIn, begin_enrolment, enter_code, finish_enrolment, issue_link_for,
    sign_in, sign_up,
};
use kunci_domain::{
    EmailAddress, Epoch, EventKind, KnownDevices, LinkToken, NoKnownDevices, OpenSession, Permanence,
    Purpose, RecoveryCode, SessionToken, Timestamp, TotpSeed, TotpStep, User, UserId,
};

use super::{MINUTE, PASSWORD, World, attempt, new_user, operator, token, username};

/// The authenticator and recovery codes of a user.
pub struct Authenticator {
    pub seed: TotpSeed,
    pub recovery: Vec<RecoveryCode>,
}

impl World {
    /// Returns the events of an account, latest last.
    pub fn events(&self, name: &str) -> Vec<EventKind> {
        let mut events = self.accounts.events(self.user(name).id, 0, 1_000).unwrap();
        events.reverse();
        events.iter().map(|event| event.kind).collect()
    }

    /// Creates an account with a confirmed address and a permanent session, and discards the sent mails.
    pub fn sign_up_with_mail(&self, name: &str, address: &str) -> SessionToken {
        let token = self.sign_up(name);
        self.change(name, |user| User {
            email: Some(EmailAddress::parse(address).unwrap()),
            email_confirmed_at: Some(self.now()),
            ..user
        });
        self.mailer.take_mails();
        token
    }

    /// Returns a client on which a user has signed in, in the present epoch.
    pub fn known(&self, name: &str) -> Known {
        let user = self.user(name);
        Known(user.id, user.epoch)
    }

    /// Changes a stored user without a use case.
    pub fn change(&self, name: &str, change: impl Fn(User) -> User) {
        replace(&*self.accounts, change(self.user(name)));
    }

    /// Issues a link for a user as an operator does.
    pub fn issue_link(&self, name: &str, purpose: Purpose) -> LinkToken {
        issue_link_for(&self.core, &operator(), &username(name), purpose, self.now()).unwrap()
    }

    /// Sets up a second factor in a session. This spends the current code.
    pub fn enrol(&self, here: &SessionToken) -> (SessionToken, Authenticator) {
        let mut open = self.open(here);
        let seed = begin_enrolment(&mut open).unwrap();
        let recovery = finish_enrolment(&mut open, &code_at(&seed, self.now())).unwrap();
        (token(&open), Authenticator { seed, recovery })
    }

    /// Completes the first step of a sign-in and returns the token of the pending session.
    pub fn pass_first_step(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        assert_eq!(
            sign_in(&mut open, attempt(name, PASSWORD)).unwrap(),
            SignedIn::CodeNeeded
        );
        token(&open)
    }

    /// Enters a code in a pending session.
    pub fn enter(&self, waiting: &SessionToken, code: &str) -> Outcome<OpenSession, EnterCodeRefusal> {
        let mut open = self.open(waiting);
        enter_code(&mut open, code, &NoKnownDevices).map(|()| open)
    }

    /// Signs in with both steps.
    pub fn sign_in_with_code(&self, name: &str, code: &str) -> SessionToken {
        token(&self.enter(&self.pass_first_step(name), code).unwrap())
    }

    /// Creates an account with an address and returns its session.
    pub fn sign_up_at(&self, name: &str, email: &str) -> OpenSession {
        let mut open = self.visit();
        let new = kunci_domain::use_cases::NewUser {
            email,
            ..new_user(name, PASSWORD)
        };
        sign_up(&mut open, new, Permanence::Permanent, None).unwrap();
        open
    }
}

/// Replaces a stored user without a use case.
#[track_caller]
pub fn replace(accounts: &dyn AccountStore, user: User) {
    let now = Timestamp::from_unix_millis(0);
    let outcome = accounts.commit(&Step::ReplaceUser(user).into(), now).unwrap();
    assert_eq!(outcome, Committed::Done);
}

/// A world with ada, who has a second factor, at a later code step than the one of enrolment.
pub fn with_second_factor(world: World) -> (World, SessionToken, Authenticator) {
    let here = world.sign_up("ada");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    (world, here, authenticator)
}

/// Returns the code that an authenticator shows at a time.
pub fn code_at(seed: &TotpSeed, now: Timestamp) -> String {
    seed.code(TotpStep::at(now)).to_string()
}

/// A client on which one user has signed in, in one epoch.
pub struct Known(pub UserId, pub Epoch);

impl KnownDevices for Known {
    fn knows(&self, user: UserId, epoch: Epoch) -> bool {
        (user, epoch) == (self.0, self.1)
    }
}
