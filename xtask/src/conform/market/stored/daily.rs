//! Scenarios of electrical heating and of net consumption, settled by the product's flows.
//!
//! What comes in: `when/` of a scenario. Its periods become states of consumption points with a supplier each, and households; its children become
//! points; its measurements a file of quarters. What goes out: the rows of its `then/`. What stood before is given with each asking, as somebody would who
//! wants what is new.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tidstro_flows::{ChildAsk, settle_heating, settle_net_consumption};
use tidstro_metering::settlement::{PreviousDays, SettlementType};
use tidstro_model::{Decimal, Gsrn, Resolution};

use super::super::Computed;
use super::super::calculated::{previous, today};
use super::super::table::{Fault, Row, Table, flag, instant, number, read_if, row, steps, text};
use super::capacity::{AREA, asked};
use super::given::{Given, given};

/// Years before the one of the computation that may have results: the hub gives nothing older again, and settlement keeps no values for longer.
const YEARS_BACK: i16 = 3;
/// When everything is taken in: some scenarios have measurements of days after their computation.
const TAKEN_IN: &str = "2026-01-01T12:00:00Z";
/// A day before anything in a scenario.
const LONG_AGO: &str = "2015-01-01";

/// Rows of electrical heating.
pub(super) fn heating(when: &Path) -> Result<Computed, Fault> {
    let (taken, today, asked) = take_in(when, "electrical_heating")?;
    let mut rows = Vec::new();
    for year in years(today) {
        let settling = settle_heating(&taken.workspace, (&asked, year), noon(&taken, today));
        for one in given(taken.runtime.block_on(settling))?.settled {
            let of = |(day, watt_hours): &(Date, i64)| {
                value(&taken, one.child, (*day, *watt_hours), one.settlement)
            };
            rows.extend(one.daily.iter().map(of));
        }
    }
    Ok(Computed::from([("measurements".to_owned(), rows)]))
}

/// Rows of net consumption; a scenario is about closed periods, or about the estimate, which then has a file.
pub(super) fn net_consumption(when: &Path) -> Result<Computed, Fault> {
    let (taken, today, asked) = take_in(when, "net_consumption")?;
    let is_estimate = when.parent().is_some_and(|scenario| scenario.join("then/cenc.csv").exists());
    let asked_for = if is_estimate { vec![today] } else { years(today) };
    let (mut rows, mut yearly) = (Vec::new(), Vec::new());
    for year in asked_for {
        let settling = settle_net_consumption(&taken.workspace, (&asked, year), noon(&taken, today));
        let settled = given(taken.runtime.block_on(settling))?.settled;
        for one in
            settled.iter().filter(|one| one.estimate.is_some() == is_estimate && one.days.start() <= today)
        {
            let settlement =
                if is_estimate { SettlementType::UpToEndOfPeriod } else { SettlementType::EndOfPeriod };
            rows.extend(one.daily.iter().map(|day| value(&taken, one.child, *day, settlement)));
        }
        // A customer who is there today has an estimate of the year.
        for one in settled.iter().filter(|one| one.days.contains(today)) {
            let Some(estimate) = one.estimate else { continue };
            yearly.push(row([
                ("metering_point_id", taken.id_of(&one.child.to_string())),
                ("quantity", number(estimate, -3)),
                ("settlement_year", one.year.start().year().to_string()),
                ("settlement_month", one.year.start().month().to_string()),
                ("start_date", taken.workspace.zone().day_start(one.customer_since).to_string()),
            ]));
        }
    }
    Ok(Computed::from([("measurements".to_owned(), rows), ("cenc".to_owned(), yearly)]))
}

/// A day of each year that may have results: whatever month a settlement year begins with, each of its years is asked for once.
fn years(today: Date) -> Vec<Date> {
    (0..=YEARS_BACK).filter_map(|back| today.checked_sub(back.years()).ok()).collect()
}

/// The moment of the computation.
fn noon(taken: &Given, today: Date) -> Timestamp {
    let start = taken.workspace.zone().day_start(today);
    start.checked_add(12.hours()).unwrap_or(start)
}

