//! Builders for requests, and accessors for responses.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A request under construction.
#[derive(Clone)]
pub struct TestRequest(pub Request<Bytes>);

pub fn request(method: &str, path: &str) -> TestRequest {
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header(header::HOST, "localhost:8080");
    TestRequest(request.body(Bytes::new()).unwrap())
}

pub fn get(path: &str) -> TestRequest {
    request("GET", path)
}

pub fn post(path: &str) -> TestRequest {
    request("POST", path)
}

pub fn delete(path: &str) -> TestRequest {
    request("DELETE", path)
}

pub fn put(path: &str, value: &str) -> TestRequest {
    json("PUT", path, value)
}

/// Builds a `POST` request with percent-encoded form fields.
pub fn form(path: &str, fields: &[(&str, &str)]) -> TestRequest {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    post(path).body(
        "application/x-www-form-urlencoded",
        pairs.collect::<Vec<_>>().join("&"),
    )
}

pub fn sign_in_form(name: &str, password: &str) -> TestRequest {
    form("/login", &[("username", name), ("password", password)])
}

pub fn sign_up_form(name: &str, password: &str) -> TestRequest {
    form("/register", &[("username", name), ("password", password)])
}

pub fn json(method: &str, path: &str, body: &str) -> TestRequest {
    request(method, path).body("application/json", body.to_owned())
}

impl TestRequest {
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.0
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        *self.0.body_mut() = body.into();
        self.header("content-type", media_type)
    }

    pub fn method(mut self, method: &str) -> Self {
        *self.0.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        self
    }

    pub fn accept(self, media_type: &str) -> Self {
        self.header("accept", media_type)
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    /// Adds an extension as a transport does, such as the peer's address.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.0.extensions_mut().insert(extension);
        self
    }
}

/// Returns the id of the first form of a page.
fn form_id(page: &str) -> Option<String> {
    let (_, rest) = page.split_once(FORM_ID)?;
    let (id, _) = rest.split_once('"')?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// A response with its body as text.
#[derive(Debug)]
pub struct TestResponse {
    pub status: u16,
    /// All headers but the request id, so that responses can be compared.
    pub headers: HeaderMap,
    /// The body with zeros for the ids of its forms, so that pages can be compared.
    pub body: String,
    /// The id of the forms of a page, which differs in each response.
    pub form_id: Option<String>,
}

impl PartialEq for TestResponse {
    fn eq(&self, other: &Self) -> bool {
        let parts = |answer: &Self| (answer.status, answer.headers.clone(), answer.body.clone());
        parts(self) == parts(other)
    }
}

/// The field of a form with its id, up to the id.
const FORM_ID: &str = r#"name="form_id" value=""#;

impl TestResponse {
    pub fn from_http(response: http::Response<Bytes>) -> Self {
        let (mut parts, body) = response.into_parts();
        let id = parts.headers.remove("x-request-id");
        assert!(id.is_some(), "the response has no request id");
        let body = String::from_utf8_lossy(&body).into_owned();
        let form_id = form_id(&body);
        let neutral = form_id.as_ref().map(|id| body.replace(id, &"0".repeat(id.len())));
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: neutral.unwrap_or(body),
            form_id,
        }
    }

    /// Returns the value of a header, or an empty string.
    ///
    /// # Panics
    /// If the header is repeated.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map_or("", |value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is repeated");
        value
    }

    /// Returns the `Set-Cookie` value of a cookie, found with or without its `__Host-` prefix.
    ///
    /// # Panics
    /// If the cookie is set twice.
    #[track_caller]
    pub fn set_cookie_of(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        let lines = lines.map(|line| line.to_str().unwrap());
        let mut lines = lines.filter(|line| {
            let (full, _) = line.split_once('=').unwrap();
            full.strip_prefix("__Host-").unwrap_or(full) == name
        });
        let line = lines.next();
        assert!(lines.next().is_none(), "{name} is set twice");
        line
    }

    /// Returns the `Set-Cookie` value of the session cookie.
    #[track_caller]
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie_of("kunci")
    }

    /// Returns the session cookie as a client sends it back: `name=value`.
    #[track_caller]
    pub fn cookie(&self) -> Option<String> {
        self.cookie_of("kunci")
    }

    /// Returns a cookie as a client sends it back: `name=value`.
    #[track_caller]
    pub fn cookie_of(&self, name: &str) -> Option<String> {
        let pair = self.set_cookie_of(name)?.split(';').next()?;
        Some(pair.to_owned())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Returns the error code of a JSON error.
    #[track_caller]
    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .expect("the body is an error")
            .to_owned()
    }
}
