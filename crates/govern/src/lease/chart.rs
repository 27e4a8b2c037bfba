//! Leases of one subject drawn over time, as text and as SVG.
//!
//! What comes in: histories, the present instant, the zone. What goes out: one row for each activity and
//! matter on a common axis of time, with a mark at now. Never: a value, a name, or anything but numbers of
//! occupancies and dossiers.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::Date};
use tidstro_calendar::{Zone, epoch_day};

use super::{LeaseHistory, LeaseSpan, LeaseState, Matter};

/// The leases of one subject, ready to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseChart {
    rows: Vec<Row>,
    axis: Axis,
    today: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    name: String,
    spans: Vec<DaySpan>,
}

/// A state on local days, half open; an open end while nothing ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DaySpan {
    start: i32,
    end: Option<i32>,
    state: LeaseState,
}

/// The days drawn, half open, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Axis {
    first: i32,
    end: i32,
}

impl LeaseChart {
    /// Lays out the histories, in their order, around the present.
    #[must_use]
    pub fn of(histories: &[LeaseHistory], now: Timestamp, zone: &Zone) -> Self {
        let rows: Vec<_> = histories.iter().map(|history| Row::of(history, zone)).collect();
        let today = zone.day_of(now);
        Self { axis: Axis::around(&rows, epoch_day(today)), rows, today }
    }

    /// The chart as lines of text, 64 columns of time after the names.
    #[must_use]
    pub fn text(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let mut out = String::new();
        let years = self.axis.years();
        let _ = writeln!(out, "{:width$}  {}", "", ruler(&years, self.axis));
        for row in &self.rows {
            let _ = writeln!(out, "{:width$}  {}  {}", row.name, self.bar(row), row.told());
        }
        let now = self.axis.place(epoch_day(self.today), COLUMNS);
        let _ = writeln!(out, "{:width$}  {:now$}^ today, {}", "", "", self.today);
        out.push_str("\n█ live   ▓ locked   ▒ restricted   ░ kept, not used   · nothing\n");
        out
    }

    fn bar(&self, row: &Row) -> String {
        (0..COLUMNS)
            .map(|column| {
                let day = self.axis.day_at(column);
                let span = row.spans.iter().rev().find(|span| span.contains(day));
                span.map_or(' ', |span| sign(span.state))
            })
            .collect()
    }

    /// The chart as one self-contained SVG image, 960 wide, readable without colours.
    #[must_use]
    pub fn svg(&self) -> String {
        let height = 60 + ROW * self.rows.len();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 {height}\" role=\"img\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<title>Leases over time</title>\n\
             <rect width=\"960\" height=\"{height}\" fill=\"#fff\"/>\n"
        );
        self.draw_years(&mut out, height);
        for (index, row) in self.rows.iter().enumerate() {
            self.draw_row(&mut out, row, 30 + ROW * index);
        }
        self.draw_now(&mut out, height);
        draw_legend(&mut out, height);
        out.push_str("</svg>\n");
        out
    }

    fn x(&self, day: i32) -> usize {
        LEFT + self.axis.place(day, WIDTH)
    }

    fn draw_years(&self, out: &mut String, height: usize) {
        for (year, day) in self.axis.years() {
            let (x, bottom) = (self.x(day), height - 26);
            let _ = writeln!(
                out,
                "<line x1=\"{x}\" y1=\"22\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#ddd\"/>\
                 <text x=\"{x}\" y=\"16\" text-anchor=\"middle\" fill=\"#555\">{year}</text>"
            );
        }
    }

    fn draw_row(&self, out: &mut String, row: &Row, y: usize) {
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 8,
            y + 14,
            row.name
        );
        for span in &row.spans {
            let Some((fill, stroke)) = paint(span.state) else { continue };
            let (start, end) = (self.x(span.start), self.x(span.end.unwrap_or(self.axis.end)));
            let _ = writeln!(
                out,
                "<rect x=\"{start}\" y=\"{}\" width=\"{}\" height=\"14\" fill=\"{fill}\" stroke=\"{stroke}\">\
                 <title>{}: {}</title></rect>",
                y + 3,
                end.saturating_sub(start).max(1),
                row.name,
                span.told()
            );
        }
    }

    fn draw_now(&self, out: &mut String, height: usize) {
        let (x, bottom) = (self.x(epoch_day(self.today)), height - 26);
        let _ = writeln!(
            out,
            "<line x1=\"{x}\" y1=\"22\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#c00\" stroke-dasharray=\"4 2\"/>"
        );
    }
}