fn value(taken: &Given, child: Gsrn, (day, watt_hours): (Date, i64), settlement: SettlementType) -> Row {
    row([
        ("metering_point_id", taken.id_of(&child.to_string())),
        ("date", taken.workspace.zone().day_start(day).to_string()),
        ("quantity", number(watt_hours, -3)),
        ("settlement_type", settlement.word().to_owned()),
    ])
}

/// Takes in what a scenario gives. `computed` is the type of the children that are settled.
fn take_in(when: &Path, computed: &str) -> Result<(Given, Date, ChildAsk), Fault> {
    let zone = tidstro_calendar::Zone::copenhagen();
    let mut taken = Given::open(instant(TAKEN_IN).ok_or("a moment that is none")?)?;
    let of = if computed == "net_consumption" { "net_consumption_group_6" } else { computed };
    let folder = when.join(format!("electricity_market__{of}"));
    let parents = Table::read(&folder.join("consumption_metering_point_periods_v1.csv"))?;
    let children = Table::read(&folder.join("child_metering_points_v1.csv"))?;
    let files = master_data(&mut taken, &parents, &children)?;
    taken.import(files)?;
    let measured = Table::read(&when.join("measurements_gold/current_v1.csv"))?;
    // The values of what is computed are what stood before, and are no input.
    let input: Vec<Row> =
        measured.rows.iter().filter(|row| text(row, "metering_point_type") != computed).cloned().collect();
    taken.ingest(&one_value_each(&input)?, |_| Some(Resolution::PT15M.code()))?;
    let mut before = PreviousDays::new();
    for ((point, day), value) in previous(&zone, when, computed)? {
        before.insert((taken.number(&point.to_string())?, day), value);
    }
    Ok((taken, today(&zone, when)?, asked(before)?))
}

/// Rows with the same point and time as one, their energy added up: a block has one value for an interval (decision 0023). Every file is
/// put into the words of a head-end.
fn one_value_each(rows: &[Row]) -> Result<Vec<Row>, Fault> {
    let mut sums: BTreeMap<(String, String), (Option<i64>, String)> = BTreeMap::new();
    for row in rows {
        let quality = if text(row, "quality") == "virtual" { "calculated" } else { text(row, "quality") };
        let energy = read_if(row, "quantity", steps(-3))?.filter(|_| quality != "missing");
        let key = (text(row, "metering_point_id").to_owned(), text(row, "observation_time").to_owned());
        let (sum, word) = sums.entry(key).or_insert((None, "missing".to_owned()));
        if let Some(energy) = energy {
            *sum = Some(sum.unwrap_or_default() + energy);
            quality.clone_into(word);
        }
    }
    let line = |((point, at), (sum, quality)): ((String, String), (Option<i64>, String))| {
        row([
            ("metering_point_id", point),
            ("observation_time", at),
            ("quantity", sum.map(|sum| Decimal::new(sum, -3).to_string()).unwrap_or_default()),
            ("quality", quality),
        ])
    };
    Ok(sums.into_iter().map(line).collect())
}

const POINTS: &str = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
     to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date;\
     sub_type;net_settlement_group;settlement_month;electrical_heating\n";

/// Files of master data: points, and the people of their periods.
struct Files {
    points: String,
    people: String,
    occupancies: String,
}

/// Points, people and occupancies as files.
fn master_data(
    taken: &mut Given,
    parents: &Table,
    children: &Table,
) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let mut files = Files {
        points: POINTS.to_owned(),
        people: "reference;name;contact\n".to_owned(),
        occupancies: "reference;metering_point_ids;from_date;to_date\n".to_owned(),
    };
    let mut names: BTreeSet<&str> = parents.rows.iter().map(|row| text(row, "metering_point_id")).collect();
    names.extend(children.rows.iter().map(|row| text(row, "parent_metering_point_id")));
    for name in names {
        let number = taken.number(name)?;
        let periods: Vec<&Row> =
            parents.rows.iter().filter(|row| text(row, "metering_point_id") == name).collect();
        let mut of_home = vec![number.to_string()];
        for row in children.rows.iter().filter(|row| text(row, "parent_metering_point_id") == name) {
            of_home.push(taken.number(text(row, "metering_point_id"))?.to_string());
        }
        of_home.dedup();
        files.parent(number, &of_home.join(" "), &periods)?;
    }
    for row in &children.rows {
        files.child(taken, row)?;
    }
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    Ok(vec![
        file("points", files.points),
        file("people", files.people),
        file("occupancies", files.occupancies),
    ])
}

