//! The address by which an authenticator takes a secret over, in the form that all of them read.

use http::Uri;
use kunci_domain::{TotpSeed, User};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::cross_site::Origin;
use crate::request::Request;

/// `otpauth://totp/...`: the defaults of every authenticator hold, hence neither digits nor period are named.
pub(super) fn uri(request: &Request, user: &User, seed: &TotpSeed) -> Zeroizing<String> {
    let issuer = issuer(request.around.settings.public_origin.as_ref());
    let issuer = utf8_percent_encode(&issuer, NON_ALPHANUMERIC).to_string();
    let name = utf8_percent_encode(user.name.as_str(), NON_ALPHANUMERIC).to_string();
    let secret = seed.expose_text();
    // Reserved at once, so that no copy of the secret stays behind in memory when it grows.
    let mut uri = Zeroizing::new(String::with_capacity(
        64 + 2 * issuer.len() + name.len() + secret.len(),
    ));
    for part in [
        "otpauth://totp/",
        &issuer,
        ":",
        &name,
        "?secret=",
        &secret,
        "&issuer=",
        &issuer,
    ] {
        uri.push_str(part);
    }
    uri
}

/// What tells this site from others in a list of many.
fn issuer(origin: Option<&Origin>) -> String {
    let host = origin
        .and_then(|origin| origin.as_str().parse::<Uri>().ok())
        .and_then(|uri| uri.host().map(str::to_owned));
    host.unwrap_or_else(|| "Kunci".to_owned())
}
