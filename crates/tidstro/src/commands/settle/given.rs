//! Values of days that were given before, read back from what `--json` printed.
//!
//! What comes in: lines of `settle heating --json` or `settle net-consumption --json`, of one run or of several after each other. What goes
//! out: what stands for each child and local day, which is what was given last. Never: a value in a message, or a line passed over.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use jiff::civil::Date;
use serde_json::value::RawValue;
use tidstro_metering::settlement::{Previous, PreviousDays, SettlementType};
use tidstro_model::{CheckDigit, Decimal, Gsrn};

use crate::fault::CommandFault;

/// Why a line says nothing that was given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GivenFault {
    /// No JSON, or without a field that it needs.
    #[error("is none that `--json` prints; give the whole output of an earlier run")]
    Line,
    /// A child that is no metering point.
    #[error("its `child` is not the number of a metering point")]
    Child,
    /// A day that is none.
    #[error("`{day}` is not a day; write YYYY-MM-DD")]
    Day {
        /// What the line says.
        day: String,
    },
    /// Energy that is none, or finer than a watt-hour.
    #[error("the energy of `{day}` is not one with at most 3 decimals")]
    Quantity {
        /// The local day.
        day: Date,
    },
}

/// What stands by a file.
pub(super) fn read_given(path: &Path) -> Result<PreviousDays, CommandFault> {
    let failed = |source| CommandFault::File { path: path.to_owned(), source };
    let mut given = PreviousDays::new();
    for (line, text) in (1..).zip(BufReader::new(File::open(path).map_err(failed)?).lines()) {
        let text = text.map_err(failed)?;
        read_line(&text, &mut given).map_err(|source| CommandFault::Given {
            path: path.to_owned(),
            line,
            source,
        })?;
    }
    Ok(given)
}

#[derive(serde::Deserialize)]
struct Line<'a> {
    child: &'a str,
    /// Why the child was not settled; then nothing was given.
    not_settled: Option<String>,
    settlement_type: Option<String>,
    /// Net consumption is final once it has no estimate.
    #[serde(borrow)]
    estimate_kwh: Option<&'a RawValue>,
    #[serde(borrow, default)]
    days: Vec<Day<'a>>,
}

#[derive(serde::Deserialize)]
struct Day<'a> {
    day: String,
    #[serde(borrow)]
    quantity_kwh: &'a RawValue,
}

fn read_line(text: &str, given: &mut PreviousDays) -> Result<(), GivenFault> {
    let line: Line<'_> = serde_json::from_str(text).map_err(|_| GivenFault::Line)?;
    let child = Gsrn::parse(line.child.as_bytes(), CheckDigit::Ignored).map_err(|_| GivenFault::Child)?;
    if line.not_settled.is_some() {
        return Ok(());
    }
    let settlement = Some(settlement_of(&line)?);
    for Day { day, quantity_kwh } in line.days {
        let day = day.parse().map_err(|_| GivenFault::Day { day })?;
        let watt_hours = watt_hours(quantity_kwh).ok_or(GivenFault::Quantity { day })?;
        given.insert((child, day), Previous { watt_hours, settlement });
    }
    Ok(())
}

fn settlement_of(line: &Line<'_>) -> Result<SettlementType, GivenFault> {
    match &line.settlement_type {
        Some(word) => SettlementType::from_word(word).ok_or(GivenFault::Line),
        None if line.estimate_kwh.is_some() => Ok(SettlementType::UpToEndOfPeriod),
        None => Ok(SettlementType::EndOfPeriod),
    }
}

fn watt_hours(quantity_kwh: &RawValue) -> Option<i64> {
    Decimal::parse(quantity_kwh.get().as_bytes()).ok()?.in_steps_of(-3)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const SENT: &str = r#"{"child":"571313154390350099","point":"571313154390350013","from":"2026-01-01","to":"2027-01-01","settlement_type":"up_to_end_of_period","days":[{"day":"2026-01-10","quantity_kwh":3.001},{"day":"2026-01-11","quantity_kwh":0.000}]}"#;

    fn given(lines: &[&str]) -> Result<PreviousDays, GivenFault> {
        let mut given = PreviousDays::new();
        lines.iter().try_for_each(|line| read_line(line, &mut given))?;
        Ok(given)
    }

    #[test]
    fn what_was_given_last_stands() {
        let later = SENT.replace("3.001", "4.000").replace("up_to_end", "end");
        let days = given(&[SENT, &later, r#"{"child":"571313154390350099","not_settled":"no"}"#]).unwrap();
        let stands: Vec<_> = days.iter().map(|((_, day), one)| (*day, one.watt_hours)).collect();
        assert_eq!(stands, [(date(2026, 1, 10), 4_000), (date(2026, 1, 11), 0)]);
        assert!(days.values().all(|one| one.settlement == Some(SettlementType::EndOfPeriod)));
    }

    #[test]
    fn net_consumption_is_final_once_it_has_no_estimate() {
        let of = |estimate: &str| {
            let line = SENT.replace(r#""settlement_type":"up_to_end_of_period""#, estimate);
            given(&[&line]).unwrap().values().next().unwrap().settlement.unwrap()
        };
        assert_eq!(of(r#""estimate_kwh":null"#), SettlementType::EndOfPeriod);
        assert_eq!(of(r#""estimate_kwh":12.000"#), SettlementType::UpToEndOfPeriod);
    }

    #[test]
    fn what_nobody_printed_is_refused() {
        for (line, why) in [
            ("", "is none that `--json` prints"),
            ("{}", "is none that `--json` prints"),
            (&SENT.replace("up_to_end_of_period", "soon"), "is none that `--json` prints"),
            (&SENT.replace("571313154390350099", "house"), "its `child` is not"),
            (&SENT.replace("2026-01-11", "11/1"), "`11/1` is not a day"),
            (&SENT.replace("0.000", "0.0005"), "the energy of `2026-01-11`"),
            (&SENT.replace("0.000", "\"much\""), "the energy of `2026-01-11`"),
        ] {
            let fault = given(&[line]).unwrap_err().to_string();
            assert!(fault.starts_with(why), "{line}: {fault}");
        }
    }
}
