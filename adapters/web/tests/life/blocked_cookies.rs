//! Browsers that store no cookies: a page says that cookies are needed.

use kunci_domain::{AccountPolicy, Purpose, SecondFactorRule};

use crate::support::{
    ACCEPT_HEADERS, JSON, PAGE, PASSWORD, Setup, Site, TEXT, TestRequest, TestResponse, form, get,
    unconfirmed_site,
};

/// What the sign-in page says if the browser stored no cookie.
const NEEDED: &str = "Allow cookies for this site";

#[test]
fn link_without_its_cookie_says_that_cookies_are_needed() {
    let (site, ada) = unconfirmed_site();
    for purpose in Purpose::ALL.into_iter().filter(|one| *one != Purpose::SetUp) {
        let token = site.issue_any_link(purpose, &ada).expose().to_string();
        for accept in ACCEPT_HEADERS {
            let opened = site.send(get(&format!("/link?token={token}")).accept(accept));
            let answer = site.send(get(opened.header("location")).accept(accept));
            assert_eq!(answer.status, 400, "{purpose:?} as {accept}");
            match accept {
                JSON => assert_eq!(answer.code(), "cookie_needed"),
                TEXT => assert!(answer.body.contains("open the link again"), "{}", answer.body),
                _ => assert!(
                    answer.body.contains("<h1>Cookies are needed</h1>"),
                    "{}",
                    answer.body
                ),
            }
        }
    }
}

/// A way to sign in through a form, and how to prepare the site for it.
type Way = (&'static str, fn() -> Site, &'static str);

const WAYS: [Way; 4] = [
    ("password", || with_ada(SecondFactorRule::Optional), "/login"),
    ("password and code", with_code, "/login"),
    ("enrolment", || with_ada(SecondFactorRule::Everybody), "/login"),
    ("sign-up", Site::new, "/register"),
];

fn with_ada(second_factor: SecondFactorRule) -> Site {
    let site = Site::with(Setup {
        account_policy: AccountPolicy {
            second_factor,
            ..AccountPolicy::default()
        },
        ..Setup::default()
    });
    site.add_user("ada", kunci_domain::Role::Member);
    site
}

fn with_code() -> Site {
    let site = with_ada(SecondFactorRule::Optional);
    site.add_second_factor("ada");
    site
}

/// Builds the request of a page's form.
fn page_form(path: &str) -> TestRequest {
    let fields = [
        ("form", "page"),
        ("username", "ada"),
        ("password", PASSWORD),
        ("next", "/account/email"),
    ];
    form(path, &fields).accept(PAGE)
}

/// Follows redirects and returns the path of the last page and the page.
fn follow(mut answer: TestResponse, send: impl Fn(TestRequest) -> TestResponse) -> (String, TestResponse) {
    let mut path = String::new();
    for _ in 0..9 {
        if answer.status != 303 {
            return (path, answer);
        }
        answer.header("location").clone_into(&mut path);
        answer = send(get(&path).accept(PAGE));
    }
    panic!("the redirects do not end: {path}");
}

#[test]
fn sign_in_without_cookies_says_that_cookies_are_needed() {
    for (way, prepare, path) in WAYS {
        let site = prepare();
        let (_, page) = follow(site.send(page_form(path)), |request| site.send(request));
        assert_eq!(page.status, 200, "{way}");
        assert!(page.body.contains(NEEDED), "{way}: {}", page.body);
        // The form still leads to the page that the user wanted.
        assert!(
            page.body.contains(r#"value="/account/email""#),
            "{way}: {}",
            page.body
        );
    }
    let page = Site::new().send(get("/login").accept(PAGE)).body;
    assert!(!page.contains(NEEDED), "{page}");
}

#[test]
fn first_sign_in_with_cookies_leads_to_the_next_step() {
    let ends = [
        "/account/email",
        "/login/code?next=/account/email",
        "/account/second-factor",
        "/account/email",
    ];
    for ((way, prepare, path), end) in WAYS.into_iter().zip(ends) {
        let site = prepare();
        let client = site.client();
        let (path, page) = follow(client.send(page_form(path)), |request| client.send(request));
        assert_eq!((path.as_str(), page.status), (end, 200), "{way}");
        assert!(!page.body.contains(NEEDED), "{way}: {}", page.body);
    }
}

/// Scripts do not send the field `form`, and browsers that send any cookie store cookies.
#[test]
fn scripts_and_returning_browsers_are_redirected_at_once() {
    let fields = [("username", "ada"), ("password", PASSWORD)];
    for path in ["/login", "/register"] {
        let site = || match path {
            "/login" => with_ada(SecondFactorRule::Optional),
            _ => Site::new(),
        };
        let script = site().send(form(path, &fields).accept(PAGE));
        assert_eq!(script.header("location"), "/profile", "{path}");
        let returning = site().send(page_form(path).cookie("theme=dark"));
        assert_eq!(returning.header("location"), "/account/email", "{path}");
        let fields = [&fields[..], &[("form", "page")]].concat();
        let text = site().send(form(path, &fields).accept(TEXT));
        assert_eq!(text.header("location"), "", "{path}");
        assert!(
            matches!(text.body.as_str(), "Logged in\n" | "Account created\n"),
            "{path}"
        );
    }
}
