//! The store ports of one server.

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, Health, SeparateStores, SessionCheck, SessionStore};
use kunci_web::StoreLocality;

/// The stores of one server.
#[derive(Clone)]
pub(crate) struct Stores {
    /// Stores sessions.
    pub(crate) sessions: Arc<dyn SessionStore>,
    /// Looks up a session together with its user.
    pub(crate) check: Arc<dyn SessionCheck>,
    /// Stores accounts.
    pub(crate) accounts: Arc<dyn AccountStore>,
    /// `Remote` if one of them is.
    pub(crate) locality: StoreLocality,
    /// Report what the stores cannot do at present.
    pub(crate) health: Vec<Arc<dyn Health>>,
}

impl Stores {
    /// Returns stores of two engines. `locality` is that of the remote one, if there is one.
    pub(crate) fn separate(
        sessions: Arc<dyn SessionStore>,
        accounts: Arc<dyn AccountStore>,
        locality: StoreLocality,
    ) -> Self {
        let check = Arc::new(SeparateStores {
            sessions: Arc::clone(&sessions),
            accounts: Arc::clone(&accounts),
        });
        Self {
            sessions,
            check,
            accounts,
            locality,
            health: Vec::new(),
        }
    }
}