/// Columns of time in the text.
const COLUMNS: usize = 64;
/// Pixels of time in the image, and of the names before it.
const WIDTH: usize = 720;
const LEFT: usize = 220;
const ROW: usize = 22;

impl Row {
    fn of(history: &LeaseHistory, zone: &Zone) -> Self {
        let matter = match history.matter {
            Matter::Occupancy(number) => format!("occupancy {number}"),
            Matter::Dossier(number) => format!("dossier {number}"),
        };
        let spans = history.spans.iter().map(|span| DaySpan::of(span, zone)).collect();
        Self { name: format!("{} · {matter}", history.activity), spans }
    }

    /// The last thing known: until when, or that nothing ends it.
    fn told(&self) -> String {
        let last = self.spans.iter().rev().find(|span| span.state != LeaseState::Ended);
        last.map_or_else(String::new, |span| span.told())
    }
}

impl DaySpan {
    fn of(span: &LeaseSpan, zone: &Zone) -> Self {
        let day = |at| epoch_day(zone.day_of(at));
        Self { start: day(span.start), end: span.end.map(day), state: span.state }
    }

    fn contains(self, day: i32) -> bool {
        self.start <= day && self.end.is_none_or(|end| day < end)
    }

    fn told(self) -> String {
        let date =
            |day| tidstro_calendar::from_epoch_day(day).map_or_else(String::new, |day| day.to_string());
        match self.end {
            Some(end) => format!("{} {} to {}", self.state, date(self.start), date(end)),
            None => format!("{} from {}, no end yet", self.state, date(self.start)),
        }
    }
}

impl Axis {
    /// From the first begin to the last end, and at least a quarter of a year around today.
    fn around(rows: &[Row], today: i32) -> Self {
        let spans = || rows.iter().flat_map(|row| &row.spans);
        let first = spans().map(|span| span.start).min().unwrap_or(today).min(today - 90);
        let last = spans().flat_map(|span| [Some(span.start), span.end]).flatten().max().unwrap_or(today);
        // A little more than the last end, so that the end is seen.
        let last = last.max(today + 90);
        Self { first, end: last + (last - first) / 32 + 1 }
    }

    const fn length(self) -> usize {
        (self.end - self.first).unsigned_abs() as usize
    }

    /// Where a day lies on `width` places.
    fn place(self, day: i32, width: usize) -> usize {
        let days = day.clamp(self.first, self.end).abs_diff(self.first) as usize;
        days * width / self.length().max(1)
    }

