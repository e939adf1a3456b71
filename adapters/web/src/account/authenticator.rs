//! The `otpauth` URI that passes a TOTP secret to an authenticator app.

use http::Uri;
use kunci_domain::{TotpSeed, Username};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::cross_site::Origin;
use crate::kit::Request;

/// Returns the `otpauth://totp/...` URI of a seed.
///
/// Kunci uses the defaults of authenticators, so the URI names neither digits nor period.
pub(super) fn uri(request: &Request, name: &Username, seed: &TotpSeed) -> Zeroizing<String> {
    let issuer = issuer(request.state.settings.public_origin.as_ref());
    let issuer = utf8_percent_encode(&issuer, NON_ALPHANUMERIC).to_string();
    let name = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC).to_string();
    let secret = seed.expose_text();
    // Allocated once, because growing the string would leave copies of the secret in memory.
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

/// Returns the name of this site in the list of an authenticator.
fn issuer(origin: Option<&Origin>) -> String {
    let host = origin
        .and_then(|origin| origin.as_str().parse::<Uri>().ok())
        .and_then(|uri| uri.host().map(str::to_owned));
    host.unwrap_or_else(|| "Kunci".to_owned())
}
