//! What the program measures of its own controls.
//!
//! What comes in: nothing. What goes out: the closed list of probes, and the shape of what one found.
//! Never: a probe that nothing runs; a register that names another one is refused.

use crate::vocabulary::words;

words!(
    /// A measurement that a control rests on.
    Probe {
        /// The register in use holds together as a whole.
        RegisterCheck = "register-check",
        /// The text and the instant of every register that decided are kept.
        RegisterVersions = "register-versions",
        /// No register that widened became active without an approval that names it.
        RegisterApproval = "register-approval",
        /// Every personal column in use has a category, which an activity keeps.
        PersonalColumns = "personal-columns",
        /// The log is whole: every hash, root and signature fits.
        LogChain = "log-chain",
        /// No use in the log is older than the register keeps it.
        LogAge = "log-age",
        /// Nothing is kept that no activity keeps.
        Leftovers = "leftovers",
        /// Every series with values has been through validation.
        Validation = "validation",
    }
);

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeResult {
    /// Which probe.
    pub probe: Probe,
    /// Whether the control works.
    pub passed: bool,
    /// The figure it rests on, in words without personal data.
    pub found: String,
}
