//! `/home`: a resident's today and this month at a glance, and the year behind it.

use std::collections::BTreeMap;

use axum::extract::Query;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::{Zone, first_of_month};
use tidstro_flows::{
    FlowFault, SeriesLine, SeriesPage, SeriesPart, SeriesView, Workspace, degree_days, weather_corrected,
};
use tidstro_model::{Commodity, DayRange, Decimal, DegreeDays, Resolution};

use super::Page;
use super::hints::hints;
use super::known::{Gap, Known};
use super::own::{PeriodSum, Used, by_commodity, own_page, today};
use crate::answered::Problem;
use crate::page::amount::{change_percent, day, month, month_short, shown};
use crate::page::chart::{Bar, Chart};
use crate::page::{Frame, Here};
use crate::visit::Visit;
use crate::words::Words;

/// When a page is looked at, and what the weather was.
struct Now<'a> {
    today: Date,
    zone: &'a Zone,
    /// Degree days by the instant each month begins.
    weather: BTreeMap<Timestamp, DegreeDays>,
}

/// Which year is drawn.
#[derive(Deserialize)]
pub(crate) struct Asked {
    year: Option<i16>,
}

/// `GET /home`.
pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let today = today(&visit);
    let year = asked.year.unwrap_or(today.year());
    let asked = [
        SeriesPart { days: two_years(year.max(today.year()), year)?, resolution: Resolution::P1M },
        SeriesPart { days: this_and_last_month(today), resolution: Resolution::P1D },
    ];
    let shown = own_page(&visit, None, &asked).await?;
    let [months, days] = parts(&shown).map(|views| by_commodity(views, visit.now));
    let workspace = visit.web().workspace();
    let zone = workspace.zone();
    let hints = hints(&visit, &shown.lines).await?;
    let now = Now { today, zone, weather: weather(workspace, &shown.lines).await? };
    let body = html! {
        p.faint { (words.say_with("home-today", [("day", day(today, words).into())])) }
        (hints)
        ul.cards { @for used in &days { (card(used, &months, &now, words)) } }
        @if days.is_empty() { p.note { (words.say("home-nothing-yet")) } }
        h2 #year { (words.say_with("home-year", [("year", year.to_string().into())])) }
        (years(year, today, words))
        @for used in &months { (year_chart(used, (year, zone), words)) }
        h2 { (words.say("home-meters")) }
        (meters(&shown.lines, words))
    };
    Ok(Frame { visit: &visit, title: words.say("home-title"), here: Here::Home }.around(&body))
}

/// The two parts, in the order asked.
fn parts(page: &SeriesPage) -> [&[SeriesView]; 2] {
    [0, 1].map(|part| page.parts.get(part).map(Vec::as_slice).unwrap_or_default())
}

/// From the first day of the year before the earlier of the two to the last day of the later.
fn two_years(later: i16, earlier: i16) -> Result<DayRange, Problem> {
    let day = |year: i16| Date::new(year, 1, 1).map_err(|_| Problem::NotFound);
    let (start, end) = (earlier.checked_sub(1), later.checked_add(1));
    let (start, end) = (start.ok_or(Problem::NotFound)?, end.ok_or(Problem::NotFound)?);
    DayRange::new(day(start)?, day(end)?).map_err(|_| Problem::NotFound)
}

fn this_and_last_month(today: Date) -> DayRange {
    let start = first_of_month(today);
    let start = start.checked_sub(1.month()).unwrap_or(start);
    DayRange::new(start, today.tomorrow().unwrap_or(today)).unwrap_or(DayRange::always())
}

/// One commodity this month, and how it compares with the same days of the month before and with the same month last year.
fn card(used: &Used, months: &[Used], now: &Now<'_>, words: &Words) -> Markup {
    let Now { today, zone, .. } = *now;
    let shown = shown(used.unit);
    let first = zone.day_start(first_of_month(today));
    let this_month = total(used.periods.iter().filter(|period| period.start >= first));
    let last_day = used.periods.iter().rev().find(|period| period.value.is_some());
    let earlier = same_days_before(used, today, zone);
    html! {
        li.card {
            h3 { (words.say(&format!("commodity-{}", used.commodity.code()))) }
            @match this_month {
                Some(value) => { p.big { (shown.text(value, words.language())) } }
                None => { p.big { "–" } }
            }
            p.faint { (words.say_with("card-this-month", [("month", month(today, words).into())])) }
            @if let (Some(one), Some(before)) = (this_month, earlier) { (change("card-than-last-month", before, one, words)) }
            @if let Some((one, before)) = last_full_month(used, months, now) {
                (change("card-than-last-year", before.1, one.1, words))
                @if let Some((one, before)) = corrected(used, (one, before), now) {
                    (change("card-weather", before, one, words))
                    p.help { (words.say("card-weather-means")) }
                }
            }
            @if let Some(PeriodSum { start, value: Some(value), .. }) = last_day {
                p.faint { (words.say_with("card-last-day", [("day", day(zone.day_of(*start), words).into()), ("amount", shown.text(*value, words.language()).into())])) }
            }
        }
    }
}

/// The days of the month before up to the same day of the month: like with like.
fn same_days_before(used: &Used, today: Date, zone: &Zone) -> Option<Decimal> {
    let first = first_of_month(today).checked_sub(1.month()).ok()?;
    let last = today.checked_sub(1.month()).ok()?;
    let range = zone.day_start(first)..zone.day(last).end();
    total(used.periods.iter().filter(|period| range.contains(&period.start)))
}

