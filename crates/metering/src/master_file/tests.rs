//! Files of master data: what they say, what is wrong with them, and that what is written reads back.

use jiff::civil::date;
use proptest::prelude::*;
use tidstro_model::{
    DayRange, GridArea, NetSettlementGroup, Parties, PointState, PointType, Resolution, SettlementMethod,
    SettlementMonth,
};

use super::*;

const MARKET: &str = "metering_point_id;type;calculation_type;settlement_method;grid_area_code;resolution;\
     from_grid_area_code;to_grid_area_code;parent_metering_point_id;energy_supplier_id;\
     balance_responsible_party_id;from_date;to_date";
const SUPPLIES: &str = "metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date";
const DEVICES: &str = "device;metering_point_id;from_date;to_date;factor;multiplier;digits";

fn parse(header: &str, rows: &str) -> Vec<(u64, Result<MasterRow, String>)> {
    let text = format!("\u{feff}{header}\r\n{rows}\r\n");
    let file = MasterFile::parse(text.as_bytes(), &Zone::copenhagen(), CheckDigit::Required).unwrap();
    file.rows.into_iter().map(|(line, row)| (line, row.map_err(|fault| fault.to_string()))).collect()
}

fn fault(header: &str, row: &str) -> String {
    parse(header, row).remove(0).1.unwrap_err()
}

#[test]
fn a_row_of_the_market_is_a_state_and_a_supply() {
    let row = "571313154390359463;E17;;D01;003;PT15M;;;;5790001330552;5790000432752;2023-01-31T23:00:00Z;";
    let (line, Ok(MasterRow::Point(stated, Some(supply)))) = parse(MARKET, row).remove(0) else {
        panic!("a point")
    };
    assert_eq!((line, stated.days), (2, DayRange::from(date(2023, 2, 1))));
    assert_eq!(stated.state.kind, PointType::Consumption(SettlementMethod::Flex));
    assert_eq!((stated.state.area.to_string(), stated.state.resolution), ("003".into(), Resolution::PT15M));
    assert_eq!((supply.supplier.to_string(), supply.days), ("5790001330552".into(), stated.days));
}

#[test]
fn each_fault_names_its_field() {
    let cases = [
        (
            "571313154390359464;E17;;D01;003;PT1H;;;;;;2023-02-01;",
            "field `metering_point_id` check digit is 4",
        ),
        ("571313154390359463;E17;;;003;PT1H;;;;;;2023-02-01;", "field `settlement_method` is empty"),
        ("571313154390359463;E18;;D01;003;PT1H;;;;;;2023-02-01;", "field `settlement_method` must be empty"),
        ("571313154390359463;E20;;;003;PT1H;003;;;;;2023-02-01;", "field `to_grid_area_code` is empty"),
        ("571313154390359463;E99;;;003;PT1H;;;;;;2023-02-01;", "field `type` is not known"),
        (
            "571313154390359463;E18;;;3;PT1H;;;;;;2023-02-01;",
            "field `grid_area_code` is not known; write one of three digits",
        ),
        ("571313154390359463;E18;;;003;PT5M;;;;;;2023-02-01;", "field `resolution` is not known"),
        (
            "571313154390359463;E18;;;003;PT1H;;;571313154390359463;;;2023-02-01;",
            "field `parent_metering_point_id` is the point itself",
        ),
        (
            "571313154390359463;E18;;;003;PT1H;;;;;;2023-02-30;",
            "field `from_date` names a day or time that does not exist",
        ),
        (
            "571313154390359463;E18;;;003;PT1H;;;;;;2023-01-31T22:00:00Z;",
            "field `from_date` is not local midnight",
        ),
        ("571313154390359463;E18;;;003;PT1H;;;;;;1.2.2023;", "field `from_date` is not a day"),
        (
            "571313154390359463;E18;;;003;PT1H;;;;;;2023-02-01;2023-02-01",
            "field `to_date` is not after `from_date`",
        ),
        ("571313154390359463;E18;;;003;PT1H;;;;;2023-02-01;", "row has 12 fields, the header has 13"),
    ];
    for (row, says) in cases {
        let found = fault(MARKET, row);
        assert!(found.starts_with(says), "{row}: {found}");
    }
}

