use mentalspace_audit::merkle::{Hash, Tree, verify_consistency};
use mentalspace_audit::{Checkpoint, CheckpointError, LogHead, Note, NoteError, Signer};
use proptest::prelude::*;

use crate::merkle::counting_leaf;
use crate::testing::{ORIGIN, signer};

fn keys() -> [mentalspace_audit::VerifierKey; 1] {
    [signer().verifier().clone()]
}

#[test]
fn a_signed_checkpoint_opens_to_itself() {
    let mut checkpoint = Checkpoint::new(ORIGIN, 20_852_163, counting_leaf(0));
    checkpoint.extensions = vec!["one".to_owned(), "two".to_owned()];
    let signed = checkpoint.sign(&signer()).unwrap();
    let opened = Checkpoint::open(&signed, ORIGIN, &keys()).unwrap();
    assert_eq!(opened.checkpoint, checkpoint);
    assert_eq!(opened.signatures.len(), 1);
    let other = Checkpoint::open(&signed, "audit.example/other", &keys());
    assert_eq!(other, Err(CheckpointError::Origin));
}

#[test]
fn what_no_reader_would_accept_is_not_signed() {
    let sign = |checkpoint: Checkpoint| checkpoint.sign(&signer());
    let other = Checkpoint::new("audit.example/other", 1, counting_leaf(0));
    assert_eq!(sign(other), Err(CheckpointError::Origin));
    let empty = Checkpoint::new(ORIGIN, 0, counting_leaf(0));
    assert_eq!(sign(empty), Err(CheckpointError::Malformed));
    for line in ["", "a\nb"] {
        let mut checkpoint = Checkpoint::new(ORIGIN, 1, counting_leaf(0));
        checkpoint.extensions = vec![line.to_owned()];
        assert_eq!(sign(checkpoint), Err(CheckpointError::Malformed));
    }
    let mut checkpoint = Checkpoint::new(ORIGIN, 1, counting_leaf(0));
    checkpoint.extensions = vec!["carriage\r".to_owned()];
    assert_eq!(sign(checkpoint), Err(CheckpointError::Note(NoteError::Malformed)));
}

#[test]
fn malformed_checkpoints_are_refused_though_properly_signed() {
    let root = counting_leaf(0);
    for text in [
        format!("{ORIGIN}\n1\n"),
        format!("{ORIGIN}\n01\n{root}\n"),
        format!("{ORIGIN}\n+1\n{root}\n"),
        format!("{ORIGIN}\n\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n0\n{root}\n"),
        format!("{ORIGIN}\n1\n{root} \n"),
        format!("\n1\n{root}\n"),
        format!("{ORIGIN}\n1\n{root}\n\n"),
    ] {
        let signed = Note::new(text.clone()).unwrap().sign(&[&signer()]);
        let opened = Checkpoint::open(&signed, ORIGIN, &keys());
        assert_eq!(opened, Err(CheckpointError::Malformed), "{text:?}");
    }
}

#[test]
fn each_checkpoint_of_a_head_extends_the_one_before() {
    let tree: Tree = (0..40).map(counting_leaf).collect();
    let mut head = LogHead::new();
    let mut last = None;
    for batch in [0..0, 0..1, 1..8, 8..8, 8..21, 21..40] {
        let signed = head.integrate(batch.clone().map(counting_leaf), &signer(), &[]).unwrap();
        assert_eq!(head.checkpoint(), Some(signed.as_str()));
        let now = Checkpoint::open(&signed, ORIGIN, &keys()).unwrap().checkpoint;
        assert_eq!((now.size, Some(now.root)), (batch.end, tree.root(batch.end)));
        if let Some((size, root)) = last.filter(|(size, _)| *size > 0) {
            let proof = tree.prove_consistency(size, now.size).unwrap();
            assert_eq!(verify_consistency(size, now.size, &proof, root, now.root), Ok(()));
        }
        last = Some((now.size, now.root));
        head = LogHead::from_bytes(&head.to_bytes()).unwrap();
    }
    assert_eq!(head.size(), 40);
}

