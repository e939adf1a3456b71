//! Of fifty clients that use one secret at the same time, exactly one succeeds.

use std::sync::Barrier;

use kunci_domain::{AccountPolicy, Budget, Budgets, Purpose, Role, SignUpMode};

use crate::support::{
    NEW_PASSWORD, PASSWORD, Setup, Site, TestRequest, TestResponse, form, link_form, sign_in_form,
};

const CLIENTS: usize = 50;

/// Sends requests at the same time and returns how many succeeded.
fn count_successes(site: &Site, requests: Vec<TestRequest>) -> usize {
    let start = Barrier::new(requests.len());
    let answers: Vec<TestResponse> = std::thread::scope(|scope| {
        let threads: Vec<_> = requests
            .into_iter()
            .map(|request| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    site.send(request)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status < 500), "{answers:?}");
    answers.iter().filter(|answer| answer.status < 300).count()
}

/// Returns a site whose budgets are too wide to refuse a request of these tests.
fn site() -> Site {
    let unlimited = Budget {
        at_once: 1_000,
        every: std::time::Duration::from_secs(1),
    };
    Site::with(Setup {
        account_policy: AccountPolicy {
            sign_up: SignUpMode::Invitation,
            budgets: Budgets {
                account: unlimited,
                all_networks: None,
                network: unlimited,
                codes: unlimited,
                sign_ups: unlimited,
                mails: unlimited,
                confirmations: unlimited,
                visitors: unlimited,
                all_visitors: unlimited,
            },
            ..AccountPolicy::default()
        },
        ..Setup::default()
    })
}

#[test]
fn one_of_fifty_concurrent_uses_of_a_code_succeeds() {
    let site = site();
    site.add_user("ada", Role::Member);
    let authenticator = site.add_second_factor("ada");
    let pending: Vec<String> = (0..CLIENTS)
        .map(|_| site.first_step("ada").cookie().unwrap())
        .collect();
    let enter = |code: &str| {
        let requests = pending
            .iter()
            .map(|cookie| form("/login/code", &[("code", code)]).cookie(cookie));
        count_successes(&site, requests.collect())
    };
    assert_eq!(enter(&authenticator.code(&site)), 1);
}

#[test]
fn one_of_fifty_concurrent_uses_of_a_recovery_code_succeeds() {
    let site = site();
    site.add_user("ada", Role::Member);
    let authenticator = site.add_second_factor("ada");
    let code = authenticator.recovery[0].expose_text().to_string();
    let requests = (0..CLIENTS).map(|_| {
        let pending = site.first_step("ada").cookie().unwrap();
        form("/login/code", &[("code", &code)]).cookie(&pending)
    });
    let requests: Vec<TestRequest> = requests.collect();
    assert_eq!(count_successes(&site, requests), 1);
    assert_eq!(site.user("ada").unwrap().second_factor.unwrap().recovery.len(), 2);
}

#[test]
fn one_of_fifty_concurrent_uses_of_a_link_succeeds() {
    for purpose in [Purpose::SignIn, Purpose::ResetPassword] {
        let site = site();
        site.add_user("ada", Role::Member);
        let link = site.issue_link("ada", purpose);
        let request = || link_form(&link, &[("new_password", NEW_PASSWORD)]);
        assert_eq!(
            count_successes(&site, (0..CLIENTS).map(|_| request()).collect()),
            1,
            "{purpose:?}"
        );
    }
}

#[test]
fn one_of_fifty_concurrent_uses_of_an_invitation_succeeds() {
    let site = site();
    let token = site.issue_invitation(1).expose().to_string();
    let requests = (0..CLIENTS).map(|n| {
        let name = format!("user{n}");
        form(
            "/register",
            &[
                ("username", &name),
                ("password", PASSWORD),
                ("invitation", &token),
            ],
        )
    });
    assert_eq!(count_successes(&site, requests.collect()), 1);
    let made = (0..CLIENTS).filter(|n| site.user(&format!("user{n}")).is_some());
    assert_eq!(made.count(), 1);
}

#[test]
fn concurrent_guesses_do_not_exceed_the_budget() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    count_successes(
        &site,
        (0..CLIENTS)
            .map(|_| sign_in_form("ada", "wrong password"))
            .collect(),
    );
    assert_eq!(site.hasher.verifications(), 10);
}
