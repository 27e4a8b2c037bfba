//! The way to the server is cut: at many messages, before one arrives or behind it, and for good.

use tidstro_cluster::{Cluster, Cut, Setup, Wire};
use tidstro_flows::{
    RetentionOutcome, Workspace, approve_retention, preview_retention, run_retention, verify_log,
};

use crate::common::{actor, given};
use crate::grid::{at, database, days, filled, hours, open, put_together, shown, take, versions};

/// Cuts of one use, both sides of a message counted.
const CUTS: u64 = 24;

/// Where to cut a use that took so many messages.
fn cuts(messages: u64, how_many: u64) -> impl Iterator<Item = Cut> {
    let step = (messages * 2).div_ceil(how_many).max(1);
    let numbers = (1..=messages * 2).step_by(usize::try_from(step).unwrap());
    numbers.map(|half| if half % 2 == 1 { Cut::Before(half.div_ceil(2)) } else { Cut::Behind(half / 2) })
}

/// Counts messages from now on, without a cut.
fn count(wire: &Wire) {
    wire.cut(Cut::Before(u64::MAX));
}

#[tokio::test]
async fn an_ingest_cut_anywhere_is_kept_once() {
    let cluster = tidstro_cluster::shared().unwrap();
    let (url, wire) = database(cluster);
    let workspace = filled(&wire.url(&url)).await;
    take(&workspace, &hours(0)).await.unwrap();
    count(&wire);
    take(&workspace, &hours(1)).await.unwrap();
    let mut times = 2;
    for cut in cuts(wire.messages(), CUTS) {
        let sent = hours(times);
        wire.cut(cut.clone());
        let report = take(&workspace, &sent).await.unwrap_or_else(|fault| panic!("{cut:?}: {fault}"));
        times += 1;
        assert_eq!((report.days_changed, report.days_unchanged), (days().unsigned_abs(), 0), "{cut:?}");
        assert_eq!(shown(&workspace).await, sent, "{cut:?}");
        assert_eq!(versions(cluster, &url), days() * times, "{cut:?}");
    }
    assert!(wire.cuts() >= CUTS / 2, "{}", wire.cuts());
    verify_log(&workspace).await.unwrap();
}

#[tokio::test]
async fn a_compaction_cut_anywhere_changes_no_value() {
    let cluster = tidstro_cluster::shared().unwrap();
    let (url, wire) = database(cluster);
    let workspace = filled(&wire.url(&url)).await;
    take(&workspace, &hours(0)).await.unwrap();
    count(&wire);
    assert_eq!(put_together(&workspace).await.unwrap(), 3);
    for (cut, first) in cuts(wire.messages(), CUTS / 2).zip(1..) {
        let sent = hours(first);
        take(&workspace, &sent).await.unwrap();
        wire.cut(cut.clone());
        put_together(&workspace).await.unwrap_or_else(|fault| panic!("{cut:?}: {fault}"));
        assert_eq!(versions(cluster, &url), 0, "{cut:?}");
        assert_eq!(put_together(&workspace).await.unwrap(), 0, "{cut:?}");
        assert_eq!(shown(&workspace).await, sent, "{cut:?}");
    }
    verify_log(&workspace).await.unwrap();
}

/// Runs that are cut, each of a place of its own.
const RUNS: u64 = 10;

/// A moment at which nobody keeps anything of the point's people any more.
const LATER: &str = "2045-04-20T08:00:00Z";

/// A preview of everything, approved.
async fn approved(workspace: &Workspace) -> u64 {
    let preview =
        given(preview_retention(workspace, &actor("job:retention"), at(LATER)).await.unwrap()).number;
    approve_retention(workspace, &actor("staff:dpo"), preview, at(LATER)).await.unwrap();
    preview
}

async fn erased(workspace: &Workspace, preview: u64) -> Result<RetentionOutcome, String> {
    let run = run_retention(workspace, &actor("job:retention"), preview, at(LATER), |_, _| ()).await;
    run.map(given).map_err(|fault| fault.to_string())
}

