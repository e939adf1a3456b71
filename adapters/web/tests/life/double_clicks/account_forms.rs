//! The forms of users and administrators.

use kunci_domain::EventKind;
use serde_json::Value;

use super::entry_forms::entered;
use super::{SentForm, count};
use crate::support::{
    Authenticator, Client, JSON, NEW_PASSWORD, PASSWORD, form, get, post, sign_in_form, sign_up_form,
};

pub(super) const FORMS: &[SentForm] = &[
    SentForm {
        name: "re-authentication",
        page: "/account/confirm",
        action: "/account/confirm",
        prepare: |_, client| {
            arrive(client);
            entered(&[("password", PASSWORD)])
        },
        leads_to: "/account",
        says: "Signed in as <b>ada</b>",
        is_done_once: |site, _| site.live_sessions().len() == 1,
    },
    SentForm {
        name: "change of the password",
        page: "/account/password",
        action: "/account/password",
        prepare: |_, client| {
            arrive(client);
            entered(&[
                ("current_password", PASSWORD),
                ("new_password", NEW_PASSWORD),
                ("repeat_password", NEW_PASSWORD),
            ])
        },
        leads_to: "/account",
        says: "Your password has been changed.",
        is_done_once: |site, _| {
            let signed_in = site.send(sign_in_form("ada", NEW_PASSWORD));
            signed_in.status == 200 && count(site, EventKind::PasswordChanged) == 1
        },
    },
    SentForm {
        name: "change of the address",
        page: "/account/email",
        action: "/account/email",
        prepare: |_, client| {
            arrive(client);
            entered(&[("email", "new@example.org")])
        },
        leads_to: "/account/email",
        says: "An email is on its way to the new address.",
        is_done_once: |site, _| site.postbox.take().len() == 1,
    },
    SentForm {
        name: "another mail to confirm the address",
        page: "/account/email",
        action: "/account/email/resend",
        prepare: |site, client| {
            let fields = [
                ("username", "ada"),
                ("password", PASSWORD),
                ("email", "ada@example.org"),
            ];
            client.send(form("/register", &fields));
            drop(site.postbox.take());
            entered(&[])
        },
        leads_to: "/account/email",
        says: "An email is on its way to your address.",
        is_done_once: |site, _| site.postbox.take().len() == 1,
    },
    SentForm {
        name: "begin of an enrolment",
        page: "/account/second-factor",
        action: "/account/second-factor/begin",
        prepare: |_, client| {
            arrive(client);
            entered(&[])
        },
        leads_to: "/account/second-factor",
        says: "/account/second-factor/qr.svg",
        is_done_once: |site, _| site.live_sessions().len() == 1,
    },
    SentForm {
        name: "end of an enrolment",
        page: "/account/second-factor",
        action: "/account/second-factor/confirm",
        prepare: |site, client| {
            arrive(client);
            let begun = client
                .send(post("/account/second-factor/begin").accept(JSON))
                .json();
            let secret = begun["secret"].as_str().unwrap();
            entered(&[("code", &Authenticator::from_secret(secret).code(site))])
        },
        leads_to: "",
        says: "<h1>Recovery codes</h1>",
        is_done_once: |site, client| is_signed_in(client) && count(site, EventKind::SecondFactorEnabled) == 1,
    },
    SentForm {
        name: "new recovery codes",
        page: "/account/second-factor",
        action: "/account/recovery-codes",
        prepare: |site, client| {
            arrive(client);
            site.add_second_factor("ada");
            entered(&[])
        },
        leads_to: "",
        says: "<h1>Recovery codes</h1>",
        is_done_once: |site, client| {
            is_signed_in(client) && count(site, EventKind::RecoveryCodesRenewed) == 1
        },
    },
    SentForm {
        name: "end of the second factor",
        page: "/account/second-factor",
        action: "/account/second-factor/disable",
        prepare: |site, client| {
            arrive(client);
            site.add_second_factor("ada");
            entered(&[])
        },
        leads_to: "/account/second-factor",
        says: "The second factor is off.",
        is_done_once: |site, _| count(site, EventKind::SecondFactorDisabled) == 1,
    },
    SentForm {
        name: "end of a session",
        page: "/account/sessions",
        action: "/account/sessions/end",
        prepare: |site, client| {
            arrive(client);
            site.sign_in("ada");
            entered(&[("id", &other_session(client))])
        },
        leads_to: "/account/sessions",
        says: "The device is signed out.",
        is_done_once: |site, _| site.live_sessions().len() == 1 && count(site, EventKind::SessionEnded) == 1,
    },
    SentForm {
        name: "end of the other sessions",
        page: "/account/sessions",
        action: "/account/sessions/end_others",
        prepare: |site, client| {
            arrive(client);
            site.sign_in("ada");
            entered(&[])
        },
        leads_to: "/account/sessions",
        says: "Your other devices are signed out.",
        is_done_once: |site, client| is_signed_in(client) && count(site, EventKind::OtherSessionsEnded) == 1,
    },
    SentForm {
        name: "deletion of the account",
        page: "/account/delete",
        action: "/account/delete",
        prepare: |_, client| {
            arrive(client);
            entered(&[])
        },
        leads_to: "/",
        says: "Create account",
        is_done_once: |site, client| client.cookie().is_none() && site.user("ada").is_none(),
    },
    SentForm {
        name: "invitation",
        page: "/admin/invitations",
        action: "/admin/invitations",
        prepare: |site, client| {
            arrive(client);
            site.make_administrator("ada");
            entered(&[("uses", "1"), ("days", "7")])
        },
        leads_to: "",
        says: "/link?token=",
        is_done_once: |_, client| invitations(client).len() == 1,
    },
    SentForm {
        name: "withdrawal of an invitation",
        page: "/admin/invitations",
        action: "/admin/invitations/withdraw",
        prepare: |site, client| {
            arrive(client);
            site.make_administrator("ada");
            entered(&[("id", &site.issue_invitation(1).key().public_id())])
        },
        leads_to: "/admin/invitations",
        says: "The invitation has been withdrawn.",
        is_done_once: |_, client| invitations(client).is_empty(),
    },
];

/// Creates the account of `ada` and signs the client in.
fn arrive(client: &Client<'_>) {
    client.send(sign_up_form("ada", PASSWORD));
}

fn is_signed_in(client: &Client<'_>) -> bool {
    client.send(get("/profile")).body == "Welcome, ada\n"
}

/// Returns the id of a session of `ada` that is not that of the client.
fn other_session(client: &Client<'_>) -> String {
    let listed = client.send(get("/api/v1/sessions")).json();
    let mut sessions = listed["sessions"].as_array().unwrap().iter();
    let other = sessions.find(|session| session["current"] == false).unwrap();
    other["id"].as_str().unwrap().to_owned()
}

fn invitations(client: &Client<'_>) -> Vec<Value> {
    let listed = client.send(get("/api/v1/invitations")).json();
    listed["invitations"].as_array().unwrap().clone()
}
