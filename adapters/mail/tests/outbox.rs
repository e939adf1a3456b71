//! Files of an outbox: format, permissions, limit, and behaviour after failures.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

mod support;

use std::collections::HashSet;
use std::fs;
use std::iter;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use kunci_domain::mail::{Mail, MailContent};
use kunci_domain::ports::{Entropy, MailError, Mailer};
use kunci_domain::{Device, EventKind, Timestamp};
use kunci_mail::{Folder, Outbox};
use kunci_testkit::fakes::{BrokenEntropy, SeededEntropy};
use support::{NOW, Parts, composer, mail, notice, reset, reset_for_nobody, token};
use tempfile::TempDir;

fn outbox(path: &Path, limit: usize) -> Outbox {
    // Every outbox has another seed, as every process has other randomness.
    static SEED: AtomicU64 = AtomicU64::new(1);
    let seed = SEED.fetch_add(1, Ordering::SeqCst);
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
    Outbox::with_limit(path, limit, composer(), entropy).unwrap()
}

/// Lists the names of all files in a folder, sorted.
fn names(path: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn mail_becomes_a_file_that_only_its_owner_can_read() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data").join("outbox");
    let outbox = outbox(&path, 10);
    outbox.send(&reset(), NOW).unwrap();
    let names = names(&path);
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("001795647272123-") && names[0].ends_with(".eml"));
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(&names[0])), 0o600);
    let parts = Parts::of(&fs::read(path.join(&names[0])).unwrap());
    let id = names[0].trim_end_matches(".eml");
    assert_eq!(parts.header("Message-ID"), format!("<{id}@example.org>"));
    assert_eq!(parts.header("To"), "ada@example.org");
}

#[test]
fn folder_permissions_are_restricted_on_opening() {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    drop(outbox(dir.path(), 10));
    assert_eq!(mode(dir.path()), 0o700);
}

#[test]
fn file_names_sort_by_time_and_never_collide() {
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 100);
    let times = [5, 1_000, 0, 99, 5, 5, -7];
    for millis in times {
        let now = Timestamp::from_unix_millis(millis);
        outbox.send(&reset(), now).unwrap();
    }
    let at = |message: &kunci_mail::Message| message.at().unix_millis();
    let listed: Vec<_> = outbox.folder().list().unwrap().iter().map(at).collect();
    assert_eq!(listed, [0, 0, 5, 5, 5, 99, 1_000]);
}

#[test]
fn mail_to_nobody_is_removed_and_uses_no_capacity() {
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 1);
    for _ in 0..3 {
        outbox.send(&reset_for_nobody(), NOW).unwrap();
    }
    assert_eq!(names(dir.path()), [""; 0]);
    outbox.send(&reset(), NOW).unwrap();
    let full = outbox.send(&reset_for_nobody(), NOW);
    assert!(matches!(full, Err(MailError::Full)), "{full:?}");
}

#[test]
fn full_outbox_writes_nothing() {
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 3);
    for _ in 0..3 {
        outbox.send(&reset(), NOW).unwrap();
    }
    let full = outbox.send(&reset(), NOW);
    assert!(matches!(full, Err(MailError::Full)), "{full:?}");
    assert_eq!(names(dir.path()).len(), 3);
}

/// Strangers cause most confirmations, and owners some notices. A stranger can send few reset mails only.
#[test]
fn last_parts_of_an_outbox_are_kept_for_notices_and_resets() {
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 20);
    let confirm = || mail("bob", "bob@example.org", MailContent::ConfirmAddress(token()));
    let change = || mail("bob", "bob@example.org", MailContent::ConfirmNewAddress(token()));
    let notice = || notice(EventKind::PasswordChanged, Device::default());
    let accepted = |mail: &dyn Fn() -> Mail| {
        let sent = iter::repeat_with(|| outbox.send(&mail(), NOW));
        sent.take_while(|sent| !matches!(sent, Err(MailError::Full)))
            .map(Result::unwrap)
            .count()
    };
    assert_eq!(accepted(&confirm), 16);
    assert_eq!(accepted(&change), 0);
    assert_eq!(accepted(&notice), 2);
    outbox.send(&reset_for_nobody(), NOW).unwrap();
    assert_eq!(accepted(&reset), 2);
    assert_eq!(names(dir.path()).len(), 20);
}

#[test]
fn full_outbox_notices_removed_files_within_ten_seconds() {
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 1);
    let send = |seconds| outbox.send(&reset(), NOW.after(Duration::from_secs(seconds)));
    let make_room = || fs::remove_file(dir.path().join(&names(dir.path())[0])).unwrap();
    send(0).unwrap();
    make_room();
    send(0).unwrap();
    make_room();
    assert!(matches!(send(9), Err(MailError::Full)));
    send(10).unwrap();
}

