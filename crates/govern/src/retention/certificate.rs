//! The certificate of an erasure: what was erased, when and by which rule, without what it was.
//!
//! Counts, hashes and keyed commitments come in; a text that people can read goes out, and a signature
//! over its bytes. Never: a value, a name, a number that leads to somebody.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::log::{Hash, LogKey, PublicKey, Signature, hex, unhex};

/// How much was erased of one category under one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedCount {
    /// The category.
    pub category: String,
    /// `erase` or `pseudonymise`.
    pub bucket: String,
    /// The activity whose retention ended last; empty where no activity kept it.
    pub activity: String,
    /// The retention in the register's words, and the bases it rests on.
    pub rule: String,
    /// How many subjects it concerned.
    pub subjects: u64,
    /// How many parts: of an occupancy, a dossier, or the subject itself.
    pub parts: u64,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number: the preview's.
    pub number: u64,
    /// When the data were erased.
    pub at: Timestamp,
    /// The hash of the register by which.
    pub register: Hash,
    /// The hash of the preview that was approved.
    pub preview: Hash,
    /// Who approved it.
    pub approver: String,
    /// Number of the erasure in the log's stream of facts.
    pub log_seq: u64,
    /// Rows deleted or blanked.
    pub rows: u64,
    /// Keys destroyed, or made to forget.
    pub keys: u64,
    /// How much of what.
    pub counts: Vec<ErasedCount>,
    /// Keyed commitments of whom it concerned, in ascending order; most lost their meaning with it.
    pub commitments: Vec<Hash>,
}

impl Certificate {
    /// The signed text: lines, each ended by a line feed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "tidstro certificate of erasure 1\nnumber {}\nat {}\nregister {}\npreview {}\napproved by {}\n\
             log facts {}\nrows {}\nkeys {}\n",
            self.number,
            self.at,
            hex(&self.register),
            hex(&self.preview),
            self.approver,
            self.log_seq,
            self.rows,
            self.keys
        );
        for count in &self.counts {
            text.push_str(&format!(
                "{} {}: {} parts of {} subjects; {}: {}\n",
                count.bucket, count.category, count.parts, count.subjects, count.activity, count.rule
            ));
        }
        for commitment in &self.commitments {
            text.push_str(&format!("concerned {}\n", hex(commitment)));
        }
        text
    }

    /// The certificate as a file: JSON with the text, the signature and the public key.
    #[must_use]
    pub fn sign(&self, key: &LogKey) -> String {
        let text = self.text();
        let signature = hex(&key.sign(&text));
        let signed = Signed { text, signature, public_key: hex(key.public().bytes()) };
        serde_json::to_string_pretty(&signed).unwrap_or_default()
    }
}

/// The file of a certificate.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    text: String,
    signature: String,
    public_key: String,
}

/// Why a certificate does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// The file is not a certificate.
    #[error("the file is no certificate of erasure; give the file as it was issued")]
    Form,
    /// The signature is not the key's over the text.
    #[error("the signature does not fit the text: one of the two was changed; ask for the certificate again")]
    Signature,
    /// Another key signed it than the one expected.
    #[error(
        "the certificate is signed by key `{found}`, expected `{expected}`; compare it with the store's log"
    )]
    OtherKey {
        /// Fingerprint of the key in the file.
        found: String,
        /// Fingerprint expected.
        expected: String,
    },
}

/// Checks a certificate's file without a database; gives its text. With `expected`, the fingerprint of the
/// key must be this one.
///
/// # Errors
/// [`CertificateFault`] with what does not hold.
pub fn verify_certificate(file: &str, expected: Option<&str>) -> Result<String, CertificateFault> {
    let signed: Signed = serde_json::from_str(file).map_err(|_| CertificateFault::Form)?;
    let bytes = unhex::<32>(&signed.public_key).ok_or(CertificateFault::Form)?;
    let key = PublicKey::from_bytes(&bytes).ok_or(CertificateFault::Form)?;
    let signature: Signature = unhex::<64>(&signed.signature).ok_or(CertificateFault::Form)?;
    let found = key.fingerprint().to_string();
    if let Some(expected) = expected.filter(|expected| **expected != found) {
        return Err(CertificateFault::OtherKey { found, expected: expected.to_owned() });
    }
    if key.verifies(&signed.text, &signature) { Ok(signed.text) } else { Err(CertificateFault::Signature) }
}
