//! A server is there when it is asked for, survives kills, and leaves nothing behind.

use tidstro_cluster::{Cluster, ClusterFault, Setup, shared};

#[test]
fn each_database_is_its_own() {
    let cluster = shared().unwrap();
    let (one, two) = (cluster.database().unwrap(), cluster.database().unwrap());
    cluster.ask(&one, "CREATE TABLE reading (value BIGINT)").unwrap();
    let fault = cluster.ask(&two, "SELECT * FROM reading").unwrap_err();
    assert!(fault.to_string().contains("relation \"reading\" does not exist"), "{fault}");
}

#[test]
fn what_was_committed_survives_a_kill() {
    let cluster = Cluster::start(&Setup::default()).unwrap();
    let url = cluster.database().unwrap();
    cluster.ask(&url, "CREATE TABLE reading (value BIGINT); INSERT INTO reading VALUES (7)").unwrap();
    cluster.kill().unwrap();
    assert!(matches!(cluster.ask(&url, "SELECT 1"), Err(ClusterFault::Program { .. })));
    cluster.go_on().unwrap();
    assert_eq!(cluster.ask(&url, "SELECT value FROM reading").unwrap(), "7");
}

#[test]
fn nothing_is_left_behind() {
    let cluster = Cluster::start(&Setup::default()).unwrap();
    let folder = cluster.folder().to_owned();
    assert!(folder.join(".s.PGSQL.5432").exists());
    assert!(cluster.end());
    assert!(!folder.exists());
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let setup = Setup { settings: vec![("port".into(), "none".into())], ..Setup::default() };
    let Err(fault) = Cluster::start(&setup) else { panic!("started") };
    assert!(fault.to_string().contains("invalid value for parameter \"port\""), "{fault}");
}

#[test]
fn over_tcp_too() {
    let cluster = Cluster::start(&Setup { tcp: true, ..Setup::default() }).unwrap();
    let url = cluster.tcp_url("127.0.0.1", tidstro_cluster::SUPERUSER, "postgres");
    assert_eq!(cluster.ask(&url, "SELECT inet_server_addr()").unwrap(), "127.0.0.1");
}
