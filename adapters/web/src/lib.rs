//! Routes, cookies and representations: HTTP messages on one side, the domain on the other.
//!
//! [`App::call`] turns an `http::Request<Bytes>` into an `http::Response<Bytes>`. There is no socket
//! in here: a transport reads the request, bounds its body, and writes the answer.
//! Rules about passwords and sessions are the domain's, pages are `kunci-maud`'s.

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
mod times;
mod trusted_proxies;

pub use app::App;
pub use cookies::{SessionCookie, SigningKey, SigningKeyError};
pub use cross_site::Origin;
pub use errors::Error;
pub use forms::{Form, FormError};
pub use json_body::JsonError;
pub use representation::Representation;
pub use request::Request;
pub use responses::{Response, html, json, redirect, text};
pub use routes::{Cost, Handler, Route, RouteError};
pub use settings::Settings;
pub use trusted_proxies::{TrustedProxies, TrustedProxiesError};
