//! The operator's settings for accounts: sign-up, second factor and rate limits.

use std::sync::Arc;
use std::time::Duration;

use crate::admission::Admission;
use crate::budget::Budget;
use crate::email::EmailAddress;
use crate::one_time_token::Purpose;
use crate::password::PasswordContext;
use crate::user::{Role, User};
use crate::username::{Username, fold, look};

/// Who may create an account for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUpMode {
    /// Anyone.
    #[default]
    Open,
    /// Users with an invitation.
    Invitation,
    /// No one; operators create accounts.
    Closed,
}

/// Who must set up a second factor before anything else is allowed (OWASP ASVS 5.0, 6.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactorRule {
    /// No one; users may.
    #[default]
    Optional,
    /// Administrators.
    Administrators,
    /// All users.
    Everybody,
}

impl SecondFactorRule {
    /// Returns whether the rule requires a second factor of users with this role, set up or not.
    #[must_use]
    pub fn asks(self, role: Role) -> bool {
        match self {
            Self::Optional => false,
            Self::Administrators => role == Role::Administrator,
            Self::Everybody => true,
        }
    }

    /// Returns whether `user` is held back until they set up a second factor.
    #[must_use]
    pub fn misses(self, user: &Admission) -> bool {
        self.asks(user.role) && !user.has_second_factor
    }
}

/// The rate limits (OWASP ASVS 5.0, 6.1.1 and 2.4.1). Successful attempts are not counted. Networks are the
/// smallest of [`Network`](crate::Network); larger ones have a multiple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Failed attempts on one account from one network, and from all its known devices together.
    pub account: Budget,
    /// Failed attempts on one account from all networks together, except those from known devices. `None` sets
    /// no bound.
    pub all_networks: Option<Budget>,
    /// Failed attempts from one network on any account.
    pub network: Budget,
    /// Wrong codes for one account after the correct password. All known devices of the account share a
    /// second budget of this size.
    pub codes: Budget,
    /// Accounts created from one network.
    pub sign_ups: Budget,
    /// Mails requested from one network. The limit of reset mails for one account follows from it:
    /// [`resets`](Self::resets).
    pub mails: Budget,
    /// Mails to one address that ask to confirm it, and such mails requested by one account.
    pub confirmations: Budget,
    /// Sessions of visitors that begin in one network. One with more than 4 KiB of values counts several times.
    pub visitors: Budget,
    /// Sessions of visitors that begin anywhere, counted likewise.
    pub all_visitors: Budget,
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
            all_networks: Budget::per_day(1_000),
            network: budget(100, 10),
            codes: budget(10, 600),
            sign_ups: budget(20, 180),
            mails: budget(5, 600),
            confirmations: budget(5, 3_600),
            visitors: budget(1_000, 10),
            all_visitors: budget(16_384, 1),
        }
    }
}

impl Budgets {
    /// Returns the limit of reset mails for one account, for all clients together.
    ///
    /// No single network can use it up. If many networks do, the latest mail is younger than its link is valid,
    /// so the owner still has a link that works.
    #[must_use]
    pub fn resets(&self) -> Budget {
        Budget {
            at_once: self.mails.at_once.saturating_mul(4),
            every: self.mails.every.min(Purpose::ResetPassword.lifetime()),
        }
    }
}

/// Words that attackers try first on any site of this kind, with any suffix.
const WORDS_OF_EVERY_SITE: [&str; 6] = ["kunci", "admin", "administrator", "password", "secret", "login"];

/// Words that are not accepted as passwords on a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteWords(Arc<[String]>);

impl SiteWords {
    /// Returns the words that apply to every site, together with `more`.
    #[must_use]
    pub fn new<'w>(more: impl IntoIterator<Item = &'w str>) -> Self {
        let all = WORDS_OF_EVERY_SITE.into_iter().map(str::to_owned);
        Self(all.chain(more.into_iter().map(fold)).collect())
    }

    /// Returns the password rules for an owner whose account does not exist yet.
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

    /// Returns the password rules for a user.
    pub(crate) fn context_of<'a>(&'a self, user: &'a User) -> PasswordContext<'a> {
        self.context(Some(&user.name), user.email.as_ref())
    }
}

impl Default for SiteWords {
    fn default() -> Self {
        Self::new([])
    }
}

/// Usernames that nobody may choose at sign-up, because they suggest an authority. Names that look like one are
/// reserved as well, such as `adm1n` for `admin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedNames(Arc<[String]>);

impl ReservedNames {
    /// The names that are reserved by default: roles of operators, and mailboxes that RFC 2142 defines.
    pub const DEFAULT: [&str; 24] = [
        "abuse",
        "admin",
        "administrator",
        "anonymous",
        "everyone",
        "help",
        "helpdesk",
        "hostmaster",
        "info",
        "kunci",
        "moderator",
        "nobody",
        "noreply",
        "official",
        "operator",
        "owner",
        "postmaster",
        "root",
        "security",
        "staff",
        "superuser",
        "support",
        "system",
        "webmaster",
    ];

    /// Returns whether `name` is reserved.
    #[must_use]
    pub fn contains(&self, name: &Username) -> bool {
        self.0.contains(&look(name.folded()))
    }
}

impl<'n> FromIterator<&'n str> for ReservedNames {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        Self(names.into_iter().map(look).collect())
    }
}

impl Default for ReservedNames {
    fn default() -> Self {
        Self::DEFAULT.into_iter().collect()
    }
}

/// The operator's settings for accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Who may create an account.
    pub sign_up: SignUpMode,
    /// Who must set up a second factor.
    pub second_factor: SecondFactorRule,
    /// How long a re-authentication stays valid for sensitive changes (OWASP ASVS 5.0, 7.5.1).
    pub proof_lifetime: Duration,
    /// The rate limits.
    pub budgets: Budgets,
    /// The words that are not accepted as passwords.
    pub words: SiteWords,
    /// The usernames that nobody may choose at sign-up.
    pub reserved_names: ReservedNames,
}

impl Default for AccountPolicy {
    /// Open sign-up, an optional second factor, and re-authentication that stays valid for ten minutes.
    fn default() -> Self {
        Self {
            sign_up: SignUpMode::default(),
            second_factor: SecondFactorRule::default(),
            proof_lifetime: Duration::from_secs(600),
            budgets: Budgets::default(),
            words: SiteWords::default(),
            reserved_names: ReservedNames::default(),
        }
    }
}
