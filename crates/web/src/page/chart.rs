//! Charts: bars on a ruler of time, drawn on the server, with the same numbers in a table behind each.
//!
//! What comes in: values with their labels, in order of time. What goes out: an SVG without script and style of its own, and a table.
//! What was measured is solid, what was estimated is hatched, what is missing is an open frame on the ground line: nobody needs to
//! see colours to tell them apart, and a missing value never looks like zero. Coordinates are integers.

use maud::{Markup, html};
use tidstro_model::{Decimal, Quality};

use super::amount::{Shown, rounded};
use crate::words::Words;

/// One place on the ruler.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// What stands below it; may be empty between two that say something.
    pub(crate) label: String,
    /// What it is called in the table.
    pub(crate) name: String,
    /// The value, in the unit it is kept in.
    pub(crate) value: Option<Decimal>,
    /// How it came to be.
    pub(crate) quality: Quality,
    /// The same in words: how it is known, or why it is missing.
    pub(crate) known: String,
    /// How much of it is estimated, in thousandths: so much of the bar is hatched.
    pub(crate) estimated_permille: u16,
    /// The same time a year before, where it is known.
    pub(crate) before: Option<Decimal>,
    /// Where a closer look leads.
    pub(crate) link: Option<String>,
}

/// A chart.
pub(crate) struct Chart<'a> {
    /// What is drawn: the caption.
    pub(crate) title: String,
    /// Its name on the page, of letters and dashes.
    pub(crate) id: &'a str,
    /// How the unit is shown.
    pub(crate) shown: Shown,
    /// The bars, in order of time.
    pub(crate) bars: &'a [Bar],
    /// What the outlined values are, where there are any.
    pub(crate) before: Option<String>,
}

impl Bar {
    /// Whether a look is somewhere in the bar.
    fn shows(&self, quality: Quality) -> bool {
        match quality {
            Quality::Estimated => self.estimated_permille > 0,
            Quality::Measured if self.quality == Quality::Estimated => self.estimated_permille < 1000,
            _ => self.quality == quality,
        }
    }
}

const WIDTH: i128 = 640;
const GROUND: i128 = 200;
const LEFT: i128 = 52;
const TOP: i128 = 16;

impl Chart<'_> {
    /// The figure, and the table behind it.
    pub(crate) fn draw(&self, words: &Words) -> Markup {
        let scale = Scale::of(self);
        html! {
            figure.chart {
                figcaption { (self.title) @if !self.shown.sign.is_empty() { " " span.unit { "(" (self.shown.sign) ")" } } }
                svg viewBox=(format!("0 0 {WIDTH} {}", GROUND + 26)) role="group" aria-labelledby=(format!("{}-t", self.id)) {
                    title id=(format!("{}-t", self.id)) { (self.title) ". " (words.say("chart-table-behind")) }
                    (hatch(self.id))
                    @for line in scale.lines() { (ruled(&line, self.shown, words)) }
                    @for (place, bar) in (0..).zip(self.bars) { (self.bar(&scale, place, bar, words)) }
                    line.ground x1=(LEFT) y1=(GROUND) x2=(WIDTH) y2=(GROUND) {}
                }
                (self.legend(words))
                (self.table(words))
            }
        }
    }

    fn bar(&self, scale: &Scale, place: i128, bar: &Bar, words: &Words) -> Markup {
        let (x, width) = scale.place(place);
        let told = self.told(bar, words);
        let drawn = html! {
            @if let Some(before) = bar.before {
                @let top = scale.top(before);
                path.before d=(format!("M{x} {top}h{width}")) {}
            }
            @match bar.value {
                Some(value) => {
                    @let top = scale.top(value);
                    @let height = (GROUND - top).max(1);
                    @let hatched = height * i128::from(bar.estimated_permille) / 1000;
                    @if hatched < height { rect class=(class(bar.quality)) x=(x) y=(top + hatched) width=(width) height=(height - hatched) { title { (told) } } }
                    @if hatched > 0 { rect.estimated fill=(format!("url(#{}-h)", self.id)) x=(x) y=(top) width=(width) height=(hatched) { title { (told) } } }
                }
                None => { rect.missing x=(x) y=(GROUND - 12) width=(width) height="12" { title { (told) } } }
            }
            @if !bar.label.is_empty() { text.tick x=(x + width / 2) y=(GROUND + 18) { (bar.label) } }
        };
        match &bar.link {
            Some(link) => html! { a href=(link) aria-label=(told) { (drawn) } },
            None => drawn,
        }
    }

    fn told(&self, bar: &Bar, words: &Words) -> String {
        let value = bar.value.map(|value| self.shown.text(value, words.language()));
        match value {
            Some(value) if bar.quality == Quality::Measured => format!("{}: {value}", bar.name),
            Some(value) => format!("{}: {value} ({})", bar.name, bar.known),
            None => format!("{}: {}", bar.name, bar.known),
        }
    }

    /// What the looks mean, as far as they are there.
    fn legend(&self, words: &Words) -> Markup {
        let has = |quality| self.bars.iter().any(|bar| bar.value.is_some() && bar.shows(quality));
        let missing = self.bars.iter().any(|bar| bar.value.is_none());
        html! {
            ul.legend {
                @for quality in [Quality::Measured, Quality::Estimated, Quality::Calculated] {
                    @if has(quality) { li class=(format!("key {}", quality.word())) { (words.say(&format!("quality-{}", quality.word()))) } }
                }
                @if missing { li.key.missing { (words.say("quality-missing")) } }
                @if let Some(before) = &self.before { li.key.before { (before) } }
            }
        }
    }

    fn table(&self, words: &Words) -> Markup {
        html! {
            details.numbers {
                summary { (words.say("chart-numbers")) }
                div.wide tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { (words.say("chart-when")) }
                            th.number scope="col" { (self.title) @if !self.shown.sign.is_empty() { ", " (self.shown.sign) } }
                            th scope="col" { (words.say("chart-quality")) }
                            @if let Some(before) = &self.before { th.number scope="col" { (before) } }
                        } }
                        tbody { @for bar in self.bars { (self.row(bar, words)) } }
                    }
                }
            }
        }
    }

    fn row(&self, bar: &Bar, words: &Words) -> Markup {
        let number = |value: Option<Decimal>| {
            value.map_or_else(String::new, |value| {
                super::amount::number(self.shown.sized(value), self.shown.decimals, words.language())
            })
        };
        html! {
            tr {
                th scope="row" { @match &bar.link { Some(link) => { a href=(link) { (bar.name) } } None => { (bar.name) } } }
                td.number { (number(bar.value)) }
                td { (bar.known) }
                @if self.before.is_some() { td.number { (number(bar.before)) } }
            }
        }
    }
}

