//! Where values come from, as tables and JSON.

use serde::Serialize;
use tidstro_calendar::Zone;
use tidstro_flows::{StoryVersion, ValueStory};
use tidstro_model::{Method, Rule};

use super::series::local;
use super::{Table, exact, plain, shown};

/// The versions of one value, the oldest first.
pub(crate) fn story_table(story: &ValueStory, zone: &Zone) -> String {
    let mut table =
        Table::new(&["registered", ">value", "quality", "cause", "from", "by", "rules failed", "reason"]);
    for version in &story.versions {
        table.row(vec![
            local(version.registered, zone),
            value(story, version),
            quality(version),
            version.cause.to_owned(),
            from(version),
            version.actor.clone().unwrap_or_default(),
            rules(version).join(", "),
            version.reason.clone().unwrap_or_default(),
        ]);
    }
    let line = &story.line;
    let head = format!("series {} · {} · {}", line.series, line.point, line.quantity);
    format!("{}\n{table}", plain(&head))
}

/// The rules, methods, or the source, with the lines that were found in it.
fn from(version: &StoryVersion) -> String {
    let by = version.made_by.clone().unwrap_or_else(|| version.source.clone());
    let lines: Vec<String> = version.lines.iter().map(u64::to_string).collect();
    if lines.is_empty() { by } else { format!("{by}, line {}", lines.join(", ")) }
}

fn value(story: &ValueStory, version: &StoryVersion) -> String {
    match version.value {
        Some(number) => shown(number, story.line.unit),
        None if story.is_shown => "–".to_owned(),
        None => "too fine".to_owned(),
    }
}

fn quality(version: &StoryVersion) -> String {
    let method = version.mark.method().map(|method| format!(" by {method}")).unwrap_or_default();
    let corrected = if version.mark.is_correction() { ", corrected" } else { "" };
    let accepted = if version.mark.is_accepted() { ", accepted" } else { "" };
    format!("{}{method}{corrected}{accepted}", version.mark.quality())
}

fn rules(version: &StoryVersion) -> Vec<&'static str> {
    version.mark.findings().rules().map(Rule::code).collect()
}

/// A version of a value, with the series it belongs to.
#[derive(Serialize)]
pub(crate) struct VersionJson<'a> {
    series: u32,
    point: &'a str,
    registration: i64,
    registered: String,
    cause: &'static str,
    source: &'a str,
    lines: &'a [u64],
    made_by: Option<&'a str>,
    actor: Option<&'a str>,
    reason: Option<&'a str>,
    value: Option<Box<serde_json::value::RawValue>>,
    unit: &'static str,
    quality: &'static str,
    method: Option<&'static str>,
    corrected: bool,
    accepted: bool,
    findings: Vec<&'static str>,
}

pub(crate) fn version_json<'a>(story: &'a ValueStory, version: &'a StoryVersion) -> VersionJson<'a> {
    VersionJson {
        series: story.line.series.as_u32(),
        point: &story.line.point,
        registration: version.registered_seq,
        registered: version.registered.to_string(),
        cause: version.cause,
        source: &version.source,
        lines: &version.lines,
        made_by: version.made_by.as_deref(),
        actor: version.actor.as_deref(),
        reason: version.reason.as_deref(),
        // A decimal's own digits are always JSON.
        value: version.value.and_then(|number| exact(number).ok()),
        unit: story.line.unit.code(),
        quality: version.mark.quality().word(),
        method: version.mark.method().map(Method::code),
        corrected: version.mark.is_correction(),
        accepted: version.mark.is_accepted(),
        findings: rules(version),
    }
}
