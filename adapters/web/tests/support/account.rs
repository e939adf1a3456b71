//! Changes to accounts without requests: second factors, confirmed addresses, links and invitations.

use kunci_domain::mail::{MailContent, Recipient};
use kunci_domain::ports::{AccountStore, Clock, Committed};
use kunci_domain::use_cases::{NewUser, Operator, create_user, invite, issue_link_for, set_up_link};
use kunci_domain::{
    EventKind, LinkToken, Purpose, RecoveryCode, Role, SealedSeed, SecondFactor, Step, TotpSeed, TotpStep,
    User, Username,
};

use super::{DAY, PASSWORD, Site, TestRequest, TestResponse, form, get, json, post, sign_in_form};

/// A user's authenticator and recovery codes.
pub struct Authenticator {
    pub seed: TotpSeed,
    pub recovery: Vec<RecoveryCode>,
}

impl Authenticator {
    /// Creates an authenticator from a secret in base 32.
    pub fn from_secret(secret: &str) -> Self {
        let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
        for letter in secret.bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                _ => letter - b'2' + 26,
            };
            bits = bits << 5 | u32::from(value);
            count += 5;
            if 8 <= count {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 255).unwrap());
            }
        }
        Self {
            seed: TotpSeed::from_bytes(&bytes).expect("a secret of 160 bits"),
            recovery: Vec::new(),
        }
    }

    /// Returns the current code.
    pub fn code(&self, site: &Site) -> String {
        self.seed.code(TotpStep::at(site.clock.now())).to_string()
    }

    /// Returns a code that is neither the current nor the previous one.
    pub fn wrong_code(&self, site: &Site) -> String {
        let valid = [0, -1].map(|offset| {
            let step = TotpStep::from_stored(TotpStep::at(site.clock.now()).as_i64() + offset);
            self.seed.code(step).to_string()
        });
        (0..3)
            .map(|digit| format!("00000{digit}"))
            .find(|code| !valid.contains(code))
            .unwrap()
    }
}

impl Site {
    /// Changes a user record directly in the store.
    pub fn change_user(&self, name: &str, change: impl FnOnce(User) -> User) {
        let user = self.user(name).expect("the user exists");
        let change = Step::ReplaceUser(change(user)).into();
        let outcome = self.accounts.commit(&change, self.clock.now()).unwrap();
        assert_eq!(outcome, Committed::Done);
    }

    pub fn make_administrator(&self, name: &str) {
        self.change_user(name, |user| User {
            role: Role::Administrator,
            ..user
        });
    }

    /// Sets the address of a user and marks it as confirmed.
    pub fn confirm_email(&self, name: &str, address: &str) {
        let now = self.clock.now();
        let email = kunci_domain::EmailAddress::parse(address).unwrap();
        self.change_user(name, |user| User {
            email: Some(email),
            email_confirmed_at: Some(now),
            ..user
        });
    }

    /// Adds a second factor to a user; existing sessions continue.
    pub fn add_second_factor(&self, name: &str) -> Authenticator {
        let entropy = &*self.core.entropy;
        let authenticator = Authenticator {
            seed: TotpSeed::generate(entropy).unwrap(),
            recovery: (0..3).map(|_| RecoveryCode::generate(entropy).unwrap()).collect(),
        };
        let now = self.clock.now();
        self.change_user(name, |user| {
            let context = user.id.as_i64().to_be_bytes();
            let sealed = self
                .core
                .sealer
                .seal(authenticator.seed.expose(), &context)
                .unwrap();
            let factor = SecondFactor {
                seed: SealedSeed::from_stored(sealed),
                last_step: TotpStep::from_stored(0),
                recovery: authenticator.recovery.iter().map(RecoveryCode::digest).collect(),
                since: now,
            };
            User {
                second_factor: Some(factor),
                ..user
            }
        });
        authenticator
    }

    /// Signs up `ada` with an unconfirmed address and returns the session cookie.
    #[track_caller]
    pub fn sign_up_with_email(&self) -> String {
        self.sign_up_as("ada", "ada@example.org")
    }

    /// Signs up with an unconfirmed address and returns the session cookie.
    #[track_caller]
    pub fn sign_up_as(&self, name: &str, email: &str) -> String {
        let fields = [("username", name), ("password", PASSWORD), ("email", email)];
        let answer = self.send(form("/register", &fields));
        answer.cookie().expect("sign-up sets a cookie")
    }

