//! An HTTP client with a cookie jar. It opens a new connection for each request.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::socket::Socket;

/// A response, with the body as text.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the names of the headers that every response of Kunci must have and this one lacks.
    pub(crate) fn missing_headers(&self) -> Vec<&'static str> {
        let mut names = vec![
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
            "x-request-id",
        ];
        names.retain(|name| self.header(name).is_none());
        if self.header("server") != Some("kunci") {
            names.push("server");
        }
        names
    }

    /// Parses the body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    /// Parses the head of a response. The body stays empty.
    pub(super) fn parse(head: &[u8]) -> Self {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1."));
        let status = status.and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let field = |line: &str| {
            line.split_once(':')
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        };
        Self {
            status: status.unwrap_or_else(|| panic!("not the head of a response: {text:?}")),
            headers: lines.filter_map(field).collect(),
            body: String::new(),
        }
    }
}

/// Sends bytes on a new connection, and reads one response.
pub(crate) fn send_raw(address: SocketAddr, request: &[u8]) -> Response {
    let mut socket = Socket::connect(address);
    // The server may close the connection before it has read the whole request.
    let _ = socket.send(request);
    socket.response()
}

/// A client that stores cookies and sends them with each request.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    accept: &'static str,
    cookies: BTreeMap<String, String>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, accept: &'static str) -> Self {
        Self {
            address,
            accept,
            cookies: BTreeMap::new(),
        }
    }

    /// Returns this client with another server address, for example after a restart.
    pub(crate) fn at(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Returns the value of the `Cookie` header.
    pub(crate) fn cookie(&self) -> String {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Returns the token in the session cookie, or an empty string if there is none.
    pub(crate) fn session_token(&self) -> String {
        self.cookies.get("kunci").cloned().unwrap_or_default()
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let body = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.send(
            "POST",
            path,
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &body,
        )
    }

    pub(crate) fn json(&mut self, method: &str, path: &str, body: &str) -> Response {
        self.send(method, path, &[("Content-Type", "application/json")], body)
    }

    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        request.push_str(&format!("Accept: {}\r\n", self.accept));
        if !self.cookies.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", self.cookie()));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str(&format!("\r\n{body}"));
        let response = send_raw(self.address, request.as_bytes());
        self.store_cookies(&response);
        response
    }

    fn store_cookies(&mut self, response: &Response) {
        for (_, cookie) in response
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Percent-encodes a form value.
fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
