//! Merkle trees: the vectors that implementations of RFC 6962 test with, and a second implementation.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use tidstro_govern::log::{Hash, Tree, hex, inclusion_proof, leaf_hash, tree_hash, verify_inclusion};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Roots of the first 0 to 8 leaves.
const ROOTS: [&str; 9] = [
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

/// What proves the first of eight leaves.
const PROOF: [&str; 3] = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
];

fn bytes(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn hashes() -> Vec<Hash> {
    LEAVES.map(|leaf| leaf_hash(&bytes(leaf))).to_vec()
}

#[test]
fn roots_are_those_of_the_rfcs_vectors() {
    for (count, root) in ROOTS.iter().enumerate() {
        assert_eq!(hex(&tree_hash(&hashes()[..count])), *root, "{count} leaves");
    }
}

#[test]
fn a_proof_is_that_of_the_rfcs_vectors() {
    let proof: Vec<_> = inclusion_proof(&hashes(), 0).unwrap().iter().map(|hash| hex(hash)).collect();
    assert_eq!(proof, PROOF);
    assert_eq!(inclusion_proof(&hashes(), 8), None);
    assert_eq!(inclusion_proof(&[], 0), None);
    assert!(!verify_inclusion(&hashes()[0], 0, 0, &[], &tree_hash(&[])));
}

#[test]
fn peaks_must_fit_the_count() {
    let mut tree = Tree::default();
    hashes().into_iter().take(7).for_each(|leaf| tree.push(leaf));
    assert_eq!(Tree::of_peaks(7, tree.peaks().to_vec()), Some(tree.clone()));
    assert_eq!(Tree::of_peaks(8, tree.peaks().to_vec()), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_implementation_agrees(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..70),
        which in any::<prop::sample::Index>(),
        flipped in any::<prop::sample::Index>(),
    ) {
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        leaves.iter().for_each(|leaf| other.push(leaf.clone()));
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let root = tree_hash(&hashes);
        let others = other.root();
        prop_assert_eq!(&root[..], &others.as_bytes()[..]);

        let (index, count) = (which.index(leaves.len()), leaves.len() as u64);
        let mut proof = inclusion_proof(&hashes, index).unwrap();
        let others = other.prove_inclusion(index);
        prop_assert_eq!(proof.as_flattened(), others.as_bytes());
        prop_assert!(verify_inclusion(&hashes[index], index as u64, count, &proof, &root));

        // Another place, another leaf, a shorter or changed proof: nothing else is proved.
        prop_assert!(!verify_inclusion(&hashes[index], index as u64 + count, count, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf_hash(b"another"), index as u64, count, &proof, &root));
        if !proof.is_empty() {
            prop_assert!(!verify_inclusion(&hashes[index], index as u64, count, &proof[1..], &root));
            let at = flipped.index(proof.len());
            proof[at][0] ^= 1;
            prop_assert!(!verify_inclusion(&hashes[index], index as u64, count, &proof, &root));
        }
    }
}
