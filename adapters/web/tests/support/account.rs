//! What a test does to accounts beside requests: an authenticator, a factor that is there already, mailed links.

use kunci_domain::mail::{MailContent, Recipient};
use kunci_domain::ports::{Clock, Updated, UserStore};
use kunci_domain::use_cases::{NewUser, create_user, invite, link_for, set_up_link};
use kunci_domain::{
    EventKind, LinkToken, Purpose, RecoveryCode, Role, SealedSeed, SecondFactor, TotpSeed, TotpStep, User,
    Username,
};

use super::{Answer, DAY, PASSWORD, Site, form, get, json, post};

/// Somebody's authenticator, and their recovery codes.
pub struct Authenticator {
    pub seed: TotpSeed,
    pub recovery: Vec<RecoveryCode>,
}

impl Authenticator {
    /// One that has taken over a secret in base 32.
    pub fn of_secret(secret: &str) -> Self {
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

    /// The code that it shows now.
    pub fn code(&self, site: &Site) -> String {
        self.seed.code(TotpStep::at(site.clock.now())).to_string()
    }

    /// A code that it does not show.
    pub fn wrong_code(&self, site: &Site) -> String {
        let shown = [0, -1].map(|ago| {
            let step = TotpStep::from_stored(TotpStep::at(site.clock.now()).as_i64() + ago);
            self.seed.code(step).to_string()
        });
        (0..3)
            .map(|digit| format!("00000{digit}"))
            .find(|code| !shown.contains(code))
            .unwrap()
    }
}

impl Site {
    /// Changes a record as if it had always been so.
    pub fn change_user(&self, name: &str, change: impl FnOnce(User) -> User) {
        let user = self.user(name).expect("there is such a user");
        assert_eq!(self.users.update(&change(user)).unwrap(), Updated::Done);
    }

    pub fn promote(&self, name: &str) {
        self.change_user(name, |user| User {
            role: Role::Administrator,
            ..user
        });
    }

    /// Gives a user an address where mail is known to arrive.
    pub fn confirm(&self, name: &str, address: &str) {
        let now = self.clock.now();
        let email = kunci_domain::EmailAddress::parse(address).unwrap();
        self.change_user(name, |user| User {
            email: Some(email),
            email_confirmed_at: Some(now),
            ..user
        });
    }

    /// Gives a user a second factor; their sessions go on.
    pub fn equip(&self, name: &str) -> Authenticator {
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

    /// Takes the first of two steps of signing in; the answer has the cookie of the half-finished sign-in.
    #[track_caller]
    pub fn first_step(&self, name: &str) -> Answer {
        let answer = self.send(form("/login", &[("username", name), ("password", PASSWORD)]));
        assert_eq!(answer.body, "Enter the code from your authenticator\n");
        answer
    }

    /// Begins setting up a second factor.
    #[track_caller]
    pub fn begin_factor(&self, cookie: &str) -> Authenticator {
        let begun = self.send(json("POST", "/api/v1/account/second-factor", "").cookie(cookie));
        Authenticator::of_secret(begun.json()["secret"].as_str().expect("a secret"))
    }

    /// The token of the latest link that was mailed to somebody; every mail is taken out.
    #[track_caller]
    pub fn take_link(&self) -> LinkToken {
        let link = self.postbox.last_link().expect("a link was sent");
        drop(self.postbox.take());
        link
    }

    /// What owners were told of, and where; every mail is taken out.
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

    pub fn add_invitation(&self, uses: u32) -> LinkToken {
        invite(&self.core, uses, DAY, self.clock.now()).unwrap()
    }

    pub fn add_set_up_link(&self) -> LinkToken {
        set_up_link(&self.core, self.clock.now())
            .unwrap()
            .expect("no accounts yet")
    }

    /// A link for a user that an operator hands over.
    pub fn add_link(&self, name: &str, purpose: Purpose) -> LinkToken {
        let name = Username::parse(name).unwrap();
        link_for(&self.core, &name, purpose, self.clock.now()).unwrap()
    }

    /// A link of any purpose, as `ada` gets it, who is signed in with this cookie.
    pub fn link_of(&self, purpose: Purpose, ada: &str) -> LinkToken {
        match purpose {
            Purpose::ConfirmAddress => {
                self.send(post("/account/email/resend").cookie(ada));
                self.take_link()
            }
            Purpose::ChangeAddress => {
                let fields = [("email", "new@example.org")];
                self.send(form("/account/email", &fields).cookie(ada));
                self.take_link()
            }
            Purpose::ResetPassword | Purpose::SignIn => self.add_link("ada", purpose),
            Purpose::Invitation => self.add_invitation(1),
            Purpose::SetUp => self.add_set_up_link(),
        }
    }
}

/// Swaps the token in a link for its cookie; the cookie to send back.
pub fn open_link(site: &Site, token: &LinkToken) -> String {
    let answer = site.send(get(&format!("/link?token={}", *token.expose())));
    answer.pair("kunci-link").expect("the link becomes a cookie")
}

/// Makes an account in one go, without signing in.
pub fn add_user_with_email(site: &Site, name: &str, email: &str) -> User {
    let new = NewUser {
        name,
        email,
        password: PASSWORD.to_owned(),
        role: Role::Member,
    };
    create_user(&site.core, new, site.clock.now()).unwrap()
}
