//! The part of the WebDriver protocol that the tests need (W3C WebDriver, section 5 and later).

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::raw;

/// Longer than any page takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// chromedriver's errors while a page is being replaced, after which the tests retry.
const NOT_YET: [&str; 3] = [
    "no such element",
    "stale element reference",
    "does not belong to the document",
];

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running chromedriver; it ends with the test.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    address: SocketAddr,
}

impl Driver {
    /// Returns `None` if chromedriver or Chromium is missing.
    pub(crate) fn start() -> Option<Self> {
        Command::new("chromium")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            line.strip_prefix("ChromeDriver was started successfully on port ")?
                .trim_end_matches('.')
                .parse()
                .ok()
        });
        let port: u16 = port.expect("chromedriver says its port");
        Some(Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// Starts a browser with a new profile.
    pub(crate) fn browser(&self) -> Browser<'_> {
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ];
        let options = json!({"args": args, "prefs": {"credentials_enable_service": false}});
        let asked = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = self.send("POST", "/session", &asked)["sessionId"]
            .as_str()
            .unwrap()
            .to_owned();
        Browser {
            driver: self,
            session,
        }
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.try_to(method, path, body);
        answer.unwrap_or_else(|| panic!("{method} {path}: the page is not there"))
    }

    /// Returns `None` if the error is one of [`NOT_YET`].
    #[track_caller]
    fn try_to(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = raw(self.address, request.as_bytes());
        let not_yet = || NOT_YET.iter().any(|words| answer.body.contains(words));
        if answer.status != 200 && not_yet() {
            return None;
        }
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        Some(answer.json()["value"].take())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One browser.
#[derive(Debug)]
pub(crate) struct Browser<'d> {
    driver: &'d Driver,
    session: String,
}

impl Browser<'_> {
    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.driver.send("POST", &self.path(path), body)
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.driver.send("GET", &self.path(path), &Value::Null)
    }

    fn path(&self, path: &str) -> String {
        format!("/session/{}{path}", self.session)
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    /// Waits until the page with this path and query is shown.
    #[track_caller]
    pub(crate) fn arrives_at(&self, path: &str) {
        let arrived = patiently(|| {
            let url = self.get("/url").as_str().unwrap().to_owned();
            let rest = url.splitn(4, '/').nth(3)?;
            (format!("/{rest}") == path).then_some(())
        });
        assert!(
            arrived.is_some(),
            "{path} was never shown, but {}",
            self.get("/url")
        );
    }

    /// Waits until the page shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        let shown = patiently(|| self.text().contains(words).then_some(()));
        assert!(shown.is_some(), "{words:?} is not in {:?}", self.text());
    }

    /// Returns the visible text of the page.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.of("css selector", "body", "text")
    }

    /// Replaces the value of the field with this name.
    #[track_caller]
    pub(crate) fn fill(&self, name: &str, value: &str) {
        self.on("css selector", &format!("input[name={name}]"), |field| {
            self.act(field, "clear", &json!({}))?;
            self.act(field, "value", &json!({"text": value}))
        });
    }

    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> String {
        self.of("css selector", &format!("input[name={name}]"), "property/value")
    }

    /// Presses the button of the page's main form.
    #[track_caller]
    pub(crate) fn submit(&self) {
        self.click("css selector", "main form button");
    }

    /// Presses the button with that label.
    #[track_caller]
    pub(crate) fn press(&self, label: &str) {
        self.click("xpath", &format!("//button[normalize-space()='{label}']"));
    }

    /// Follows the link with that text in the page's main part.
    #[track_caller]
    pub(crate) fn follow(&self, text: &str) {
        self.click(
            "xpath",
            &format!("//main//a[contains(normalize-space(), '{text}')]"),
        );
    }

    /// Returns the computed value of a style property.
    #[track_caller]
    pub(crate) fn css(&self, selector: &str, property: &str) -> String {
        self.of("css selector", selector, &format!("css/{property}"))
    }

    /// Returns the errors in the browser's console, such as violations of the content security policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({"type": "browser"}));
        log.as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .filter(|line| !line.contains("favicon.ico"))
            .collect()
    }

    pub(crate) fn tab(&self) -> String {
        self.get("/window").as_str().unwrap().to_owned()
    }

    /// Opens another tab and switches to it.
    pub(crate) fn new_tab(&self) -> String {
        let tab = self.post("/window/new", &json!({"type": "tab"}))["handle"]
            .as_str()
            .unwrap()
            .to_owned();
        self.switch_to(&tab);
        tab
    }

    pub(crate) fn switch_to(&self, tab: &str) {
        self.post("/window", &json!({"handle": tab}));
    }

    #[track_caller]
    fn click(&self, using: &str, value: &str) {
        self.on(using, value, |element| self.act(element, "click", &json!({})));
    }

    /// Reads a property of an element.
    #[track_caller]
    fn of(&self, using: &str, value: &str, what: &str) -> String {
        let read = self.on(using, value, |element| {
            let path = self.path(&format!("/element/{element}/{what}"));
            self.driver.try_to("GET", &path, &Value::Null)
        });
        read.as_str().unwrap_or_default().to_owned()
    }

    fn act(&self, element: &str, what: &str, body: &Value) -> Option<Value> {
        let path = self.path(&format!("/element/{element}/{what}"));
        self.driver.try_to("POST", &path, body)
    }

    /// Acts on an element as soon as it exists, and retries if the page was replaced meanwhile.
    #[track_caller]
    fn on(&self, using: &str, value: &str, what: impl Fn(&str) -> Option<Value>) -> Value {
        let asked = json!({"using": using, "value": value});
        let done = patiently(|| {
            let found = self.driver.try_to("POST", &self.path("/element"), &asked)?;
            what(found[ELEMENT].as_str()?)
        });
        done.unwrap_or_else(|| panic!("{value} is not on the page {}", self.get("/url")))
    }
}

/// Calls `look` until it returns a value, at most for [`PATIENCE`].
#[track_caller]
fn patiently<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look();
        if seen.is_some() || Instant::now() > deadline {
            return seen;
        }
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        // A stuck browser must not block the next test.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.driver.send("DELETE", &path, &Value::Null)
        }));
    }
}
