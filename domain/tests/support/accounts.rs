//! Accounts at a later point of their life: with a second factor, a confirmed address, a known device.

use kunci_domain::ports::{AuditLog, UserStore};
use kunci_domain::use_cases::{
    EnterCodeError, SignedIn, begin_enrolment, enter_code, finish_enrolment, sign_in, sign_up,
};
use kunci_domain::{
    DeviceId, EmailAddress, EventKind, KnownDevices, OpenSession, Permanence, RecoveryCode, SessionToken,
    Stranger, Timestamp, TotpSeed, TotpStep, User, UserId,
};

use super::{MINUTE, PASSWORD, World, attempt, new_user, token};

/// What an owner of a second factor has at hand.
pub struct Authenticator {
    pub seed: TotpSeed,
    pub recovery: Vec<RecoveryCode>,
}

impl World {
    /// What happened to an account, the latest last.
    pub fn events(&self, name: &str) -> Vec<EventKind> {
        let mut events = self.history.list(self.user(name).id, 0, 1_000).unwrap();
        events.reverse();
        events.iter().map(|event| event.kind).collect()
    }

    /// Makes an account whose address is confirmed, and signs in with it, for good. No mail is left over.
    pub fn sign_up_with_mail(&self, name: &str, address: &str) -> SessionToken {
        let token = self.sign_up(name);
        self.change(name, |user| User {
            email: Some(EmailAddress::parse(address).unwrap()),
            email_confirmed_at: Some(self.now()),
            ..user
        });
        self.post.take();
        token
    }

    /// Changes a user behind the back of every use case.
    pub fn change(&self, name: &str, change: impl Fn(User) -> User) {
        let _ = self.users.update(&change(self.user(name))).unwrap();
    }

    /// Sets a second factor up for whoever is signed in with a token. A code of this half minute is spent
    /// by it.
    pub fn enrol(&self, here: &SessionToken) -> (SessionToken, Authenticator) {
        let mut open = self.open(here);
        let seed = begin_enrolment(&mut open).unwrap();
        let recovery = finish_enrolment(&mut open, &code_at(&seed, self.now())).unwrap();
        (token(&open), Authenticator { seed, recovery })
    }

    /// The first step of a sign-in: the token of a session that waits for a code.
    pub fn pass_first_step(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        assert_eq!(
            sign_in(&mut open, attempt(name, PASSWORD)).unwrap(),
            SignedIn::CodeNeeded
        );
        token(&open)
    }

    /// Enters a code in a session that waits for one.
    pub fn enter(&self, waiting: &SessionToken, code: &str) -> Result<OpenSession, EnterCodeError> {
        let mut open = self.open(waiting);
        enter_code(&mut open, code, &Stranger).map(|()| open)
    }

    /// A sign-in in two steps.
    pub fn sign_in_with_code(&self, name: &str, code: &str) -> SessionToken {
        token(&self.enter(&self.pass_first_step(name), code).unwrap())
    }

    /// Makes an account with an address, and gives the session.
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

/// Ada with a second factor, in a later half minute than the one in which she set it up.
pub fn with_second_factor(world: World) -> (World, SessionToken, Authenticator) {
    let here = world.sign_up("ada");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    (world, here, authenticator)
}

/// The code that an authenticator shows at a time.
pub fn code_at(seed: &TotpSeed, now: Timestamp) -> String {
    seed.code(TotpStep::at(now)).to_string()
}

/// A client that is known as one device of one user.
pub struct Known(pub UserId, pub u8);

impl KnownDevices for Known {
    fn of(&self, user: UserId) -> Option<DeviceId> {
        (user == self.0).then(|| DeviceId::from_bytes([self.1; DeviceId::LEN]))
    }
}
