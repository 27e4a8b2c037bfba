//! Alarms and storms, as tables and JSON.

use tidstro_calendar::Zone;
use tidstro_flows::{AlarmLine, AlarmsView, StormLine};
use tidstro_metering::alarms::Phase;
use tidstro_model::SeriesNo;

use super::Table;
use super::report::{counted, grouped};
use super::series::local;

/// What stands in a cell where there is nothing to say.
const NONE: &str = "–";

pub(crate) fn alarm_table(alarms: &[AlarmLine], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "severity",
        "alarm",
        "phase",
        "since",
        "until",
        "area",
        "point",
        "flat",
        "meter",
        "read from",
    ]);
    for alarm in alarms {
        table.row(vec![
            alarm.severity.word().to_owned(),
            alarm.code.word().to_owned(),
            alarm.phase.map_or(NONE, Phase::word).to_owned(),
            local(alarm.since, zone),
            until(alarm, zone),
            alarm.area.clone(),
            alarm.point.clone(),
            alarm.flat.clone().unwrap_or_else(|| NONE.to_owned()),
            meter(alarm),
            format!("{} {:#x}", alarm.source.word(), alarm.raw),
        ]);
    }
    table
}

/// The meter; of an alarm about a series its number.
fn meter(alarm: &AlarmLine) -> String {
    let series = || alarm.series.map_or_else(|| NONE.to_owned(), |series| format!("series {series}"));
    alarm.meter.map_or_else(series, |meter| meter.to_string())
}

/// The same in fewer columns: what, since when, where.
pub(crate) fn short_table(alarms: &[AlarmLine], zone: &Zone) -> Table {
    let mut table = Table::new(&["severity", "alarm", "since", "until", "point"]);
    for alarm in alarms {
        table.row(vec![
            alarm.severity.word().to_owned(),
            alarm.code.word().to_owned(),
            local(alarm.since, zone),
            until(alarm, zone),
            alarm.point.clone(),
        ]);
    }
    table
}

fn until(alarm: &AlarmLine, zone: &Zone) -> String {
    match alarm.until {
        None => "stands".to_owned(),
        Some(until) if until == alarm.since => NONE.to_owned(),
        Some(until) => local(until, zone),
    }
}

pub(crate) fn storm_table(storms: &[StormLine], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "storm behind",
        "area",
        "since",
        "until",
        ">meters out",
        ">points behind",
        ">others still heard",
    ]);
    for storm in storms {
        table.row(vec![
            storm.transformer.clone(),
            storm.area.clone(),
            local(storm.began, zone),
            storm.until.map_or_else(|| "stands".to_owned(), |until| local(until, zone)),
            grouped(storm.meters as u64),
            grouped(storm.behind),
            grouped(storm.still_heard as u64),
        ]);
    }
    table
}

/// How many stand, in one line.
pub(crate) fn summary(view: &AlarmsView) -> String {
    let alarms = view.alarms.iter().filter(|alarm| alarm.until.is_none()).count() as u64;
    let storms = view.storms.iter().filter(|storm| storm.until.is_none()).count() as u64;
    let shown = (view.alarms.len() + view.storms.len()) as u64;
    format!("{} and {} stand, of {shown} shown", counted(alarms, "alarm"), counted(storms, "storm"))
}

pub(crate) fn alarm_json(alarm: &AlarmLine) -> serde_json::Value {
    serde_json::json!({
        "kind": "alarm",
        "code": alarm.code.word(),
        "phase": alarm.phase.map(Phase::word),
        "severity": alarm.severity.word(),
        "since": alarm.since.to_string(),
        "until": alarm.until.map(|until| until.to_string()),
        "stands": alarm.until.is_none(),
        "area": alarm.area,
        "point": alarm.point,
        "flat": alarm.flat,
        "meter": alarm.meter.map(|meter| meter.to_string()),
        "series": alarm.series.map(SeriesNo::as_u32),
        "source": alarm.source.word(),
        "raw": alarm.raw,
    })
}

pub(crate) fn storm_json(storm: &StormLine) -> serde_json::Value {
    serde_json::json!({
        "kind": "storm",
        "transformer": storm.transformer,
        "area": storm.area,
        "since": storm.began.to_string(),
        "until": storm.until.map(|until| until.to_string()),
        "stands": storm.until.is_none(),
        "meters": storm.meters,
        "points_behind": storm.behind,
        "still_heard": storm.still_heard,
    })
}
