//! What a use case needs to know of the request that it serves.

use std::sync::Arc;

use super::Core;
use crate::session::Device;
use crate::time::Timestamp;

/// The ports and settings, the client, and the time of one request.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The ports and the operator's settings.
    pub core: Arc<Core>,
    /// The client.
    pub device: Device,
    /// The time of the request. It stays the same until the response.
    pub now: Timestamp,
}

impl RequestContext {
    /// Returns the context of a request by `device` at `now`.
    #[must_use]
    pub fn new(core: &Arc<Core>, device: Device, now: Timestamp) -> Self {
        let core = Arc::clone(core);
        Self { core, device, now }
    }
}
