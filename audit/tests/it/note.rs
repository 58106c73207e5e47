use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use mentalspace_audit::note::{KeyKind, MAX_NOTE, MAX_SIGNATURES};
use mentalspace_audit::{Hash, Note, NoteError, Signer, VerifierKey};

use crate::testing::{ORIGIN, signer};

/// The example key and note of the C2SP signed-note specification.
const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The text of a verifier key with the right id, whatever its type and public key.
fn vkey(name: &str, kind: u8, public: &[u8]) -> String {
    let typed = [&[kind][..], public].concat();
    let id = Hash::digest(&[name.as_bytes(), b"\n", &typed].concat());
    let id = hex::encode(&id.as_bytes()[..4]);
    format!("{name}+{id}+{}", STANDARD.encode(typed))
}

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

#[test]
fn the_example_of_the_specification_opens() {
    let opened = Note::open(NOTE, &[key(KEY)]).unwrap();
    assert_eq!(opened.text, "This is an example message.\n");
    assert_eq!(opened.signatures.len(), 1);
    assert_eq!(opened.signatures[0].key, key(KEY));
}

/// RFC 8032 §7.1, TEST 1: the signature of the empty message fixes key and algorithm.
#[test]
fn the_public_key_of_a_seed_is_that_of_rfc_8032() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
    let signer = Signer::from_seed("audit.example/tenant-1", &seed).unwrap();
    let expected = "audit.example/tenant-1+5a79c3f4+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    assert_eq!(signer.verifier().to_string(), expected);
    assert_eq!(signer.verifier().kind(), KeyKind::Ed25519);
}

#[test]
fn a_signed_note_opens_with_its_key_and_with_no_other() {
    let other = Signer::from_seed("audit.example/other", &[8; 32]).unwrap();
    let same_name = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
    let note = Note::new("two\n\nparagraphs \u{e9}\n").unwrap().sign(&[&signer(), &other]);
    let keys = [signer().verifier().clone(), other.verifier().clone()];
    let opened = Note::open(&note, &keys).unwrap();
    assert_eq!(opened.text, "two\n\nparagraphs \u{e9}\n");
    assert_eq!(opened.signatures.len(), 2);
    assert_eq!(Note::open(&note, &keys[1..]).unwrap().signatures.len(), 1);
    for keys in [&[][..], &[same_name.verifier().clone()]] {
        assert_eq!(Note::open(&note, keys), Err(NoteError::Unsigned));
    }
}

#[test]
fn a_known_key_counts_once_and_one_bad_signature_spoils_the_note() {
    let note = Note::new("text\n").unwrap();
    let keys = [signer().verifier().clone()];
    let twice = note.sign(&[&signer(), &signer()]);
    assert_eq!(Note::open(&twice, &keys).unwrap().signatures.len(), 1);
    let of_another = Note::new("other\n").unwrap().sign(&[&signer()]);
    let line = of_another.rsplit_once("\n\n").unwrap().1;
    let spoilt = format!("{}{line}", note.sign(&[&signer()]));
    assert_eq!(Note::open(&spoilt, &keys), Err(NoteError::Signature));
}

/// C2SP tlog-cosignature: the time is signed, and is at most 2^63 - 1.
#[test]
fn a_cosignature_tells_its_time() {
    let signing = SigningKey::from_bytes(&[9; 32]);
    let name = "witness.example/w1";
    let witness = key(&vkey(name, 4, signing.verifying_key().as_bytes()));
    assert_eq!(witness.kind(), KeyKind::CosignatureV1);
    let cosigned = |signed_time: u64, time: u64| {
        let message = format!("cosignature/v1\ntime {signed_time}\ntext\n");
        let signature = signing.sign(message.as_bytes()).to_bytes();
        let bytes = [&witness.id()[..], &time.to_be_bytes(), &signature].concat();
        let note = format!("text\n\n\u{2014} {name} {}\n", STANDARD.encode(bytes));
        Note::open(&note, std::slice::from_ref(&witness)).map(|note| note.signatures[0].time)
    };
    let latest = i64::MAX.cast_unsigned();
    for time in [0, 1_767_225_600, latest] {
        assert_eq!(cosigned(time, time), Ok(Some(time)));
        assert_eq!(cosigned(time, time ^ 1), Err(NoteError::Signature));
    }
    assert_eq!(cosigned(latest + 1, latest + 1), Err(NoteError::Signature));
}

