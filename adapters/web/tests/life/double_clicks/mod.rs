//! A form that is sent twice, as by a double click, is answered as if it were sent once.

mod account_forms;
mod boundaries;
mod entry_forms;

use std::collections::BTreeSet;
use std::sync::Barrier;

use kunci_domain::EventKind;
use kunci_domain::ports::AccountStore as _;

use crate::support::{Client, PAGE, Site, TestRequest, TestResponse, all_routes, form, get};

/// Names and values that a user enters in a form.
type Fields = Vec<(&'static str, String)>;

/// A form of a page, and what follows when it is sent.
struct SentForm {
    name: &'static str,
    page: &'static str,
    action: &'static str,
    /// Brings the client to the page, and returns what the user enters.
    prepare: fn(&Site, &Client<'_>) -> Fields,
    /// Path to which the response redirects. It is empty if the response is the page itself.
    leads_to: &'static str,
    /// Text on the page that follows.
    says: &'static str,
    /// Returns whether the site and the client are as after a single request.
    is_done_once: fn(&Site, &Client<'_>) -> bool,
}

/// When a browser sends a form for the second time.
#[derive(Debug, Clone, Copy)]
enum Second {
    /// Together with the first request.
    AtOnce,
    /// Before it has the first response.
    WithoutFirstResponse,
    /// When it has stored the cookies of the first response, but still shows the page with the form.
    WithNewCookies,
}

fn forms() -> impl Iterator<Item = &'static SentForm> {
    entry_forms::FORMS.iter().chain(account_forms::FORMS)
}

/// Opens the page of a form and returns the request that sends the form.
fn fill_in(row: &SentForm, site: &Site, client: &Client<'_>) -> TestRequest {
    let fields = (row.prepare)(site, client);
    let page = client.send(get(row.page).accept(PAGE));
    assert_eq!(page.status, 200, "{}: {page:#?}", row.name);
    let id = page.form_id.as_deref().map(|id| ("form_id", id));
    let tokens = ["token", "invitation"].map(|name| Some((name, hidden_field(&page.body, name)?)));
    let entered = fields.iter().map(|(name, value)| (*name, value.as_str()));
    let fields: Vec<_> = id
        .into_iter()
        .chain(tokens.into_iter().flatten())
        .chain(entered)
        .collect();
    form(row.action, &fields).accept(PAGE)
}

/// Returns the value of a hidden field, if the page has it.
fn hidden_field<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!(r#"type="hidden" name="{name}" value=""#))?;
    Some(rest.split_once('"')?.0)
}

/// Sends a form twice and returns the second response, whose cookies the client stores.
fn send_twice(site: &Site, client: &Client<'_>, form: &TestRequest, second: Second) -> TestResponse {
    let early = client.with_cookies(form.clone());
    let answer = match second {
        Second::AtOnce => send_at_once(site, &early),
        Second::WithoutFirstResponse => {
            site.send(early.clone());
            site.send(early)
        }
        Second::WithNewCookies => {
            client.send(form.clone());
            site.send(client.with_cookies(form.clone()))
        }
    };
    client.store_cookies(&answer);
    answer
}

fn send_at_once(site: &Site, request: &TestRequest) -> TestResponse {
    let start = Barrier::new(2);
    let send = || {
        start.wait();
        site.send(request.clone())
    };
    std::thread::scope(|scope| {
        scope.spawn(send);
        scope.spawn(send).join().unwrap()
    })
}

/// Returns the page that the browser shows after a response.
fn shown(client: &Client<'_>, answer: &TestResponse) -> String {
    match answer.header("location") {
        "" => answer.body.clone(),
        location => client.send(get(location).accept(PAGE)).body,
    }
}

/// Returns how many events of a kind the history of `ada` has.
fn count(site: &Site, kind: EventKind) -> usize {
    let ada = site.user("ada").unwrap().id;
    let events = site.accounts.events(ada, 0, 100).unwrap();
    events.iter().filter(|event| event.kind == kind).count()
}

fn failures(row: &SentForm, second: Second) -> Vec<String> {
    let site = Site::new();
    let client = site.client();
    let form = fill_in(row, &site, &client);
    let answer = send_twice(&site, &client, &form, second);
    let page = shown(&client, &answer);
    let checks = [
        ("leads elsewhere", answer.header("location") == row.leads_to),
        ("says something else", page.contains(row.says)),
        ("is not done once", (row.is_done_once)(&site, &client)),
    ];
    let failed = checks.into_iter().filter(|(_, holds)| !holds);
    failed
        .map(|(failure, _)| format!("{}, {second:?}: {failure}", row.name))
        .collect()
}

#[test]
fn form_that_is_sent_twice_is_done_once() {
    let ways = [
        Second::AtOnce,
        Second::WithoutFirstResponse,
        Second::WithNewCookies,
    ];
    let failures: Vec<String> = forms()
        .flat_map(|row| ways.into_iter().flat_map(|second| failures(row, second)))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_form_is_sent_twice() {
    let sent: BTreeSet<&str> = forms().map(|row| row.action).collect();
    let routes = all_routes().into_iter();
    let actions = routes.filter(|(method, path)| *method == "POST" && !path.starts_with("/api/"));
    assert_eq!(sent, actions.map(|(_, path)| path).collect());
}
