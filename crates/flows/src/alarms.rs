//! Alarms of meters: who may collect them, which stand, and storms behind transformers.
//!
//! What comes in: who asks, what for, of which place. What goes out: alarms, the most severe first, with since when; meters
//! behind one transformer that lost their supply together are one storm. Who lives there is not in it. This file opens what
//! the store discloses (see `tests/doors.rs`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use tidstro_govern::{Activity, Ask, Operation};
use tidstro_metering::alarms::{
    AlarmCode, AlarmEvent, Episode, LastGasp, Phase, Severity, Source, Storm, StormLimits, episodes, storms,
};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, DeviceId, DeviceNo, Resolution, SeriesNo};
use tidstro_store::{AlarmEntry, AlarmOf, AlarmPlace, BehindTransformer, Decided, Permit};

use crate::answer::granted;
use crate::disclose::target_of;
use crate::{Answer, FlowFault, Workspace};

/// Who asks for which alarms, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmAsk {
    /// Who asks.
    pub actor: ActorId,
    /// What for.
    pub purpose: ActivityId,
    /// One metering point, by its own identifier or GSRN.
    pub point: Option<String>,
    /// One building or grid area, by name.
    pub area: Option<String>,
    /// The local days on which something happened.
    pub days: DayRange,
    /// Only what stands.
    pub standing: bool,
}

/// One alarm. It has no `Debug`: with its place it is about a home.
#[derive(Clone, PartialEq, Eq)]
pub struct AlarmLine {
    /// The meter; `None` where the alarm is about a series.
    pub meter: Option<DeviceId>,
    /// The series that is estimated for too long; `None` where the alarm is a meter's.
    pub series: Option<SeriesNo>,
    /// Identifier of its metering point.
    pub point: String,
    /// Building or grid area of the point.
    pub area: String,
    /// Flat, if the point lies in one.
    pub flat: Option<String>,
    /// What it says.
    pub code: AlarmCode,
    /// Which phase, where it is about one.
    pub phase: Option<Phase>,
    /// How severe it is.
    pub severity: Severity,
    /// Since when.
    pub since: Timestamp,
    /// When it ended: the same instant for what only happened, `None` while it stands.
    pub until: Option<Timestamp>,
    /// Where its beginning was read.
    pub source: Source,
    /// The byte, the flags or the number as the meter gave it.
    pub raw: u64,
}

/// Meters behind one transformer that lost their supply together.
#[derive(Clone, PartialEq, Eq)]
pub struct StormLine {
    /// The transformer, by the grid company's own name.
    pub transformer: String,
    /// Grid area.
    pub area: String,
    /// The first last gasp.
    pub began: Timestamp,
    /// When the last of its meters had supply again; `None` while one has not.
    pub until: Option<Timestamp>,
    /// How many meters said so.
    pub meters: usize,
    /// Metering points behind the transformer.
    pub behind: u64,
    /// Of the meters behind it, those that did not say so and were heard since: none, and the whole transformer is out.
    pub still_heard: usize,
}

/// Alarms and storms in scope.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct AlarmsView {
    /// Storms, the newest first.
    pub storms: Vec<StormLine>,
    /// Alarms, the most severe first, what stands before what is over, the newest first. Those that made a storm are in it.
    pub alarms: Vec<AlarmLine>,
}

/// The alarms the asker may see.
///
/// # Errors
/// [`FlowFault`] for an unknown area, a register without alarms, or if the store fails.
pub async fn show_alarms(
    workspace: &Workspace,
    asked: &AlarmAsk,
    now: Timestamp,
) -> Result<Answer<AlarmsView>, FlowFault> {
    let permit = granted!(workspace.store.permit(ask_of(workspace, asked).await?, now).await?);
    let entries = workspace.store.alarms(&permit, now).await?.open(&permit)?;
    let meters = by_meter(entries);
    let found = storms(&gasps(&meters), StormLimits::default());
    let behind = if found.is_empty() {
        Vec::new()
    } else {
        workspace.store.behind_transformers(&permit, now).await?.open(&permit)?
    };
    let mut view = view_of(meters, &found, &behind);
    if asked.standing {
        view.alarms.retain(|line| line.until.is_none());
        view.storms.retain(|storm| storm.until.is_none());
    }
    Ok(Answer::Given(view))
}

fn view_of(mut meters: Vec<MeterEpisodes>, found: &[Storm], behind: &[BehindTransformer]) -> AlarmsView {
    let mut storms: Vec<_> = found.iter().filter_map(|storm| storm_line(storm, &meters, behind)).collect();
    for meter in &mut meters {
        let AlarmOf::Device(device) = meter.place.whose else { continue };
        meter.episodes.retain(|episode| !found.iter().any(|storm| is_of(storm, device, episode)));
    }
    let mut alarms: Vec<_> = meters.iter().flat_map(MeterEpisodes::lines).collect();
    alarms.sort_by_key(|line| (Reverse(line.severity), line.until.is_some(), Reverse(line.since)));
    storms.sort_by_key(|storm: &StormLine| Reverse(storm.began));
    AlarmsView { storms, alarms }
}