/// How an estimated bar is filled: stripes, which print and which every eye sees.
fn hatch(id: &str) -> Markup {
    html! {
        defs { pattern id=(format!("{id}-h")) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
            path.stripe d="M0 0v6" {}
        } }
    }
}

const fn class(quality: Quality) -> &'static str {
    match quality {
        Quality::Calculated => "calculated",
        // What of it is estimated is drawn over it.
        Quality::Estimated | Quality::Measured | Quality::Missing => "measured",
    }
}

/// A line behind the bars.
struct Ruled {
    y: i128,
    value: Decimal,
}

fn ruled(line: &Ruled, shown: Shown, words: &Words) -> Markup {
    // The value is in the shown size already.
    let decimals =
        if line.value.exponent() >= 0 { 0 } else { line.value.exponent().unsigned_abs().min(shown.decimals) };
    html! {
        line.rule x1=(LEFT) y1=(line.y) x2=(WIDTH) y2=(line.y) {}
        text.level x=(LEFT - 8) y=(line.y + 4) { (super::amount::number(line.value, decimals, words.language())) }
    }
}

/// From values to places on the paper.
struct Scale {
    /// Steps of a value, 10^-decimals of the shown unit, at the highest line.
    highest: i128,
    step: i128,
    shown: Shown,
    count: i128,
}

impl Scale {
    fn of(chart: &Chart<'_>) -> Self {
        let values = chart.bars.iter().flat_map(|bar| [bar.value, bar.before]).flatten();
        let steps = values.map(|value| rounded(chart.shown.sized(value), chart.shown.decimals));
        let most = steps.max().unwrap_or(0).max(1);
        let step = round_step(most);
        Self {
            highest: step * lines(most, step),
            step,
            shown: chart.shown,
            count: chart.bars.len().max(1).try_into().unwrap_or(1),
        }
    }

    fn top(&self, value: Decimal) -> i128 {
        let steps = rounded(self.shown.sized(value), self.shown.decimals).clamp(0, self.highest);
        GROUND - steps * (GROUND - TOP) / self.highest
    }

    /// Left edge and width of a bar.
    fn place(&self, place: i128) -> (i128, i128) {
        let left = LEFT + (WIDTH - LEFT) * place / self.count;
        let right = LEFT + (WIDTH - LEFT) * (place + 1) / self.count;
        let gap = ((right - left) / 5).max(1);
        (left + gap / 2, (right - left - gap).max(1))
    }

    fn lines(&self) -> impl Iterator<Item = Ruled> + '_ {
        let exponent = i8::try_from(self.shown.decimals).map_or(0, |decimals| -decimals);
        (1..=self.highest / self.step).map(move |line| Ruled {
            y: GROUND - line * self.step * (GROUND - TOP) / self.highest,
            value: Decimal::new(i64::try_from(line * self.step).unwrap_or(i64::MAX), exponent).normalised(),
        })
    }
}

/// Lines of a step that reach the highest value.
const fn lines(highest: i128, step: i128) -> i128 {
    (highest + step - 1) / step
}

/// 1, 2 or 5 of a power of ten, so that three to seven lines fit below the highest value.
fn round_step(highest: i128) -> i128 {
    let mut power = 1;
    while power * 10 * 4 <= highest {
        power *= 10;
    }
    [1, 2, 5, 10]
        .into_iter()
        .map(|times| times * power)
        .find(|step| lines(highest, *step) <= 6)
        .unwrap_or(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_few_and_round() {
        for highest in 1..5000 {
            let step = round_step(highest);
            assert!(lines(highest, step) <= 6, "{highest}: {step}");
            let leading = step.to_string();
            assert!(["1", "2", "5"].contains(&leading.trim_end_matches('0')), "{highest}: {step}");
        }
    }
}
