//! What became of an input, as text and JSON.

use std::fmt::Write as _;

use tidstro_flows::{AlarmReport, IngestReport, Refused};

use super::plain;

/// A number with thin groups of thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A noun in singular or plural.
fn noun(count: u64, singular: &str) -> String {
    if count == 1 || singular.ends_with("series") { singular.to_owned() } else { format!("{singular}s") }
}

/// A number with its noun: `1 line`, `12 345 lines`.
pub(crate) fn counted(count: u64, singular: &str) -> String {
    format!("{} {}", grouped(count), noun(count, singular))
}

/// The report as people read it.
pub(crate) fn report_text(report: &IngestReport) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_report(&mut text, report);
    text
}

fn write_report(text: &mut String, report: &IngestReport) -> std::fmt::Result {
    writeln!(text, "{:>12}  {}", grouped(report.lines), noun(report.lines, "line"))?;
    if report.telegrams_new + report.telegrams_again > 0 {
        writeln!(text, "{:>12}  telegrams kept, sealed as received", grouped(report.telegrams_new))?;
        writeln!(
            text,
            "{:>12}  known already (another gateway, or read before)",
            grouped(report.telegrams_again)
        )?;
        writeln!(text, "{:>12}  decoded", grouped(report.telegrams_decoded))?;
    }
    if report.telegrams_waiting > 0 {
        writeln!(
            text,
            "{:>12}  known already, still without a reading: a key or a layout is missing",
            grouped(report.telegrams_waiting)
        )?;
    }
    if report.pieces_waiting > 0 {
        writeln!(
            text,
            "{:>12}  pieces of messages, kept until the others come",
            grouped(report.pieces_waiting)
        )?;
    }
    if report.telegrams_recovered > 0 {
        writeln!(text, "{:>12}  of earlier inputs decoded now", grouped(report.telegrams_recovered))?;
    }
    if report.readings > 0 {
        writeln!(text, "{:>12}  register readings", grouped(report.readings))?;
    }
    if report.intervals > 0 {
        writeln!(text, "{:>12}  interval values", grouped(report.intervals))?;
    }
    writeln!(
        text,
        "{:>12}  days of series new, {} with a new version, {} unchanged",
        grouped(report.days_added),
        grouped(report.days_changed),
        grouped(report.days_unchanged)
    )?;
    write_alarms(text, report.alarms)?;
    for (rule, count) in &report.findings {
        writeln!(text, "{:>12}  {} of rule `{rule}`", grouped(*count), noun(*count, "finding"))?;
    }
    if report.not_permitted > 0 {
        writeln!(
            text,
            "{:>12}  readings not kept: the register does not let them be collected",
            grouped(report.not_permitted)
        )?;
    }
    if report.days_too_old > 0 {
        writeln!(
            text,
            "{:>12}  days of series not kept: their retention is over, or no history reaches back so far",
            grouped(report.days_too_old)
        )?;
    }
    for (kind, refused) in &report.refused {
        let kept =
            if report.quarantined.contains_key(kind) { "kept as received, no reading" } else { "refused" };
        writeln!(text, "{:>12}  {kept} ({kind}); first: {}", grouped(refused.count), plain(&refused.first))?;
        write_other_lines(text, refused)?;
    }
    Ok(())
}

/// The lines that were refused for the same reason as the first one; all of them where there are few.
fn write_other_lines(text: &mut String, refused: &Refused) -> std::fmt::Result {
    const SHOWN_MAX: usize = 20;
    let others: Vec<_> = refused.lines.iter().skip(1).take(SHOWN_MAX).map(u64::to_string).collect();
    if others.is_empty() {
        return Ok(());
    }
    let left = refused.count.saturating_sub(1 + others.len() as u64);
    let more = if left == 0 { String::new() } else { format!(" and {} more", grouped(left)) };
    writeln!(text, "{:>12}  also {} {}{more}", "", noun(others.len() as u64, "line"), others.join(", "))
}

fn write_alarms(text: &mut String, alarms: AlarmReport) -> std::fmt::Result {
    let AlarmReport { raised, cleared, happened, not_permitted, too_old } = alarms;
    if raised + cleared + happened > 0 {
        let (raised, cleared, happened) = (grouped(raised), grouped(cleared), grouped(happened));
        writeln!(text, "{raised:>12}  alarms raised, {cleared} cleared, {happened} that only happened")?;
    }
    for (count, why) in [
        (not_permitted, "the register does not let alarms be collected"),
        (too_old, "the retention of their alarms is over"),
    ] {
        if count > 0 {
            writeln!(text, "{:>12}  telegrams whose alarms were not kept: {why}", grouped(count))?;
        }
    }
    Ok(())
}

/// The report as JSON.
pub(crate) fn report_json(report: &IngestReport) -> serde_json::Value {
    let refused: serde_json::Map<_, _> = report
        .refused
        .iter()
        .map(|(kind, refused)| {
            let kept = report.quarantined.get(kind).copied().unwrap_or(0);
            let entry = serde_json::json!({
                "count": refused.count, "kept_raw": kept, "first": refused.first, "lines": refused.lines,
            });
            ((*kind).to_owned(), entry)
        })
        .collect();
    let findings: serde_json::Map<_, _> =
        report.findings.iter().map(|(rule, count)| (rule.code().to_owned(), (*count).into())).collect();
    serde_json::json!({
        "lines": report.lines,
        "telegrams_new": report.telegrams_new,
        "telegrams_again": report.telegrams_again,
        "telegrams_decoded": report.telegrams_decoded,
        "telegrams_waiting": report.telegrams_waiting,
        "pieces_waiting": report.pieces_waiting,
        "telegrams_recovered": report.telegrams_recovered,
        "readings": report.readings,
        "intervals": report.intervals,
        "days_added": report.days_added,
        "days_changed": report.days_changed,
        "days_unchanged": report.days_unchanged,
        "not_permitted": report.not_permitted,
        "days_too_old": report.days_too_old,
        "alarms": {
            "raised": report.alarms.raised,
            "cleared": report.alarms.cleared,
            "happened": report.alarms.happened,
            "not_permitted": report.alarms.not_permitted,
            "too_old": report.alarms.too_old,
        },
        "findings": findings,
        "refused": refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(12_345_678), "12 345 678");
        assert_eq!(
            (counted(1, "line"), counted(2_000, "line")),
            ("1 line".to_owned(), "2 000 lines".to_owned())
        );
    }
}
