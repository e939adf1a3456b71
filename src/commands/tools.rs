//! The core for commands: the same stores as the server, a hasher for one password at a time, and the folder
//! from which the server delivers mail.

use std::num::NonZeroUsize;
use std::sync::Arc;

use kunci_argon2::{Argon2Hasher, Concurrency};
use kunci_crypto::RandEntropy;
use kunci_domain::ports::{EntropyError, Sealer, UnsealError};
use kunci_domain::use_cases::{Operator, find_user};
use kunci_domain::{Core, DecoyKey, User};
use kunci_memory::MemoryThrottle;
use kunci_web::LoggedAccountStore;
use zeroize::Zeroizing;

use super::{Failure, links, username};
use crate::config::Config;
use crate::wire;

/// The core, set up for a command, and the authority of the command line.
pub(super) struct Tools {
    pub(super) core: Core,
    pub(super) operator: Operator,
}

impl Tools {
    pub(super) fn open(config: &Config) -> Result<Self, Failure> {
        wire::create_data_folder(config)?;
        let stores = wire::stores(config)?;
        let entropy = Arc::new(RandEntropy);
        let base = links::base(config).unwrap_or_else(links::local);
        let mailer = wire::mail_drop(config, &base, entropy.clone())?;
        let single = Concurrency {
            permits: NonZeroUsize::MIN,
            queue: 0,
        };
        let hasher = Argon2Hasher::new(config.hashing.cost, single, entropy.clone())?;
        Ok(Self {
            core: Core {
                sessions: stores.sessions,
                check: stores.check,
                accounts: Arc::new(LoggedAccountStore::new(stores.accounts)),
                // Commands do not check passwords, so they need neither rate limits nor decoys.
                throttle: Arc::new(MemoryThrottle::default()),
                mailer,
                hasher: Arc::new(hasher),
                sealer: Arc::new(NoSealer),
                decoy_key: DecoyKey::generate(&*entropy)?,
                entropy,
                policy: wire::session_policy(config),
                account_policy: wire::account_policy(config),
            },
            operator: Operator::on_command_line(),
        })
    }

    /// Returns the account of that name.
    pub(super) fn known(&self, name: &str) -> Result<User, Failure> {
        Ok(find_user(&self.core, &self.operator, &username(name)?)?)
    }
}

/// Seals nothing: no command reads or changes the secret of a second factor, so none needs the secret key.
struct NoSealer;

impl Sealer for NoSealer {
    fn seal(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, EntropyError> {
        Err(EntropyError("commands cannot seal secrets".into()))
    }

    fn open(&self, _: &[u8], _: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        Err(UnsealError(Some("commands cannot open secrets".into())))
    }
}
