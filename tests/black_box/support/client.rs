//! A client with a cookie jar, which uses one connection for each request.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::socket::Socket;

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the headers that are missing, although every response of Kunci has them.
    pub(crate) fn missing_headers(&self) -> Vec<&'static str> {
        let mut names = vec![
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
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

    /// Parses the head of a response.
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
            status: status.unwrap_or_else(|| panic!("no answer but {text:?}")),
            headers: lines.filter_map(field).collect(),
            body: String::new(),
        }
    }
}

/// Sends bytes and reads one response.
pub(crate) fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let mut socket = Socket::connect(address);
    // The server may close the connection before it has read the whole request.
    let _ = socket.send(request);
    socket.answer()
}

/// A client with its cookies.
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

    /// Returns the same client for another address of the server.
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

    /// Returns the token in the session cookie; empty without a session.
    pub(crate) fn session_token(&self) -> String {
        self.cookies.get("kunci").cloned().unwrap_or_default()
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
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

    pub(crate) fn json(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, &[("Content-Type", "application/json")], body)
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
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
        let answer = raw(self.address, request.as_bytes());
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for (_, cookie) in answer
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
