//! What every handler uses: requests, responses, routes, representations and cookies.

pub(crate) mod cookies;
pub(crate) mod fields;
pub(crate) mod forms;
pub(crate) mod json_body;
pub(crate) mod refusals;
pub(crate) mod representation;
pub(crate) mod request;
pub(crate) mod responses;
pub(crate) mod return_to;
pub(crate) mod routes;
pub(crate) mod times;
pub(crate) mod wire_types;
