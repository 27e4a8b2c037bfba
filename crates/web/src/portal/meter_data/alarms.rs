//! `/desk/meter-data/alarms`: what meters report of themselves, the pipes and the grid; outages of a transformer as one.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use tidstro_calendar::Zone;
use tidstro_flows::{AlarmAsk, AlarmLine, AlarmsView, StormLine, show_alarms};
use tidstro_govern::Operation;
use tidstro_metering::alarms::{Phase, Severity};
use tidstro_model::DayRange;

use super::super::{Page, given};
use super::Room;
use super::pages::Pages;
use crate::answered::Problem;
use crate::door::staff_purposes;
use crate::page::amount::moment;
use crate::visit::Visit;
use crate::words::Words;

const SEVERITIES: [Severity; 3] = [Severity::Notice, Severity::Warning, Severity::Critical];

/// Which of them.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// `all`, or only what stands.
    which: Option<String>,
    /// At least so severe.
    severity: Option<String>,
    from: Option<usize>,
}

impl Asked {
    fn is_standing(&self) -> bool {
        self.which.as_deref() != Some("all")
    }

    fn severity(&self) -> Severity {
        let asked = |severity: &Severity| Some(severity.word()) == self.severity.as_deref();
        SEVERITIES.into_iter().find(asked).unwrap_or(Severity::Notice)
    }

    /// The page with the same filters.
    fn path(&self) -> String {
        let which = if self.is_standing() { "standing" } else { "all" };
        format!("{}?which={which}&severity={}", Room::Alarms.path(), self.severity().word())
    }
}

/// `GET /desk/meter-data/alarms`.
pub(crate) async fn page(visit: Visit, Query(asked): Query<Asked>) -> Page {
    let words = visit.words();
    let zone = visit.web().workspace().zone();
    let mut view = alarms(&visit, asked.is_standing()).await?;
    view.alarms.retain(|line| line.severity >= asked.severity());
    let pages = Pages::of(asked.from, view.alarms.len());
    let body = html! {
        p { (words.say("alarms-what")) }
        (filters(&asked, words))
        @if !view.storms.is_empty() { (storms(&view.storms, zone, words)) }
        @if view.alarms.is_empty() { p.note { (words.say("alarms-none")) } } @else {
            (table(pages.rows(&view.alarms), zone, words))
            (pages.links(&asked.path(), words))
        }
    };
    Ok(Room::Alarms.page(&visit, &body))
}

/// Alarms for every purpose by which the visitor watches meters, the most severe first.
async fn alarms(visit: &Visit, standing: bool) -> Result<AlarmsView, Problem> {
    let (there, workspace) = (visit.there()?, visit.web().workspace());
    let roles = there.session().roles();
    let mut whole = AlarmsView::default();
    for purpose in staff_purposes(workspace.register(), roles, Operation::Read, "alarm.sealed") {
        let asked = AlarmAsk {
            actor: there.actor().clone(),
            purpose: purpose.activity,
            point: None,
            area: None,
            days: DayRange::always(),
            standing,
        };
        let view = given(show_alarms(workspace, &asked, visit.now).await?)?;
        whole.alarms.extend(view.alarms);
        whole.storms.extend(view.storms);
    }
    let order = |line: &AlarmLine| {
        (std::cmp::Reverse(line.severity), line.until.is_some(), std::cmp::Reverse(line.since))
    };
    whole.alarms.sort_by_key(order);
    Ok(whole)
}

fn filters(asked: &Asked, words: &Words) -> Markup {
    html! {
        form.filters method="get" action=(Room::Alarms.path()) {
            div.field { label for="which" { (words.say("alarms-which")) }
                select #which name="which" {
                    option value="standing" selected[asked.is_standing()] { (words.say("alarms-standing")) }
                    option value="all" selected[!asked.is_standing()] { (words.say("alarms-all")) }
                }
            }
            div.field { label for="severity" { (words.say("alarms-severity")) }
                select #severity name="severity" { @for severity in SEVERITIES {
                    option value=(severity.word()) selected[severity == asked.severity()] { (words.say(&format!("severity-{}", severity.word()))) }
                } }
            }
            button.second { (words.say("alarms-show")) }
        }
    }
}

fn storms(storms: &[StormLine], zone: &Zone, words: &Words) -> Markup {
    html! {
        h2 #storms { (words.say("alarms-storms")) }
        div.wide tabindex="0" { table aria-labelledby="storms" {
            thead { tr {
                th scope="col" { (words.say("alarms-transformer")) }
                th scope="col" { (words.say("findings-area")) }
                th scope="col" { (words.say("alarms-since")) }
                th scope="col" { (words.say("alarms-until")) }
                th.number scope="col" { (words.say("alarms-meters")) }
                th.number scope="col" { (words.say("alarms-still-heard")) }
            } }
            tbody { @for storm in storms { tr {
                th scope="row" { (storm.transformer) }
                td { (storm.area) }
                td { (moment(storm.began, zone, words)) }
                td { (storm.until.map_or_else(|| words.say("alarms-stands"), |until| moment(until, zone, words))) }
                td.number { (storm.meters) " / " (storm.behind) }
                td.number { (storm.still_heard) }
            } } }
        } }
    }
}

fn table(alarms: &[AlarmLine], zone: &Zone, words: &Words) -> Markup {
    html! { div.wide tabindex="0" { table aria-label=(words.say("meter-data-alarms")) {
        thead { tr {
            th scope="col" { (words.say("alarms-severity")) }
            th scope="col" { (words.say("alarms-alarm")) }
            th scope="col" { (words.say("alarms-since")) }
            th scope="col" { (words.say("alarms-until")) }
            th scope="col" { (words.say("findings-area")) }
            th scope="col" { (words.say("findings-point")) }
            th scope="col" { (words.say("alarms-meter")) }
        } }
        tbody { @for line in alarms { tr {
            td { (severity(line.severity, words)) }
            th scope="row" { (words.say(&format!("alarm-{}", line.code.word()))) @if let Some(phase) = line.phase.map(Phase::word) { " " (phase) } }
            td { (moment(line.since, zone, words)) }
            td { (until(line, zone, words)) }
            td { (line.area) @if let Some(flat) = &line.flat { ", " (flat) } }
            td { (line.point) }
            td { (meter(line, words)) }
        } } }
    } } }
}

fn severity(severity: Severity, words: &Words) -> Markup {
    let class = if severity == Severity::Critical { "tag bad" } else { "tag" };
    html! { span class=(class) { (words.say(&format!("severity-{}", severity.word()))) } }
}

/// When it ended; nothing where it only happened.
fn until(line: &AlarmLine, zone: &Zone, words: &Words) -> String {
    match line.until {
        None => words.say("alarms-stands"),
        Some(until) if until == line.since => "–".to_owned(),
        Some(until) => moment(until, zone, words),
    }
}

fn meter(line: &AlarmLine, words: &Words) -> String {
    let series = || {
        let number = line.series.map(|series| series.to_string()).unwrap_or_default();
        words.say_with("alarms-series", [("series", number.into())])
    };
    line.meter.map_or_else(series, |meter| meter.to_string())
}
