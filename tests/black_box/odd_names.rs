//! Names that commands could take for options, or that have white space around them.

use crate::command_line::{ADA, check};
use crate::support::{PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    account_named_like_an_option_is_administered,
    commands_ignore_white_space_around_names,
);

/// Earlier versions let users sign up under any name.
fn account_named_like_an_option_is_administered(transport: Transport) {
    let server = Server::start(transport);
    let (mut ada, mut odd) = (server.text_client(), server.text_client());
    ada.post("/register", ADA);
    odd.post("/register", &[("username", "odd"), ("password", PASSWORD)]);
    let database = rusqlite::Connection::open(server.data().join("kunci.db")).unwrap();
    let rename = "UPDATE users SET name = '--everybody', folded_name = '--everybody' WHERE name = 'odd'";
    assert_eq!(database.execute(rename, []).unwrap(), 1);
    assert_eq!(odd.get("/profile").body, "Welcome, --everybody\n");
    check(
        &server.command(&["session", "revoke-all", "--", "--everybody"], ""),
        0,
        "all sessions of --everybody have ended",
        "",
    );
    assert_eq!(odd.get("/profile").body, "You are not logged in\n");
    assert_eq!(ada.get("/profile").body, "Welcome, ada\n");
    let fields = [("username", "--everybody"), ("password", PASSWORD)];
    assert_eq!(odd.post("/login", &fields).status, 200);
    check(
        &server.command(&["session", "list", "--user=--everybody", "--json"], ""),
        0,
        "\"permanent\"",
        "",
    );
    for command in [
        &["user", "show", "--", "--everybody"][..],
        &["user", "link", "--reset", "--", "--everybody"],
        &["user", "disable", "--", "--everybody"],
        &["user", "delete", "--yes", "--", "--everybody"],
    ] {
        check(&server.command(command, ""), 0, "", "");
    }
    assert_eq!(ada.get("/profile").body, "Welcome, ada\n");
    check(
        &server.command(&["user", "show", "--", "--everybody"], ""),
        1,
        "",
        "",
    );
}

fn commands_ignore_white_space_around_names(transport: Transport) {
    let server = Server::start(transport);
    let add = [
        "user",
        "add",
        " ada\t",
        "--email",
        " ada@example.org ",
        "--password-stdin",
    ];
    check(
        &server.command(&add, &format!("{PASSWORD}\n")),
        0,
        "user ada added; ada@example.org is not confirmed\n",
        "",
    );
    for name in ["ada ", "\u{a0}ADA\n"] {
        check(
            &server.command(&["user", "show", name], ""),
            0,
            "ada member enabled",
            "",
        );
    }
    assert_eq!(server.text_client().post("/login", ADA).status, 200);
}
