//! A folder that cannot grow: the system refuses what the files would become. Nothing acknowledged is lost, the message says what
//! to do, and once there is room the same command gives what an undisturbed one gives.

use std::process::Command;

use tidstro_cluster::Cluster;

use crate::common::{Place, Ran, assert_same, ran, recent_town, tidstro};

/// How large a file may become, in blocks of 512 bytes: too little to begin, then enough for some of the work. What a file has
/// beyond that is read, and not written.
const ROOM: [u64; 4] = [16, 80, 200, 600];

/// The same command in a shell that limits how large a file may become. The signal that comes with the limit is ignored, so
/// that the program hears of it as of a full disk: by the answer to a write.
fn limited(command: &Command, blocks: u64) -> Ran {
    let mut shell = Command::new("/bin/sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script).arg(command.get_program()).args(command.get_args());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env_remove("TIDSTRO_MASTER_KEY");
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    ran(shell)
}

/// What every refusal for want of room says.
fn says_what_to_do(ran: &Ran) {
    assert_eq!(ran.code, 1, "{ran}");
    let said = [
        "the system does not let the database be written: ",
        "there is no room left where the database lies: ",
    ];
    assert!(said.iter().any(|said| ran.err.contains(said)), "{ran}");
    assert!(ran.err.contains("run the command again"), "{ran}");
    assert!(!ran.err.contains("backup"), "nothing is to be restored: {ran}");
}

/// Runs a command in less and less narrow folders, then without a limit; how often it failed for want of room.
fn narrow(place: &Place, arguments: &[&str], done: i32) -> usize {
    let mut failed = 0;
    for room in ROOM {
        let ran = limited(&place.command(arguments), room);
        // Lines that are refused give the same code as a fault.
        if ran.err.contains("run the command again") {
            says_what_to_do(&ran);
            failed += 1;
        } else {
            assert_eq!(ran.code, done, "{ran}");
        }
        place.run(&["log", "verify"]).exits(0);
    }
    place.run(arguments).exits(done);
    failed
}

fn values(place: &Place) -> Vec<serde_json::Value> {
    let mut values = place.values(&["--actor", "staff:mikkel", "--purpose", "correctness-control"]);
    values.sort_by_key(|value| format!("{} {}", value["point"], value["start"]));
    values
}

#[test]
fn an_ingest_and_a_compaction_without_room_go_on_when_there_is_some() {
    let (town, files) = (recent_town(30), Place::new());
    let file = files.write("head-end.csv", town.interval_file());
    let (whole, full) = (Place::with_master_data(&town), Place::with_master_data(&town));
    let ingest = ["ingest", file.as_str()];
    let done = whole.run(&ingest).code;
    let failed = narrow(&full, &ingest, done);
    assert!(failed >= 2);
    let inputs = full.run(&["inputs", "--json"]).exits(0).json_lines();
    assert!(inputs[0]["ended"].is_string(), "{inputs:?}");
    // A file for which there was no room at all was not even begun.
    let cut_short = inputs.iter().filter(|input| input["ended"].is_null()).count();
    assert!((1..=failed).contains(&cut_short), "{inputs:?}");
    assert_same(&values(&full), &values(&whole));
    let compact = ["series", "compact", "--before", "2099-01"];
    assert!(narrow(&full, &compact, 0) >= 1);
    assert_same(&values(&full), &values(&whole));
}

#[test]
fn a_retention_run_without_room_goes_on_when_there_is_some() {
    let town = crate::retention::long_ago();
    let (whole, full) = (Place::with_master_data(&town), Place::with_master_data(&town));
    for place in [&whole, &full] {
        place.run(&["retention", "preview"]).exits(0);
        place.run(&["retention", "approve", "1", "--actor", "staff:dpo"]).exits(0);
    }
    let run = ["retention", "run", "1", "--json"];
    let expected = whole.run(&run).exits(0);
    let [_, limit, ..] = ROOM;
    says_what_to_do(&limited(&full.command(&run), limit));
    let done = full.run(&run).exits(0);
    assert_eq!(done.json_lines()[0]["outcome"], expected.json_lines()[0]["outcome"]);
    full.run(&["retention", "preview"]).exits(0).says(&["nothing to erase"]);
    full.run(&["log", "verify"]).exits(0);
}

#[test]
fn a_move_into_a_folder_without_room_goes_on_when_there_is_some() {
    let (town, files) = (recent_town(30), Place::new());
    let file = files.write("head-end.csv", town.interval_file());
    let place = Place::with_master_data(&town);
    place.run(&["ingest", &file]);
    let before = values(&place);
    let (from, new) = (place.data().display().to_string(), Place::new());
    let to = new.data().display().to_string();
    let migrate = ["migrate", "--from", &from, "--to", &to];
    let mut failed = 0;
    for blocks in [100, 2_000, 6_000] {
        let ran = limited(&tidstro(&migrate), blocks);
        if ran.code != 0 {
            says_what_to_do(&ran);
            failed += 1;
        }
    }
    assert!(failed >= 2, "{failed}");
    ran(tidstro(&migrate)).exits(0);
    std::fs::copy(place.data().join("master.key"), new.data().join("master.key")).unwrap();
    assert_same(&values(&new), &before);
}

/// Two programs, one new folder, one file; then the same on a server.
#[test]
fn two_ingests_of_one_file_at_once_give_one_result_on_a_server() {
    let (town, files) = (recent_town(5), Place::new());
    let file = files.write("head-end.csv", town.interval_file());
    let place = Place::with_master_data(&town);
    let server: &Cluster = tidstro_cluster::shared().unwrap();
    let url = server.database().unwrap();
    let key = std::fs::read_to_string(place.path("data/master.key")).unwrap();
    ran(tidstro(&["migrate", "--from", &place.data().display().to_string(), "--to", &url])).exits(0);
    let ingest = || {
        let mut command = tidstro(&["ingest", &file, "--json", "--data", &url]);
        command.env("TIDSTRO_MASTER_KEY", key.trim());
        ran(command)
    };
    let both = std::thread::scope(|scope| {
        let (one, two) = (scope.spawn(ingest), scope.spawn(ingest));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let alone = ingest();
    let sum = |count: &str| both.iter().map(|ran| ran.json_lines()[0][count].as_u64().unwrap()).sum::<u64>();
    let days = alone.json_lines()[0]["days_unchanged"].as_u64().unwrap();
    assert!(days > 0, "{alone}");
    assert_eq!((sum("days_added"), sum("days_changed"), sum("days_unchanged")), (days, 0, days));
}
