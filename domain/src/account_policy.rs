//! What an operator decides about accounts: who may make one, who needs a second factor, how often
//! anybody may guess.

use std::sync::Arc;
use std::time::Duration;

use crate::budget::Budget;
use crate::email::EmailAddress;
use crate::password::PasswordContext;
use crate::user::{Role, User};
use crate::username::{Username, fold};

/// Who may make an account for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUpMode {
    /// Anybody.
    #[default]
    Open,
    /// Whoever has an invitation.
    Invitation,
    /// Nobody; operators make accounts.
    Closed,
}

/// Who needs a second factor before anything else opens (OWASP ASVS 5.0, 6.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorRule {
    /// Whoever wants one.
    #[default]
    Optional,
    /// Administrators.
    Administrators,
    /// Everybody.
    Everybody,
}

impl SecondFactorRule {
    /// Whether it asks a user for one, whether they have one or not.
    #[must_use]
    pub fn asks(self, user: &User) -> bool {
        match self {
            Self::Optional => false,
            Self::Administrators => user.role == Role::Administrator,
            Self::Everybody => true,
        }
    }

    /// Whether it keeps a user out until they have set one up.
    #[must_use]
    pub fn misses(self, user: &User) -> bool {
        self.asks(user) && user.second_factor.is_none()
    }
}

/// How often anybody may try (OWASP ASVS 5.0, 6.1.1 and 2.4.1). Attempts that succeed cost nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Wrong guesses at one account from one network, or on one known device.
    pub account: Budget,
    /// Wrong guesses from one network at whatever accounts.
    pub network: Budget,
    /// Wrong codes of one account by those who have its password; as many more on all its known devices.
    pub codes: Budget,
    /// Accounts made from one network.
    pub sign_ups: Budget,
    /// Mails that somebody asks for, for one account, and from one network.
    pub mails: Budget,
}

impl Default for Budgets {
    fn default() -> Self {
        const fn budget(at_once: u32, seconds: u64) -> Budget {
            Budget {
                at_once,
                every: Duration::from_secs(seconds),
            }
        }
        Self {
            account: budget(10, 600),
            network: budget(100, 10),
            codes: budget(10, 600),
            sign_ups: budget(20, 180),
            mails: budget(5, 600),
        }
    }
}

/// Words that are guessed first on any site of this kind, whatever follows them.
const WORDS_OF_EVERY_SITE: [&str; 6] = ["kunci", "admin", "administrator", "password", "secret", "login"];

/// The words of a site, which are no passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteWords(Arc<[String]>);

impl SiteWords {
    /// The words of every site, and these.
    #[must_use]
    pub fn new<'w>(more: impl IntoIterator<Item = &'w str>) -> Self {
        let all = WORDS_OF_EVERY_SITE.into_iter().map(str::to_owned);
        Self(all.chain(more.into_iter().map(fold)).collect())
    }

    /// What the password of this owner must not be made of.
    pub(crate) fn context<'a>(
        &'a self,
        username: Option<&'a Username>,
        address: Option<&'a EmailAddress>,
    ) -> PasswordContext<'a> {
        PasswordContext {
            username,
            address,
            words: &self.0,
        }
    }

    /// What the password of a user must not be made of.
    pub(crate) fn context_of<'a>(&'a self, user: &'a User) -> PasswordContext<'a> {
        self.context(Some(&user.name), user.email.as_ref())
    }
}

impl Default for SiteWords {
    fn default() -> Self {
        Self::new([])
    }
}

/// What an operator decides about accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Who may make one.
    pub sign_up: SignUpMode,
    /// Who needs a second factor.
    pub second_factor: SecondFactorRule,
    /// How long a proof of who one is counts as fresh (OWASP ASVS 5.0, 7.5.1).
    pub proof_lifetime: Duration,
    /// How often anybody may try.
    pub budgets: Budgets,
    /// Which words are no passwords.
    pub words: SiteWords,
}

impl Default for AccountPolicy {
    /// Anybody may make an account, nobody needs a second factor, and proofs are fresh for ten minutes.
    fn default() -> Self {
        Self {
            sign_up: SignUpMode::default(),
            second_factor: SecondFactorRule::default(),
            proof_lifetime: Duration::from_secs(600),
            budgets: Budgets::default(),
            words: SiteWords::default(),
        }
    }
}