#[test]
fn existing_messages_count_and_other_files_do_not() {
    let dir = TempDir::new().unwrap();
    outbox(dir.path(), 10).send(&reset(), NOW).unwrap();
    for other in ["README", "notes.eml", ".hidden", "x-y.eml"] {
        fs::write(dir.path().join(other), "").unwrap();
    }
    let outbox = outbox(dir.path(), 2);
    outbox.folder().list().unwrap();
    outbox
        .send(&reset(), NOW)
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(outbox.send(&reset(), NOW), Err(MailError::Full)));
    assert_eq!(outbox.folder().list().unwrap().len(), 2);
    assert_eq!(names(dir.path()).len(), 6);
}

#[test]
fn incomplete_files_are_removed_on_opening() {
    let dir = TempDir::new().unwrap();
    for left in [".001-aa.tmp", ".002-bb.drop"] {
        fs::write(dir.path().join(left), "Date: half a mess").unwrap();
    }
    let outbox = outbox(dir.path(), 1);
    assert_eq!(names(dir.path()), [""; 0]);
    outbox.send(&reset(), NOW).unwrap();
}

#[test]
fn files_of_another_writer_are_kept_on_opening() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(".001-aa.tmp");
    let file = fs::File::create(&path).unwrap();
    file.lock().unwrap();
    drop(outbox(dir.path(), 1));
    assert!(path.exists());
    drop(file);
    drop(outbox(dir.path(), 1));
    assert!(!path.exists());
}

#[test]
fn parallel_sends_lose_nothing_and_respect_the_limit() {
    const THREADS: usize = 8;
    const EACH: usize = 25;
    let dir = TempDir::new().unwrap();
    let outbox = outbox(dir.path(), 150);
    let send = || (0..EACH).filter(|_| outbox.send(&reset(), NOW).is_ok()).count();
    let sent: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(sent, 150);
    let messages = outbox.folder().list().unwrap();
    let ids: HashSet<_> = messages
        .iter()
        .map(|message| Parts::of(&outbox.folder().read(message).unwrap()))
        .map(|parts| parts.header("Message-ID").to_owned())
        .collect();
    assert_eq!(ids.len(), 150);
    assert_eq!(names(dir.path()).len(), 150);
}

#[test]
fn missing_folder_is_an_error_and_uses_no_capacity() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("outbox");
    let outbox = outbox(&path, 1);
    fs::remove_dir(&path).unwrap();
    for mail in [reset(), reset_for_nobody()] {
        let away = outbox.send(&mail, NOW);
        assert!(matches!(away, Err(MailError::Failed(_))), "{away:?}");
    }
    fs::create_dir(&path).unwrap();
    outbox.send(&reset(), NOW).unwrap();
}

/// Uses the limit on file sizes to simulate a full disk. The limit applies to a whole process, so this test
/// starts itself again as a process that cannot write.
#[test]
fn full_disk_is_an_error_and_leaves_no_files() {
    const NAME: &str = "full_disk_is_an_error_and_leaves_no_files";
    const VARIABLE: &str = "KUNCI_TEST_FULL_DISK";
    if let Some(path) = std::env::var_os(VARIABLE) {
        let outbox = outbox(Path::new(&path), 1);
        for _ in 0..2 {
            let full = outbox.send(&reset(), NOW);
            assert!(matches!(full, Err(MailError::Failed(_))), "{full:?}");
        }
        return;
    }
    let dir = TempDir::new().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 0; exec "$0" --exact "$1""#])
        .arg(std::env::current_exe().unwrap())
        .arg(NAME)
        .env(VARIABLE, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn missing_entropy_prevents_sending() {
    let dir = TempDir::new().unwrap();
    let outbox = Outbox::open(dir.path(), composer(), Arc::new(BrokenEntropy)).unwrap();
    assert!(matches!(outbox.send(&reset(), NOW), Err(MailError::Failed(_))));
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn file_instead_of_the_folder_is_an_error_with_its_path() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("outbox");
    fs::write(&path, "").unwrap();
    let error = Folder::open(&path, 1).unwrap_err();
    assert!(error.to_string().contains("outbox"), "{error}");
}

#[test]
fn folder_is_claimed_by_one_of_two_handles() {
    let dir = TempDir::new().unwrap();
    let open = || Folder::open(dir.path(), 1).unwrap();
    let (first, second) = (open(), open());
    assert!(first.try_claim() && first.try_claim());
    assert!(!second.try_claim());
    drop(first);
    assert!(second.try_claim());
}

#[test]
fn symbolic_link_is_refused_and_its_target_unchanged() {
    let dir = TempDir::new().unwrap();
    let (target, link) = (dir.path().join("target"), dir.path().join("outbox"));
    fs::create_dir(&target).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let refused = Folder::open(&link, 10).unwrap_err();
    assert_eq!(refused.path, link);
    assert_eq!(mode(&target), 0o755);
}
