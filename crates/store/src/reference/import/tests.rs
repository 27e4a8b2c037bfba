//! Files of master data, taken in through the store: what is kept of each, and that any files leave periods whole.

use std::path::Path;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _, civil::date};
use proptest::prelude::*;
use tidstro_govern::{Ask, Operation, Register, Target};
use tidstro_model::{
    ActivityId, ActorId, CategoryId, DayRange, Gln, GridArea, Gsrn, PointState, PointType, Resolution,
    SettlementMethod, StatedPoint, Supply,
};

use super::*;
use crate::{Decided, KnownPeriod, MasterKey, Permit, Which};

const TOWN: &str = include_str!("../../../../../registers/town.toml");

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

async fn open(folder: &Path) -> (Store, Permit) {
    let register = Arc::new(Register::parse(TOWN, "town.toml").unwrap());
    let (zone, master) = (register.zone().clone(), MasterKey::random().unwrap().0);
    let store = Store::open(folder, register, zone, &master, at(0)).await.unwrap();
    let ask = Ask {
        actor: ActorId::parse("job:ingest").unwrap(),
        purpose: ActivityId::parse("master-data").unwrap(),
        operation: Operation::Store,
        category: CategoryId::parse("identity").unwrap(),
        target: Target::Everything,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: 1,
    };
    match store.permit(ask, at(0)).await.unwrap() {
        Decided::Granted(permit) => (store, permit),
        Decided::Refused(refuse) => panic!("{}: {}", refuse.rule, refuse.detail),
    }
}

fn days(start: i64, length: i64) -> DayRange {
    let first = date(2026, 1, 1).saturating_add(start.days());
    DayRange::new(first, first.saturating_add(length.days())).unwrap()
}

fn gsrn() -> Gsrn {
    Gsrn::from_body(57_131_315_431_000_000)
}

fn point(days: DayRange, method: SettlementMethod) -> MasterRow {
    let area = GridArea::parse("543").unwrap();
    let state = PointState::measured(PointType::Consumption(method), area, Resolution::PT1H);
    MasterRow::Point(StatedPoint { point: gsrn(), state, days }, None)
}

fn supply(days: DayRange, supplier: u64) -> MasterRow {
    let (point, supplier) = (gsrn().to_string(), Gln::from_body(supplier));
    MasterRow::Supply(Supply { point, supplier, balance_responsible: None, days })
}

fn import(rows: Vec<MasterRow>) -> MasterImport {
    let rows: Vec<_> =
        rows.into_iter().zip(2..).map(|(row, line)| MasterRowRead { file: 0, line, row }).collect();
    let count = rows.len() as u64;
    let file = MasterFileRead { name: "rows.csv".to_owned(), hash: [7; 32], rows: count + 1, unread: 1 };
    MasterImport { files: vec![file], rows }
}

#[tokio::test]
async fn what_became_of_a_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (store, permit) = open(folder.path()).await;
    let rows = vec![
        point(days(0, 100), SettlementMethod::Flex),
        supply(days(0, 50), 1),
        supply(days(40, 20), 2),
        supply(days(90, 20), 3),
    ];
    let dry = store.import_master(&permit, import(rows.clone()), true, at(1)).await.unwrap();
    let done = store.import_master(&permit, import(rows), false, at(2)).await.unwrap();
    assert_eq!(dry, done);
    let lines: Vec<u64> = done.refused.iter().map(|refused| refused.line).collect();
    assert_eq!(lines, [4, 5], "days that are said twice, and days outside the point's life");
    assert_eq!(done.unsupplied, [(gsrn(), days(50, 50))]);
    let job = |reading: &mut crate::sqlite::Reading| {
        let sql = "SELECT rows, refused, added, retired, change_seq FROM master_file";
        let row = |row: &crate::db::Row<'_>| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, i64>(4)?])
        };
        Ok(reading.db.query_row(sql, [], row)?)
    };
    assert_eq!(store.threads.read(job).await.unwrap(), [5, 3, 2, 0, 1]);
}

type Said = (bool, i64, i64, u64);

fn said() -> impl Strategy<Value = Vec<Vec<Said>>> {
    let row = (any::<bool>(), 0_i64..60, 1_i64..30, 0_u64..3);
    prop::collection::vec(prop::collection::vec(row, 1..6), 1..6)
}

fn row((is_point, start, length, which): Said) -> MasterRow {
    if is_point {
        let method = if which == 0 { SettlementMethod::Flex } else { SettlementMethod::NonProfiled };
        point(days(start, length), method)
    } else {
        supply(days(start, length), which)
    }
}

/// No two periods share a day, each begins where the one before it ends, and the supplier has no days outside.
fn is_whole(periods: &[KnownPeriod]) -> bool {
    periods.iter().zip(periods.iter().skip(1)).all(|(one, next)| one.days.end() == next.days.start())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_files_leave_periods_whole_and_what_was_known_then(files in said()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let (store, permit) = open(folder.path()).await;
            let known = |as_of| store.point_periods(Which::All, DayRange::always(), as_of);
            let mut told = Vec::new();
            for (second, file) in (1..).zip(files) {
                let rows: Vec<MasterRow> = file.into_iter().map(row).collect();
                store.import_master(&permit, import(rows.clone()), false, at(second)).await.unwrap();
                let periods = known(None).await.unwrap();
                prop_assert!(is_whole(&periods), "{periods:?}");
                told.push((at(second), periods));
            }
            for (moment, periods) in told {
                prop_assert_eq!(known(Some(moment)).await.unwrap(), periods);
            }
            Ok(())
        })?;
    }
}
