//! `/home/{series}`: one meter or register, by day, month and year.

use axum::extract::{Path, Query};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::{Zone, first_of_month};
use tidstro_flows::{SeriesLine, SeriesPage, SeriesPart, SeriesValue};
use tidstro_model::{DayRange, Quality, Resolution, SeriesNo};

use super::Page;
use super::known::{Known, parts_of};
use super::own::{own_page, today};
use crate::answered::Problem;
use crate::page::amount::{day, month, month_short, shown};
use crate::page::chart::{Bar, Chart};
use crate::page::{Frame, Here};
use crate::visit::Visit;
use crate::words::Words;

/// How much is shown at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Span {
    /// Hours of a day.
    Day,
    /// Days of a month.
    #[default]
    Month,
    /// Months of a year.
    Year,
}

/// Which part of time.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    span: Span,
    /// A day in it, as `2026-11-22`.
    at: Option<String>,
}

/// `GET /home/{series}`.
pub(crate) async fn page(visit: Visit, Path(series): Path<u32>, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let number = SeriesNo::new(series);
    let at = match &asked.at {
        Some(text) => text.parse().map_err(|_| Problem::NotFound)?,
        None => today(&visit),
    };
    let (line, span, [now, before]) = read(&visit, number, (asked.span, at)).await?;
    let days = span.days(at).ok_or(Problem::NotFound)?;
    let zone = visit.web().workspace().zone();
    let bars = bars((&now, &before), (span, zone), (&line, visit.now), words);
    let before = before.iter().any(|value| value.value.is_some()).then(|| words.say("series-year-before"));
    let commodity = words.say(&format!("commodity-{}", line.commodity.code()));
    let body = html! {
        p { a href="/home" { (words.say("series-back")) } }
        p.faint { (line.area) @if let Some(flat) = &line.flat { ", " (flat) } @if let Some(room) = &line.room { ", " (room) } }
        (spans(&line, (span, at), words))
        (turning(series, (span, days), words))
        @if bars.is_empty() { p.note { (words.say("series-nothing")) } }
        @else { (Chart { title: span.title(days.start(), words), id: "series", shown: shown(line.unit), bars: &bars, before }.draw(words)) (reasons(&bars, words)) }
    };
    Ok(Frame { visit: &visit, title: commodity, here: Here::Home }.around(&body))
}

/// The series, the span it can be shown in, its values and those of a year before. Whose series it is, the gate knows: another's is
/// not there.
async fn read(
    visit: &Visit,
    series: SeriesNo,
    (span, at): (Span, Date),
) -> Result<(SeriesLine, Span, [Vec<SeriesValue>; 2]), Problem> {
    let line_of = |page: SeriesPage| page.lines.into_iter().find(|line| line.series == series);
    let line = line_of(own_page(visit, Some(series), &[]).await?).ok_or(Problem::NotFound)?;
    let span = if has_hours(&line) || span != Span::Day { span } else { Span::Month };
    let days = span.days(at).ok_or(Problem::NotFound)?;
    let resolution = span.resolution();
    let asked: Vec<SeriesPart> = [Some(days), span.year_before(days)]
        .into_iter()
        .flatten()
        .map(|days| SeriesPart { days, resolution })
        .collect();
    let mut parts = own_page(visit, Some(series), &asked).await?.parts.into_iter();
    let mut values = || {
        parts.next().and_then(|views| views.into_iter().next()).map(|view| view.values).unwrap_or_default()
    };
    Ok((line, span, [values(), values()]))
}

/// Whether a series tells hours: interval data of an hour or less.
const fn has_hours(line: &SeriesLine) -> bool {
    matches!(line.resolution, Resolution::PT15M | Resolution::PT1H)
}

