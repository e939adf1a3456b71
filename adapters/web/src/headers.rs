//! The headers that every answer carries, and those that pages carry in addition.
//!
//! They are built once; an answer gets those that it lacks.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const PAGE_TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// An answer that is no page can do nothing even when a browser is made to open it as one.
static INERT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
);

/// The headers for each kind of answer.
#[derive(Debug)]
pub(crate) struct HeaderSets {
    common: Vec<(HeaderName, HeaderValue)>,
    page_policy: HeaderValue,
}

impl HeaderSets {
    /// For a site on https or not, whose forms may lead to those hosts in the end.
    pub(crate) fn new(https: bool, redirect_hosts: &[String]) -> Self {
        let mut common = Vec::new();
        let mut set = |name: HeaderName, value: &'static str| {
            common.push((name, HeaderValue::from_static(value)));
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
        Self {
            common,
            page_policy: page_policy(redirect_hosts),
        }
    }

    /// Adds what is missing to an answer; what its handler has set stays.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        let policy = if headers.get(header::CONTENT_TYPE) == Some(&PAGE_TYPE) {
            &self.page_policy
        } else {
            &INERT_POLICY
        };
        let missing = self.common.iter().map(|(name, value)| (name, value));
        for (name, value) in missing.chain([(&header::CONTENT_SECURITY_POLICY, policy)]) {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
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
