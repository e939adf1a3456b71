//! Builds the app that the settings of the binary describe.

use std::sync::Arc;

use kunci_argon2::Concurrency;
use kunci_domain::ports::Mailer;
use kunci_web::TrustedProxies;

use super::App;
use super::build_error::BuildError;
use crate::config::Config;
use crate::wire;
use crate::wire::stores::Stores;

impl App {
    /// Builds the app that the settings describe, with open stores and a mailer. `url` is the URL of the site, as
    /// far as it is known.
    pub(crate) fn from_config(
        config: &Config,
        stores: Stores,
        mailer: Arc<dyn Mailer>,
        url: Option<&str>,
    ) -> Result<Self, BuildError> {
        let hosts = config.server.redirect_hosts.iter().map(|host| host.0.to_string());
        let proxies = config.server.trusted_proxies.iter().map(|proxy| &*proxy.0.0);
        let concurrency = Concurrency {
            permits: config.permits,
            queue: config.hashing.queue,
        };
        let mut builder = Self::builder()
            .session_policy(wire::session_policy(config))
            .account_policy(wire::account_policy(config))
            // Each was parsed alone before, so that nothing is left to refuse.
            .trusted_proxies(TrustedProxies::parse(proxies).unwrap_or_default())
            .forwarded_header(config.server.forwarded_header)
            .hsts(config.server.hsts)
            .mailer(mailer)
            .hashing(config.hashing.cost, concurrency)
            .redirect_hosts(hosts.collect())
            .secret_key_file(config.data.join("secret.key"));
        builder.stores = Some(stores);
        builder.cookie_name = wire::cookie_name(config, url);
        builder.https = config.server.tls.cert.is_some();
        builder.public = config.public_url.as_ref().map(|url| url.0.clone());
        if let Some(current) = &config.secret_key {
            let all = std::iter::once(current).chain(&config.secret_key_fallbacks);
            builder.secrets = all.map(|secret| secret.0.clone()).collect();
        }
        builder.build()
    }
}
