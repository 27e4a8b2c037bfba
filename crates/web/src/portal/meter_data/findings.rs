//! `/desk/meter-data/findings`: what waits for a decision, counted by cause; and `/desk/meter-data/findings/days`: the days of one
//! cause, to be marked and decided.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_flows::{
    CauseLine, EstimateMethod, FindingCause, FindingCursor, FindingsAsk, OpenFindingLine, OpenFindings,
    finding_causes, open_findings,
};
use tidstro_model::{AreaNo, Resolution, Rule, SeriesNo};

use super::super::{Page, given};
use super::{Room, purposes, series};
use crate::answered::Problem;
use crate::page::amount::day;
use crate::visit::Visit;
use crate::words::Words;

/// How many days stand on a page.
pub(super) const PAGE_DAYS: usize = 100;
/// How many days are decided about at once.
pub(super) const BULK_DAYS: usize = 1_000;
/// The methods that need nothing but the series.
const METHODS: [EstimateMethod; 3] = [EstimateMethod::Auto, EstimateMethod::Linear, EstimateMethod::LikeDays];

/// One cause for one purpose, as addresses and forms name it.
#[derive(Clone, Deserialize)]
pub(crate) struct CauseAsked {
    pub(super) purpose: String,
    pub(super) category: String,
    pub(super) area: String,
    pub(super) rule: String,
    pub(super) resolution: String,
}

impl CauseAsked {
    fn of(asked: &FindingsAsk, cause: FindingCause) -> Self {
        Self {
            purpose: asked.purpose.to_string(),
            category: asked.category.to_string(),
            area: cause.area.to_string(),
            rule: cause.rule.code().to_owned(),
            resolution: cause.resolution.code().to_owned(),
        }
    }

    /// The cause, if it is one.
    pub(super) fn cause(&self) -> Result<FindingCause, Problem> {
        let area = self.area.parse().map(AreaNo::new).map_err(|_| Problem::NotFound)?;
        let rule = Rule::from_code(&self.rule).ok_or(Problem::NotFound)?;
        let resolution = Resolution::from_code(&self.resolution).ok_or(Problem::NotFound)?;
        Ok(FindingCause { area, rule, resolution })
    }

    /// The same as fields of an address; none of them needs escaping.
    fn query(&self) -> String {
        let Self { purpose, category, area, rule, resolution } = self;
        format!("purpose={purpose}&category={category}&area={area}&rule={rule}&resolution={resolution}")
    }

    /// The page of its days.
    pub(super) fn path(&self) -> String {
        format!("/desk/meter-data/findings/days?{}", self.query())
    }

    /// The same as hidden fields of a form.
    pub(super) fn fields(&self) -> Markup {
        let named = [
            ("purpose", &self.purpose),
            ("category", &self.category),
            ("area", &self.area),
            ("rule", &self.rule),
            ("resolution", &self.resolution),
        ];
        html! { @for (name, value) in named { input type="hidden" name=(name) value=(value); } }
    }

    /// The cause in words.
    pub(super) fn title(&self, words: &Words) -> String {
        let rule = words.say(&format!("rule-{}", self.rule));
        format!("{rule}, {}", words.say(&format!("resolution-{}", self.resolution)))
    }
}

/// `GET /desk/meter-data/findings`.
pub(crate) async fn page(visit: Visit) -> Page {
    let words = visit.words();
    let mut found = Vec::new();
    for asked in purposes::asks(&visit)? {
        let causes = given(finding_causes(visit.web().workspace(), &asked, visit.now).await?)?;
        found.extend(causes.into_iter().map(|line| (CauseAsked::of(&asked, line.cause), line)));
    }
    found.sort_by_key(|(_, line)| std::cmp::Reverse(line.days));
    let days: u64 = found.iter().map(|(_, line)| line.days).sum();
    let body = html! {
        p { (words.say("findings-what")) }
        @if found.is_empty() { p.note { (words.say("findings-none")) } } @else {
            p { (words.say_with("findings-count", [("days", days.into())])) }
            (causes_table(&found, words))
        }
    };
    Ok(Room::Findings.page(&visit, &body))
}

