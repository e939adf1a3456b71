//! Routes, cookies and representations between HTTP messages and the domain.
//!
//! [`App::call`] turns an `http::Request<Bytes>` into an `http::Response<Bytes>`. This crate opens no
//! socket: a transport reads the request, limits the size of its body, and writes the response.
//! The rules for passwords and sessions are in `kunci-domain`, the pages are in `kunci-maud`.

mod app;
mod built_in;
mod client_address;
mod cookies;
mod cross_site;
mod errors;
mod event_words;
mod fields;
mod forms;
mod forwarded;
mod handlers;
mod headers;
mod json_body;
mod refusals;
mod representation;
mod request;
mod responses;
mod return_to;
mod routes;
mod settings;
mod store_locality;
mod times;
mod trusted_proxies;

pub use app::App;
pub use cookies::{SessionCookie, SigningKey, SigningKeyError};
pub use cross_site::Origin;
pub use errors::{CodeUse, Error};
pub use forms::{Form, FormError};
pub use json_body::JsonError;
pub use representation::Representation;
pub use request::Request;
pub use responses::{Response, html, json, redirect, text};
pub use routes::{Cost, Handler, Route, RouteError};
pub use settings::Settings;
pub use store_locality::StoreLocality;
pub use trusted_proxies::{TrustedProxies, TrustedProxiesError};
