//! Builds an app from the parts that were given, and defaults for the rest.

use std::sync::Arc;

use kunci_argon2::Argon2Hasher;
use kunci_crypto::RandEntropy;
use kunci_domain::Core;
use kunci_domain::ports::{Entropy, Mailer};
use kunci_memory::MemoryThrottle;
use kunci_web::{LoggedAccountStore, Origin, SigningKeyError, StoreLocality};

use super::App;
use super::build_error::BuildError;
use super::builder::AppBuilder;
use super::unconfigured::NoMailer;
use crate::clock::SystemClock;
use crate::keys::Keys;
use crate::secret_file;
use crate::store_url::{StoreUrl, open_stores};
use crate::sweeper::Sweeper;
use crate::wire::backends::{OpenError, StoreOptions};
use crate::wire::outbox;
use crate::wire::stores::Stores;

impl AppBuilder {
    /// Opens the stores and builds the app.
    ///
    /// # Errors
    /// Any [`BuildError`].
    pub fn build(mut self) -> Result<App, BuildError> {
        let entropy: Arc<dyn Entropy> = Arc::new(RandEntropy);
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(SystemClock));
        let keys = self.keys(&*entropy)?;
        let https = self.public.as_ref().map_or(self.https, Origin::is_https);
        let stores = self.all_stores()?;
        let (locality, health) = (stores.locality, stores.health.clone());
        let core = Arc::new(self.core(stores, &keys, &entropy)?);
        let sweeper = Sweeper::start(Arc::clone(&core), Arc::clone(&clock))
            .map_err(|error| BuildError::System("thread", error.into()))?;
        let settings = kunci_web::Settings {
            public_origin: self.public,
            redirect_hosts: self.redirect_hosts,
            trusted_proxies: self.trusted_proxies,
            forwarded_header: self.forwarded_header,
            hsts: self.hsts,
            cookie: keys.cookie(&self.cookie_name, https)?,
            stores: locality,
            health,
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
            let default = || self.store.as_ref().and_then(StoreUrl::key_file);
            let Some(path) = self.key_file.clone().or_else(default) else {
                let keys = Keys::temporary(entropy);
                return keys.map_err(|error| BuildError::System("randomness", error.into()));
            };
            secrets = secret_file::load_or_create(&path, entropy)?;
        }
        // The list is not empty.
        Ok(Keys::new(secrets).ok_or(SigningKeyError)?)
    }

    fn core(&mut self, stores: Stores, keys: &Keys, entropy: &Arc<dyn Entropy>) -> Result<Core, BuildError> {
        let sealer = match self.sealer.take() {
            Some(sealer) => sealer,
            None => Arc::new(keys.sealer(Arc::clone(entropy))?),
        };
        let (cost, concurrency) = self.hashing;
        let hasher = match self.hasher.take() {
            Some(hasher) => hasher,
            None => Arc::new(Argon2Hasher::new(cost, concurrency, Arc::clone(entropy))?),
        };
        let throttle = self.throttle.take();
        Ok(Core {
            sessions: stores.sessions,
            check: stores.check,
            accounts: Arc::new(LoggedAccountStore::new(stores.accounts)),
            throttle: throttle.unwrap_or_else(|| Arc::new(MemoryThrottle::default())),
            mailer: self.take_mailer(entropy)?,
            hasher,
            sealer,
            entropy: Arc::clone(entropy),
            decoy_key: keys.decoy_key()?,
            policy: self.policy,
            account_policy: std::mem::take(&mut self.account_policy),
        })
    }

    fn take_mailer(&mut self, entropy: &Arc<dyn Entropy>) -> Result<Arc<dyn Mailer>, BuildError> {
        if let Some(mailer) = self.mailer.take() {
            return Ok(mailer);
        }
        let folder = self.store.as_ref().and_then(StoreUrl::outbox);
        let (Some(folder), Some(public)) = (folder, &self.public) else {
            return Ok(Arc::new(NoMailer));
        };
        let sender = match self.mail_from.take() {
            Some(sender) => sender,
            None => outbox::default_sender()?,
        };
        let entropy = Arc::clone(entropy);
        Ok(outbox::outbox(&folder, sender, public.as_str(), entropy)?)
    }

    /// Returns the custom stores, and opened ones for the rest.
    fn all_stores(&mut self) -> Result<Stores, OpenError> {
        let opened = self.opened()?;
        let custom = self.custom_stores.unwrap_or(StoreLocality::Remote);
        Ok(match (self.sessions.take(), self.accounts.take()) {
            (None, None) => opened,
            (sessions, accounts) => Stores {
                health: opened.health,
                ..Stores::separate(
                    sessions.unwrap_or(opened.sessions),
                    accounts.unwrap_or(opened.accounts),
                    custom.max(opened.locality),
                )
            },
        })
    }

    /// Opens the stores of the URLs, which provide the ports that were not given. A store in memory costs
    /// nothing if none is needed.
    fn opened(&mut self) -> Result<Stores, OpenError> {
        if let Some(stores) = self.stores.take() {
            return Ok(stores);
        }
        let main = self.store.clone().unwrap_or_else(StoreUrl::of_library);
        let sessions = self.session_store.clone().unwrap_or_else(|| main.clone());
        open_stores(&main, &sessions, StoreOptions::default())
    }
}
