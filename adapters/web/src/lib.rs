//! Routes, cookies and representations between HTTP messages and the domain.
//!
//! [`App::call`] turns an `http::Request<Bytes>` into an `http::Response<Bytes>`. This crate opens no
//! socket: a transport reads the request, limits the size of its body, and writes the response.
//! The rules for passwords and sessions are in `kunci-domain`, the pages are in `kunci-maud`.

mod account;
mod admin;
mod api;
mod app;
mod built_in;
mod client_address;
mod cross_site;
mod entry;
mod errors;
mod forwarded;
mod headers;
mod kit;
mod request_id;
mod security_log;
mod sent_forms;
mod settings;
mod site;
mod store_locality;
mod trusted_proxies;

pub use app::App;
pub use cross_site::Origin;
pub use errors::{CodeUse, Error};
pub use forwarded::ForwardedHeader;
pub use kit::cookies::{CookieName, SessionCookie, SigningKey, SigningKeyError};
pub use kit::forms::{Form, FormError};
pub use kit::json_body::JsonError;
pub use kit::routes::{Cost, Handler, Route, RouteError};
pub use kit::{Representation, Request, Response, html, json, redirect, text};
pub use security_log::{LoggedAccountStore, SECURITY_LOG};
pub use settings::{Hsts, Settings};
pub use store_locality::StoreLocality;
pub use trusted_proxies::{TrustedProxies, TrustedProxiesError};