    /// Sends the password of a user with a second factor; the response sets the cookie of the pending sign-in.
    #[track_caller]
    pub fn first_step(&self, name: &str) -> TestResponse {
        let answer = self.send(sign_in_form(name, PASSWORD));
        assert_eq!(answer.body, "Enter the code from your authenticator\n");
        answer
    }

    /// Begins the enrolment of a second factor.
    #[track_caller]
    pub fn begin_enrolment(&self, cookie: &str) -> Authenticator {
        let begun = self.send(json("POST", "/api/v1/account/second-factor", "").cookie(cookie));
        Authenticator::from_secret(begun.json()["secret"].as_str().expect("a secret"))
    }

    /// Returns the token of the most recently mailed link and removes every mail.
    #[track_caller]
    pub fn take_mailed_link(&self) -> LinkToken {
        let link = self.postbox.last_link().expect("a link was sent");
        drop(self.postbox.take());
        link
    }

    /// Returns the recipient and event of every mailed notice, and removes every mail.
    pub fn take_notices(&self) -> Vec<(String, EventKind)> {
        let mails = self.postbox.take().into_iter();
        let notices = mails.filter_map(|mail| match (mail.to, mail.content) {
            (Recipient::Address(to), MailContent::Notice(event)) => {
                Some((to.as_str().to_owned(), event.kind))
            }
            _ => None,
        });
        notices.collect()
    }

    pub fn issue_invitation(&self, uses: u32) -> LinkToken {
        invite(&self.core, &operator(), uses, DAY, self.clock.now()).unwrap()
    }

    pub fn issue_set_up_link(&self) -> LinkToken {
        set_up_link(&self.core, self.clock.now())
            .unwrap()
            .expect("there are no accounts yet")
    }

    /// Issues a link for a user as an operator does.
    pub fn issue_link(&self, name: &str, purpose: Purpose) -> LinkToken {
        let name = Username::parse(name).unwrap();
        issue_link_for(&self.core, &operator(), &name, purpose, self.clock.now()).unwrap()
    }

    /// Issues a link of any purpose for `ada`, whose session cookie is `ada`.
    pub fn issue_any_link(&self, purpose: Purpose, ada: &str) -> LinkToken {
        self.issue_any_link_for("ada", purpose, ada)
    }

    /// Issues a link of any purpose for the user `name` with this session cookie.
    pub fn issue_any_link_for(&self, name: &str, purpose: Purpose, session: &str) -> LinkToken {
        match purpose {
            Purpose::ConfirmAddress => {
                self.send(post("/account/email/resend").cookie(session));
                self.take_mailed_link()
            }
            Purpose::ChangeAddress => {
                let fields = [("email", "new@example.org")];
                self.send(form("/account/email", &fields).cookie(session));
                self.take_mailed_link()
            }
            Purpose::ResetPassword | Purpose::SignIn => self.issue_link(name, purpose),
            Purpose::Invitation => self.issue_invitation(1),
            Purpose::SetUp => self.issue_set_up_link(),
        }
    }
}

/// Returns the authority of the command line.
pub fn operator() -> Operator {
    Operator::on_command_line()
}

/// Returns a site where `ada` has an unconfirmed address, and her session cookie.
pub fn unconfirmed_site() -> (Site, String) {
    let site = Site::new();
    let ada = site.sign_up_with_email();
    (site, ada)
}

/// Opens a link and returns the cookie that replaces its token.
pub fn open_link(site: &Site, token: &LinkToken) -> String {
    let answer = site.send(get(&format!("/link?token={}", *token.expose())));
    answer
        .cookie_of("kunci-link")
        .expect("opening a link sets a cookie")
}

/// Builds the form of a link's page.
pub fn link_form(token: &LinkToken, fields: &[(&str, &str)]) -> TestRequest {
    let token = token.expose();
    form("/link", &[&[("token", token.as_str())], fields].concat())
}

/// Creates an account with an unconfirmed address, without signing in.
pub fn add_user_with_email(site: &Site, name: &str, email: &str) -> User {
    let new = NewUser {
        name,
        email,
        password: PASSWORD.to_owned(),
        role: Role::Member,
    };
    create_user(&site.core, &operator(), new, site.clock.now()).unwrap()
}
