//! `/assets/...`: static files, whose names change with their content.

use http::{HeaderValue, header};
use kunci_maud::assets;

use crate::errors::Error;
use crate::kit::{Access, Endpoint, Request, Response, with_body};

pub(crate) const ROUTES: &[Endpoint] =
    &[Endpoint::get("/assets/{name}", Access::Anyone, show).without_stores()];

fn show(request: &mut Request) -> Result<Response, Error> {
    let asset = assets::find(&request.param("name")?).ok_or(Error::NotFound)?;
    let mut response = with_body(asset.content_type, asset.bytes);
    let for_a_year = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, for_a_year);
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}