    fn day_at(self, column: usize) -> i32 {
        let days = (column * self.length() + self.length() / 2) / COLUMNS;
        self.first.saturating_add(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// The first days of years on the axis: of every year, or of every second, fifth or tenth where they
    /// would not fit.
    fn years(self) -> Vec<(i16, i32)> {
        let year = |day| tidstro_calendar::from_epoch_day(day).map_or(0, Date::year);
        let (first, last) = (year(self.first), year(self.end));
        let step = [1, 2, 5, 10, 50].into_iter().find(|step| (last - first) / step <= 10).unwrap_or(100);
        let on_axis = (first..=last).filter(|year| year % step == 0);
        let with_day = on_axis.filter_map(|year| Some((year, epoch_day(Date::new(year, 1, 1).ok()?))));
        with_day.filter(|(_, day)| (self.first..self.end).contains(day)).collect()
    }
}

fn ruler(years: &[(i16, i32)], axis: Axis) -> String {
    let mut line = String::new();
    for (year, day) in years {
        let column = axis.place(*day, COLUMNS);
        if line.chars().count() <= column {
            let _ = write!(line, "{:gap$}|{year}", "", gap = column - line.chars().count());
        }
    }
    line
}

const fn sign(state: LeaseState) -> char {
    match state {
        LeaseState::Live => '█',
        LeaseState::Locked => '▓',
        LeaseState::Restricted => '▒',
        LeaseState::Kept => '░',
        LeaseState::NotBegun | LeaseState::Ended => '·',
    }
}

/// Fill and stroke of a state; `None` where nothing is held.
const fn paint(state: LeaseState) -> Option<(&'static str, &'static str)> {
    match state {
        LeaseState::Live => Some(("#2a7f62", "#1d5a45")),
        LeaseState::Locked => Some(("#8a8f98", "#5c6068")),
        LeaseState::Restricted => Some(("#e0a030", "#a87414")),
        LeaseState::Kept => Some(("#ffffff", "#2a7f62")),
        LeaseState::NotBegun | LeaseState::Ended => None,
    }
}

fn draw_legend(out: &mut String, height: usize) {
    let states = [LeaseState::Live, LeaseState::Locked, LeaseState::Restricted, LeaseState::Kept];
    for (index, state) in states.into_iter().enumerate() {
        let Some((fill, stroke)) = paint(state) else { continue };
        let (x, y) = (LEFT + index * 120, height - 18);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"24\" height=\"12\" fill=\"{fill}\" stroke=\"{stroke}\"/>\
             <text x=\"{}\" y=\"{}\">{state}</text>",
            x + 30,
            y + 10
        );
    }
}

#[cfg(test)]
mod tests {
    use tidstro_model::{ActivityId, OccupancyNo};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn chart() -> LeaseChart {
        let span =
            |start: &str, end: Option<&str>, state| LeaseSpan { start: at(start), end: end.map(at), state };
        let history = |activity: &str, spans| LeaseHistory {
            activity: ActivityId::parse(activity).unwrap(),
            matter: Matter::Occupancy(OccupancyNo::new(3)),
            spans,
        };
        let (moved_in, over) = ("2020-05-01T00:00+02:00", "2031-08-15T00:00+02:00");
        let histories = [
            history(
                "billing",
                vec![
                    span(moved_in, Some("2024-01-01T00:00+01:00"), LeaseState::Live),
                    span("2024-01-01T00:00+01:00", Some("2024-07-01T00:00+02:00"), LeaseState::Restricted),
                    span("2024-07-01T00:00+02:00", Some(over), LeaseState::Live),
                    span(over, None, LeaseState::Ended),
                ],
            ),
            history("own-view", vec![span(moved_in, None, LeaseState::Live)]),
        ];
        LeaseChart::of(&histories, at("2026-11-22T12:00+01:00"), &Zone::copenhagen())
    }

    #[test]
    fn the_text_shows_each_state_where_it_is() {
        let text = chart().text();
        let lines: Vec<_> = text.lines().collect();
        let bar = |line: &str| line.chars().skip(24).take(COLUMNS).collect::<String>();
        assert!(
            bar(lines[1]).starts_with("███") && bar(lines[1]).contains("▒▒") && bar(lines[1]).ends_with('·')
        );
        assert!(!bar(lines[2]).contains('·'));
        assert!(lines[1].ends_with("live 2024-07-01 to 2031-08-15"), "{text}");
        assert!(lines[2].ends_with("live from 2020-05-01, no end yet"), "{text}");
        assert!(lines[3].ends_with("^ today, 2026-11-22"), "{text}");
    }

    #[test]
    fn the_image_is_well_formed_and_complete() {
        let svg = chart().svg();
        assert_eq!(svg.matches("<title>").count(), svg.matches("</title>").count());
        assert_eq!(svg.matches("<title>billing · occupancy 3: ").count(), 3, "three spans hold something");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }
}
