//! What files of master data changed, for people and programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tidstro_flows::{MasterChangeLine, MasterFileLine, MasterImportReport, RefusedLine};

use super::plain;
use super::report::counted;

/// The end of the report as one JSON object, after the list of its changes: from the comma on.
pub(crate) fn report_json_end(report: &MasterImportReport) -> String {
    let unsupplied = report.unsupplied.iter();
    let unsupplied: Vec<Value> = unsupplied
        .map(|(point, days)| json!({ "point": point.to_string(), "days": days.to_string() }))
        .collect();
    let rest = json!({
        "dry_run": report.is_dry,
        "files": report.files.iter().map(file_json).collect::<Vec<_>>(),
        "unchanged": report.unchanged,
        "unsupplied": unsupplied,
    });
    rest.to_string().replacen('{', ",", 1)
}

fn file_json(file: &MasterFileLine) -> Value {
    let refused = file.refused.iter();
    let refused: Vec<Value> =
        refused.map(|row| json!({ "line": row.line, "column": row.column, "reason": row.reason })).collect();
    json!({
        "name": file.name,
        "about": file.about,
        "fault": file.fault.map(|fault| fault.to_string()),
        "rows": file.rows,
        "added": file.added,
        "retired": file.retired,
        "refused": refused,
    })
}

pub(crate) fn change_json(change: &MasterChangeLine) -> Value {
    json!({
        "file": change.file,
        "kind": change.kind,
        "name": change.name,
        "old": change.old,
        "new": change.new,
    })
}

/// A change as text, old and new.
pub(crate) fn change_text(change: &MasterChangeLine) -> String {
    let mut text = format!("{} {}\n", change.kind, plain(&change.name));
    let old = change.old.iter().map(|row| ('-', row));
    for (sign, row) in old.chain(change.new.iter().map(|row| ('+', row))) {
        let _ = writeln!(text, "  {sign} {}", plain(row));
    }
    text
}

/// A refused row as text.
pub(crate) fn refused_text(name: &str, row: &RefusedLine) -> String {
    format!("refused: {} line {}: {}\n", plain(name), row.line, plain(&row.reason))
}

/// The end of the report as text, after its changes: who is not supplied, each file, and how much changed.
pub(crate) fn report_text_end(report: &MasterImportReport) -> String {
    let mut text = String::new();
    for (point, days) in &report.unsupplied {
        let _ = writeln!(text, "nobody supplies {point} {days}");
    }
    report.files.iter().for_each(|file| write_file(&mut text, file));
    let verb = if report.is_dry { "would change" } else { "changed" };
    let (changes, unchanged) = (report.changed, report.unchanged);
    let _ = if changes == 0 {
        writeln!(text, "nothing new; {} as known", counted(unchanged, "thing"))
    } else {
        writeln!(text, "{} {verb}, {unchanged} as known", counted(changes, "thing"))
    };
    text
}

fn write_file(text: &mut String, file: &MasterFileLine) {
    file.refused.iter().for_each(|row| text.push_str(&refused_text(&file.name, row)));
    let name = plain(&file.name);
    let _ = match (file.about, file.fault) {
        (_, Some(fault)) => writeln!(text, "refused: {name}: {fault}"),
        (about, None) => writeln!(
            text,
            "{name}: {}, {}, {} added, {} retired, {} refused",
            about.unwrap_or("nothing"),
            counted(file.rows, "row"),
            file.added,
            file.retired,
            file.refused_rows
        ),
    };
}