fn causes_table(found: &[(CauseAsked, CauseLine)], words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table data-keys aria-label=(words.say("meter-data-findings")) {
        thead { tr {
            th scope="col" { (words.say("findings-cause")) }
            th scope="col" { (words.say("findings-area")) }
            th.number scope="col" { (words.say("findings-days")) }
            th scope="col" { (words.say("findings-oldest")) }
            th scope="col" { (words.say("findings-newest")) }
        } }
        tbody { @for (asked, line) in found { tr {
            th scope="row" { a href=(asked.path()) { (asked.title(words)) } }
            td { (line.area_name) }
            td.number { (line.days) }
            td { (day(line.first, words)) }
            td { (day(line.last, words)) }
        } } }
    } } }
}

/// The days of which cause, and what a decision came to.
#[derive(Deserialize)]
pub(crate) struct DaysAsked {
    #[serde(flatten)]
    cause: CauseAsked,
    /// Where the page before ended, as [`cursor_text`] writes it.
    after: Option<String>,
    decided: Option<String>,
    left: Option<String>,
    others: Option<String>,
}

/// `GET /desk/meter-data/findings/days`.
pub(crate) async fn days(visit: Visit, Query(asked): Query<DaysAsked>) -> Page {
    let after = asked.after.as_deref().map(|text| cursor(text).ok_or(Problem::NotFound)).transpose()?;
    let waiting = waiting(&visit, &asked.cause, (after, PAGE_DAYS)).await?;
    let shown =
        Shown { cause: &asked.cause, after, waiting: &waiting, marked: &BTreeMap::new(), wrong: None };
    let body = html! { (outcome(&asked, visit.words())) (shown.body(&visit)) };
    Ok(Room::Findings.page_called(&visit, asked.cause.title(visit.words()), &body))
}

/// Days of a cause, from one on.
pub(super) async fn waiting(
    visit: &Visit,
    asked: &CauseAsked,
    part: (Option<FindingCursor>, usize),
) -> Result<OpenFindings, Problem> {
    let ask = purposes::ask(visit, (&asked.purpose, &asked.category))?;
    given(open_findings(visit.web().workspace(), &ask, &asked.cause()?, part, visit.now).await?)
}

/// What a decision came to, told once after it.
fn outcome(asked: &DaysAsked, words: &Words) -> Markup {
    let count = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<u64>().ok());
    let (left, others) = (count(&asked.left).unwrap_or(0), count(&asked.others).unwrap_or(0));
    html! {
        @if let Some(decided) = count(&asked.decided) {
            div.note role="status" {
                p { (words.say_with("findings-decided", [("days", decided.into())])) }
                @if left > 0 { p { (words.say_with("findings-left", [("days", left.into())])) } }
                @if others > 0 { p { (words.say_with("findings-others", [("days", others.into())])) } }
            }
        }
    }
}

/// A page of days with the form of a decision.
pub(super) struct Shown<'a> {
    pub(super) cause: &'a CauseAsked,
    pub(super) after: Option<FindingCursor>,
    pub(super) waiting: &'a OpenFindings,
    /// What was marked before.
    pub(super) marked: &'a BTreeMap<String, String>,
    /// The name of what is wrong with what was given.
    pub(super) wrong: Option<&'static str>,
}

