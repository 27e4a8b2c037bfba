//! A move whose way to the server is cut: the same call goes on, and all rows are there once.

use std::path::Path;

use tidstro_cluster::Cut;
use tidstro_flows::{MigrationReport, migrate};

use crate::grid::{at, database, filled, hours, open, shown, take};

/// Moves until it is done; how often it was cut short.
fn moved(from: &str, to: &str) -> (MigrationReport, u32) {
    for cuts in 0..3 {
        match migrate(Path::new(from), Path::new(to), &|_, _| (), at("2026-04-21T08:00:00Z")) {
            Ok(report) => return (report, cuts),
            Err(fault) => {
                let said = fault.to_string();
                assert!(said.contains("run the command again"), "{said}");
            }
        }
    }
    panic!("it does not come to an end")
}

#[tokio::test]
async fn a_move_cut_anywhere_goes_on() {
    let cluster = tidstro_cluster::shared().unwrap();
    let files = tempfile::tempdir().unwrap();
    let place = |number: u32| files.path().join(number.to_string()).display().to_string();
    let mut from = place(0);
    let workspace = filled(&from).await;
    take(&workspace, &hours(0)).await.unwrap();
    drop(workspace);
    let mut cut_short = 0;
    for (number, at_message) in [3_u64, 40, 90, 140, 190, 260].into_iter().enumerate() {
        let (url, wire) = database(cluster);
        let over = wire.url(&url);
        for (cut, to) in [
            (Cut::Before(at_message), over.clone()),
            (Cut::Behind(at_message), place(u32::try_from(number).unwrap() + 1)),
        ] {
            wire.cut(cut);
            let (report, cuts) = moved(&from, &to);
            cut_short += cuts;
            assert!(report.tables.len() > 40);
            from = to;
        }
        let workspace = open(&from).await.unwrap();
        assert_eq!(shown(&workspace).await, hours(0), "{number}");
    }
    assert!(cut_short >= 4, "{cut_short}");
}