impl Files {
    /// A consumption point: supplied, heated and net settled in its periods, and a plain point before, between and after them.
    fn parent(&mut self, number: Gsrn, of_home: &str, periods: &[&Row]) -> Result<(), Fault> {
        let mut from = LONG_AGO.to_owned();
        let mut since = LONG_AGO.to_owned();
        for (row, nth) in periods.iter().zip(1..) {
            let (start, end) = (text(row, "period_from_date"), text(row, "period_to_date"));
            if from != start {
                self.state(number, ("", ";;"), (&from, start))?;
            }
            self.state(number, (&supplier(nth), &terms(row)?), (start, end))?;
            // Only somebody who moves in is another household.
            if is_move(row)? {
                self.household((number, nth), of_home, (&since, start))?;
                start.clone_into(&mut since);
            }
            end.clone_into(&mut from);
        }
        if !from.is_empty() {
            self.state(number, ("", ";;"), (&from, ""))?;
        }
        self.household((number, 0), of_home, (&since, ""))
    }

    fn state(
        &mut self,
        number: Gsrn,
        (supplier, terms): (&str, &str),
        (from, to): (&str, &str),
    ) -> Result<(), Fault> {
        writeln!(self.points, "{number};E17;D01;{AREA};PT15M;;;;{supplier};;{from};{to};physical;{terms}")
            .map_err(|fault| fault.to_string())
    }

    /// Who has the consumption point has its children too.
    fn household(
        &mut self,
        (number, nth): (Gsrn, usize),
        of_home: &str,
        (from, to): (&str, &str),
    ) -> Result<(), Fault> {
        writeln!(self.people, "{number}-{nth};Household {nth};none")
            .and_then(|()| writeln!(self.occupancies, "{number}-{nth};{of_home};{from};{to}"))
            .map_err(|fault| fault.to_string())
    }

    fn child(&mut self, taken: &mut Given, row: &Row) -> Result<(), Fault> {
        let code = match text(row, "metering_point_type") {
            "supply_to_grid" => "D06",
            "consumption_from_grid" => "D07",
            "electrical_heating" => "D14",
            "net_consumption" => "D15",
            other => return Err(format!("`{other}` is no child that values are computed with")),
        };
        let number = taken.number(text(row, "metering_point_id"))?;
        let parent = taken.number(text(row, "parent_metering_point_id"))?;
        let (from, to) = (text(row, "coupled_date"), text(row, "uncoupled_date"));
        writeln!(self.points, "{number};{code};;{AREA};PT15M;;;{parent};;;{from};{to};calculated;;;")
            .map_err(|fault| fault.to_string())
    }
}

/// Another supplier for each period: what the periods are cut by is not said, and a change of supplier cuts them without anybody moving.
fn supplier(nth: usize) -> String {
    let body = 579_000_000_000 + nth as u64;
    tidstro_model::Gln::from_body(body).to_string()
}

/// Whether somebody moves in at the start of a period; where a scenario does not say it, nobody does.
fn is_move(row: &Row) -> Result<bool, Fault> {
    Ok(read_if(row, "move_in", flag)?.unwrap_or_default())
}

/// Net settlement group, settlement month and heating of a period. The periods of heating are those with heating, and the periods of net consumption
/// those of group 6; a month is only of group 6.
fn terms(row: &Row) -> Result<String, Fault> {
    let is_heated = read_if(row, "has_electrical_heating", flag)?.unwrap_or(true);
    let is_net_consumption = !text(row, "move_in").is_empty();
    let group = if is_net_consumption { "6" } else { text(row, "net_settlement_group") };
    let month = if group == "6" { text(row, "settlement_month") } else { "" };
    Ok(format!("{group};{month};{}", if is_heated { "yes" } else { "" }))
}