/// A run tells how many rows went: the same, wherever it was cut.
#[tokio::test]
async fn a_retention_run_cut_anywhere_erases_once() {
    let cluster = tidstro_cluster::shared().unwrap();
    let mut messages = 0;
    let mut expected = None;
    let mut plan = vec![Cut::Before(u64::MAX)];
    while let Some(cut) = plan.pop() {
        let (url, wire) = database(cluster);
        let workspace = filled(&wire.url(&url)).await;
        take(&workspace, &hours(0)).await.unwrap();
        let preview = approved(&workspace).await;
        wire.cut(cut.clone());
        let outcome = match erased(&workspace, preview).await {
            Ok(outcome) => outcome,
            Err(fault) => {
                assert!(fault.contains("run the command again"), "{cut:?}: {fault}");
                erased(&workspace, preview).await.unwrap()
            }
        };
        if messages == 0 {
            messages = wire.messages();
            plan = cuts(messages, RUNS).collect();
        }
        let RetentionOutcome::Erased { certificate, .. } = outcome else { panic!("{cut:?}: {outcome:?}") };
        let lines = certificate
            .split("\\n")
            .filter(|line| ["rows ", "keys ", "erase "].iter().any(|beginning| line.starts_with(beginning)));
        let counts: Vec<String> = lines.map(str::to_owned).collect();
        assert!(counts.len() > 5, "{certificate}");
        assert_eq!(expected.get_or_insert_with(|| counts.clone()), &counts, "{cut:?}");
        let left = cluster.ask(&url, "SELECT count(*) FROM tidstro.series_block").unwrap();
        // Those of the one who still lives there.
        assert_eq!(left, "24", "{cut:?}");
        assert_eq!(erased(&workspace, preview).await, Ok(RetentionOutcome::Nothing));
    }
}

/// After the last try the fault says where, and what to do; and that is enough.
#[tokio::test]
async fn a_server_that_stays_away_is_said_and_the_same_again_goes_on() {
    let cluster = Cluster::start(&Setup::default()).unwrap();
    let url = cluster.database().unwrap();
    let workspace = filled(&url).await;
    cluster.kill_first_process().unwrap();
    let fault = take(&workspace, &hours(0)).await.unwrap_err().to_string();
    assert!(fault.starts_with("the database does not answer: `postgres://"), "{fault}");
    assert!(
        fault.ends_with("nothing of this step was kept; run the command again when it is back"),
        "{fault}"
    );
    let opened = open(&url).await.err().unwrap().to_string();
    assert!(opened.starts_with("the database does not answer: `postgres://"), "{opened}");
    cluster.go_on().unwrap();
    take(&workspace, &hours(0)).await.unwrap();
    assert_eq!(shown(&workspace).await, hours(0));
    assert_eq!(versions(&cluster, &url), days());
}

/// Whether the last step was kept is not known; that is said, and the same again is right either way.
#[tokio::test]
async fn a_server_lost_in_a_commit_is_said_and_the_same_again_is_kept_once() {
    let cluster = tidstro_cluster::shared().unwrap();
    let (url, wire) = database(cluster);
    let workspace = filled(&wire.url(&url)).await;
    wire.cut_for_good(Cut::BehindSaying("COMMIT"));
    let fault = take(&workspace, &hours(0)).await.unwrap_err().to_string();
    assert!(fault.starts_with("the database went away while it was keeping this step: "), "{fault}");
    assert!(
        fault.ends_with("run the command again when it is back: what is there already is not kept twice"),
        "{fault}"
    );
    wire.mend();
    take(&workspace, &hours(0)).await.unwrap();
    assert_eq!((shown(&workspace).await, versions(cluster, &url)), (hours(0), days()));
    verify_log(&workspace).await.unwrap();
}
