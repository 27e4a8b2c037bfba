//! Meters that have fallen silent: each one's own interval, and how long nothing was heard of it.
//!
//! What comes in: when each meter was heard, as the gate lets it be seen. What goes out: one line for each meter, by
//! its number and place. Who lives there is not in it, and this must never name anybody. This file opens what the
//! store discloses (see `tests/doors.rs`).

use jiff::{SignedDuration, Timestamp};
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, DeviceId, Resolution};
use tidstro_store::MeterHeard;

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// How far back a meter's interval is learned from.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(60 * 24);
/// Telegrams this close together are one: a meter may send in bursts, and gateways hear it seconds apart.
const BURST: SignedDuration = SignedDuration::from_mins(1);

/// Who asks, what for, and what counts as silent.
#[derive(Debug, Clone)]
pub struct SilentAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for.
    pub purpose: ActivityId,
    /// The interval expected of every meter; `None` for each one's own, learned from its telegrams.
    pub expected: Option<SignedDuration>,
    /// After how many of its intervals a meter is silent.
    pub intervals: u32,
}

/// One meter, and how long it has been quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterQuiet {
    /// The meter.
    pub meter: DeviceId,
    /// Identifier of its metering point.
    pub point: String,
    /// Building of the point.
    pub area: String,
    /// The interval expected of it; `None` if too little was heard to learn one.
    pub expected: Option<SignedDuration>,
    /// When it was last heard; `None` if it was not in the last 60 days.
    pub last: Option<Timestamp>,
    /// How long it has been quiet.
    pub quiet: Option<SignedDuration>,
    /// How many gateways heard the last telegram.
    pub gateways: u32,
    /// How well the best of them did, in dBm.
    pub best_rssi_dbm: Option<i16>,
    /// Whether it has been quiet for too long.
    pub is_silent: bool,
}

/// Every meter the asker may see, the silent ones first, the longest quiet before the others.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn silent_meters(
    workspace: &Workspace,
    asked: &SilentAsk,
    now: Timestamp,
) -> Result<Answer<Vec<MeterQuiet>>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(asked)?, now).await?);
    let since = now.saturating_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let heard = workspace.store.meters_heard(&permit, since, now).await?.open(&permit)?;
    let mut meters: Vec<MeterQuiet> = heard.into_iter().map(|meter| quiet(meter, asked, now)).collect();
    // What was never heard has been quiet the longest.
    meters.sort_by_key(|meter| (!meter.is_silent, meter.last));
    Ok(Answer::Given(meters))
}

fn ask_of(asked: &SilentAsk) -> Result<Ask, FlowFault> {
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Read,
        category: CategoryId::parse("telegram")?,
        target: Target::Everything,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: 1,
    })
}

fn quiet(heard: MeterHeard, asked: &SilentAsk, now: Timestamp) -> MeterQuiet {
    let last = heard.times.last().copied();
    let expected = asked.expected.or_else(|| median_gap(&heard.times));
    let quiet = last.map(|last| now.duration_since(last));
    let MeterHeard { meter, point, area, gateways, best_rssi_dbm, .. } = heard;
    let is_silent = is_silent(quiet, expected, asked.intervals);
    MeterQuiet { meter, point, area, expected, last, quiet, gateways, best_rssi_dbm, is_silent }
}

/// Never heard is silent. Of a meter heard once nobody knows when it should speak again.
fn is_silent(quiet: Option<SignedDuration>, expected: Option<SignedDuration>, intervals: u32) -> bool {
    let Some(quiet) = quiet else { return true };
    let longest =
        expected.map(|expected| expected.saturating_mul(i32::try_from(intervals).unwrap_or(i32::MAX)));
    longest.is_some_and(|longest| quiet > longest)
}

/// The median of the gaps between bursts, which a few lost telegrams or a long silence do not move; of an even number
/// of gaps the longer one of the two in the middle. `None` for fewer than three gaps.
fn median_gap(times: &[Timestamp]) -> Option<SignedDuration> {
    const GAPS_MIN: usize = 3;
    let gaps = times.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(after.duration_since(*before)),
        _ => None,
    });
    let mut gaps: Vec<SignedDuration> = gaps.filter(|gap| *gap > BURST).collect();
    gaps.sort_unstable();
    if gaps.len() < GAPS_MIN { None } else { gaps.get(gaps.len() / 2).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(minutes: &[i64]) -> Vec<Timestamp> {
        minutes.iter().map(|minute| Timestamp::from_second(minute * 60).unwrap()).collect()
    }

    fn median(minutes: &[i64]) -> Option<i64> {
        median_gap(&times(minutes)).map(|gap| gap.as_mins())
    }

    #[test]
    fn the_interval_is_the_median_of_the_gaps() {
        assert_eq!(median(&[0, 15, 30, 45]), Some(15));
        // Two lost telegrams and a day without any.
        assert_eq!(median(&[0, 15, 45, 60, 90, 105, 1_545, 1_560, 1_575]), Some(15));
        assert_eq!(median(&[0, 15, 30]), None, "two gaps are no habit");
        assert_eq!(median(&[0, 0, 1, 15, 15, 16, 30, 31, 45]), Some(14), "bursts count once");
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn silent_is_longer_than_so_many_intervals() {
        let hours = |count| Some(SignedDuration::from_hours(count));
        assert!(!is_silent(hours(3), hours(1), 3));
        assert!(is_silent(hours(4), hours(1), 3));
        assert!(is_silent(None, None, 3), "never heard");
        assert!(!is_silent(hours(1_000), None, 3), "heard once or twice");
    }
}
