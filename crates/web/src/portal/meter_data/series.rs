//! `/desk/meter-data/series/{series}`: one local day of one series: as the meter said it, as it is now, as it was released, and every
//! version with who made it and why.

use axum::extract::{Path, Query};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::Zone;
use tidstro_flows::{SeriesDay, SeriesDayVersion, SeriesValue, series_day};
use tidstro_model::{Resolution, SeriesNo};

use super::super::{Page, given};
use super::{Room, purposes};
use crate::answered::Problem;
use crate::page::amount::{Shown, day, moment, shown};
use crate::page::chart::{Bar, Chart};
use crate::visit::Visit;
use crate::words::Words;

/// For which purpose, and which day.
#[derive(Deserialize)]
pub(crate) struct Asked {
    purpose: String,
    category: String,
    day: String,
}

/// The address of a day of a series.
pub(super) fn path(series: SeriesNo, (purpose, category): (&str, &str), day: Date) -> String {
    format!("/desk/meter-data/series/{series}?purpose={purpose}&category={category}&day={day}")
}

/// `GET /desk/meter-data/series/{series}`.
pub(crate) async fn page(visit: Visit, Path(series): Path<u32>, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let at: Date = asked.day.parse().map_err(|_| Problem::NotFound)?;
    let series = SeriesNo::new(series);
    let ask = purposes::ask(&visit, (&asked.purpose, &asked.category))?;
    let found = given(series_day(visit.web().workspace(), &ask, (series, at), visit.now).await?)?;
    let zone = visit.web().workspace().zone();
    let link = |day: Option<Date>| day.map(|day| path(series, (&asked.purpose, &asked.category), day));
    let body = html! {
        p {
            @if let Some(link) = link(at.yesterday().ok()) { a rel="prev" href=(link) { "← " (words.say("series-earlier")) } }
            " · " (day(at, words)) " · "
            @if let Some(link) = link(at.tomorrow().ok()) { a rel="next" href=(link) { (words.say("series-later")) " →" } }
        }
        @match &found {
            Some(found) => { (shown_day(found, (at, zone), words)) }
            None => { p.note { (words.say("desk-series-nothing")) } }
        }
    };
    Ok(Room::Findings.page_called(&visit, words.say("desk-series-title"), &body))
}

fn shown_day(found: &SeriesDay, (at, zone): (Date, &Zone), words: &Words) -> Markup {
    let line = &found.line;
    let stages = Stages::of(&found.versions);
    let shown = shown(line.unit);
    html! {
        p.faint { (line.area) @if let Some(flat) = &line.flat { ", " (flat) } " · " (line.point) " · " (words.say(&format!("commodity-{}", line.commodity.code()))) }
        @if found.is_shown {
            @if line.resolution != Resolution::Raw { (chart(&stages, (day(at, words), shown), zone, words)) }
            h2 #values { (words.say("desk-series-values")) }
            (values(&stages, shown, zone, words))
        } @else { p.note { (words.say("desk-series-fine")) } }
        h2 #versions { (words.say("desk-series-versions")) }
        (versions(&found.versions, zone, words))
    }
}

/// The versions that a page compares.
struct Stages<'v> {
    now: &'v [SeriesValue],
    /// What came last from a source.
    meter: &'v [SeriesValue],
    /// What was released last.
    released: &'v [SeriesValue],
}

impl<'v> Stages<'v> {
    fn of(versions: &'v [SeriesDayVersion]) -> Self {
        let last = |of: &dyn Fn(&SeriesDayVersion) -> bool| {
            let found = versions.iter().rev().find(|version| of(version));
            found.map(|version| version.values.as_slice()).unwrap_or_default()
        };
        Self {
            now: last(&|_| true),
            meter: last(&|version| version.cause == "source"),
            released: last(&|version| version.is_released),
        }
    }

    /// What a stage says at the time of a value.
    fn at(stage: &[SeriesValue], value: &SeriesValue) -> Option<SeriesValue> {
        stage.iter().find(|other| other.start == value.start).copied()
    }
}

