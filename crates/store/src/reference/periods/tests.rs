//! Statements in any order: periods stay whole, and what was known at a moment stays what was known then.

use jiff::{Timestamp, ToSpan as _, civil::date};
use proptest::prelude::*;
use tidstro_model::{
    Dated, DayRange, Gln, GridArea, Gsrn, Parties, PointNo, PointState, PointType, Resolution,
    SettlementMethod, Timeline,
};

use super::*;
use crate::sqlite::Files;

const FLEX: PointType = PointType::Consumption(SettlementMethod::Flex);
const FIRST: jiff::civil::Date = date(2026, 1, 1);

fn days(start: i64, end: i64) -> DayRange {
    DayRange::new(FIRST.saturating_add(start.days()), FIRST.saturating_add(end.days())).unwrap()
}

fn state(kind: PointType, area: &str) -> PointState {
    PointState::measured(kind, GridArea::parse(area).unwrap(), Resolution::PT1H)
}

/// A point of the market in an area that is there.
fn with_point(folder: &tempfile::TempDir) -> (Connection, PointNo) {
    let db = Files::below(folder.path()).open_data().unwrap();
    let gsrn = Gsrn::from_body(57_131_315_431_000_000);
    db.execute_batch(&format!(
        "INSERT INTO area VALUES (1, '543', 'grid-area'), (2, '800', 'grid-area');
         INSERT INTO point (point_no, area_no, own_id, commodity, premises_key_no)
         VALUES (1, 1, '{gsrn}', 'electricity-consumption', 9)"
    ))
    .unwrap();
    (db, PointNo::new(1))
}

fn second(number: usize) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + i64::try_from(number).unwrap()).unwrap()
}

fn state_one(db: &Connection, at: usize, point: PointNo, stated: Dated<PointState>) -> bool {
    let old = states_of(db, point, KnownAt::NOW).unwrap();
    let mut new = old.clone();
    new.state(stated);
    if !new.gaps().is_empty() {
        return false;
    }
    let mut change = MasterChange::begin(1, None, second(at));
    state_points(db, &mut change, &[(point, old.difference(&new))]).unwrap();
    true
}

fn supply_one(
    db: &Connection,
    at: usize,
    point: PointNo,
    stated: Dated<Parties>,
) -> Vec<(PointNo, DayRange)> {
    let old = supplies_of(db, point, KnownAt::NOW).unwrap();
    let mut new = old.clone();
    new.state(stated);
    let mut change = MasterChange::begin(1, None, second(at));
    state_supplies(db, &mut change, &[(point, old.difference(&new))]).unwrap();
    change.done.touched
}

fn supplied(supplier: u64, balance: u64) -> Parties {
    Parties { supplier: Some(Gln::from_body(supplier)), balance_responsible: Some(Gln::from_body(balance)) }
}

#[test]
fn a_supplier_who_changed_in_the_past_touches_only_those_days() {
    let folder = tempfile::tempdir().unwrap();
    let (db, point) = with_point(&folder);
    assert!(state_one(&db, 0, point, Dated { days: days(0, 100), what: state(FLEX, "543") }));
    supply_one(&db, 1, point, Dated { days: days(0, 100), what: supplied(1, 9) });
    let touched = supply_one(&db, 2, point, Dated { days: days(40, 60), what: supplied(2, 9) });
    assert_eq!(touched, [(point, days(40, 60))]);
    let known = |at| {
        let known = KnownAt::instant(&db, at).unwrap();
        let periods = point_periods(&db, &Which::Area(GridArea::parse("543").unwrap()), days(30, 200), known);
        periods.unwrap().into_iter().map(|period| (period.days, period.parties)).collect::<Vec<_>>()
    };
    assert_eq!(
        known(None),
        [(days(30, 40), supplied(1, 9)), (days(40, 60), supplied(2, 9)), (days(60, 100), supplied(1, 9))]
    );
    assert_eq!(known(Some(second(1))), [(days(30, 100), supplied(1, 9))]);
    assert_eq!(known(Some(second(0))), [(days(30, 100), Parties::default())]);
}

#[test]
fn exchange_is_found_from_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let (db, point) = with_point(&folder);
    let (here, there) = (GridArea::parse("543").unwrap(), GridArea::parse("800").unwrap());
    let exchange = state(PointType::Exchange { from: there, to: here }, "543");
    assert!(state_one(&db, 0, point, Dated { days: DayRange::from(FIRST), what: exchange }));
    for area in [here, there] {
        assert_eq!(points_of(&db, area, FIRST, KnownAt::NOW).unwrap(), [point]);
        let found = point_periods(&db, &Which::Area(area), days(0, 1), KnownAt::NOW).unwrap();
        assert_eq!(found.first().map(|period| period.state), Some(exchange));
    }
    assert_eq!(points_of(&db, here, date(2025, 12, 31), KnownAt::NOW).unwrap(), []);
    let open = point_periods(&db, &Which::All, DayRange::always(), KnownAt::NOW).unwrap();
    let zone = tidstro_calendar::Zone::copenhagen();
    let settled = open.first().and_then(|period| period.settled(&zone)).unwrap();
    assert_eq!(settled.valid.start().to_string(), "2025-12-31T23:00:00Z");
    assert!(settled.valid.end() > "9990-01-01T00:00:00Z".parse().unwrap());
}

#[test]
fn a_point_that_moves_lies_in_its_new_area() {
    let folder = tempfile::tempdir().unwrap();
    let (db, point) = with_point(&folder);
    state_one(&db, 0, point, Dated { days: days(0, 100), what: state(FLEX, "543") });
    state_one(&db, 1, point, Dated { days: days(50, 100), what: state(FLEX, "800") });
    let area: i64 = db.query_row("SELECT area_no FROM point", [], |row| row.get(0)).unwrap();
    assert_eq!(area, 2);
}

type Stated = (i64, i64, usize);

fn statements() -> impl Strategy<Value = Vec<Stated>> {
    prop::collection::vec((0_i64..40, 1_i64..20, 0_usize..4), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// After any statements the periods of a point follow each other, and every earlier moment answers as it did then.
    #[test]
    fn periods_stay_whole_and_the_past_stays_known(stated in statements()) {
        let folder = tempfile::tempdir().unwrap();
        let (db, point) = with_point(&folder);
        let kinds = [state(FLEX, "543"), state(PointType::Production, "543"), state(FLEX, "800"),
                     state(PointType::Consumption(SettlementMethod::NonProfiled), "543")];
        let mut said: Vec<Timeline<PointState>> = Vec::new();
        for (at, (start, length, kind)) in stated.into_iter().enumerate() {
            state_one(&db, at, point, Dated { days: days(start, start + length), what: kinds[kind] });
            said.push(states_of(&db, point, KnownAt::NOW).unwrap());
        }
        for (at, expected) in said.iter().enumerate() {
            prop_assert!(expected.gaps().is_empty());
            let known = KnownAt::instant(&db, Some(second(at))).unwrap();
            prop_assert_eq!(&states_of(&db, point, known).unwrap(), expected);
        }
        let before = KnownAt::instant(&db, Some(Timestamp::UNIX_EPOCH)).unwrap();
        prop_assert!(states_of(&db, point, before).unwrap().periods().is_empty());
    }
}