async fn ask_of(workspace: &Workspace, asked: &AlarmAsk) -> Result<Ask, FlowFault> {
    let category = workspace.store.alarm_category().ok_or(FlowFault::NoCategory { of: "alarms" })?;
    Ok(Ask {
        actor: asked.actor.clone(),
        purpose: asked.purpose.clone(),
        operation: Operation::Read,
        category: category.clone(),
        target: target_of(workspace, &asked.actor, (asked.point.as_deref(), asked.area.as_deref())).await?,
        days: asked.days,
        resolution: Resolution::Raw,
        recipient: None,
        factors: 1,
    })
}

/// A meter at a place, and its episodes there.
struct MeterEpisodes {
    place: AlarmPlace,
    episodes: Vec<Episode>,
}

impl MeterEpisodes {
    fn lines(&self) -> impl Iterator<Item = AlarmLine> + '_ {
        let place = &self.place;
        self.episodes.iter().map(move |episode| AlarmLine {
            meter: place.meter,
            series: match place.whose {
                AlarmOf::Series(series) => Some(series),
                AlarmOf::Device(_) => None,
            },
            point: place.point.clone(),
            area: place.area.clone(),
            flat: place.flat.clone(),
            code: episode.code,
            phase: episode.phase,
            severity: episode.code.severity(),
            since: episode.began,
            until: episode.ended,
            source: episode.evidence.source,
            raw: episode.evidence.raw,
        })
    }
}

/// What an event raised before the meter was moved is ended by one after it, so the newest place stands for both.
fn by_meter(entries: Vec<AlarmEntry>) -> Vec<MeterEpisodes> {
    let mut meters: BTreeMap<AlarmOf, (AlarmPlace, Vec<AlarmEvent>)> = BTreeMap::new();
    for AlarmEntry { place, event } in entries {
        let (newest, events) = meters.entry(place.whose).or_insert_with(|| (place.clone(), Vec::new()));
        if events.iter().all(|known| known.at <= event.at) {
            *newest = place;
        }
        events.push(event);
    }
    let of_one = |(place, events): (AlarmPlace, Vec<AlarmEvent>)| {
        let episodes = episodes(&events);
        MeterEpisodes { place, episodes }
    };
    meters.into_values().map(of_one).collect()
}

/// Whether an episode is a last gasp: the supply is gone.
const fn is_gasp(episode: &Episode) -> bool {
    matches!(episode.code, AlarmCode::PowerDown | AlarmCode::NoVoltage)
}

fn gasps(meters: &[MeterEpisodes]) -> Vec<LastGasp> {
    let numbers = transformers(meters);
    let mut gasps = Vec::new();
    for MeterEpisodes { place, episodes } in meters {
        let transformer = place.transformer.as_deref().and_then(|name| numbers.get(name));
        let (Some(transformer), AlarmOf::Device(device)) = (transformer, place.whose) else { continue };
        let of_meter = episodes.iter().filter(|episode| is_gasp(episode));
        gasps.extend(of_meter.map(|episode| LastGasp {
            at: episode.began,
            device: device.as_u32(),
            transformer: *transformer,
        }));
    }
    gasps
}

/// A number for each transformer.
fn transformers(meters: &[MeterEpisodes]) -> BTreeMap<&str, u32> {
    let mut numbers = BTreeMap::new();
    for name in meters.iter().filter_map(|meter| meter.place.transformer.as_deref()) {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        numbers.entry(name).or_insert(next);
    }
    numbers
}

/// Whether an episode is part of a storm.
fn is_of(storm: &Storm, device: DeviceNo, episode: &Episode) -> bool {
    let in_time = (storm.began..=storm.last).contains(&episode.began);
    is_gasp(episode) && in_time && storm.devices.binary_search(&device.as_u32()).is_ok()
}

fn storm_line(storm: &Storm, meters: &[MeterEpisodes], behind: &[BehindTransformer]) -> Option<StormLine> {
    let in_storm = |meter: &MeterEpisodes| match meter.place.whose {
        AlarmOf::Device(device) => storm.devices.binary_search(&device.as_u32()).is_ok().then_some(device),
        AlarmOf::Series(_) => None,
    };
    let place = &meters.iter().find(|meter| in_storm(meter).is_some())?.place;
    let transformer = place.transformer.clone()?;
    let of_storm = meters.iter().filter_map(|meter| Some((in_storm(meter)?, &meter.episodes)));
    let ends = of_storm.flat_map(|(device, episodes)| {
        let ended = episodes.iter().filter(move |episode| is_of(storm, device, episode));
        ended.map(|episode| episode.ended)
    });
    let until = ends.map(|ended| ended.unwrap_or(Timestamp::MAX)).max();
    let here = behind.iter().find(|behind| behind.transformer == transformer);
    let heard: Vec<_> =
        here.iter().flat_map(|here| &here.meters).map(|(device, at)| (device.as_u32(), *at)).collect();
    Some(StormLine {
        transformer,
        area: place.area.clone(),
        began: storm.began,
        until: until.filter(|until| *until != Timestamp::MAX),
        meters: storm.devices.len(),
        behind: here.map_or(0, |here| here.points),
        still_heard: storm.still_heard(&heard).len(),
    })
}

