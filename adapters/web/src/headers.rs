//! The headers that every response has, built once. Pages have their own `Content-Security-Policy`.

use std::mem;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::settings::{Hsts, Settings};

/// Media type of every page.
const PAGE_TYPE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Policy for responses other than pages. They cannot do anything even if a browser opens them as a document.
const INERT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox",
);

/// Headers for each kind of response.
#[derive(Debug)]
pub(crate) struct HeaderSets {
    page: HeaderMap,
    inert: HeaderMap,
}

impl HeaderSets {
    /// Builds the headers. After sending a form, a browser may be redirected to the redirect hosts.
    pub(crate) fn new(settings: &Settings) -> Self {
        let with_policy = |policy: HeaderValue| {
            let mut headers = common(settings.is_https().then_some(settings.hsts));
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            headers
        };
        Self {
            page: with_policy(page_policy(&settings.redirect_hosts)),
            inert: with_policy(INERT_POLICY),
        }
    }

    /// Adds the missing headers to a response. Headers that the handler has set are kept.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        let all = if is_page(headers) { &self.page } else { &self.inert };
        // Cloning a map costs far less than inserting its entries.
        let own = mem::replace(headers, all.clone());
        headers.extend(own);
    }
}

/// Returns whether a response is a page.
pub(crate) fn is_page(response: &HeaderMap) -> bool {
    response.get(header::CONTENT_TYPE) == Some(&PAGE_TYPE)
}

/// Returns the headers that all responses have, with those for https if `hsts` is set.
fn common(hsts: Option<Hsts>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::SERVER, "kunci");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // With `no-referrer`, browsers would send `Origin: null` with the forms of this site.
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
    if let Some(hsts) = hsts {
        // One year, as OWASP ASVS 5.0, 3.4.1 requires.
        let value = match hsts {
            Hsts::Host => "max-age=31536000",
            Hsts::Subdomains => "max-age=31536000; includeSubDomains",
        };
        set(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers
}

/// Returns the policy for pages.
///
/// Chromium also applies `form-action` to the redirect that follows a form, so the policy lists the hosts.
/// A host without a scheme matches https and, on a site reached over http, also http
/// (CSP Level 3, 6.7.2.8).
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
