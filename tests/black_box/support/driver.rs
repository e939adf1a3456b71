//! A minimal WebDriver client (W3C WebDriver, section 5 and later).

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::send_raw;

/// Longest wait for a page, generous enough for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How often chromedriver is started until it has a port.
const START_ATTEMPTS: usize = 5;
/// Errors that chromedriver returns while a page is being replaced. The tests retry after them.
const RETRYABLE_ERRORS: [&str; 3] = [
    "no such element",
    "stale element reference",
    "does not belong to the document",
];

/// The arguments of Chromium.
const ARGUMENTS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
    --disable-background-networking --disable-component-update --disable-dev-shm-usage";

/// The JSON key of an element reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running chromedriver process, killed on drop.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    address: SocketAddr,
}

impl Driver {
    /// Starts chromedriver. Returns `None` if chromedriver or Chromium is missing.
    pub(crate) fn start() -> Option<Self> {
        for program in ["chromium", "chromedriver"] {
            Command::new(program)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .ok()?;
        }
        let driver = (0..START_ATTEMPTS).find_map(|_| Self::try_start());
        Some(driver.expect("chromedriver prints its port"))
    }

    /// Returns `None` if chromedriver ends without a port. It needs the same port on IPv4 and IPv6, which another
    /// process can take in between.
    fn try_start() -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        let port: Option<u16> = lines.find_map(|line| {
            let line = line.ok()?;
            line.strip_prefix("ChromeDriver was started successfully on port ")?
                .trim_end_matches('.')
                .parse()
                .ok()
        });
        let Some(port) = port else {
            child.wait().ok()?;
            return None;
        };
        Some(Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        })
    }

    /// Starts a browser with a new profile.
    pub(crate) fn browser(&self) -> Browser<'_> {
        self.browser_with(&json!({}))
    }

    /// Starts a browser that neither stores nor sends cookies.
    pub(crate) fn browser_without_cookies(&self) -> Browser<'_> {
        const BLOCK: u8 = 2;
        self.browser_with(&json!({"cookies": BLOCK}))
    }

    /// Starts a browser with a new profile and these settings for the content of pages.
    fn browser_with(&self, content_settings: &Value) -> Browser<'_> {
        let args: Vec<_> = ARGUMENTS.split_whitespace().collect();
        let options = json!({"args": args, "prefs": {
            "credentials_enable_service": false,
            "profile.default_content_setting_values": content_settings,
        }});
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let session = self.send("POST", "/session", &capabilities)["sessionId"]
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
        let response = self.try_send(method, path, body);
        response.unwrap_or_else(|| panic!("{method} {path}: the page is still being replaced"))
    }

    /// Sends a command. Returns `None` if it fails with one of the [`RETRYABLE_ERRORS`].
    #[track_caller]
    fn try_send(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
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
        let response = send_raw(self.address, request.as_bytes());
        let is_retryable = || RETRYABLE_ERRORS.iter().any(|error| response.body.contains(error));
        if response.status != 200 && is_retryable() {
            return None;
        }
        assert_eq!(response.status, 200, "{method} {path}: {}", response.body);
        Some(response.json()["value"].take())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser session, closed on drop.
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

    /// Waits until the browser shows the page with this path and query.
    #[track_caller]
    pub(crate) fn wait_for_path(&self, path: &str) {
        let arrived = retry(|| {
            let url = self.get("/url").as_str().unwrap().to_owned();
            let rest = url.splitn(4, '/').nth(3)?;
            (format!("/{rest}") == path).then_some(())
        });
        assert!(
            arrived.is_some(),
            "expected {path}, but the browser shows {}",
            self.get("/url")
        );
    }

    /// Waits until the page contains this visible text.
    #[track_caller]
    pub(crate) fn wait_for_text(&self, text: &str) {
        let shown = retry(|| self.text().contains(text).then_some(()));
        assert!(shown.is_some(), "{text:?} is not in {:?}", self.text());
    }

    /// Returns the visible text of the page.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.read("css selector", "body", "text")
    }

    /// Replaces the value of the field with this name.
    #[track_caller]
    pub(crate) fn fill(&self, name: &str, value: &str) {
        self.with_element("css selector", &format!("input[name={name}]"), |field| {
            self.act_on(field, "clear", &json!({}))?;
            self.act_on(field, "value", &json!({"text": value}))
        });
    }

    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> String {
        self.read("css selector", &format!("input[name={name}]"), "property/value")
    }

    /// Clicks the button of the form in `<main>`.
    #[track_caller]
    pub(crate) fn submit(&self) {
        self.click("css selector", "main form button");
    }

    /// Clicks an element twice. The browser waits between the clicks, and shows the page meanwhile.
    pub(crate) fn double_click(&self, selector: &str, pause: Duration) {
        self.with_element("css selector", selector, |element| {
            let target = json!({"type": "pointerMove", "x": 0, "y": 0, "origin": {ELEMENT: element}});
            let down = json!({"type": "pointerDown", "button": 0});
            let up = json!({"type": "pointerUp", "button": 0});
            let pause = json!({"type": "pause", "duration": pause.as_millis()});
            let mouse =
                json!({"type": "pointer", "id": "mouse", "actions": [target, down, up, pause, down, up]});
            let path = self.path("/actions");
            self.driver.try_send("POST", &path, &json!({"actions": [mouse]}))
        });
    }

    /// Sets a cookie of the site that the browser shows.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"name": name, "value": value, "path": "/", "httpOnly": true, "sameSite": "Lax"});
        self.post("/cookie", &json!({"cookie": cookie}));
    }

    /// Clicks the button with this label.
    #[track_caller]
    pub(crate) fn press(&self, label: &str) {
        self.click("xpath", &format!("//button[normalize-space()='{label}']"));
    }

    /// Clicks the link in `<main>` that contains this text.
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
        self.read("css selector", selector, &format!("css/{property}"))
    }

    /// Returns the messages in the browser's console, such as violations of the content security policy.
    /// Messages about a missing favicon are ignored.
    pub(crate) fn console_messages(&self) -> Vec<String> {
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
        self.with_element(using, value, |element| self.act_on(element, "click", &json!({})));
    }

    /// Reads one value of an element, such as `text` or `property/NAME`.
    #[track_caller]
    fn read(&self, using: &str, selector: &str, what: &str) -> String {
        let value = self.with_element(using, selector, |element| {
            let path = self.path(&format!("/element/{element}/{what}"));
            self.driver.try_send("GET", &path, &Value::Null)
        });
        value.as_str().unwrap_or_default().to_owned()
    }

    fn act_on(&self, element: &str, action: &str, body: &Value) -> Option<Value> {
        let path = self.path(&format!("/element/{element}/{action}"));
        self.driver.try_send("POST", &path, body)
    }

    /// Acts on an element as soon as it exists, and retries if the page was replaced meanwhile.
    #[track_caller]
    fn with_element(&self, using: &str, value: &str, action: impl Fn(&str) -> Option<Value>) -> Value {
        let locator = json!({"using": using, "value": value});
        let result = retry(|| {
            let found = self.driver.try_send("POST", &self.path("/element"), &locator)?;
            action(found[ELEMENT].as_str()?)
        });
        result.unwrap_or_else(|| panic!("{value} is not on the page {}", self.get("/url")))
    }
}

/// Calls `attempt` until it returns a value or [`TIMEOUT`] has passed.
#[track_caller]
fn retry<T>(attempt: impl Fn() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let value = attempt();
        if value.is_some() || Instant::now() > deadline {
            return value;
        }
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        // A panic in `drop` could abort the whole test run.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.driver.send("DELETE", &path, &Value::Null)
        }));
    }
}
