//! The little of the WebDriver protocol that the tests need (W3C WebDriver, section 5 and later).

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::raw;

/// Longer than any page takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running chromedriver; it ends with the test.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    address: SocketAddr,
}

impl Driver {
    /// `None` where there is no chromedriver or no Chromium.
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

    /// A new browser with a profile of its own.
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
            "goog:chromeOptions": options, "timeouts": {"implicit": 10_000}, "goog:loggingPrefs": {"browser": "ALL"},
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

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
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
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.json()["value"].take()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
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
    fn post(&self, path: &str, body: &Value) -> Value {
        self.driver
            .send("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn get(&self, path: &str) -> Value {
        self.driver
            .send("GET", &format!("/session/{}{path}", self.session), &Value::Null)
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    /// Waits until a page of that path and query is shown, as a person would, and fails when it never is.
    #[track_caller]
    pub(crate) fn arrives_at(&self, path: &str) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let url = self.get("/url").as_str().unwrap().to_owned();
            if url
                .splitn(4, '/')
                .nth(3)
                .is_some_and(|rest| format!("/{rest}") == path)
            {
                return;
            }
        }
        panic!("{path} was never shown, but {}", self.get("/url"));
    }

    /// Waits until a person can read that on the page, and fails when they never can.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if self.text().contains(words) {
                return;
            }
        }
        panic!("{words:?} is not in {:?}", self.text());
    }

    /// What a person reads on the page.
    pub(crate) fn text(&self) -> String {
        let body = self.find("css selector", "body");
        self.get(&format!("/element/{body}/text"))
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn fill(&self, name: &str, value: &str) {
        let field = self.find("css selector", &format!("input[name={name}]"));
        self.post(&format!("/element/{field}/clear"), &json!({}));
        self.post(&format!("/element/{field}/value"), &json!({"text": value}));
    }

    pub(crate) fn value(&self, name: &str) -> String {
        let field = self.find("css selector", &format!("input[name={name}]"));
        self.get(&format!("/element/{field}/property/value"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Presses the button of the page's main form.
    pub(crate) fn submit(&self) {
        let button = self.find("css selector", "main form button");
        self.post(&format!("/element/{button}/click"), &json!({}));
    }

    /// Presses the button with that label.
    pub(crate) fn press(&self, label: &str) {
        let button = self.find("xpath", &format!("//button[normalize-space()='{label}']"));
        self.post(&format!("/element/{button}/click"), &json!({}));
    }

    /// Follows the link with that text in the page's main part.
    pub(crate) fn follow(&self, text: &str) {
        let link = self.find(
            "xpath",
            &format!("//main//a[contains(normalize-space(), '{text}')]"),
        );
        self.post(&format!("/element/{link}/click"), &json!({}));
    }

    /// The value of a style property as the browser computes it.
    pub(crate) fn css(&self, selector: &str, property: &str) -> String {
        let element = self.find("css selector", selector);
        self.get(&format!("/element/{element}/css/{property}"))
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What the browser's console complains of, such as a policy that stops our own style sheet.
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

    fn find(&self, using: &str, value: &str) -> String {
        let found = self.post("/element", &json!({"using": using, "value": value}));
        found[ELEMENT].as_str().unwrap().to_owned()
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        // A browser that is stuck must not keep the next test from running.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.driver.send("DELETE", &path, &Value::Null)
        }));
    }
}