/// Permits to collect alarms, for every purpose that may. None where the register has no alarms, or the actor may not.
pub(crate) async fn permits_to_collect(
    workspace: &Workspace,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Vec<Permit>, FlowFault> {
    let Some(category) = workspace.store.alarm_category() else { return Ok(Vec::new()) };
    let mut permits = Vec::new();
    for activity in workspace.register().activities().filter(|activity| collects(activity, category)) {
        let data = (category.as_str(), Resolution::Raw);
        let asked =
            workspace.permit_everything(actor, activity.id.as_str(), Operation::Collect, data, now).await?;
        if let Decided::Granted(permit) = asked {
            permits.push(permit);
        }
    }
    Ok(permits)
}

/// Permits to keep alarms of series that are estimated for too long; none where no limit says how long, so that nobody is asked
/// for what is not used.
pub(crate) async fn permits_to_watch(
    workspace: &Workspace,
    actor: &ActorId,
    now: Timestamp,
) -> Result<Vec<Permit>, FlowFault> {
    if workspace.store.watches_chains().await? {
        permits_to_collect(workspace, actor, now).await
    } else {
        Ok(Vec::new())
    }
}

fn collects(activity: &Activity, category: &CategoryId) -> bool {
    activity.operations.contains(&Operation::Collect)
        && activity.data.iter().any(|rule| rule.category == *category)
}

#[cfg(test)]
mod tests {
    use tidstro_metering::alarms::{Change, Evidence, Signal};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    /// What a meter behind a transformer says of its supply at a second.
    fn entry(device: u32, transformer: &str, second: i64, change: Change) -> AlarmEntry {
        let evidence = Evidence { source: Source::EventCode, raw: 1 };
        let signal = Signal { code: AlarmCode::PowerDown, phase: None, change, evidence };
        AlarmEntry {
            place: AlarmPlace {
                whose: AlarmOf::Device(DeviceNo::new(device)),
                meter: Some(DeviceId::parse("name METER").unwrap()),
                point: format!("point-{device}"),
                area: "543".to_owned(),
                flat: None,
                transformer: Some(transformer.to_owned()),
            },
            event: AlarmEvent { at: at(second), signal },
        }
    }

    fn view(entries: Vec<AlarmEntry>, behind: &[BehindTransformer]) -> AlarmsView {
        let meters = by_meter(entries);
        let found = storms(&gasps(&meters), StormLimits::default());
        view_of(meters, &found, behind)
    }

    #[test]
    fn two_hundred_meters_are_one_storm() {
        let gasp = |device: u32| entry(device, "T001", i64::from(device % 90), Change::Raised);
        let mut entries: Vec<_> = (0..200).map(gasp).collect();
        entries.push(entry(900, "T002", 10, Change::Raised));
        let heard = |device, second| (DeviceNo::new(device), Some(at(second)));
        let behind = BehindTransformer {
            transformer: "T001".to_owned(),
            points: 203,
            meters: vec![heard(5, 300), heard(901, 300), heard(902, -300)],
        };
        let shown = view(entries.clone(), &[behind]);
        assert_eq!((shown.storms.len(), shown.alarms.len()), (1, 1), "the one behind T002 is no storm");
        let storm = &shown.storms[0];
        assert_eq!((storm.meters, storm.behind, storm.still_heard), (200, 203, 1));
        assert_eq!((storm.began, storm.until), (at(0), None));
        // The supply comes back, to the last one an hour later.
        entries
            .extend((0..200).map(|device| entry(device, "T001", 3_600 + i64::from(device), Change::Cleared)));
        let over = view(entries, &[]);
        assert_eq!(over.storms[0].until, Some(at(3_799)));
    }

    #[test]
    fn a_second_outage_is_another_storm() {
        let outage = |from: i64| {
            (0..3).flat_map(move |device| {
                [(0, Change::Raised), (60, Change::Cleared)]
                    .map(|(second, change)| entry(device, "T001", from + second, change))
            })
        };
        let shown = view(outage(0).chain(outage(1_000)).collect(), &[]);
        let times: Vec<_> = shown.storms.iter().map(|storm| (storm.began, storm.until)).collect();
        assert_eq!(times, [(at(1_000), Some(at(1_060))), (at(0), Some(at(60)))]);
        assert!(shown.alarms.is_empty());
    }
}