impl Shown<'_> {
    /// The same page again, with what is wrong beside its field.
    pub(super) fn refused(&self, visit: &Visit) -> Response {
        let title = self.cause.title(visit.words());
        let mut page = Room::Findings.page_called(visit, title, &self.body(visit));
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        page
    }

    fn body(&self, visit: &Visit) -> Markup {
        let words = visit.words();
        let lines = &self.waiting.lines;
        html! {
            p { a href=(Room::Findings.path()) { "← " (words.say("meter-data-findings")) } }
            @if let Some(line) = lines.first() { p.faint { (line.line.area) } }
            @if lines.is_empty() { p.note { (words.say("findings-none-of-cause")) } } @else {
                p.help { (words.say("findings-keys")) }
                form method="post" action="/desk/meter-data/findings/preview" {
                    (visit.token()) (self.cause.fields())
                    @if let Some(after) = self.after { input type="hidden" name="after" value=(cursor_text(after)); }
                    (self.table(words))
                    @if let Some(next) = self.waiting.next {
                        p { a rel="next" href=(format!("{}&after={}", self.cause.path(), cursor_text(next))) { (words.say("findings-next")) " →" } }
                    }
                    (self.decisions(words))
                }
            }
        }
    }

    fn table(&self, words: &Words) -> Markup {
        html! { div.wide tabindex="0" { table data-keys aria-label=(self.cause.title(words)) {
            thead { tr {
                th scope="col" { (words.say("findings-mark")) }
                th scope="col" { (words.say("findings-day")) }
                th scope="col" { (words.say("findings-point")) }
                th.number scope="col" { (words.say("findings-failed")) }
                th.number scope="col" { (words.say("findings-present")) }
                th scope="col" { (words.say("findings-rules")) }
            } }
            tbody { @for found in &self.waiting.lines { (self.row(found, words)) } }
        } } }
    }

    fn row(&self, found: &OpenFindingLine, words: &Words) -> Markup {
        let name = field_of(cursor_of(found));
        let rules: Vec<_> =
            found.open.rules().map(|rule| words.say(&format!("rule-{}", rule.code()))).collect();
        html! { tr {
            td.tick { input type="checkbox" name=(name) value="on" checked[self.marked.contains_key(&name)]
                aria-label=(words.say_with("findings-mark-one", [("day", day(found.day, words).into()), ("point", found.line.point.as_str().into())])); }
            td { (day(found.day, words)) }
            th scope="row" { a href=(series::path(found.line.series, (&self.cause.purpose, &self.cause.category), found.day)) { (found.line.point) } }
            td.number { (found.failed) }
            td.number { (found.present) " / " (found.expected) }
            td { (rules.join(", ")) }
        } }
    }

    /// Which days, and what about them.
    fn decisions(&self, words: &Words) -> Markup {
        let choice = |name: &'static str, value: &'static str, label: String, is_first: bool| {
            html! { p { label.choice { input type="radio" name=(name) value=(value) checked[is_first]; " " (label) } } }
        };
        html! {
            h2 #decide { (words.say("decision-title")) }
            @if let Some(wrong) = self.wrong { div.note.bad role="alert" #decision-wrong { p { (words.say(wrong)) } } }
            fieldset.choices { legend { (words.say("decision-which")) }
                (choice("which", "marked", words.say("decision-marked"), true))
                (choice("which", "page", words.say_with("decision-page", [("days", self.waiting.lines.len().into())]), false))
                (choice("which", "bulk", words.say_with("decision-bulk", [("days", BULK_DAYS.into())]), false))
            }
            fieldset.choices { legend { (words.say("decision-what")) }
                (choice("decision", "estimate", words.say("decision-estimate"), true))
                div.field {
                    label for="method" { (words.say("decision-method")) }
                    select #method name="method" { @for method in METHODS {
                        option value=(method.word()) { (words.say(&format!("method-{}", method.word()))) }
                    } }
                }
                (choice("decision", "accept", words.say("decision-accept"), false))
                div.field {
                    label for="reason" { (words.say("decision-reason")) }
                    p.help #reason-help { (words.say("decision-reason-help")) }
                    input #reason name="reason" maxlength="500" autocomplete="off" aria-describedby="reason-help";
                }
            }
            button { (words.say("decision-preview")) }
        }
    }
}

/// The method a form names.
pub(super) fn method(word: &str) -> Option<EstimateMethod> {
    METHODS.into_iter().find(|method| method.word() == word)
}

/// The day of a series that a line is about.
pub(super) const fn cursor_of(found: &OpenFindingLine) -> FindingCursor {
    FindingCursor { day: found.day, series: found.line.series }
}

/// A day of a series in an address: `2026-03-10.17`.
fn cursor_text(at: FindingCursor) -> String {
    format!("{}.{}", at.day, at.series)
}

pub(super) fn cursor(text: &str) -> Option<FindingCursor> {
    let (day, series) = text.split_once('.')?;
    Some(FindingCursor { day: day.parse::<Date>().ok()?, series: SeriesNo::new(series.parse().ok()?) })
}

/// The name of its mark in a form.
pub(super) fn field_of(at: FindingCursor) -> String {
    format!("day-{}", cursor_text(at))
}

/// The days whose marks a form brought.
pub(super) fn marked(fields: &BTreeMap<String, String>) -> Vec<FindingCursor> {
    let of_field = |name: &String| cursor(name.strip_prefix("day-")?);
    fields.keys().filter_map(of_field).take(BULK_DAYS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_forms_are_read_as_they_are_written() {
        let at = FindingCursor { day: jiff::civil::date(2026, 3, 10), series: SeriesNo::new(17) };
        assert_eq!(field_of(at), "day-2026-03-10.17");
        let fields: BTreeMap<String, String> =
            [field_of(at), "day-".to_owned(), "day-2026-13-01.1".to_owned(), "2026-03-10.17".to_owned()]
                .into_iter()
                .map(|name| (name, "on".to_owned()))
                .collect();
        assert_eq!(marked(&fields), [at]);
    }
}