#[test]
fn malformed_notes_are_refused() {
    let good = Note::new("text\n").unwrap().sign(&[&signer()]);
    let keys = [signer().verifier().clone()];
    assert!(Note::open(&good, &keys).is_ok());
    let (text, line) = good.split_once("\n\n").unwrap();
    let (start, base64) = line.trim_end().rsplit_once(' ').unwrap();
    for note in [
        String::new(),
        "\n\n".to_owned(),
        "text\n\n".to_owned(),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{text}\n{line}"),
        good.replace('\u{2014}', "-"),
        good.replace("\u{2014} ", "\u{2014}"),
        format!("{text}\n\n{start}  {base64}\n"),
        format!("{text}\n\n{start} {base64} \n"),
        format!("{text}\n\n{start} {}\n", base64.replace('=', "")),
        format!("{text}\n\n{start} AAAAAA==\n"),
        format!("{text}\n\n{start} \n"),
        format!("{text}\n\n\u{2014} a+b {base64}\n{line}"),
        format!("{text}\n\n\u{2014} a\u{a0}b {base64}\n{line}"),
        good.replacen("text\n", "text\r\n", 1),
        good.replacen("text", "te\txt", 1),
    ] {
        assert_eq!(Note::open(&note, &keys), Err(NoteError::Malformed), "{note:?}");
    }
    let changed = good.replacen("text", "texts", 1);
    assert_eq!(Note::open(&changed, &keys), Err(NoteError::Signature));
    let cut = format!("{text}\n\n{start} {}\n", &base64[..88]);
    assert_eq!(Note::open(&cut, &keys), Err(NoteError::Signature));
}

#[test]
fn texts_that_cannot_be_signed_are_refused() {
    for text in ["", "no newline", "carriage\r\n", "tab\t\n", "nul\0\n"] {
        assert_eq!(Note::new(text), Err(NoteError::Malformed), "{text:?}");
    }
    assert_eq!(Note::new("x".repeat(MAX_NOTE) + "\n"), Err(NoteError::TooLong));
}

#[test]
fn the_number_of_signatures_is_bounded() {
    let note = Note::new("text\n").unwrap();
    let keys = [signer().verifier().clone()];
    let signer = signer();
    let most = vec![&signer; MAX_SIGNATURES];
    assert!(Note::open(&note.sign(&most), &keys).is_ok());
    let over = vec![&signer; MAX_SIGNATURES + 1];
    assert_eq!(Note::open(&note.sign(&over), &keys), Err(NoteError::TooLong));
}

#[test]
fn malformed_keys_are_refused() {
    let signing = SigningKey::from_bytes(&[7; 32]).verifying_key();
    assert_eq!(key(KEY).to_string(), KEY);
    let upper = KEY.replace("530d903a", "530D903A");
    let weak = vkey(ORIGIN, 1, &[&[1][..], &[0; 31]].concat());
    let unsupported = vkey(ORIGIN, 2, signing.as_bytes());
    assert!(vkey(ORIGIN, 1, signing.as_bytes()).parse::<VerifierKey>().is_ok());
    for text in [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "example.com/foo+530d903a+",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
        &upper,
        &weak,
        &unsupported,
    ] {
        assert_eq!(text.parse::<VerifierKey>(), Err(NoteError::Key), "{text}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", &"n".repeat(256)] {
        assert_eq!(Signer::from_seed(name, &[7; 32]).unwrap_err(), NoteError::Name, "{name:?}");
    }
}

#[test]
fn debug_of_a_signer_shows_its_public_half_only() {
    let shown = format!("{:?}", signer());
    assert_eq!(shown, format!("Signer({})", signer().verifier()));
    assert!(!shown.contains("7, 7"));
}
