//! What files of master data changed, for people and programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tidstro_flows::{MasterChangeLine, MasterFileLine, MasterImportReport};

use super::plain;
use super::report::counted;

/// The report as one JSON object.
pub(crate) fn report_json(report: &MasterImportReport) -> Value {
    let unsupplied = report.unsupplied.iter();
    let unsupplied: Vec<Value> = unsupplied
        .map(|(point, days)| json!({ "point": point.to_string(), "days": days.to_string() }))
        .collect();
    json!({
        "dry_run": report.is_dry,
        "files": report.files.iter().map(file_json).collect::<Vec<_>>(),
        "changes": report.changes.iter().map(change_json).collect::<Vec<_>>(),
        "unchanged": report.unchanged,
        "unsupplied": unsupplied,
    })
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

fn change_json(change: &MasterChangeLine) -> Value {
    json!({
        "file": change.file,
        "kind": change.kind,
        "name": change.name,
        "old": change.old,
        "new": change.new,
    })
}

/// The report as text: each change old and new, then each file.
pub(crate) fn report_text(report: &MasterImportReport) -> String {
    let mut text = String::new();
    for change in &report.changes {
        let _ = writeln!(text, "{} {}", change.kind, plain(&change.name));
        let old = change.old.iter().map(|row| ('-', row));
        for (sign, row) in old.chain(change.new.iter().map(|row| ('+', row))) {
            let _ = writeln!(text, "  {sign} {}", plain(row));
        }
    }
    for (point, days) in &report.unsupplied {
        let _ = writeln!(text, "nobody supplies {point} {days}");
    }
    report.files.iter().for_each(|file| write_file(&mut text, file));
    let verb = if report.is_dry { "would change" } else { "changed" };
    let (changes, unchanged) = (report.changes.len() as u64, report.unchanged);
    let _ = if changes == 0 {
        writeln!(text, "nothing new; {} as known", counted(unchanged, "thing"))
    } else {
        writeln!(text, "{} {verb}, {unchanged} as known", counted(changes, "thing"))
    };
    text
}

fn write_file(text: &mut String, file: &MasterFileLine) {
    let name = plain(&file.name);
    for row in &file.refused {
        let _ = writeln!(text, "refused: {name} line {}: {}", row.line, plain(&row.reason));
    }
    let _ = match (file.about, file.fault) {
        (_, Some(fault)) => writeln!(text, "refused: {name}: {fault}"),
        (about, None) => writeln!(
            text,
            "{name}: {}, {}, {} added, {} retired, {} refused",
            about.unwrap_or("nothing"),
            counted(file.rows, "row"),
            file.added,
            file.retired,
            file.refused.len()
        ),
    };
}
