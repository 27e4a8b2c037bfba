//! What a call brought, into the store.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_dlms::{Profile, ProfileKind, ProfileValue, Row};
use tidstro_metering::{Captured, CapturedKind, Direction, energy_of_intervals};
use tidstro_model::{Decimal, DeviceNo, Obis, Quality, Resolution, SourceNo, Unit};
use tidstro_store::{Appended, Decoded, NewInterval, Permit};

use super::call::Brought;
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
    let intervals = intervals(device, profile, &rows);
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

/// Energy of the intervals that the rows tell, for each direction the profile captures.
fn intervals(device: DeviceNo, profile: &Profile, rows: &[Row]) -> Vec<NewInterval> {
    let Some(resolution) = profile.resolution() else { return Vec::new() };
    let mut columns: FxHashMap<Obis, Vec<ProfileValue>> = FxHashMap::default();
    for value in profile.values(rows) {
        columns.entry(value.obis).or_default().push(value);
    }
    columns.iter().flat_map(|(obis, values)| column(device, *obis, values, resolution)).collect()
}

fn column(device: DeviceNo, obis: Obis, values: &[ProfileValue], resolution: Resolution) -> Vec<NewInterval> {
    let Some((direction, kind)) = energy(obis, values) else { return Vec::new() };
    let captured: Vec<Captured> = values.iter().filter_map(captured).collect();
    let energy = energy_of_intervals(kind, &captured, resolution).into_iter();
    let interval = |energy: tidstro_metering::IntervalEnergy| NewInterval {
        device,
        direction,
        resolution,
        start: energy.start,
        energy_wh: energy.number,
        quality: energy.quality,
    };
    energy.map(interval).collect()
}

/// Active energy, delivered or fed in, over all tariffs.
fn energy(obis: Obis, values: &[ProfileValue]) -> Option<(Direction, CapturedKind)> {
    let direction = match obis.0 {
        [1, _, 1, _, 0, _] => Direction::Consumption,
        [1, _, 2, _, 0, _] => Direction::Production,
        _ => return None,
    };
    let kind = match values.first()?.kind {
        ProfileKind::Register => CapturedKind::Register,
        ProfileKind::OfInterval => CapturedKind::OfInterval,
        ProfileKind::Sample => return None,
    };
    Some((direction, kind))
}

fn captured(value: &ProfileValue) -> Option<Captured> {
    let is_energy = value.quantity.unit == Unit::WattHour;
    let invalid = value.clock_status.is_some_and(|status| status.is_invalid());
    let quality = if invalid { Quality::Missing } else { Quality::Measured };
    let number: Decimal = value.quantity.number;
    is_energy.then_some(Captured { interval: value.interval, number, quality })
}