#[test]
fn factors_and_digits_are_checked() {
    for (end, says) in [
        ("0;;", "field `factor` is not above zero"),
        ("1.0000;;", "field `factor` has 4 decimals"),
        (";1,5;", "field `multiplier` is not a number"),
        (";;19", "field `digits` is not a number of digits"),
    ] {
        let found = fault(DEVICES, &format!("KAM 12345678 v1B t07;water;2026-01-01;;{end}"));
        assert!(found.starts_with(says), "{found}");
    }
}

#[test]
fn net_settlement_and_heating_are_checked() {
    let header = format!("{MARKET};net_settlement_group;settlement_month;electrical_heating");
    for (kind, end, says) in [
        ("E17;;D01", "6;;", "field `settlement_month` is empty; net settlement group 6 needs the month"),
        ("E17;;D01", "2;9;", "field `settlement_month` must be empty; only net settlement group 6"),
        ("E17;;D01", ";9;", "field `settlement_month` must be empty; only net settlement group 6"),
        ("E17;;D01", "8;;", "field `net_settlement_group` is no net settlement group; write one of 0 to 7"),
        ("E17;;D01", "six;9;", "field `net_settlement_group` is no net settlement group"),
        ("E17;;D01", "6;13;", "field `settlement_month` is no month; write 1 to 12"),
        ("E17;;D01", "6;0915;", "field `settlement_month` is not the first day of a month"),
        ("D15;;", "6;9;", "field `net_settlement_group` must be empty for a point of this type"),
        ("E18;;", ";;yes", "field `electrical_heating` must be empty for a point of this type"),
        ("E17;;D01", ";;no", "field `electrical_heating` is not known; write one of `yes`, or nothing"),
    ] {
        let found = fault(&header, &format!("571313154390359463;{kind};003;PT1H;;;;;;2023-02-01;;{end}"));
        assert!(found.starts_with(says), "{kind} {end}: {found}");
    }
}

#[test]
fn a_bad_row_does_not_spoil_its_neighbours() {
    let good = "571313154390359463;5790001330552;;2026-01-01;2026-02-01";
    let rows = parse(SUPPLIES, &format!("{good}\r\nnonsense\r\n# a comment\r\n\r\n{good}"));
    assert_eq!(
        rows.iter().map(|(line, row)| (*line, row.is_ok())).collect::<Vec<_>>(),
        [(2, true), (3, false), (6, true)]
    );
}

#[test]
fn a_header_that_is_not_of_master_data_is_refused() {
    let read =
        |bytes: &[u8]| MasterFile::parse(bytes, &Zone::copenhagen(), CheckDigit::Required).unwrap_err();
    assert_eq!(read(b""), MasterFileFault::Empty);
    assert_eq!(read(b"one;two\n"), MasterFileFault::UnknownHeader);
    assert_eq!(
        read(b"reference;name;contact;age\n"),
        MasterFileFault::UnknownColumn { column: 4, kind: "people" }
    );
    assert_eq!(read(b"reference;name;contact;name\n"), MasterFileFault::ColumnTwice { column: 4 });
    assert_eq!(read(b"reference;\xff"), MasterFileFault::NoText { byte: 10 });
}

#[test]
fn quotes_hold_separators() {
    let rows = parse("reference;name;contact", "p-1;\"Ane; \"\"Ann\"\" Holm\";ane@example.org");
    let Ok(MasterRow::Person(person)) = &rows[0].1 else { panic!("a person") };
    assert_eq!((person.name.as_str(), person.reference.as_str()), ("Ane; \"Ann\" Holm", "p-1"));
}

/// Of consumption and production every group but one, which stands for none.
fn net_settlement(kind: usize, group: i64) -> Option<NetSettlementGroup> {
    let month = SettlementMonth::new(9).ok().filter(|_| group == 6);
    NetSettlementGroup::of_number(group, month).ok().filter(|group| kind < 2 && group.number() != 4)
}

