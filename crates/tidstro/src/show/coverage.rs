//! A coverage as tables and as JSON.

use std::fmt;

use serde_json::{Value as Json, json};
use tidstro_govern::coverage::{Count, Coverage, CoveredRow, Means, Server, Standing};

use super::Table;

/// Each row, then the counts, then what only persons say, then the faults, then all in one line.
pub(crate) struct CoverageTables<'c>(pub(crate) &'c Coverage);

impl fmt::Display for CoverageTables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coverage = self.0;
        writeln!(f, "{}", rows(coverage))?;
        writeln!(f, "By kind\n{}", counts("kind", coverage.by_kind()))?;
        writeln!(f, "By source\n{}", counts("source", coverage.by_source()))?;
        writeln!(f, "By means: {}", listed(coverage.by_means()))?;
        writeln!(f, "Waiting for: {}\n", listed(coverage.by_part()))?;
        attested_only(f, coverage)?;
        faults(f, coverage)?;
        writeln!(f, "{}", sum(coverage))
    }
}

/// A line for each thing that serves a row or will; name, kind and standing in the first of them.
fn rows(coverage: &Coverage) -> Table {
    let mut table = Table::new(&["row", "kind", "stands", "by", "where"]);
    for row in &coverage.rows {
        let mut head = [row.row.id.clone(), row.row.kind.to_string(), row.standing().to_string()];
        for (by, place) in by_and_where(row) {
            table.row(std::mem::take(&mut head).into_iter().chain([by, place]).collect());
        }
    }
    table
}

fn by_and_where(row: &CoveredRow) -> Vec<(String, String)> {
    let served =
        row.served.iter().map(|server| (format!("{} {}", server.means, server.by), server.place.clone()));
    let open = row.open.iter().map(|open| (format!("waits for {}", open.part), open.register.clone()));
    let all: Vec<_> = served.chain(open).collect();
    if all.is_empty() { vec![("nothing".to_owned(), String::new())] } else { all }
}

fn counts<'c>(what: &'static str, counts: impl IntoIterator<Item = (&'c str, Count)>) -> Table {
    let mut table =
        Table::new(&[what, ">rows", ">served", ">partly", ">open", ">unmapped", ">by attestation only"]);
    for (name, count) in counts {
        let numbers =
            [count.rows(), count.served, count.partly, count.open, count.unmapped, count.attested_only];
        let cells = std::iter::once(name.to_owned()).chain(numbers.map(|number| number.to_string()));
        table.row(cells.collect());
    }
    table
}

fn listed(counts: impl IntoIterator<Item = (impl fmt::Display, usize)>) -> String {
    let words: Vec<_> = counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn attested_only(f: &mut fmt::Formatter<'_>, coverage: &Coverage) -> fmt::Result {
    let mut table = Table::new(&["row", "control", "said by"]);
    for row in coverage.rows.iter().filter(|row| row.is_attested_only()) {
        let controls: Vec<_> = row.served.iter().map(|server| server.by.as_str()).collect();
        let roles: Vec<_> = row.served.iter().filter_map(|server| server.with.as_deref()).collect();
        table.row(vec![row.row.id.clone(), controls.join(", "), roles.join(", ")]);
    }
    writeln!(f, "By attestation only: {}\n{table}", coverage.count().attested_only)
}

/// What makes the check fail: rows nobody knows, and names that are no row.
fn faults(f: &mut fmt::Formatter<'_>, coverage: &Coverage) -> fmt::Result {
    for row in coverage.rows.iter().filter(|row| row.standing() == Standing::Unmapped) {
        let id = &row.row.id;
        writeln!(
            f,
            "UNMAPPED {id}: no register serves it or names it as open; add `{id}` to `serves` or to `[[open]]`"
        )?;
    }
    coverage.unknown.iter().try_for_each(|unknown| writeln!(f, "UNKNOWN  {unknown}"))
}

fn sum(coverage: &Coverage) -> String {
    let count = coverage.count();
    format!(
        "rows {}: served {}, partly {}, open {}, unmapped {}; names that are no row: {}",
        count.rows(),
        count.served,
        count.partly,
        count.open,
        count.unmapped,
        coverage.unknown.len()
    )
}

/// The whole coverage as one object.
pub(crate) fn coverage_json(coverage: &Coverage) -> Json {
    let groups = |groups: std::collections::BTreeMap<&str, Count>| -> Json {
        groups.into_iter().map(|(name, count)| (name.to_owned(), count_json(count))).collect()
    };
    let means = |(means, count): (Means, usize)| (means.to_string(), Json::from(count));
    let unknown = |unknown: &tidstro_govern::coverage::UnknownRow| json!({ "row": unknown.row, "by": unknown.by, "place": unknown.place });
    json!({
        "whole": coverage.is_whole(),
        "count": count_json(coverage.count()),
        "by_kind": groups(coverage.by_kind()),
        "by_source": groups(coverage.by_source()),
        "by_means": coverage.by_means().into_iter().map(means).collect::<Json>(),
        "by_part": coverage.by_part(),
        "rows": coverage.rows.iter().map(row_json).collect::<Vec<_>>(),
        "unknown": coverage.unknown.iter().map(unknown).collect::<Vec<_>>(),
    })
}

fn count_json(count: Count) -> Json {
    json!({
        "rows": count.rows(),
        "served": count.served,
        "partly": count.partly,
        "open": count.open,
        "unmapped": count.unmapped,
        "attested_only": count.attested_only,
    })
}

fn row_json(row: &CoveredRow) -> Json {
    let served = |server: &Server| {
        json!({
            "means": server.means.word(),
            "by": server.by,
            "with": server.with,
            "register": server.register,
            "place": server.place,
        })
    };
    let open = row.open.iter().map(|open| json!({ "part": open.part, "register": open.register }));
    json!({
        "row": row.row.id,
        "source": row.row.source,
        "kind": row.row.kind.word(),
        "text": row.row.text,
        "standing": row.standing().word(),
        "attested_only": row.is_attested_only(),
        "served": row.served.iter().map(served).collect::<Vec<_>>(),
        "open": open.collect::<Vec<_>>(),
    })
}
