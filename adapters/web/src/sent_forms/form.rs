//! The ids of forms, and what identifies a form that was sent.

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use kunci_domain::Network;
use kunci_maud::FORM_ID;
use sha2::{Digest as _, Sha256};

use crate::kit::Response;
use crate::kit::cookies::{OwnCookies, SessionCookie};
use crate::kit::forms::Form;

/// Gives the forms of a page their id. Pages are rendered without one, because their functions are pure.
pub(crate) fn fill_in_ids(response: &mut Response, id: &HeaderValue) {
    let (Ok(page), Ok(id)) = (std::str::from_utf8(response.body()), id.to_str()) else {
        return;
    };
    // User text in a page has no unescaped quotation marks, so it cannot contain this.
    let field = |id: &str| format!(r#"name="{FORM_ID}" value="{id}""#);
    *response.body_mut() = page.replace(&field(""), &field(id)).into();
}

/// A form that a client has sent.
pub(crate) struct SentForm {
    /// The digest of everything but the cookies.
    content: Sha256,
    cookies: OwnCookies,
    network: Option<Network>,
}

/// Identifies a form with its values and the client that sent it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FormKey {
    digest: [u8; 32],
    network: Option<Network>,
}

impl SentForm {
    /// Returns the form in a request, or `None` if it has no id.
    pub(crate) fn of(
        parts: &Parts,
        body: &Bytes,
        cookie: &SessionCookie,
        address: Option<IpAddr>,
    ) -> Option<Self> {
        if parts.method != Method::POST || !has_id(parts, body) {
            return None;
        }
        let mut content = Sha256::new();
        add(&mut content, parts.uri.to_string().as_bytes());
        add(&mut content, body);
        Some(Self {
            content,
            cookies: OwnCookies::of(&parts.headers, cookie),
            network: Network::all_of(address).first().copied(),
        })
    }

    pub(crate) fn key(&self) -> FormKey {
        self.key_with(&self.cookies)
    }

    /// Returns the key of the same form if the client sends it with the cookies of a response.
    pub(crate) fn key_after(&self, response: &HeaderMap) -> FormKey {
        self.key_with(&self.cookies.changed_by(response))
    }

    fn key_with(&self, cookies: &OwnCookies) -> FormKey {
        let mut content = self.content.clone();
        cookies.pairs().for_each(|pair| add(&mut content, pair));
        FormKey {
            digest: content.finalize().into(),
            network: self.network,
        }
    }
}

/// Returns whether one of the fields is a form id.
fn has_id(parts: &Parts, body: &Bytes) -> bool {
    let form = Form::parse(&parts.headers, body);
    form.is_ok_and(|form| form.get(FORM_ID).is_some_and(|id| !id.is_empty()))
}

/// Adds bytes with their length, so that no two sequences have the same digest.
fn add(content: &mut Sha256, bytes: &[u8]) {
    content.update((bytes.len() as u64).to_be_bytes());
    content.update(bytes);
}
