//! Checks `docs/asvs.md` and `docs/accounts.md` against the program: all requirements are listed, all named tests
//! exist, and the figures match the defaults.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kunci_domain::{AccountPolicy, Budget, NewPassword, Purpose, RecoveryCode, SessionData, SessionPolicy};

/// The requirements of chapters V6 and V7 of OWASP ASVS 5.0 at levels 1 and 2 that concern this server.
const REQUIREMENTS: &[(&str, u8)] = &[
    ("6.1.1", 1),
    ("6.1.2", 2),
    ("6.1.3", 2),
    ("6.2.1", 1),
    ("6.2.2", 1),
    ("6.2.3", 1),
    ("6.2.4", 1),
    ("6.2.5", 1),
    ("6.2.6", 1),
    ("6.2.7", 1),
    ("6.2.8", 1),
    ("6.2.9", 2),
    ("6.2.10", 2),
    ("6.2.11", 2),
    ("6.2.12", 2),
    ("6.3.1", 1),
    ("6.3.2", 1),
    ("6.3.3", 2),
    ("6.3.4", 2),
    ("6.4.1", 1),
    ("6.4.2", 1),
    ("6.4.3", 2),
    ("6.4.4", 2),
    ("6.5.1", 2),
    ("6.5.2", 2),
    ("6.5.3", 2),
    ("6.5.4", 2),
    ("6.5.5", 2),
    ("6.6.2", 2),
    ("6.6.3", 2),
    ("7.1.1", 2),
    ("7.1.2", 2),
    ("7.1.3", 2),
    ("7.2.1", 1),
    ("7.2.2", 1),
    ("7.2.3", 1),
    ("7.2.4", 1),
    ("7.3.1", 2),
    ("7.3.2", 2),
    ("7.4.1", 1),
    ("7.4.2", 1),
    ("7.4.3", 2),
    ("7.4.4", 2),
    ("7.4.5", 2),
    ("7.5.1", 2),
    ("7.5.2", 2),
    ("7.6.1", 2),
    ("7.6.2", 2),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// Returns the cells of each requirement's row in `docs/asvs.md`.
fn rows() -> Vec<Vec<String>> {
    document("asvs.md")
        .lines()
        .filter(|line| line.starts_with("| v5.0.0-"))
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

#[test]
fn every_requirement_has_one_row_with_its_level() {
    let mut found = BTreeMap::new();
    for row in rows() {
        let level: u8 = row[1].parse().unwrap();
        let id = row[0].trim_start_matches("v5.0.0-").to_owned();
        assert_eq!(found.insert(id, level), None, "{} has two rows", row[0]);
    }
    let expected: BTreeMap<String, u8> = REQUIREMENTS
        .iter()
        .map(|(id, level)| ((*id).to_owned(), *level))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_row_has_tests_or_a_reason() {
    for row in rows() {
        let [id, _, verdict, how, tests] = &row[..] else {
            panic!("a row must have five cells: {row:?}");
        };
        match verdict.as_str() {
            "met" => assert!(!names(tests).is_empty(), "{id} names no test"),
            "partly" | "not met" => assert!(60 <= how.len(), "{id} does not say why"),
            other => panic!("{id} has the unknown verdict {other:?}"),
        }
    }
}

#[test]
fn every_named_test_exists() {
    let code: Vec<String> = ["domain", "adapters", "tests", "src"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    for row in rows() {
        for name in names(&row[4]) {
            let exists = code.iter().any(|text| is_tested(text, &name));
            assert!(exists, "{} names {name}, which is not a test", row[0]);
        }
    }
}

/// Returns the texts between backquotes.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns whether a file has a test with this name: a function with `#[test]`, or one that a macro turns into
/// tests.
fn is_tested(text: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let in_macro = [format!("::{name},"), format!("({name}, "), format!(" {name},)")];
    let Some((before, _)) = text.split_once(&function) else {
        return text.contains(&in_macro[0]);
    };
    let attributes = before.trim_end().lines().rev().take(4);
    let has_attribute = attributes.clone().any(|line| line.trim() == "#[test]");
    has_attribute
        || in_macro.iter().any(|form| text.contains(form))
        || text.contains(&format!("    {name},\n"))
        || text.contains(&format!("pub fn {name}("))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn documented_figures_match_the_defaults() {
    let text = document("accounts.md");
    let budgets = AccountPolicy::default().budgets;
    let policy = SessionPolicy::default();
    let row = |start: &str, figures: String| {
        let found = text
            .lines()
            .any(|line| line.starts_with(start) && line.contains(&figures));
        assert!(found, "docs/accounts.md lacks {figures:?} in the row {start:?}");
    };
    row("| Account |", figures(budgets.account));
    row("| Network |", figures(budgets.network));
    row("| Known devices |", figures(budgets.account));
    let in_all = budgets.all_networks.unwrap();
    let interval = in_all.every.as_secs_f64();
    row(
        "| All networks |",
        format!("| {} | {interval} seconds |", in_all.at_once),
    );
    row("| Codes |", figures(budgets.codes));
    row("| Sign-ups |", figures(budgets.sign_ups));
    row("| Mails |", figures(budgets.mails));
    row("| Reset mails |", figures(budgets.resets()));
    row("| Confirmation mails |", figures(budgets.confirmations));
    row("| Visitors |", figures(budgets.visitors));
    row("| All visitors |", figures(budgets.all_visitors));
    row(
        "| Keep me",
        format!(
            "| {} | {} |",
            days(policy.permanent.idle),
            days(policy.permanent.absolute)
        ),
    );
    row(
        "| Visitors, ",
        format!(
            "| {} | {} |",
            hours(policy.visitor.idle),
            hours(policy.visitor.absolute)
        ),
    );
    row(
        "| Otherwise",
        format!(
            "| {} | {} |",
            hours(policy.browser.idle),
            hours(policy.browser.absolute)
        ),
    );
    row("| Reset", minutes(Purpose::ResetPassword.lifetime()));
    row("| Sign in (", minutes(Purpose::SignIn.lifetime()));
    row("| Confirm", hours(Purpose::ConfirmAddress.lifetime()));
    row("| First", hours(Purpose::SetUp.lifetime()));
    row("| Invitation", days(Purpose::Invitation.lifetime()));
    let (min, max) = (NewPassword::MIN_CHARS, NewPassword::MAX_CHARS);
    assert!(text.contains(&format!("- {min} to {max} characters")));
    assert_eq!((RecoveryCode::COUNT, RecoveryCode::CHARS * 5), (10, 130));
    let (bytes, keys) = (SessionData::MAX_INHERITED_BYTES, SessionData::MAX_INHERITED_KEYS);
    assert!(text.contains(&format!("at most {keys} values and {} KiB", bytes / 1024)));
    let proof = minutes(AccountPolicy::default().proof_lifetime);
    assert!(text.contains(&format!("`accounts.proof_lifetime` ({proof})")));
}

/// Returns the cells that describe a budget in `docs/accounts.md`.
fn figures(budget: Budget) -> String {
    let seconds = budget.every.as_secs();
    let interval = if seconds == 1 {
        "1 second".to_owned()
    } else if seconds < 60 {
        format!("{seconds} seconds")
    } else {
        format!("{} minutes", seconds / 60)
    };
    format!("| {} | {interval} |", budget.at_once)
}

fn days(duration: Duration) -> String {
    format!("{} days", duration.as_secs() / 86_400)
}

fn hours(duration: Duration) -> String {
    format!("{} hours", duration.as_secs() / 3_600)
}

fn minutes(duration: Duration) -> String {
    format!("{} minutes", duration.as_secs() / 60)
}
