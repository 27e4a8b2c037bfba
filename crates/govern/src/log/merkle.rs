//! Merkle trees as RFC 6962 § 2.1 has them, with SHA-256.
//!
//! What comes in: leaves, or their hashes. What goes out: the root, and proofs that a leaf is under it.
//! Never: a leaf and a node that hash alike (their inputs begin with different bytes).

use sha2::{Digest, Sha256};

use super::Hash;

/// RFC 6962 § 2.1: the hash of a leaf is `SHA-256(0x00 ‖ leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(leaf).finalize().into()
}

/// RFC 6962 § 2.1: the hash of a node is `SHA-256(0x01 ‖ left ‖ right)`.
fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that grows, of which only the roots of its full subtrees are kept: at most 64 hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Leaves so far. Each set bit is one full subtree.
    count: u64,
    /// Roots of the full subtrees, the largest first; one for each set bit of `count`.
    peaks: Vec<Hash>,
}

impl Tree {
    /// A tree of `count` leaves from what [`Tree::peaks`] gave; `None` if they do not fit together.
    #[must_use]
    pub fn of_peaks(count: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == count.count_ones() as usize).then_some(Self { count, peaks })
    }

    /// Roots of the full subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Every subtree of the size just reached joins it, as carrying does when a number is counted up.
        for _ in 0..self.count.trailing_ones() {
            root = self.peaks.pop().map_or(root, |left| node_hash(&left, &root));
        }
        self.peaks.push(root);
        self.count += 1;
    }

    /// RFC 6962 § 2.1: the root. The root of no leaves is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(smallest) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*smallest, |right, left| node_hash(left, &right))
    }
}

/// The root over the hashes of leaves, in order.
#[must_use]
pub fn tree_hash(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// RFC 6962 § 2.1.1: what must be hashed with leaf `index`, lowest first, to reach the root of all
/// leaves; `None` if there is no such leaf.
#[must_use]
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (within, index, beside) =
        if index < left.len() { (left, index, right) } else { (right, index - left.len(), left) };
    let mut proof = inclusion_proof(within, index)?;
    proof.push(tree_hash(beside));
    Some(proof)
}

/// Whether the proof shows that `leaf` is number `index` of the `count` leaves under `root`
/// (RFC 9162 § 2.1.3.2, for the trees of RFC 6962).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, count: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= count {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, count - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(beside, &hash);
            // The last node of a level without a partner goes up as it is.
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}
