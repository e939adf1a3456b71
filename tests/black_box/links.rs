//! Links that commands print, and mails that they send.

use crate::command_line::{ADA, check, decode};
use crate::support::{PASSWORD, Server, Setup, Transport, for_each_transport, kunci};

for_each_transport!(
    command_line_link_signs_in_once,
    command_line_link_sets_a_new_password,
    invitation_creates_as_many_accounts_as_it_allows,
    revoked_invitation_is_refused,
    user_show_prints_address_and_second_factor,
    owner_is_notified_of_command_line_changes,
);

/// Returns the token in the link that a command printed as its only output.
#[track_caller]
pub(crate) fn token(server: &Server, args: &[&str]) -> String {
    let base = format!("http://{}", server.address());
    let output = server.command(&[args, &["--public-url", &base]].concat(), "");
    let (code, out, err) = decode(&output);
    assert_eq!((code, err.lines().count()), (Some(0), 1), "{args:?}: {err}");
    assert!(err.contains("kunci::security"), "{args:?}: {err}");
    let token = out.trim_end().strip_prefix(&format!("{base}/link?token="));
    let token = token.unwrap_or_else(|| panic!("{args:?}: {out}"));
    assert_eq!(token.len(), 64, "{out}");
    token.to_owned()
}

fn command_line_link_signs_in_once(transport: Transport) {
    let server = Server::start(transport);
    server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
    let old_link = token(&server, &["user", "link", "ada"]);
    let link = token(&server, &["user", "link", "ada"]);
    let mut client = server.text_client();
    assert_eq!(
        client.post("/link", &[("token", &old_link)]).status,
        410,
        "a new link replaces the old one"
    );
    assert_eq!(client.post("/link", &[("token", &link)]).body, "Logged in\n");
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    assert_eq!(
        server.text_client().post("/link", &[("token", &link)]).status,
        410,
        "a link works only once"
    );
    check(
        &server.command(&["user", "link", "bob"], ""),
        1,
        "",
        "there is no such user",
    );
    server.command(&["user", "disable", "ada"], "");
    check(
        &server.command(&["user", "link", "ada"], ""),
        1,
        "",
        "this user is disabled",
    );
}

fn command_line_link_sets_a_new_password(transport: Transport) {
    let server = Server::start(transport);
    server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
    let link = token(&server, &["user", "link", "ada", "--reset"]);
    let new = "another horse battery";
    let form = [
        ("token", link.as_str()),
        ("new_password", new),
        ("repeat_password", new),
    ];
    assert_eq!(
        server.text_client().post("/link", &form).body,
        "Password changed\n"
    );
    let mut client = server.text_client();
    assert_eq!(client.post("/login", ADA).status, 401);
    let new_credentials = [("username", "ada"), ("password", new)];
    assert_eq!(client.post("/login", &new_credentials).status, 200);
}

/// Starts a server on which sign-up needs an invitation.
fn invitation_only_server(transport: Transport) -> Server {
    Setup::new(transport)
        .settings("accounts.sign_up = \"invitation\"")
        .start()
}

fn register(server: &Server, name: &str, invitation: &str) -> u16 {
    let form = [
        ("username", name),
        ("password", PASSWORD),
        ("invitation", invitation),
    ];
    server.text_client().post("/register", &form).status
}

fn invitation_creates_as_many_accounts_as_it_allows(transport: Transport) {
    let server = invitation_only_server(transport);
    assert_eq!(server.text_client().post("/register", ADA).status, 403);
    let link = token(&server, &["invitation", "add", "--uses", "2", "--valid", "1h"]);
    let statuses = ["ada", "bob", "eve"].map(|name| register(&server, name, &link));
    assert_eq!(statuses, [201, 201, 410]);
}

fn revoked_invitation_is_refused(transport: Transport) {
    let server = invitation_only_server(transport);
    let link = token(&server, &["invitation", "add"]);
    let list = server.command(&["invitation", "list", "--json"], "");
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["uses_left"], 1);
    let id = list[0]["id"].as_str().unwrap();
    assert!(!link.contains(id), "the link must not contain the id");
    check(
        &server.command(&["invitation", "list"], ""),
        0,
        &format!("{id} 1 20"),
        "",
    );
    let revoke = ["invitation", "revoke", id];
    check(&server.command(&revoke, ""), 0, "is revoked", "");
    check(&server.command(&revoke, ""), 1, "", "there is no such invitation");
    assert_eq!(register(&server, "ada", &link), 410);
}

fn user_show_prints_address_and_second_factor(transport: Transport) {
    let server = Server::start(transport);
    server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
    let with_address = [
        "user",
        "add",
        "bob",
        "--email",
        "bob@example.org",
        "--password-stdin",
    ];
    check(
        &server.command(&with_address, PASSWORD),
        0,
        "bob@example.org is not confirmed",
        "",
    );
    check(&server.command(&["user", "show", "ada"], ""), 0, "Z - -\n", "");
    check(
        &server.command(&["user", "show", "bob"], ""),
        0,
        "Z unconfirmed -\n",
        "",
    );
    check(
        &server.command(&["user", "show", "bob", "--json"], ""),
        0,
        r#""email_confirmed":false"#,
        "",
    );
    check(
        &server.command(&["user", "remove-factor", "bob"], ""),
        1,
        "",
        "this user has no second factor",
    );
    assert_eq!(mails(&server), Vec::<String>::new(), "no mail is sent");
}

/// Returns the mails in the outbox, oldest first.
fn mails(server: &Server) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(server.data().join("outbox"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

fn owner_is_notified_of_command_line_changes(transport: Transport) {
    let server = Server::start(transport);
    let form = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("email", "ada@example.org"),
    ];
    server.text_client().post("/register", &form);
    let mail = mails(&server).pop().unwrap();
    let base = format!("http://localhost:{}/link?token=", server.address().port());
    let (_, rest) = mail
        .split_once(&base)
        .unwrap_or_else(|| panic!("no link to {base} in {mail}"));
    let confirmed = server.text_client().post("/link", &[("token", &rest[..64])]);
    assert_eq!(confirmed.body, "Address confirmed\n");
    check(
        &server.command(&["user", "show", "ada"], ""),
        0,
        "Z confirmed -\n",
        "",
    );
    let before = mails(&server).len();
    check(
        &server.command(
            &["user", "passwd", "ada", "--password-stdin"],
            "another horse battery",
        ),
        0,
        "password of ada changed",
        "",
    );
    let after = mails(&server);
    assert_eq!(after.len(), before + 1);
    assert!(after[before].contains("To: ada@example.org"), "{}", after[before]);
}

#[test]
fn link_commands_need_a_public_url() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("kunci.toml"),
        "server.listen = \"unix:kunci.sock\"\n",
    )
    .unwrap();
    for command in [&["user", "link", "ada"][..], &["invitation", "add"]] {
        let output = kunci().args(command).current_dir(folder.path()).output().unwrap();
        check(&output, 2, "", "give --public-url URL");
    }
}

#[test]
fn closed_sign_up_refuses_invitations() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("kunci.toml"),
        "accounts.sign_up = \"closed\"\n",
    )
    .unwrap();
    let output = kunci()
        .args(["invitation", "add"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    check(
        &output,
        1,
        "",
        "invitations have no effect with accounts.sign_up = \"closed\"",
    );
}