/// What was used in a month, and when that began.
type OfMonth = (Timestamp, Decimal);

/// The last whole month, and the same month a year before.
fn last_full_month(used: &Used, months: &[Used], now: &Now<'_>) -> Option<(OfMonth, OfMonth)> {
    let same = months.iter().find(|other| other.commodity == used.commodity && other.unit == used.unit)?;
    let first = first_of_month(now.today).checked_sub(1.month()).ok()?;
    let before = first.checked_sub(1.year()).ok()?;
    let of = |day: Date| {
        let start = now.zone.day_start(day);
        let month = same.periods.iter().find(|period| period.start == start && period.known.is_whole())?;
        Some((start, month.value?))
    };
    Some((of(first)?, of(before)?))
}

/// Both as in normal weather, where they are heat and it is known how cold it was.
fn corrected(used: &Used, (one, before): (OfMonth, OfMonth), now: &Now<'_>) -> Option<(Decimal, Decimal)> {
    let is_heat = matches!(used.commodity, Commodity::Heat | Commodity::HeatAllocation);
    let of = |(start, value): OfMonth| weather_corrected(value, *now.weather.get(&start)?);
    is_heat.then_some(())?;
    Some((of(one)?, of(before)?))
}

/// How cold the months were where somebody's heat is counted.
async fn weather(
    workspace: &Workspace,
    lines: &[SeriesLine],
) -> Result<BTreeMap<Timestamp, DegreeDays>, FlowFault> {
    let heated = |line: &&SeriesLine| matches!(line.commodity, Commodity::Heat | Commodity::HeatAllocation);
    match lines.iter().find(heated) {
        Some(line) => degree_days(workspace, &line.area).await,
        None => Ok(BTreeMap::new()),
    }
}

fn total<'p>(periods: impl Iterator<Item = &'p PeriodSum>) -> Option<Decimal> {
    periods.filter_map(|period| period.value).try_fold(None, |sum: Option<Decimal>, value| {
        sum.map_or(Some(Some(value)), |sum| sum.checked_add(value).map(Some))
    })?
}

/// A change in words: never by colour alone.
fn change(sentence: &str, before: Decimal, now: Decimal, words: &Words) -> Markup {
    let Some(percent) = change_percent(before, now) else { return html! {} };
    let (class, direction) = match percent {
        ..0 => ("less", "change-less"),
        0 => ("faint", "change-same"),
        1.. => ("more", "change-more"),
    };
    let amount = words.say_with(direction, [("percent", percent.unsigned_abs().to_string().into())]);
    html! { p { span class=(class) { (amount) } " " (words.say(sentence)) } }
}

/// The ways to other years.
fn years(year: i16, today: Date, words: &Words) -> Markup {
    html! {
        nav aria-label=(words.say("home-years")) { ul.tabs {
            @for other in (today.year() - 3..=today.year()).rev() {
                li { a href=(format!("/home?year={other}#year")) aria-current=[(other == year).then_some("true")] { (other) } }
            }
        } }
    }
}

fn year_chart(used: &Used, (year, zone): (i16, &Zone), words: &Words) -> Markup {
    let bars: Vec<Bar> = (1..=12)
        .filter_map(|month| Date::new(year, month, 1).ok())
        .map(|first| month_bar(used, first, zone, words))
        .collect();
    if bars.iter().all(|bar| bar.value.is_none() && bar.before.is_none()) {
        return html! {};
    }
    let id = used.commodity.code();
    let before = bars.iter().any(|bar| bar.before.is_some()).then(|| (year - 1).to_string());
    Chart { title: words.say(&format!("commodity-{id}")), id, shown: shown(used.unit), bars: &bars, before }
        .draw(words)
}

fn month_bar(used: &Used, first: Date, zone: &Zone, words: &Words) -> Bar {
    let at = |day: Date| used.periods.iter().find(|period| period.start == zone.day_start(day));
    let (now, before) = (at(first), first.checked_sub(1.year()).ok().and_then(at));
    let known = now.map_or(Known::Missing(Gap::Nothing), |period| period.known);
    Bar {
        label: month_short(first, words),
        name: month(first, words),
        value: now.and_then(|period| period.value),
        quality: known.quality(),
        known: known.words("share", words),
        estimated_permille: known.estimated_permille(),
        before: before.and_then(|period| period.value),
        link: None,
    }
}

/// Every meter with its room, and a way to its own page.
fn meters(series: &[SeriesLine], words: &Words) -> Markup {
    html! {
        div.wide tabindex="0" { table {
            thead { tr {
                th scope="col" { (words.say("meters-what")) }
                th scope="col" { (words.say("meters-room")) }
                th scope="col" { (words.say("meters-where")) }
            } }
            tbody { @for line in series.iter().filter(|line| line.commodity != Commodity::RoomClimate) { tr {
                th scope="row" { a href=(format!("/home/{}", line.series)) { (words.say(&format!("commodity-{}", line.commodity.code()))) } }
                td { (line.room.as_deref().unwrap_or("–")) }
                td { (line.area) @if let Some(flat) = &line.flat { ", " (flat) } }
            } } }
        } }
    }
}
