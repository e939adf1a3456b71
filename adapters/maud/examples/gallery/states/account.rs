//! Pages of the account that are not about its protection.

use kunci_maud::{
    AccountPage, DeletePage, DeviceRow, DevicesPage, EmailPage, HistoryPage, HistoryRow, InvitationRow,
    InvitationsPage, ProfilePage, Secret, account_page, delete_page, devices_page, email_page, history_page,
    invitations_page, profile_page,
};

use super::{Sample, State, member};

pub(super) fn profile(sample: &Sample) -> Vec<State> {
    let plain = ProfilePage {
        name: &sample.name,
        email: None,
        administrator: false,
        member_since: &sample.first_date,
        signed_in_since: &sample.second_date,
        signed_in_until: &sample.third_date,
        permanent: false,
        notices: &[],
    };
    let full = ProfilePage {
        email: Some(&sample.email),
        administrator: true,
        permanent: true,
        notices: &sample.notices,
        ..plain
    };
    vec![
        member("profile", profile_page(&plain)),
        member("profile-full", profile_page(&full)),
    ]
}

pub(super) fn account(sample: &Sample) -> Vec<State> {
    let plain = AccountPage {
        name: &sample.name,
        email: None,
        email_confirmed: false,
        password_changed: &sample.first_date,
        second_factor_since: None,
        administrator: false,
        notices: &[],
    };
    let full = AccountPage {
        email: Some(&sample.email),
        email_confirmed: true,
        second_factor_since: Some(&sample.second_date),
        administrator: true,
        notices: &sample.notices,
        ..plain
    };
    let waiting = AccountPage {
        email: Some(&sample.email),
        ..plain
    };
    vec![
        member("account", account_page(&plain)),
        member("account-waiting", account_page(&waiting)),
        member("account-full", account_page(&full)),
    ]
}

pub(super) fn email(sample: &Sample) -> Vec<State> {
    let none = EmailPage {
        name: &sample.name,
        email: None,
        confirmed: false,
        new_email: "",
        email_problem: None,
        form_problem: None,
        notices: &[],
    };
    let waiting = EmailPage {
        email: Some(&sample.email),
        ..none
    };
    let confirmed = EmailPage {
        confirmed: true,
        notices: &sample.notices,
        ..waiting
    };
    let refused = EmailPage {
        new_email: &sample.email,
        email_problem: Some(&sample.email_problem),
        ..confirmed
    };
    let form = EmailPage {
        form_problem: Some(&sample.form_problem),
        ..waiting
    };
    vec![
        member("email", email_page(&none)),
        member("email-waiting", email_page(&waiting)),
        member("email-confirmed", email_page(&confirmed)),
        member("email-refused", email_page(&refused)),
        member("email-form", email_page(&form)),
    ]
}

pub(super) fn devices(sample: &Sample) -> Vec<State> {
    let current = DeviceRow {
        id: &sample.id,
        device: &sample.device,
        address: Some(&sample.address),
        started: &sample.first_date,
        last_seen: &sample.second_date,
        current: true,
    };
    let other = DeviceRow {
        device: &sample.other_device,
        current: false,
        ..current
    };
    let nowhere = DeviceRow {
        address: None,
        ..other
    };
    let alone = DevicesPage {
        name: &sample.name,
        sessions: &[current],
        next_href: None,
        notices: &[],
    };
    let several = DevicesPage {
        sessions: &[current, other, nowhere],
        next_href: Some("/account/sessions?from=0123456789ab"),
        notices: &sample.notices,
        ..alone
    };
    vec![
        member("devices", devices_page(&alone)),
        member("devices-several", devices_page(&several)),
    ]
}

pub(super) fn history(sample: &Sample) -> Vec<State> {
    let here = HistoryRow {
        when: &sample.second_date,
        what: &sample.event,
        device: Some(&sample.device),
        address: Some(&sample.address),
    };
    let operator = HistoryRow {
        when: &sample.first_date,
        device: None,
        address: None,
        ..here
    };
    let empty = HistoryPage {
        name: &sample.name,
        events: &[],
        newer: None,
        older: None,
    };
    let middle = HistoryPage {
        events: &[here, operator],
        newer: Some(1),
        older: Some(3),
        ..empty
    };
    vec![
        member("history", history_page(&empty)),
        member("history-middle", history_page(&middle)),
    ]
}

pub(super) fn delete(sample: &Sample) -> Vec<State> {
    let blank = DeletePage {
        name: &sample.name,
        form_problem: None,
    };
    let form = DeletePage {
        form_problem: Some(&sample.form_problem),
        ..blank
    };
    vec![
        member("delete", delete_page(&blank)),
        member("delete-form", delete_page(&form)),
    ]
}

pub(super) fn invitations(sample: &Sample) -> Vec<State> {
    let several = InvitationRow {
        id: &sample.id,
        uses_left: 3,
        expires: &sample.third_date,
    };
    let one = InvitationRow {
        uses_left: 1,
        ..several
    };
    let none = InvitationsPage {
        name: &sample.name,
        invitations: &[],
        new_link: None,
        uses: &sample.number,
        max_uses: 100,
        days: &sample.number,
        max_days: 90,
        uses_problem: None,
        days_problem: None,
        form_problem: None,
        notices: &sample.notices,
    };
    let made = InvitationsPage {
        invitations: &[several, one],
        new_link: Some(Secret(&sample.link)),
        notices: &[],
        ..none
    };
    let days = InvitationsPage {
        days_problem: Some(&sample.number_problem),
        ..none
    };
    let uses = InvitationsPage {
        uses_problem: Some(&sample.number_problem),
        ..days
    };
    let form = InvitationsPage {
        form_problem: Some(&sample.form_problem),
        ..none
    };
    vec![
        member("invitations", invitations_page(&none)),
        member("invitations-made", invitations_page(&made)),
        member("invitations-days", invitations_page(&days)),
        member("invitations-uses", invitations_page(&uses)),
        member("invitations-form", invitations_page(&form)),
    ]
}
