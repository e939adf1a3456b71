//! The headers that every answer carries, and those that pages carry in addition.
//!
//! They are built once; an answer gets those that it lacks.

use std::mem;

use http::{HeaderMap, HeaderName, HeaderValue, header};

const PAGE_TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// An answer that is no page can do nothing even when a browser is made to open it as one.
const INERT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
);

/// The headers for each kind of answer.
#[derive(Debug)]
pub(crate) struct HeaderSets {
    page: HeaderMap,
    inert: HeaderMap,
}

impl HeaderSets {
    /// For a site on https or not, whose forms may lead to those hosts in the end.
    pub(crate) fn new(https: bool, redirect_hosts: &[String]) -> Self {
        let with_policy = |policy: HeaderValue| {
            let mut headers = common(https);
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            headers
        };
        Self {
            page: with_policy(page_policy(redirect_hosts)),
            inert: with_policy(INERT_POLICY),
        }
    }

    /// Adds what is missing to an answer; what its handler has set stays.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        let is_page = headers.get(header::CONTENT_TYPE) == Some(&PAGE_TYPE);
        let all = if is_page { &self.page } else { &self.inert };
        // A copy of a map costs far less than its insertions.
        let own = mem::replace(headers, all.clone());
        headers.extend(own);
    }
}

fn common(https: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::SERVER, "kunci");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(header::VARY, "Accept, Cookie");
    if https {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    headers
}

/// Chromium holds `form-action` against the redirect that follows a form, too. A host without a scheme
/// stands for https and, on a site that is itself reached by http, for http (CSP Level 3, 6.7.2.8).
fn page_policy(redirect_hosts: &[String]) -> HeaderValue {
    let hosts: String = redirect_hosts.iter().map(|host| format!(" {host}")).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{hosts}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let strict = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    HeaderValue::try_from(policy).unwrap_or(strict)
}
