//! Public test vectors: the folder that `MENTALSPACE_VECTORS` names, or `shared/reference/vectors`
//! beside the repository. Where neither exists the known answers in the other modules stand alone,
//! and each test says on standard error that it had nothing to read.

use std::fs;
use std::path::{Path, PathBuf};

use mentalspace_audit::merkle::{
    CompactRange, Hash, Tree, prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
use mentalspace_audit::{Checkpoint, Note, Signer, VerifierKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::merkle::{counting_leaf, ct_leaves};

/// Vectors that expect success with placeholders of 12 bytes for hashes.
const PLACEHOLDER_HASHES: [&str; 1] = ["sizes-are-equal-one-and-proof-is-empty.json"];

fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/vectors");
    let root = match std::env::var_os("MENTALSPACE_VECTORS") {
        Some(path) => PathBuf::from(path),
        None if beside.is_dir() => beside,
        None => {
            eprintln!("no test vectors here: {name} not run");
            return None;
        }
    };
    let folder = root.join(name);
    assert!(folder.is_dir(), "{} is missing", folder.display());
    Some(folder)
}

fn ran(name: &str, count: usize) {
    assert!(count > 0, "{name}: the folder holds no vectors");
    eprintln!("{name}: {count} vectors");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Hashes as text, because some vectors hold others than 32 bytes: these count as refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

fn hash(text: Option<&String>) -> Option<Hash> {
    text?.parse().ok()
}

fn hashes(texts: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    texts.map_or(Some(Vec::new()), |texts| texts.iter().map(|text| hash(Some(text))).collect())
}

impl Inclusion {
    fn verifies(&self) -> Option<()> {
        let proof = hashes(self.proof.as_ref())?;
        let (leaf, root) = (hash(self.leaf_hash.as_ref())?, hash(self.root.as_ref())?);
        verify_inclusion(leaf, self.leaf_idx, self.tree_size, &proof, root).ok()
    }
}

impl Consistency {
    fn verifies(&self) -> Option<()> {
        let proof = hashes(self.proof.as_ref())?;
        let (root1, root2) = (hash(self.root1.as_ref())?, hash(self.root2.as_ref())?);
        verify_consistency(self.size1, self.size2, &proof, root1, root2).ok()
    }
}

#[test]
fn public_inclusion_vectors_agree() {
    let Some(folder) = folder("merkle/inclusion") else {
        return;
    };
    let files = files(&folder);
    for path in &files {
        let vector: Inclusion = read(path);
        assert_eq!(vector.verifies().is_none(), vector.want_err, "{}", path.display());
    }
    ran("merkle/inclusion", files.len());
}

#[test]
fn public_consistency_vectors_agree() {
    let Some(folder) = folder("merkle/consistency") else {
        return;
    };
    let mut files = files(&folder);
    files.retain(|path| !PLACEHOLDER_HASHES.iter().any(|name| path.ends_with(name)));
    for path in &files {
        let vector: Consistency = read(path);
        assert_eq!(vector.verifies().is_none(), vector.want_err, "{}", path.display());
    }
    ran("merkle/consistency", files.len());
}

#[test]
fn rfc_6962_roots_and_proofs_agree() {
    let Some(folder) = folder("rfc6962") else {
        return;
    };
    let trees: Value = read(&folder.join("trees.json"));
    let mut count = 0;
    let ct_roots = trees["ct_roots_hex"].as_object().unwrap();
    for (size, root) in ct_roots {
        let range: CompactRange = ct_leaves().into_iter().take(size.parse().unwrap()).collect();
        assert_eq!(Some(&*hex::encode(range.root().as_bytes())), root.as_str());
        count += 1;
    }
    let counting: Tree = (0..70_000).map(counting_leaf).collect();
    for (size, root) in trees["counting"]["roots_hex"].as_object().unwrap() {
        let ours = counting.root(size.parse().unwrap()).unwrap();
        assert_eq!(Some(&*hex::encode(ours.as_bytes())), root.as_str());
        count += 1;
    }
    let ct = ct_leaves();
    let ct_leaf = |index: u64| ct[index as usize];
    for line in fs::read_to_string(folder.join("proofs.jsonl")).unwrap().lines() {
        if let Ok(vector) = serde_json::from_str::<Inclusion>(line) {
            let (index, size) = (vector.leaf_idx, vector.tree_size);
            let proof = match size {
                0..=8 => prove_inclusion(ct_leaf, index, size),
                _ => prove_inclusion(counting_leaf, index, size),
            };
            assert_eq!(proof.ok(), hashes(vector.proof.as_ref()), "{line}");
            assert!(vector.verifies().is_some() && !vector.want_err, "{line}");
        } else {
            let vector: Consistency = serde_json::from_str(line).unwrap();
            let (size1, size2) = (vector.size1, vector.size2);
            let proof = match size2 {
                0..=8 => prove_consistency(ct_leaf, size1, size2),
                _ => prove_consistency(counting_leaf, size1, size2),
            };
            assert_eq!(proof.ok(), hashes(vector.proof.as_ref()), "{line}");
            assert!(vector.verifies().is_some() && !vector.want_err, "{line}");
        }
        count += 1;
    }
    ran("rfc6962", count);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedCheckpoint {
    desc: String,
    vkeys: Vec<String>,
    origin: String,
    note: String,
    want_err: bool,
    min_good: Option<usize>,
}

impl SignedCheckpoint {
    fn opens(&self) -> Option<Checkpoint> {
        let keys: Option<Vec<VerifierKey>> = self.vkeys.iter().map(|key| key.parse().ok()).collect();
        let opened = Checkpoint::open(&self.note, &self.origin, &keys?).ok()?;
        (opened.signatures.len() >= self.min_good.unwrap_or(1)).then_some(opened.checkpoint)
    }
}

#[test]
fn c2sp_checkpoints_agree() {
    let Some(folder) = folder("c2sp") else { return };
    let vectors: Vec<SignedCheckpoint> = read(&folder.join("checkpoints.json"));
    for vector in &vectors {
        assert_eq!(vector.opens().is_none(), vector.want_err, "{}", vector.desc);
    }
    ran("c2sp/checkpoints.json", vectors.len());

    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let seed = hex::decode(seed).unwrap().try_into().unwrap();
    let plain = &vectors[0];
    let signer = Signer::from_seed(&plain.origin, &seed).unwrap();
    assert_eq!(plain.opens().unwrap().sign(&signer).as_ref(), Ok(&plain.note));
}

#[test]
fn c2sp_note_and_proof_file_agree() {
    let Some(folder) = folder("c2sp") else { return };
    let example: Value = read(&folder.join("signed-note.json"));
    let key = example["vkey"].as_str().unwrap().parse().unwrap();
    assert!(Note::open(example["note"].as_str().unwrap(), &[key]).is_ok());

    let file = fs::read_to_string(folder.join("leaf5.tlog-proof")).unwrap();
    let (proof, checkpoint) = file.split_once("\n\n").unwrap();
    let proof: Vec<Hash> = proof.lines().skip(2).map(|line| line.parse().unwrap()).collect();
    let vectors: Vec<SignedCheckpoint> = read(&folder.join("checkpoints.json"));
    let keys = [vectors[0].vkeys[0].parse().unwrap()];
    let Checkpoint { size, root, .. } = Checkpoint::open(checkpoint, &vectors[0].origin, &keys).unwrap().checkpoint;
    assert_eq!(verify_inclusion(ct_leaves()[5], 5, size, &proof, root), Ok(()));
}
