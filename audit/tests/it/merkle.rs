use mentalspace_audit::merkle::{
    CompactRange, Hash, ProofError, Tree, leaf_hash, node_hash, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};
use proptest::prelude::*;

/// The leaves of the Certificate Transparency test trees.
const CT_LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Their roots for the sizes 0 to 8.
const CT_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

pub(crate) fn ct_leaves() -> Vec<Hash> {
    CT_LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

pub(crate) fn counting_leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

/// MTH of RFC 6962 §2.1, to the letter.
fn literal_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::digest(b""),
        [leaf] => *leaf,
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(middle);
            node_hash(literal_root(left), literal_root(right))
        }
    }
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let leaves = ct_leaves();
    let tree: Tree = leaves.iter().copied().collect();
    let mut range = CompactRange::new();
    for (size, root) in CT_ROOTS.iter().enumerate() {
        assert_eq!(hex::encode(range.root().as_bytes()), *root);
        assert_eq!(tree.root(size as u64), Some(range.root()));
        range.extend(leaves.get(size).copied());
    }
    assert_eq!(tree.root(9), None);
}

/// RFC 9162 §2.1.5: the proofs of the seven-leaf example, by their nodes.
#[test]
fn proofs_of_the_example_in_the_standard_have_its_nodes() {
    let leaves = &ct_leaves()[..7];
    let [a, b, c, d, e, f, j] = *leaves else { unreachable!() };
    let (g, h, i) = (node_hash(a, b), node_hash(c, d), node_hash(e, f));
    let (k, l) = (node_hash(g, h), node_hash(i, j));
    let leaf = |index: u64| leaves[index as usize];
    assert_eq!(prove_inclusion(leaf, 0, 7), Ok(vec![b, h, l]));
    assert_eq!(prove_inclusion(leaf, 3, 7), Ok(vec![c, g, l]));
    assert_eq!(prove_inclusion(leaf, 4, 7), Ok(vec![f, j, k]));
    assert_eq!(prove_inclusion(leaf, 6, 7), Ok(vec![i, k]));
    assert_eq!(prove_consistency(leaf, 3, 7), Ok(vec![c, d, g, l]));
    assert_eq!(prove_consistency(leaf, 4, 7), Ok(vec![l]));
    assert_eq!(prove_consistency(leaf, 6, 7), Ok(vec![i, j, k]));
}

#[test]
fn every_proof_up_to_65_leaves_verifies_and_fits_nothing_else() {
    let leaves: Vec<_> = (0..65).map(counting_leaf).collect();
    let tree: Tree = leaves.iter().copied().collect();
    let leaf = |index: u64| leaves[index as usize];
    let roots: Vec<_> = (0..=65).map(|size| literal_root(&leaves[..size])).collect();
    for size in 1..=65 {
        let root = roots[size as usize];
        assert_eq!(tree.root(size), Some(root));
        for index in 0..size {
            let proof = prove_inclusion(leaf, index, size).unwrap();
            assert_eq!(tree.prove_inclusion(index, size), Ok(proof.clone()));
            for other in 0..=size {
                let verified = verify_inclusion(leaf(index), other, size, &proof, root);
                assert_eq!(verified.is_ok(), other == index, "{index} as {other} of {size}");
            }
        }
        for older in 1..=size {
            let proof = prove_consistency(leaf, older, size).unwrap();
            assert_eq!(tree.prove_consistency(older, size), Ok(proof.clone()));
            let old_root = roots[older as usize];
            let wrong = Hash::digest(b"wrong");
            assert!(verify_consistency(older, size, &proof, wrong, root).is_err());
            assert!(verify_consistency(older, size, &proof, old_root, wrong).is_err());
            for other in 0..=66 {
                let verified = verify_consistency(other, size, &proof, old_root, root);
                assert_eq!(verified.is_ok(), other == older, "{older} as {other} of {size}");
            }
        }
    }
}

#[test]
fn sizes_and_indices_out_of_range_are_errors() {
    let (leaf, empty) = (counting_leaf(0), Hash::empty_root());
    let tree: Tree = [leaf].into_iter().collect();
    assert_eq!(prove_inclusion(counting_leaf, 1, 1), Err(ProofError::Index));
    assert_eq!(prove_inclusion(counting_leaf, 0, 0), Err(ProofError::Index));
    assert_eq!(tree.prove_inclusion(0, 2), Err(ProofError::Sizes));
    assert_eq!(tree.prove_consistency(1, 2), Err(ProofError::Sizes));
    assert_eq!(prove_consistency(counting_leaf, 0, 1), Err(ProofError::Sizes));
    assert_eq!(prove_consistency(counting_leaf, 2, 1), Err(ProofError::Sizes));
    assert_eq!(verify_inclusion(leaf, 0, 0, &[], empty), Err(ProofError::Index));
    assert_eq!(verify_inclusion(leaf, u64::MAX, u64::MAX, &[], leaf), Err(ProofError::Index));
    assert_eq!(verify_consistency(0, 0, &[], empty, empty), Err(ProofError::Sizes));
    assert_eq!(verify_consistency(0, 1, &[], empty, leaf), Err(ProofError::Sizes));
    assert_eq!(verify_consistency(2, 1, &[], leaf, leaf), Err(ProofError::Sizes));
    assert_eq!(verify_consistency(1, 1, &[leaf], leaf, leaf), Err(ProofError::Length));
    assert_eq!(verify_consistency(1, 1, &[], leaf, empty), Err(ProofError::Root));
    assert_eq!(verify_consistency(1, 1, &[], leaf, leaf), Ok(()));
}

