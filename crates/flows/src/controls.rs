//! The controls of the register, and what the program measures of them.

use jiff::Timestamp;
use tidstro_govern::{Control, ControlProof, ProbeResult};

use crate::{FlowFault, Workspace};

/// A control, and what its probe found where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlView {
    /// The control as the register writes it.
    pub control: Control,
    /// What the probe found; `None` for an attestation or a document.
    pub found: Option<ProbeResult>,
}

/// Every control of the register in use, its probe run now.
///
/// # Errors
/// [`FlowFault`] if the store cannot be read.
pub async fn controls(workspace: &Workspace, now: Timestamp) -> Result<Vec<ControlView>, FlowFault> {
    let mut views = Vec::new();
    for control in workspace.register().controls() {
        let found = match &control.proof {
            ControlProof::Probe(probe) => Some(workspace.store.probe(*probe, now).await?),
            ControlProof::Attestation(_) | ControlProof::Document(_) => None,
        };
        views.push(ControlView { control: control.clone(), found });
    }
    Ok(views)
}
