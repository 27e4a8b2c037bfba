//! A server whose disk is full. A trigger says so in the place of the system, so that all else is the server's own.

use tidstro_cluster::Cluster;
use tidstro_flows::{FlowFault, inputs, verify_log};

use crate::grid::{days, filled, hours, put_together, shown, take, versions};

/// From now on a table takes nothing.
fn fill(cluster: &Cluster, url: &str, table: &str) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.full()"
    );
    cluster.ask(url, &sql).unwrap();
}

fn make_room(cluster: &Cluster, url: &str, table: &str) {
    cluster.ask(url, &format!("DROP TRIGGER full_disk ON {table}")).unwrap();
}

fn says_what_to_do(done: Result<(), FlowFault>, table: &str) {
    let said = done.unwrap_err().to_string();
    assert!(said.starts_with("there is no room left where the database lies: "), "{table}: {said}");
    assert!(said.contains("(SQLSTATE 53100)"), "{table}: {said}");
    assert!(
        said.ends_with("nothing of this step was kept; make room and run the command again"),
        "{table}: {said}"
    );
}

/// The log, the rows, the rules' memory, the sums, and the commit itself.
#[tokio::test]
async fn an_ingest_into_a_full_database_keeps_nothing_and_goes_on_when_there_is_room() {
    let cluster = tidstro_cluster::shared().unwrap();
    let url = cluster.database().unwrap();
    let workspace = filled(&url).await;
    take(&workspace, &hours(0)).await.unwrap();
    let tables = ["event", "log_stream", "registration", "series_block", "series_state", "write_epoch"];
    for (table, times) in tables.into_iter().zip(1..) {
        let table = format!("tidstro.{table}");
        fill(cluster, &url, &table);
        says_what_to_do(take(&workspace, &hours(times)).await.map(drop), &table);
        make_room(cluster, &url, &table);
        assert_eq!(shown(&workspace).await, hours(times - 1), "{table}");
        if table == "tidstro.series_block" {
            assert_eq!(inputs(&workspace, 1).await.unwrap()[0].ended, None, "it was cut short");
        }
        take(&workspace, &hours(times)).await.unwrap();
        assert_eq!(shown(&workspace).await, hours(times), "{table}");
        assert_eq!(versions(cluster, &url), days() * (times + 1), "{table}");
    }
    verify_log(&workspace).await.unwrap();
}

#[tokio::test]
async fn a_compaction_in_a_full_database_goes_on_when_there_is_room() {
    let cluster = tidstro_cluster::shared().unwrap();
    let url = cluster.database().unwrap();
    let workspace = filled(&url).await;
    take(&workspace, &hours(0)).await.unwrap();
    for table in ["tidstro.series_month", "tidstro.event"] {
        fill(cluster, &url, table);
        says_what_to_do(put_together(&workspace).await.map(drop), table);
        make_room(cluster, &url, table);
        assert_eq!((versions(cluster, &url), shown(&workspace).await), (days(), hours(0)), "{table}");
    }
    put_together(&workspace).await.unwrap();
    assert_eq!((versions(cluster, &url), shown(&workspace).await), (0, hours(0)));
}
