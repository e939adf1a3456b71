//! Debug output and error messages contain no secret, so logs cannot either.
//!
//! Responses to clients are tested in `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::fmt::Debug;

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::use_cases::{CookieAction, SignIn, change_password, create_user, sign_in};
use kunci_domain::{
    DeviceId, EmailAddress, LinkToken, NewPassword, NoKnownDevices, Password, PasswordContext, PasswordHash,
    Permanence, RecoveryCode, SealedSeed, SessionToken, TotpSeed,
};
use support::{World, attempt, new_user, operator, password, token, username};

const SECRET: &str = "wisteria under moonlight";

/// Returns a secret as text, as a list of bytes, and in hexadecimal.
fn forms(secret: &[u8]) -> Vec<String> {
    let list = format!("{secret:?}");
    let hex = |upper: bool| {
        let digits = secret.iter().map(|byte| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        });
        digits.collect::<String>()
    };
    let text = String::from_utf8_lossy(secret).into_owned();
    vec![
        text,
        list.trim_matches(['[', ']']).to_owned(),
        hex(true),
        hex(false),
    ]
}

#[track_caller]
fn check(name: &str, value: &dyn Debug, secret: &[u8]) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let bare: String = shown.split_whitespace().collect();
        for form in forms(secret) {
            let form: String = form.split_whitespace().collect();
            assert!(!bare.contains(&form), "{name} shows its secret: {shown}");
        }
    }
}

#[test]
fn search_finds_a_secret() {
    for shown in ["ab", "97, 98", "6162"] {
        assert!(forms(b"ab").iter().any(|form| form == shown));
    }
}

#[test]
fn secret_types_redact_their_debug_output() {
    let presented = password(SECRET);
    let chosen = NewPassword::choose(SECRET.to_owned(), &PasswordContext::default()).unwrap();
    let new_user = new_user("ada", SECRET);
    let attempt = SignIn {
        name: "ada",
        password: password(SECRET),
        permanence: Permanence::Browser,
        devices: &NoKnownDevices,
    };
    let secret = SECRET.as_bytes();
    check("Password", &presented, secret);
    check("NewPassword", &chosen, secret);
    check("NewUser", &new_user, secret);
    check("SignIn", &attempt, secret);
    check(
        "PasswordHash",
        &PasswordHash::from_stored(SECRET.to_owned()),
        secret,
    );
    check(
        "EmailAddress",
        &EmailAddress::parse("wisteria@example.org").unwrap(),
        b"wisteria",
    );

    let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(7));
    let token = SessionToken::from_bytes(bytes);
    check("SessionToken", &token, &bytes);
    let issue = CookieAction::Issue {
        token: &token,
        max_age: None,
    };
    check("CookieAction", &issue, &bytes);
    check("SessionKey", &token.key(), token.key().as_bytes());
}

#[test]
fn link_and_factor_secrets_redact_their_debug_output() {
    let world = World::new();
    let link = LinkToken::generate(&*world.entropy).unwrap();
    check("LinkToken", &link, link.expose().as_bytes());
    check("LinkKey", &link.key(), link.key().as_bytes());
    let seed = TotpSeed::generate(&*world.entropy).unwrap();
    check("TotpSeed", &seed, seed.expose());
    check("TotpSeed", &seed, seed.expose_text().as_bytes());
    let code = RecoveryCode::generate(&*world.entropy).unwrap();
    check(
        "RecoveryCode",
        &code,
        code.expose_text().replace('-', "").as_bytes(),
    );
    check("RecoveryDigest", &code.digest(), code.digest().as_bytes());
    let sealed = SealedSeed::from_stored(seed.expose().to_vec());
    check("SealedSeed", &sealed, seed.expose());
    let device = DeviceId::generate(&*world.entropy).unwrap();
    check("DeviceId", &device, device.as_bytes());
    for content in [
        MailContent::ConfirmAddress(link.clone()),
        MailContent::ConfirmNewAddress(link.clone()),
        MailContent::ResetPassword(link.clone()),
    ] {
        let mail = Mail {
            to: Recipient::Address(EmailAddress::parse("wisteria@example.org").unwrap()),
            name: username("ada"),
            content,
        };
        check("Mail", &mail, link.expose().as_bytes());
        check("Mail", &mail, b"wisteria");
    }
}

#[test]
fn types_with_secrets_redact_their_debug_output() {
    let world = World::new();
    let mut open = world.visit();
    create_user(&world.core, &operator(), new_user("ada", SECRET), world.now()).unwrap();
    sign_in(&mut open, attempt("ada", SECRET)).unwrap();
    let token = token(&open);
    let user = world.user("ada");
    for (name, value) in [
        ("OpenSession", &open as &dyn Debug),
        ("User", &user),
        ("Core", &world.core),
    ] {
        check(name, value, token.expose());
        check(name, value, token.key().as_bytes());
        check(name, value, user.password_hash.expose().as_bytes());
        check(name, value, SECRET.as_bytes());
    }
}

#[test]
fn errors_do_not_repeat_their_input() {
    let world = World::new();
    let given = "hunter\u{7}2 with a bell and ada";
    let new = kunci_domain::use_cases::NewUser {
        email: given,
        ..new_user(given, given)
    };
    let error = create_user(&world.core, &operator(), new, world.now()).unwrap_err();
    check("create_user", &error, given.as_bytes());
    assert!(!error.to_string().contains("hunter"), "{error}");

    let mut open = world.open(&world.sign_up("ada"));
    let error = change_password(&mut open, &password(given), given.to_owned(), &NoKnownDevices).unwrap_err();
    check("change_password", &error, given.as_bytes());
    assert!(!error.to_string().contains("hunter"), "{error}");
    let error = sign_in(&mut open, attempt(given, given)).unwrap_err();
    check("sign_in", &error, given.as_bytes());
    assert!(!error.to_string().contains("hunter"), "{error}");
}

#[test]
fn tokens_and_keys_depend_on_all_bytes() {
    let token = SessionToken::from_bytes([7; 32]);
    assert_eq!(token, SessionToken::from_bytes([7; 32]));
    for at in 0..32 {
        let mut other = [7; 32];
        other[at] ^= 1;
        let other = SessionToken::from_bytes(other);
        assert_ne!(token, other, "byte {at}");
        assert_ne!(token.key(), other.key(), "byte {at}");
    }
    // SHA-256 of 32 zero bytes, computed by another implementation.
    let zero = SessionToken::from_bytes([0; 32]).key();
    assert_eq!(zero.public_id(), "66687aadf862");
    assert_eq!(Password::presented(String::new()).expose(), b"");
}
