use mentalspace_auth_policy::pepper::{InvalidKeyId, KeyId, Pepper, Peppers};

use crate::through_json;

pub(crate) fn pepper(id: &[u8]) -> Pepper {
    let mut key = [0x5a; 32];
    key[..id.len()].copy_from_slice(id);
    Pepper::new(KeyId::new(id).unwrap(), key)
}

#[test]
fn key_ids_are_one_to_eight_bytes() {
    assert_eq!(KeyId::new(b""), Err(InvalidKeyId));
    assert_eq!(KeyId::new(b"123456789"), Err(InvalidKeyId));
    let id = KeyId::new(b"12345678").unwrap();
    assert_eq!(through_json(&id), id);
    assert_eq!("*".parse::<KeyId>(), Err(InvalidKeyId));
}

#[test]
fn a_retired_pepper_is_found_and_not_used() {
    let peppers = Peppers::new(pepper(b"b")).with_retired(pepper(b"a"));
    assert_eq!(peppers.current().unwrap().id(), &KeyId::new(b"b").unwrap());
    assert!(peppers.find(&KeyId::new(b"a").unwrap()).is_some());
    assert!(peppers.find(&KeyId::new(b"c").unwrap()).is_none());
}

#[test]
fn keys_do_not_show() {
    assert_eq!(format!("{:?}", pepper(b"2026")), "Pepper(MjAyNg, ..)");
}