impl Span {
    const fn resolution(self) -> Resolution {
        match self {
            Self::Day => Resolution::PT1H,
            Self::Month => Resolution::P1D,
            Self::Year => Resolution::P1M,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The days around one.
    fn days(self, at: Date) -> Option<DayRange> {
        let (start, end) = match self {
            Self::Day => (at, at.tomorrow().ok()?),
            Self::Month => (first_of_month(at), first_of_month(at).checked_add(1.month()).ok()?),
            Self::Year => {
                (Date::new(at.year(), 1, 1).ok()?, Date::new(at.year().checked_add(1)?, 1, 1).ok()?)
            }
        };
        DayRange::new(start, end).ok()
    }

    /// The same days of the year before. A single day has no like a year before: it was another weekday.
    fn year_before(self, days: DayRange) -> Option<DayRange> {
        (self != Self::Day).then_some(())?;
        let back = |day: Date| day.checked_sub(1.year()).ok();
        DayRange::new(back(days.start())?, back(days.end())?).ok()
    }

    fn title(self, start: Date, words: &Words) -> String {
        match self {
            Self::Day => day(start, words),
            Self::Month => month(start, words),
            Self::Year => start.year().to_string(),
        }
    }
}

fn bars(
    (now, before): (&[SeriesValue], &[SeriesValue]),
    (span, zone): (Span, &Zone),
    (line, until): (&SeriesLine, Timestamp),
    words: &Words,
) -> Vec<Bar> {
    let parts = parts_of(line);
    let bar = |(place, value): (usize, &SeriesValue)| {
        let start = zone.day_of(value.start);
        let (label, name, closer) = match span {
            Span::Day => hour(value, zone),
            Span::Month => (tick(start), day(start, words), None),
            Span::Year => (month_short(start, words), month(start, words), Some(Span::Month)),
        };
        let known = Known::of(value, line, until);
        Bar {
            label,
            name,
            value: value.value,
            quality: known.quality(),
            known: known.words(parts, words),
            estimated_permille: known.estimated_permille(),
            before: before.get(place).and_then(|value| value.value),
            link: closer.map(|span| format!("/home/{}?span={}&at={start}", line.series, span.word())),
        }
    };
    now.iter().enumerate().map(bar).collect()
}

/// Why some values are not measured: one line for values in a row that are known alike.
fn reasons(bars: &[Bar], words: &Words) -> Markup {
    let runs = bars.chunk_by(|a, b| a.known == b.known);
    let mut odd = runs.filter(|run| run.iter().any(|bar| bar.quality != Quality::Measured)).peekable();
    if odd.peek().is_none() {
        return html! {};
    }
    html! {
        h2 { (words.say("series-why")) }
        ul.reasons { @for run in odd { @if let (Some(first), Some(last)) = (run.first(), run.last()) {
            li { (first.name) @if run.len() > 1 { " – " (last.name) } ": " (first.known) }
        } } }
    }
}

/// Every third hour is named, or the labels touch.
fn hour(value: &SeriesValue, zone: &Zone) -> (String, String, Option<Span>) {
    let (_, clock) = zone.clock_of(value.start);
    let name = format!("{:02}:{:02}", clock.hour(), clock.minute());
    (if clock.hour() % 3 == 0 { name.clone() } else { String::new() }, name, None)
}

fn tick(day: Date) -> String {
    if day.day() == 1 || day.day() % 5 == 0 { day.day().to_string() } else { String::new() }
}

/// The choice between day, month and year.
fn spans(line: &SeriesLine, (span, at): (Span, Date), words: &Words) -> Markup {
    let all =
        [Span::Day, Span::Month, Span::Year].into_iter().filter(|span| has_hours(line) || *span != Span::Day);
    html! {
        nav aria-label=(words.say("series-spans")) { ul.tabs { @for other in all {
            li { a href=(format!("/home/{}?span={}&at={at}", line.series, other.word())) aria-current=[(other == span).then_some("true")] {
                (words.say(&format!("span-{}", other.word())))
            } }
        } } }
    }
}

/// One step back and one ahead.
fn turning(series: u32, (span, days): (Span, DayRange), words: &Words) -> Markup {
    let link = |day: Option<Date>| day.map(|day| format!("/home/{series}?span={}&at={day}", span.word()));
    let (back, ahead) = (link(days.start().yesterday().ok()), link(Some(days.end())));
    html! {
        p {
            @if let Some(link) = back { a rel="prev" href=(link) { "← " (words.say("series-earlier")) } }
            " · "
            @if let Some(link) = ahead { a rel="next" href=(link) { (words.say("series-later")) " →" } }
        }
    }
}
