//! Scenarios of capacity settlement, settled by the product's flows.
//!
//! What comes in: `when/` of a scenario. Its periods become consumption points with a child each, and a household for each period. What goes out:
//! the rows of its `then/`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use jiff::ToSpan as _;
use tidstro_calendar::next_month;
use tidstro_flows::{ChildAsk, SettledCapacity, settle_capacity};
use tidstro_metering::settlement::PreviousDays;
use tidstro_model::{ActivityId, ActorId, Resolution};

use super::super::Computed;
use super::super::calculated::capacity_month;
use super::super::table::{Fault, Row, Table, number, row, text};
use super::given::{Given, given};
use super::settled::DAYS_AFTER;

/// The area of every point; the scenarios name none.
pub(super) const AREA: &str = "800";

/// The results of the month in `when/`.
pub(super) fn capacity(when: &Path) -> Result<Computed, Fault> {
    let month = capacity_month(when)?;
    let zone = tidstro_calendar::Zone::copenhagen();
    let now = zone.day_start(next_month(month)).checked_add((24 * DAYS_AFTER).hours());
    let mut taken = Given::open(now.map_err(|fault| fault.to_string())?)?;
    let table =
        Table::read(&when.join("electricity_market__capacity_settlement/metering_point_periods_v1.csv"))?;
    let files = master_data(&mut taken, &table)?;
    taken.import(files)?;
    let measured = Table::read(&when.join("measurements_gold/current_v1.csv"))?;
    let known: BTreeSet<&str> = table.rows.iter().map(|row| text(row, "metering_point_id")).collect();
    let is_known = |row: &Row| known.contains(text(row, "metering_point_id"));
    taken.ingest(&measured.rows, |row| is_known(row).then_some(Resolution::PT1H.code()))?;
    let asked = asked(PreviousDays::new())?;
    let settling = settle_capacity(&taken.workspace, (&asked, month), taken.now);
    let view = given(taken.runtime.block_on(settling))?;
    Ok(Computed::from([
        ("measurements".to_owned(), view.settled.iter().flat_map(|one| days(&taken, one)).collect()),
        (
            "ten_largest_quantities".to_owned(),
            view.settled.iter().flat_map(|one| hours(&taken, one)).collect(),
        ),
    ]))
}

/// Who asks, and what was given before.
pub(super) fn asked(given: PreviousDays) -> Result<ChildAsk, Fault> {
    Ok(ChildAsk {
        actor: ActorId::parse("job:hub").map_err(|fault| fault.to_string())?,
        purpose: ActivityId::parse("settlement").map_err(|fault| fault.to_string())?,
        area: AREA.to_owned(),
        as_of: None,
        given,
    })
}

/// Points, people and occupancies as files. A point is there from its first period on.
fn master_data(taken: &mut Given, table: &Table) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let mut points = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
                      to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;\
                      from_date;to_date;sub_type\n"
        .to_owned();
    let mut people = "reference;name;contact\n".to_owned();
    let mut occupancies = "reference;metering_point_ids;from_date;to_date\n".to_owned();
    let mut stated = BTreeSet::new();
    for (row, household) in table.rows.iter().zip(1..) {
        let (point, child) = (text(row, "metering_point_id"), text(row, "child_metering_point_id"));
        let (parent, number) = (taken.number(point)?, taken.number(child)?);
        let (from, to) = (text(row, "period_from_date"), text(row, "period_to_date"));
        let (coupled, uncoupled) = (text(row, "child_period_from_date"), text(row, "child_period_to_date"));
        let mut state = |what: String| writeln!(points, "{what}").map_err(|fault| fault.to_string());
        if stated.insert(point) {
            state(format!("{parent};E17;D01;{AREA};PT1H;;;;5790000000001;;{from};;physical"))?;
        }
        if stated.insert(child) {
            state(format!("{number};D19;;{AREA};P1M;;;{parent};;;{coupled};{uncoupled};calculated"))?;
        }
        let lived = writeln!(people, "h{household};Household {household};none")
            .and_then(|()| writeln!(occupancies, "h{household};{parent};{from};{to}"));
        lived.map_err(|fault| fault.to_string())?;
    }
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    Ok(vec![file("points", points), file("people", people), file("occupancies", occupancies)])
}

/// A value for each of its days.
fn days<'a>(taken: &'a Given, one: &'a SettledCapacity) -> impl Iterator<Item = Row> + 'a {
    let days = one.days.start().series(1.day()).take_while(|day| *day < one.days.end());
    days.map(|day| {
        row([
            ("metering_point_id", taken.id_of(&one.child.to_string())),
            ("date", taken.workspace.zone().day_start(day).to_string()),
            ("quantity", number(one.watt_hours, -3)),
            ("settlement_type", String::new()),
        ])
    })
}

fn hours<'a>(taken: &'a Given, one: &'a SettledCapacity) -> impl Iterator<Item = Row> + 'a {
    one.hours.iter().map(|hour| {
        row([
            ("metering_point_id", taken.id_of(&one.point.to_string())),
            ("quantity", number(hour.watt_hours, -3)),
            ("observation_time", hour.at.to_string()),
        ])
    })
}
