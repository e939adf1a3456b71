//! Requests that are easy to write, and answers that are easy to look into.
//!
//! What may stand in a message is left to the `http` crate.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A request that is being put together.
pub struct Ask(pub Request<Bytes>);

pub fn request(method: &str, path: &str) -> Ask {
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header(header::HOST, "localhost:8080");
    Ask(request.body(Bytes::new()).unwrap())
}

pub fn get(path: &str) -> Ask {
    request("GET", path)
}

pub fn post(path: &str) -> Ask {
    request("POST", path)
}

pub fn delete(path: &str) -> Ask {
    request("DELETE", path)
}

pub fn put(path: &str, value: &str) -> Ask {
    json("PUT", path, value)
}

/// A form with these fields, properly encoded.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Ask {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    post(path).body(
        "application/x-www-form-urlencoded",
        pairs.collect::<Vec<_>>().join("&"),
    )
}

pub fn json(method: &str, path: &str, body: &str) -> Ask {
    request(method, path).body("application/json", body.to_owned())
}

impl Ask {
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

    pub fn accept(self, form: &str) -> Self {
        self.header("accept", form)
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    /// What a transport adds, such as the peer's address.
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.0.extensions_mut().insert(extension);
        self
    }
}

/// What came back.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn of(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A header that is there at most once; empty when it is not there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map_or("", |value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    /// The `Set-Cookie` line of a cookie of ours, by its name on http; it is there at most once.
    #[track_caller]
    pub fn told(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        let lines = lines.map(|line| line.to_str().unwrap());
        let mut lines = lines.filter(|line| {
            let (full, _) = line.split_once('=').unwrap();
            full.strip_prefix("__Host-").unwrap_or(full) == name
        });
        let line = lines.next();
        assert!(lines.next().is_none(), "{name} is told twice");
        line
    }

    /// The line of the session cookie.
    #[track_caller]
    pub fn set_cookie(&self) -> Option<&str> {
        self.told("kunci")
    }

    /// The session cookie as a client sends it back.
    #[track_caller]
    pub fn cookie(&self) -> Option<String> {
        self.pair("kunci")
    }

    /// Any cookie as a client sends it back.
    #[track_caller]
    pub fn pair(&self, name: &str) -> Option<String> {
        let pair = self.told(name)?.split(';').next()?;
        Some(pair.to_owned())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the answer is JSON")
    }

    /// The code of an error, for programs.
    #[track_caller]
    pub fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .expect("the answer is an error")
            .to_owned()
    }
}
