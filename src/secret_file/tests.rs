//! Tests of the file with the secret keys.

use super::*;
use kunci_crypto::RandEntropy;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn key_is_created_once_and_readable_by_its_owner_only() {
    let folder = folder();
    let path = folder.path().join("secret.key");
    assert_eq!(load_or_create(&path, &RandEntropy).unwrap().len(), 1);
    let first = std::fs::read_to_string(&path).unwrap();
    assert_eq!(load_or_create(&path, &RandEntropy).unwrap().len(), 1);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    assert_eq!(first.trim().len(), 64);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft is left"
    );
}

#[test]
fn further_lines_are_earlier_keys() {
    let folder = folder();
    let path = folder.path().join("secret.key");
    write_private(
        &path,
        format!("{}\n\n{}\n", "ab".repeat(32), "CD".repeat(40)).as_bytes(),
    )
    .unwrap();
    assert_eq!(load_or_create(&path, &RandEntropy).unwrap().len(), 2);
}

#[test]
fn file_without_a_key_is_refused_and_unchanged() {
    for text in [
        "",
        "\n",
        "xyz",
        &"ab".repeat(31),
        &"zz".repeat(32),
        &format!("{}a", "ab".repeat(32)),
    ] {
        let folder = folder();
        let path = folder.path().join("secret.key");
        write_private(&path, text.as_bytes()).unwrap();
        let refused = load_or_create(&path, &RandEntropy);
        assert!(matches!(refused, Err(SecretFileError::Malformed(_))), "{text:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn file_that_other_users_can_read_is_refused() {
    let folder = folder();
    let path = folder.path().join("secret.key");
    std::fs::write(&path, "ab".repeat(32)).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        load_or_create(&path, &RandEntropy),
        Err(SecretFileError::Exposed(_))
    ));
}
