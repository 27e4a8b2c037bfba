//! What a call brought, into the store.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidstro_dlms::Row;
use tidstro_model::{DeviceNo, SourceNo};
use tidstro_store::{Appended, Decoded, Permit};

use super::call::Brought;
use crate::codes::told_by_codes;
use crate::load_profile::intervals_of_profile;
use crate::{FlowFault, Workspace};

/// What was kept of a call.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Starts of intervals that have a value now.
    pub(super) starts: BTreeSet<Timestamp>,
    /// When the last row was captured.
    pub(super) last: Option<Timestamp>,
    pub(super) appended: Appended,
}

/// Stores the values of a call; durable when this returns.
pub(super) async fn keep(
    workspace: &Workspace,
    permit: &Permit,
    (device, source): (DeviceNo, SourceNo),
    brought: &Brought,
    now: Timestamp,
) -> Result<Kept, FlowFault> {
    let Some(profile) = &brought.profile else { return Ok(Kept::default()) };
    let rows = in_order(&brought.slices);
    let intervals = intervals_of_profile(device, profile, &rows);
    let mut kept = Kept {
        starts: intervals.iter().map(|interval| interval.start).collect(),
        last: rows.iter().map(|row| row.instant).max(),
        appended: Appended::default(),
    };
    if !intervals.is_empty() {
        let decoded = Decoded { intervals, ..Decoded::default() };
        let permits = std::slice::from_ref(permit);
        kept.appended = workspace.store.append_decoded(permits, source, decoded, now).await?;
    }
    Ok(kept)
}

/// Stores what event logs tell of alarms; durable when this returns. Nothing without a permit to collect them.
pub(super) async fn keep_alarms(
    workspace: &Workspace,
    permits: &[Permit],
    (device, source): (DeviceNo, SourceNo),
    brought: &Brought,
    now: Timestamp,
) -> Result<(), FlowFault> {
    let alarms = told_by_codes(device, &brought.alarms, now);
    if !alarms.is_empty() && !permits.is_empty() {
        let decoded = Decoded { alarms, ..Decoded::default() };
        workspace.store.append_decoded(permits, source, decoded, now).await?;
    }
    Ok(())
}

/// The rows of all slices, each once: a slice begins with the row the one before it ended with.
fn in_order(slices: &[Vec<Row>]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for row in slices.iter().flatten() {
        if rows.last().is_none_or(|last| row.instant > last.instant) {
            rows.push(row.clone());
        }
    }
    rows
}
