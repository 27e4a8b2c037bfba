//! Two ingests of the same file at once: one result, on both databases, as two tasks and as two programs would.

use tidstro_flows::{IngestReport, Workspace, verify_log};

use crate::grid::{days, filled, hours, open, shown, take};

/// What both say together: every day is added by one of them, and there already for the other.
fn is_one_result(reports: [&IngestReport; 2]) {
    let sum = |count: fn(&IngestReport) -> u64| reports.into_iter().map(count).sum::<u64>();
    assert_eq!(sum(|report| report.days_added), days().unsigned_abs());
    assert_eq!(sum(|report| report.days_unchanged), days().unsigned_abs());
    assert_eq!(sum(|report| report.days_changed), 0);
}

async fn at_once(one: &Workspace, two: &Workspace) {
    let sent = hours(0);
    let (first, second) = tokio::join!(take(one, &sent), take(two, &sent));
    is_one_result([&first.unwrap(), &second.unwrap()]);
    assert_eq!(shown(one).await, sent);
    assert_eq!(shown(two).await, sent);
    verify_log(one).await.unwrap();
}

/// A folder and a database.
fn places(folder: &tempfile::TempDir) -> [String; 2] {
    let url = tidstro_cluster::shared().unwrap().database().unwrap();
    [folder.path().join("data").display().to_string(), url]
}

#[tokio::test]
async fn two_tasks_of_one_program() {
    for place in places(&tempfile::tempdir().unwrap()) {
        let workspace = filled(&place).await;
        at_once(&workspace, &workspace).await;
    }
}

#[tokio::test]
async fn two_programs() {
    for place in places(&tempfile::tempdir().unwrap()) {
        let one = filled(&place).await;
        let two = open(&place).await.unwrap();
        at_once(&one, &two).await;
    }
}

/// The first to come makes the tables, the keys and the log; the other finds them.
#[test]
fn a_new_place_is_made_once_by_four() {
    let folder = tempfile::tempdir().unwrap();
    for place in places(&folder) {
        let opening = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { open(&place).await.map(drop).map_err(|fault| fault.to_string()) })
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(opening)).collect();
            for one in all {
                assert_eq!(one.join().unwrap(), Ok(()), "{place}");
            }
        });
    }
}
