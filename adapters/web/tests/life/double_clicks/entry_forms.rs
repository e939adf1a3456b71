//! The forms to sign up, sign in and sign out, and those of links.

use kunci_domain::{EventKind, Purpose, Role};

use super::{Fields, SentForm, count};
use crate::support::{Client, NEW_PASSWORD, PASSWORD, Site, get, put, sign_in_form, sign_up_form};

pub(super) const FORMS: &[SentForm] = &[
    SentForm {
        name: "sign-up",
        page: "/register",
        action: "/register",
        prepare: |_, client| {
            keep_value(client);
            entered(&[("username", "ada"), ("email", ""), ("password", PASSWORD)])
        },
        leads_to: "/profile",
        says: "Welcome, ada",
        is_done_once: |site, client| has_only_session(site, client) && count(site, EventKind::SignedUp) == 1,
    },
    SentForm {
        name: "sign-up with an invitation",
        page: "/register",
        action: "/register",
        prepare: |site, client| {
            keep_value(client);
            client.send(get(&format!(
                "/link?token={}",
                *site.issue_invitation(1).expose()
            )));
            entered(&[("username", "ada"), ("email", ""), ("password", PASSWORD)])
        },
        leads_to: "/profile",
        says: "Welcome, ada",
        is_done_once: |site, client| has_only_session(site, client) && count(site, EventKind::SignedUp) == 1,
    },
    SentForm {
        name: "sign-in",
        page: "/login",
        action: "/login",
        prepare: |site, client| {
            site.add_user("ada", Role::Member);
            keep_value(client);
            entered(&[("form", "page"), ("username", "ada"), ("password", PASSWORD)])
        },
        leads_to: "/profile",
        says: "Welcome, ada",
        is_done_once: has_only_session,
    },
    SentForm {
        name: "sign-in with a second factor",
        page: "/login",
        action: "/login",
        prepare: |site, client| {
            site.add_user("ada", Role::Member);
            site.add_second_factor("ada");
            keep_value(client);
            entered(&[("form", "page"), ("username", "ada"), ("password", PASSWORD)])
        },
        leads_to: "/login/code",
        says: "<h1>Enter a code</h1>",
        is_done_once: |site, client| client.cookie().is_some() && site.live_sessions().len() == 1,
    },
    SentForm {
        name: "code",
        page: "/login/code",
        action: "/login/code",
        prepare: |site, client| {
            site.add_user("ada", Role::Member);
            let code = site.add_second_factor("ada").code(site);
            keep_value(client);
            client.send(sign_in_form("ada", PASSWORD));
            entered(&[("form", "page"), ("code", &code)])
        },
        leads_to: "/profile",
        says: "Welcome, ada",
        is_done_once: has_only_session,
    },
    SentForm {
        name: "sign-out",
        page: "/profile",
        action: "/logout",
        prepare: |_, client| {
            client.send(sign_up_form("ada", PASSWORD));
            entered(&[])
        },
        leads_to: "/login",
        says: "<h1>Sign in</h1>",
        is_done_once: |site, client| client.cookie().is_none() && site.live_sessions().is_empty(),
    },
    SentForm {
        name: "sign-out everywhere",
        page: "/account/sessions",
        action: "/logout_all",
        prepare: |site, client| {
            client.send(sign_up_form("ada", PASSWORD));
            site.sign_in("ada");
            entered(&[])
        },
        leads_to: "/login",
        says: "<h1>Sign in</h1>",
        is_done_once: |site, client| {
            client.cookie().is_none()
                && site.live_sessions().is_empty()
                && count(site, EventKind::AllSessionsEnded) == 1
        },
    },
    SentForm {
        name: "request of a reset",
        page: "/reset",
        action: "/reset",
        prepare: |site, _| {
            site.add_user("ada", Role::Member);
            site.confirm_email("ada", "ada@example.org");
            entered(&[("who", "ada")])
        },
        leads_to: "",
        says: "an email is on its way",
        is_done_once: |site, _| site.postbox.take().len() == 1,
    },
    SentForm {
        name: "reset",
        page: "/link",
        action: "/link",
        prepare: |site, client| {
            site.add_user("ada", Role::Member);
            follow_link(site, client, Purpose::ResetPassword, "");
            let (new, repeat) = ("new_password", "repeat_password");
            entered(&[(new, NEW_PASSWORD), (repeat, NEW_PASSWORD)])
        },
        leads_to: "/login?changed",
        says: "Your password has been changed",
        is_done_once: |site, _| {
            let signed_in = site.send(sign_in_form("ada", NEW_PASSWORD));
            signed_in.status == 200 && count(site, EventKind::PasswordReset) == 1
        },
    },
    SentForm {
        name: "link that signs in",
        page: "/link",
        action: "/link",
        prepare: |site, client| {
            site.add_user("ada", Role::Member);
            keep_value(client);
            follow_link(site, client, Purpose::SignIn, "");
            entered(&[])
        },
        leads_to: "/profile",
        says: "Welcome, ada",
        is_done_once: has_only_session,
    },
    SentForm {
        name: "confirmation of an address, signed out",
        page: "/link",
        action: "/link",
        prepare: |site, client| {
            let ada = site.sign_up_with_email();
            follow_link(site, client, Purpose::ConfirmAddress, &ada);
            entered(&[])
        },
        leads_to: "/login?confirmed",
        says: "Your email address is confirmed.",
        is_done_once: |site, _| count(site, EventKind::AddressConfirmed) == 1,
    },
    SentForm {
        name: "confirmation of a new address, signed in",
        page: "/link",
        action: "/link",
        prepare: |site, client| {
            client.send(sign_up_form("ada", PASSWORD));
            let ada = client.cookie().unwrap();
            follow_link(site, client, Purpose::ChangeAddress, &ada);
            entered(&[])
        },
        leads_to: "/account",
        says: "Your email address is confirmed.",
        is_done_once: |site, _| count(site, EventKind::AddressChanged) == 1,
    },
];

pub(super) fn entered(fields: &[(&'static str, &str)]) -> Fields {
    fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

/// Stores a value in the session of a visitor.
fn keep_value(client: &Client<'_>) {
    client.send(put("/api/v1/session/data/cart", "3"));
}

fn follow_link(site: &Site, client: &Client<'_>, purpose: Purpose, ada: &str) {
    let token = site.issue_any_link(purpose, ada).expose().to_string();
    client.send(get(&format!("/link?token={token}")));
}

/// Returns whether there is only one session, which is that of the client, with the value that it stored.
fn has_only_session(site: &Site, client: &Client<'_>) -> bool {
    let value = client.send(get("/api/v1/session/data/cart")).json();
    value["value"] == 3 && site.live_sessions().len() == 1
}
