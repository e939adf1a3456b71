//! Puts an app together: what was said, and for the rest what suits it.

use std::sync::Arc;

use kunci_argon2::Argon2Hasher;
use kunci_domain::Core;
use kunci_domain::ports::{Entropy, Mailer, PasswordHasher, Sealer};
use kunci_memory::MemoryThrottle;
use kunci_rand::RandEntropy;
use kunci_web::{Origin, RouteError, SigningKeyError};
use thiserror::Error as ThisError;

use super::unconfigured::{NoDirectory, NoMailer};
use super::{App, AppBuilder};
use crate::clock::SystemClock;
use crate::keys::Keys;
use crate::secret_file::{self, SecretFileError};
use crate::store_url::{StoreUrl, StoreUrlError};
use crate::sweeper::Sweeper;
use crate::wire::{self, OpenError, Stores};

/// Why an app cannot be built.
#[derive(Debug, ThisError)]
pub enum BuildError {
    /// A store was named that there is not.
    #[error(transparent)]
    StoreUrl(#[from] StoreUrlError),
    /// A store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The public address is no http or https URL without path.
    #[error("the public URL {0:?} is not http(s)://HOST[:PORT]")]
    PublicUrl(String),
    /// A secret key is too short.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The file of the secret key cannot be used.
    #[error(transparent)]
    SecretFile(#[from] SecretFileError),
    /// The folder for mails cannot be used.
    #[error(transparent)]
    Outbox(#[from] kunci_mail::OpenError),
    /// Nobody can be written to as that sender.
    #[error(transparent)]
    MailFrom(#[from] kunci_mail::SenderError),
    /// The password hasher cannot be set up.
    #[error(transparent)]
    Hasher(#[from] kunci_argon2::SetUpError),
    /// A route stands in the way of another.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No randomness, or no thread, could be had.
    #[error("the operating system gave no {0}")]
    System(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppBuilder {
    /// Opens the stores and puts everything together.
    ///
    /// # Errors
    /// Any [`BuildError`].
    pub fn build(mut self) -> Result<App, BuildError> {
        let entropy: Arc<dyn Entropy> = Arc::new(RandEntropy);
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(SystemClock));
        let keys = self.keys(&*entropy)?;
        let https = self.public.as_ref().map_or(self.https, Origin::is_https);
        let core = Arc::new(self.core(&keys, &entropy)?);
        let sweeper = Sweeper::start(Arc::clone(&core), Arc::clone(&clock))
            .map_err(|error| BuildError::System("thread", error.into()))?;
        let settings = kunci_web::Settings {
            public_origin: self.public,
            redirect_hosts: self.redirect_hosts,
            trusted_proxies: self.trusted_proxies,
            cookie: keys.cookie(https)?,
        };
        let web = kunci_web::App::new(Arc::clone(&core), clock, settings, self.routes)?;
        Ok(App {
            web,
            core,
            _sweeper: sweeper,
        })
    }

    fn keys(&mut self, entropy: &dyn Entropy) -> Result<Keys, BuildError> {
        let mut secrets = std::mem::take(&mut self.secrets);
        if secrets.is_empty() {
            let beside = || self.store.as_ref().and_then(StoreUrl::key_file);
            let Some(path) = self.key_file.clone().or_else(beside) else {
                return Keys::temporary(entropy)
                    .map_err(|error| BuildError::System("randomness", error.into()));
            };
            secrets = secret_file::load_or_create(&path, entropy)?;
        }
        // The list was not empty, so that one is left.
        Ok(Keys::new(secrets).ok_or(SigningKeyError)?)
    }

    fn core(&mut self, keys: &Keys, entropy: &Arc<dyn Entropy>) -> Result<Core, BuildError> {
        let mailer = self.take_mailer(entropy)?;
        let sealer = self.take_sealer(keys, entropy)?;
        let hasher = self.take_hasher(entropy)?;
        let opened = self.opened()?;
        let directory = match (self.directory.take(), &self.sessions) {
            (Some(directory), _) => directory,
            (None, None) => opened.directory,
            (None, Some(_)) => Arc::new(NoDirectory),
        };
        Ok(Core {
            sessions: self.sessions.take().unwrap_or(opened.sessions),
            directory,
            users: self.users.take().unwrap_or(opened.users),
            tokens: self.tokens.take().unwrap_or(opened.tokens),
            history: self.history.take().unwrap_or(opened.history),
            throttle: self
                .throttle
                .take()
                .unwrap_or_else(|| Arc::new(MemoryThrottle::default())),
            mailer,
            hasher,
            sealer,
            entropy: Arc::clone(entropy),
            policy: self.policy,
            accounts: std::mem::take(&mut self.accounts),
        })
    }

    fn take_mailer(&mut self, entropy: &Arc<dyn Entropy>) -> Result<Arc<dyn Mailer>, BuildError> {
        if let Some(mailer) = self.mailer.take() {
            return Ok(mailer);
        }
        let beside = self.store.as_ref().and_then(StoreUrl::outbox);
        let (Some(folder), Some(public)) = (beside, &self.public) else {
            return Ok(Arc::new(NoMailer));
        };
        let sender = match self.mail_from.take() {
            Some(sender) => sender,
            None => wire::default_sender()?,
        };
        Ok(wire::outbox(
            &folder,
            sender,
            public.as_str(),
            Arc::clone(entropy),
        )?)
    }

    fn take_sealer(
        &mut self,
        keys: &Keys,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Arc<dyn Sealer>, BuildError> {
        match self.sealer.take() {
            Some(sealer) => Ok(sealer),
            None => Ok(Arc::new(keys.sealer(Arc::clone(entropy))?)),
        }
    }

    fn take_hasher(&mut self, entropy: &Arc<dyn Entropy>) -> Result<Arc<dyn PasswordHasher>, BuildError> {
        let (cost, concurrency) = self.hashing;
        match self.hasher.take() {
            Some(hasher) => Ok(hasher),
            None => Ok(Arc::new(Argon2Hasher::new(
                cost,
                concurrency,
                Arc::clone(entropy),
            )?)),
        }
    }

    /// The stores behind what was not given by hand; opening memory for nothing costs nothing.
    fn opened(&mut self) -> Result<Stores, OpenError> {
        if let Some(stores) = self.stores.take() {
            return Ok(stores);
        }
        let main = self.store.clone().unwrap_or(StoreUrl::Memory);
        let sessions = self.session_store.clone().unwrap_or_else(|| main.clone());
        wire::open_stores(&main, &sessions, wire::DEFAULT_MMAP)
    }
}