#[test]
fn a_stored_compact_range_has_one_hash_for_each_bit_of_its_size() {
    for size in 0..70 {
        let range: CompactRange = (0..size).map(counting_leaf).collect();
        let bytes = range.to_bytes();
        assert_eq!(CompactRange::from_bytes(&bytes), Ok(range));
        assert!(CompactRange::from_bytes(&[&bytes[..], &[0; 32]].concat()).is_err());
        assert!(CompactRange::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }
    assert!(CompactRange::from_bytes(&[]).is_err());
    let huge = [&(1_u64 << 63).to_be_bytes()[..], &[0; 32]].concat();
    assert!(CompactRange::from_bytes(&huge).is_err());
}

#[test]
fn a_hash_is_32_bytes_in_one_spelling() {
    let hash = counting_leaf(0);
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(serde_json::from_str::<Hash>(&serde_json::to_string(&hash).unwrap()).unwrap(), hash);
    let text = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
    assert!(text.parse::<Hash>().is_ok());
    for other in [
        "",
        "ZG9uJ3QgY2FyZSAx",
        &text[..43],
        &text.replace('+', "-"),
        &text.replace("yg=", "yh="),
        &format!("{text}\n"),
    ] {
        assert!(other.parse::<Hash>().is_err(), "{other}");
    }
}

/// The corruptions of the public test vectors.
fn corruptions(proof: &[Hash], root: Hash) -> Vec<Vec<Hash>> {
    let garbage = Hash::digest(b"garbage");
    let mut all = vec![[proof, proof].concat()];
    for extra in [garbage, root].into_iter().chain(proof.first().copied()) {
        all.push([proof, &[extra]].concat());
        all.push([&[extra], proof].concat());
    }
    for place in 0..proof.len() {
        all.push([&proof[..place], &proof[place + 1..]].concat());
        all.push([&proof[..place], &[garbage], &proof[place..]].concat());
        let mut flipped = proof.to_vec();
        let mut bytes = *flipped[place].as_bytes();
        bytes[place % Hash::LEN] ^= 1 << (place % 8);
        flipped[place] = bytes.into();
        all.push(flipped);
        if place > 0 && proof[place - 1] != proof[place] {
            let mut swapped = proof.to_vec();
            swapped.swap(place - 1, place);
            all.push(swapped);
        }
    }
    if proof.is_empty() {
        all.remove(0);
    } else {
        all.push(Vec::new());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_of_large_trees_verify_and_corrupted_ones_do_not(
        size in 66_u64..5_000,
        index in any::<prop::sample::Index>(),
        older in any::<prop::sample::Index>(),
    ) {
        let tree: Tree = (0..size).map(counting_leaf).collect();
        let leaves: Vec<_> = (0..size).map(counting_leaf).collect();
        let index = index.index(size as usize) as u64;
        let older = older.index(size as usize) as u64 + 1;
        let root = literal_root(&leaves);
        prop_assert_eq!(tree.root(size), Some(root));

        let leaf = counting_leaf(index);
        let proof = tree.prove_inclusion(index, size).unwrap();
        prop_assert_eq!(prove_inclusion(counting_leaf, index, size), Ok(proof.clone()));
        prop_assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
        for other in [index ^ 2, index + 1, index.wrapping_sub(1)] {
            prop_assert!(verify_inclusion(leaf, other, size, &proof, root).is_err());
        }
        for other in [Hash::empty_root(), root, node_hash(leaf, leaf)] {
            prop_assert!(verify_inclusion(other, index, size, &proof, root).is_err());
        }
        prop_assert!(verify_inclusion(leaf, index, size, &proof, Hash::empty_root()).is_err());
        for wrong in corruptions(&proof, root) {
            prop_assert!(verify_inclusion(leaf, index, size, &wrong, root).is_err());
        }

        let old_root = tree.root(older).unwrap();
        let proof = tree.prove_consistency(older, size).unwrap();
        prop_assert_eq!(prove_consistency(counting_leaf, older, size), Ok(proof.clone()));
        prop_assert_eq!(verify_consistency(older, size, &proof, old_root, root), Ok(()));
        if older != size {
            prop_assert!(verify_consistency(older, size, &proof, root, old_root).is_err());
        }
        for other in [older ^ 2, older + 1, older - 1] {
            prop_assert!(verify_consistency(other, size, &proof, old_root, root).is_err());
        }
        for wrong in corruptions(&proof, root) {
            prop_assert!(verify_consistency(older, size, &wrong, old_root, root).is_err());
        }
    }

    #[test]
    fn a_restored_compact_range_goes_on_as_the_original(before in 0_u64..300, after in 0_u64..300) {
        let mut range: CompactRange = (0..before).map(counting_leaf).collect();
        range = CompactRange::from_bytes(&range.to_bytes()).unwrap();
        range.extend((before..before + after).map(counting_leaf));
        let leaves: Vec<_> = (0..before + after).map(counting_leaf).collect();
        prop_assert_eq!(range.root(), literal_root(&leaves));
        prop_assert_eq!(range.size(), before + after);
    }
}
