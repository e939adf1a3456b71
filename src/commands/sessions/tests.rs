//! Tests of the sessions command.

use super::*;

#[test]
fn key_before_an_identifier_sorts_just_before_it() {
    let mut key = [0; SessionKey::LEN];
    key[5] = 0x10;
    let first_of_id = SessionKey::from_stored(key);
    let before = key_before("000000000010").unwrap().unwrap();
    assert!(before < first_of_id);
    assert_eq!(before.public_id(), "00000000000f");
    assert_eq!(key_before("000000000000"), Some(None));
    for bad in [
        "",
        "00000000001",
        "0000000000100",
        "00000000001G",
        "00000000001F",
        "+00000000001",
    ] {
        assert_eq!(key_before(bad), None, "{bad}");
    }
}