/// "A log MUST not sign any checkpoint inconsistent with one it previously signed."
#[test]
fn a_head_whose_tree_is_not_the_signed_one_signs_nothing() {
    let grown = |leaves: &[u64]| {
        let mut head = LogHead::new();
        head.integrate(leaves.iter().copied().map(counting_leaf), &signer(), &[]).unwrap();
        head
    };
    let (ours, rewritten, shorter) = (grown(&[0, 1, 2]), grown(&[0, 1, 3]), grown(&[0, 1]));
    for (range, checkpoint) in
        [(&rewritten, ours.checkpoint()), (&shorter, ours.checkpoint()), (&ours, shorter.checkpoint()), (&ours, None)]
    {
        let mut head = spliced(range, checkpoint);
        let before = head.clone();
        let refused = head.integrate([counting_leaf(9)], &signer(), &[]);
        assert_eq!(refused, Err(CheckpointError::Inconsistent));
        assert_eq!(head, before);
    }
}

/// Five leaves and six have two subtrees each: the same two hashes give the same root.
#[test]
fn a_head_whose_size_was_changed_signs_nothing() {
    let mut head = LogHead::new();
    head.integrate((0..5).map(counting_leaf), &signer(), &[]).unwrap();
    let mut bytes = head.to_bytes();
    assert_eq!(bytes[3..11], 5_u64.to_be_bytes());
    bytes[10] = 6;
    let mut resized = LogHead::from_bytes(&bytes).unwrap();
    assert_eq!(resized.range().root(), head.range().root());
    let refused = resized.integrate([], &signer(), &[]);
    assert_eq!(refused, Err(CheckpointError::Inconsistent));
}

/// A head with the range of one and the checkpoint of another.
fn spliced(range: &LogHead, checkpoint: Option<&str>) -> LogHead {
    let mut bytes = range.to_bytes();
    bytes.truncate(bytes.len() - range.checkpoint().map_or(0, str::len));
    bytes.extend(checkpoint.unwrap_or_default().as_bytes());
    LogHead::from_bytes(&bytes).unwrap()
}

#[test]
fn a_head_goes_on_under_a_new_key_that_knows_the_earlier_one() {
    let mut head = LogHead::new();
    head.integrate([counting_leaf(0)], &signer(), &[]).unwrap();
    let next = Signer::from_seed(ORIGIN, &[8; 32]).unwrap();
    let unknown = head.integrate([counting_leaf(1)], &next, &[]);
    assert_eq!(unknown, Err(CheckpointError::Note(NoteError::Unsigned)));
    assert!(head.integrate([counting_leaf(1)], &next, &keys()).is_ok());
    assert!(head.integrate([counting_leaf(2)], &next, &[]).is_ok());
    let elsewhere = Signer::from_seed("audit.example/other", &[8; 32]).unwrap();
    let keys = [next.verifier().clone()];
    let other_log = head.integrate([counting_leaf(3)], &elsewhere, &keys);
    assert_eq!(other_log, Err(CheckpointError::Origin));
}

#[test]
fn malformed_stored_heads_are_refused() {
    let mut head = LogHead::new();
    head.integrate((0..7).map(counting_leaf), &signer(), &[]).unwrap();
    let bytes = head.to_bytes();
    for cut in 0..3 + 8 + 3 * Hash::LEN {
        assert_eq!(LogHead::from_bytes(&bytes[..cut]), Err(CheckpointError::Head), "{cut}");
    }
    let mut other_version = bytes.clone();
    other_version[0] = 2;
    assert_eq!(LogHead::from_bytes(&other_version), Err(CheckpointError::Head));
    let not_utf8 = [&bytes[..], &[0xff]].concat();
    assert_eq!(LogHead::from_bytes(&not_utf8), Err(CheckpointError::Head));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_head_never_signs(place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut head = LogHead::new();
        head.integrate((0..5).map(counting_leaf), &signer(), &[]).unwrap();
        let mut bytes = head.to_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        if let Ok(mut damaged) = LogHead::from_bytes(&bytes) {
            prop_assert!(damaged.integrate([counting_leaf(5)], &signer(), &[]).is_err());
        }
    }
}