/// The values as they are now; lines across the bars are what was released.
fn chart(stages: &Stages<'_>, (title, shown): (String, Shown), zone: &Zone, words: &Words) -> Markup {
    let bar = |value: &SeriesValue| {
        let name = clock(value, zone);
        Bar {
            label: if is_third_hour(value, zone) { name.clone() } else { String::new() },
            name,
            value: value.value,
            quality: value.quality,
            known: words.say(&format!("quality-{}", value.quality.word())),
            estimated_permille: permille(value.estimated, value.expected),
            before: Stages::at(stages.released, value).and_then(|released| released.value),
            link: None,
        }
    };
    let bars: Vec<Bar> = stages.now.iter().map(bar).collect();
    let before = (!stages.released.is_empty()).then(|| words.say("desk-series-released"));
    Chart { title, id: "day", shown, bars: &bars, before }.draw(words)
}

fn clock(value: &SeriesValue, zone: &Zone) -> String {
    let (_, clock) = zone.clock_of(value.start);
    format!("{:02}:{:02}", clock.hour(), clock.minute())
}

/// Every third hour is named, or the labels touch.
fn is_third_hour(value: &SeriesValue, zone: &Zone) -> bool {
    let (_, clock) = zone.clock_of(value.start);
    clock.minute() == 0 && clock.hour() % 3 == 0
}

fn permille(part: u32, whole: u32) -> u16 {
    let permille = u64::from(part) * 1000 / u64::from(whole.max(1));
    u16::try_from(permille.min(1000)).unwrap_or(1000)
}

fn values(stages: &Stages<'_>, shown: Shown, zone: &Zone, words: &Words) -> Markup {
    let number = |value: Option<SeriesValue>| {
        let value = value.and_then(|value| value.value);
        value.map_or_else(|| "–".to_owned(), |value| shown.text(value, words.language()))
    };
    html! { div.wide tabindex="0" { table aria-labelledby="values" {
        thead { tr {
            th scope="col" { (words.say("desk-series-start")) }
            th.number scope="col" { (words.say("desk-series-meter")) }
            th.number scope="col" { (words.say("desk-series-now")) }
            th.number scope="col" { (words.say("desk-series-released")) }
            th scope="col" { (words.say("chart-quality")) }
            th scope="col" { (words.say("findings-rules")) }
        } }
        tbody { @for value in stages.now { tr {
            th scope="row" { (clock(value, zone)) }
            td.number { (number(Stages::at(stages.meter, value))) }
            td.number { (number(Some(*value))) }
            td.number { (number(Stages::at(stages.released, value))) }
            td { (words.say(&format!("quality-{}", value.quality.word()))) }
            td { (rules(value, words)) }
        } } }
    } } }
}

fn rules(value: &SeriesValue, words: &Words) -> String {
    let said: Vec<String> =
        value.findings.rules().map(|rule| words.say(&format!("rule-{}", rule.code()))).collect();
    said.join(", ")
}

/// Every version, the newest first.
fn versions(versions: &[SeriesDayVersion], zone: &Zone, words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-labelledby="versions" {
        thead { tr {
            th scope="col" { (words.say("desk-series-registered")) }
            th scope="col" { (words.say("desk-series-why")) }
            th scope="col" { (words.say("desk-series-who")) }
            th.number scope="col" { (words.say("desk-series-changed")) }
        } }
        tbody { @for version in versions.iter().rev() { tr {
            th scope="row" { (moment(version.registered, zone, words)) @if version.is_released { " " span.tag.good { (words.say("desk-series-released")) } } }
            td {
                (words.say_with(&format!("cause-{}", version.cause), [("source", version.source.as_str().into())]))
                @if let Some(by) = &version.made_by { " " (by) }
                @if version.has_accepted { " " span.tag { (words.say("desk-series-accepted")) } }
                @if let Some(reason) = &version.reason { p { (reason) } }
            }
            td { (version.actor.as_deref().unwrap_or("–")) }
            td.number { (version.changed) }
        } } }
    } } }
}
