//! What every handler uses: requests, forms, views, responses, routes, representations and cookies.

pub(crate) mod cookies;
mod endpoint;
mod fields;
mod form_page;
pub(crate) mod forms;
pub(crate) mod json_body;
pub(crate) mod refusals;
mod representation;
mod request;
mod responses;
mod return_to;
pub(crate) mod routes;
mod times;
mod view;
mod wire_types;

pub(crate) use endpoint::{Access, Endpoint};
pub(crate) use fields::{Fields, Key};
pub(crate) use form_page::{FormPage, Problems, redisplay};
pub use representation::Representation;
pub use request::Request;
pub use responses::{Response, html, json, redirect, text};
pub(crate) use responses::{with_body, with_error};
pub(crate) use return_to::ReturnTo;
pub(crate) use times::{human_readable, rfc3339};
pub(crate) use view::{Done, View, message_or_page};
pub(crate) use wire_types::{SessionView, UserView};