proptest! {
    /// Periods that are written read back as they were.
    #[test]
    fn points_read_back(
        (from, length) in (0_i64..20_000, 1_i64..4_000),
        kind in 0_usize..4,
        thousandths in 1_i64..3_000,
        flags in any::<[bool; 4]>(),
        group in 0_i64..8,
    ) {
        let area = |text| GridArea::parse(text).unwrap();
        let kinds = [
            PointType::Consumption(SettlementMethod::NonProfiled),
            PointType::Production,
            PointType::Exchange { from: area("800"), to: area("003") },
            PointType::child("D06").unwrap(),
        ];
        let (zone, gsrn) = (Zone::copenhagen(), tidstro_model::Gsrn::from_body);
        let start = date(2000, 1, 1).saturating_add(jiff::ToSpan::days(from));
        let end = if flags[0] { jiff::civil::Date::MAX } else { start.saturating_add(jiff::ToSpan::days(length)) };
        let days = DayRange::new(start, end).unwrap();
        let state = PointState {
            factor: tidstro_model::Factor::of_thousandths(thousandths).unwrap(),
            parent: flags[1].then(|| gsrn(7)),
            stands_for_grid_loss: flags[2],
            net_settlement: net_settlement(kind, group),
            is_electrically_heated: kind == 0 && flags[3],
            ..PointState::measured(kinds[kind], area("003"), Resolution::PT15M)
        };
        let text: String = point_lines([(gsrn(5), state, Parties::default(), days)], &zone).collect();
        let read = MasterFile::parse(text.as_bytes(), &zone, CheckDigit::Required).unwrap();
        let expected = MasterRow::Point(tidstro_model::StatedPoint { point: gsrn(5), state, days }, None);
        prop_assert_eq!(read.rows, vec![(2, Ok(expected))]);
    }

    /// Any bytes are read without a panic.
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}", header in prop::sample::select(&[MARKET, SUPPLIES, DEVICES])) {
        let file = format!("{header}\n{text}");
        let read = MasterFile::parse(file.as_bytes(), &Zone::copenhagen(), CheckDigit::Ignored).unwrap();
        prop_assert!(read.rows.len() <= file.lines().count());
    }
}

/// A line of a file of people: its number, and name and contact or why it is refused.
type PersonLine = (u64, Result<(String, String), String>);

fn people(rows: &str) -> Vec<PersonLine> {
    let name = |row| match row {
        Ok(MasterRow::Person(person)) => Ok((person.name, person.contact)),
        Ok(_) => panic!("a person"),
        Err(fault) => Err(fault),
    };
    parse("reference;name;contact", rows).into_iter().map(|(line, row)| (line, name(row))).collect()
}

fn called(name: &str, contact: &str) -> Result<(String, String), String> {
    Ok((name.to_owned(), contact.to_owned()))
}

#[test]
fn a_field_in_quotes_goes_on_in_the_next_lines() {
    let rows = "a;\"Ane\nHolm\";x\nb;\" Bo \";\"Vej 1\r\n\r\n# 2\"\nc;Eva;z";
    assert_eq!(
        people(rows),
        [(2, called("Ane\nHolm", "x")), (4, called(" Bo ", "Vej 1\r\n\r\n# 2")), (7, called("Eva", "z")),]
    );
}

#[test]
fn a_quote_that_nobody_closes_spoils_its_own_row_only() {
    let is_open = |row: &Result<_, String>| row.as_ref().is_err_and(|fault| fault.contains("is not closed"));
    // Closed by a quote of another row, by none, and too far away.
    for second in ["b;\"Bo;y\"", "b;\"Bo\";y", "b;Bo;y", &format!("b;Bo;y{}\"", "\nc;Eva;z".repeat(40))] {
        let rows = people(&format!("a;\"Ane;x\n{second}"));
        assert!(rows[0].0 == 2 && is_open(&rows[0].1), "{second}: {rows:?}");
        assert_eq!(rows[1].0, 3, "{second}");
    }
}

proptest! {
    #[test]
    fn people_come_back_as_they_were(
        names in proptest::collection::vec(("[a-zæ;\"#\r\n\t ]{1,9}", "\\PC{1,9}"), 1..6),
    ) {
        let person = |(number, (name, contact)): (usize, &(String, String))| tidstro_model::Person {
            reference: format!("r{number}"),
            name: name.clone(),
            contact: contact.clone(),
        };
        let given: Vec<_> = names.iter().enumerate().map(person).collect();
        let text: String = people_lines(given.clone()).collect();
        let read = MasterFile::parse(text.as_bytes(), &Zone::copenhagen(), CheckDigit::Required).unwrap();
        let mut line = 2;
        for ((number, row), person) in read.rows.iter().zip(&given) {
            prop_assert_eq!(*number, line, "the row's first line");
            prop_assert_eq!(row.as_ref(), Ok(&MasterRow::Person(person.clone())));
            line += 1 + person.name.matches('\n').count() as u64;
        }
        prop_assert_eq!(read.rows.len(), given.len());
    }
}
