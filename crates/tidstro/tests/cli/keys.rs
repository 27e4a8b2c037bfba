//! Keys of meters on the command line: brought, listed, followed, handed out; and what waited for them.

use crate::common::{Place, hex, recent_town};

const KEEPER: [&str; 2] = ["--actor", "staff:nadia"];

/// A place with telegrams of one water meter that wait for its key, the town's key file and the meter's row of it.
fn waiting() -> (Place, String, String) {
    let town = recent_town(2);
    let place = Place::with_master_data(&town);
    let point = format!("{}/cold-water", town.flats[0].slug());
    let lines: String =
        town.telegrams(&point, town.plan.first_day).iter().map(|frame| hex(frame) + "\n").collect();
    let number = town.telegrams(&point, town.plan.first_day)[0][4..8]
        .iter()
        .rev()
        .fold(String::new(), |digits, byte| format!("{digits}{byte:02X}"));
    let csv = town.keys_csv();
    let row = csv.lines().find(|row| row.contains(&number)).unwrap().to_owned();
    place.write("telegrams.txt", lines);
    let keys = place.write("keys.csv", &csv);
    place.run(&["ingest", "telegrams.txt"]).exits(1).says(&["key-missing"]);
    (place, keys, row)
}

#[test]
fn keys_open_what_waited_and_are_never_shown() {
    let (place, keys, row) = waiting();
    let ranked = ["quarantine", "--actor", "staff:mikkel"];
    place.run(&ranked).exits(0).says(&["key-missing", "bring the keys with `keys import`"]);
    let import = [&["keys", "import", &keys][..], &KEEPER].concat();
    let told = place.run(&import).exits(0).says(&["added", "that waited for a key decoded now"]);
    let secret = row.rsplit(',').next().unwrap();
    assert!(!told.out.contains(secret) && !told.err.contains(secret));
    place.run(&ranked).exits(0).says(&["every telegram gave its readings"]);
    place.run(&import).exits(0).says(&["0 keys added", "there already"]);

    let number = row.split(',').nth(1).unwrap();
    let list = [&["keys", "list", "--meter", number, "--json"][..], &KEEPER].concat();
    let listed = place.run(&list).exits(0);
    assert!(!listed.out.to_uppercase().contains(&secret.to_uppercase()));
    let line = &listed.json_lines()[0];
    assert_eq!((&line["id"], &line["key_version"]), (&number.into(), &1.into()));
    assert!(line["uses"].as_u64() > Some(0), "{line}");
    place.run(&[&["keys", "list"][..], &KEEPER].concat()).exits(0).says(&["fingerprint", number]);
    place.run(&["keys", "list", "--actor", "job:ingest"]).exits(1).says(&["role-not-in-purpose"]);
}

#[test]
fn a_key_follows_another_from_a_day_on() {
    let (place, keys, row) = waiting();
    place.run(&[&["keys", "import", &keys][..], &KEEPER].concat()).exits(0);
    let (meter, _) = row.rsplit_once(',').unwrap();
    let new = place.write(
        "new.csv",
        format!("manufacturer,id,version,type,key\n{meter},000102030405060708090A0B0C0D0E0F\n"),
    );
    let clash = place.run(&[&["keys", "import", &new][..], &KEEPER].concat()).exits(1);
    clash.says(&["entry at 2", "the meter has another key", "none of the keys is kept"]);
    let rotate = [&["keys", "rotate", &new, "--from", "2030-01-01"][..], &KEEPER].concat();
    place.run(&rotate).exits(0).says(&["0 keys added, 1 that follow another"]);
    let number = row.split(',').nth(1).unwrap();
    let list = [&["keys", "list", "--meter", number, "--json"][..], &KEEPER].concat();
    let lines = place.run(&list).exits(0).json_lines();
    assert_eq!((&lines[0]["to"], &lines[1]["from"]), (&"2030-01-01".into(), &"2030-01-01".into()));
}

#[test]
fn keys_leave_only_with_two_people() {
    let (place, keys, _) = waiting();
    place.run(&[&["keys", "import", &keys][..], &KEEPER].concat()).exits(0);
    let ask =
        ["keys", "export", "ask", "--for-party", "kornmarken", "--reason", "the owner reads from May on"];
    let asked = place.run(&[&ask[..], &["--json"], &KEEPER].concat()).exits(0).json_lines();
    let hash = asked[0]["hash"].as_str().unwrap();
    let file = place.path("owner.csv");
    let write =
        [&["keys", "export", "write", "1", file.to_str().unwrap(), "--in-the-clear"][..], &KEEPER].concat();
    place.run(&write).exits(1).says(&["nobody has approved the request"]);
    assert!(!file.exists(), "a refusal leaves no file");
    let approve = |who: &'static str| place.run(&["keys", "export", "approve", "1", hash, "--actor", who]);
    approve("staff:nadia").exits(1).says(&["no role that the register lets approve"]);
    approve("staff:dpo").exits(0).says(&["request 1 is approved"]);
    place.run(&["keys", "export", "show", "1"]).exits(0).says(&["approved by staff:dpo", hash]);
    place.run(&write).exits(0).says(&["written"]);
    let written = std::fs::read_to_string(&file).unwrap();
    let sorted = |text: &str| {
        let mut rows: Vec<String> = text.lines().skip(1).map(str::to_uppercase).collect();
        rows.sort();
        rows
    };
    let known: Vec<String> =
        sorted(&std::fs::read_to_string(&keys).unwrap()).into_iter().map(|row| row + ",00,,").collect();
    assert_eq!(sorted(&written), known);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    // The file is there, and the keys were handed out.
    place.run(&write).exits(1).says(&["owner.csv", "File exists"]);
    std::fs::remove_file(&file).unwrap();
    place.run(&write).exits(1).says(&["were handed out before"]);
}

#[test]
fn decoding_again_changes_nothing_that_is_known() {
    let (place, keys, _) = waiting();
    place.run(&[&["keys", "import", &keys][..], &KEEPER].concat()).exits(0);
    let again = ["decode-again", "--since", "2020-01-01"];
    place.run(&again).exits(0).says(&[
        "decoded again",
        "0 for the first time",
        "0 days added, 0 with a new version",
    ]);
    place.run(&["decode-again", "--since", "yesterday"]).exits(2).says(&["write a local day"]);
}

#[test]
fn a_kem_file_needs_its_password() {
    let place = Place::new();
    let kem = place.write("meters.kem", "<EncryptedData><CipherData/></EncryptedData>");
    place.run(&["ingest", &place.write("none.txt", "")]).exits(0);
    let import = |rest: &[&str]| place.run(&[&["keys", "import", &kem][..], rest, &KEEPER].concat());
    import(&[]).exits(2).says(&["is a KEM file", "--password-file"]);
    let password = place.write("password", "cust-4711\n");
    import(&["--password-file", &password]).exits(1).says(&["has no element `CipherValue`"]);
}

/// The public key of nobody in particular.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// A place whose keys may be written by request 1, and the file to write.
fn approved() -> (Place, std::path::PathBuf) {
    let (place, keys, _) = waiting();
    place.run(&[&["keys", "import", &keys][..], &KEEPER].concat()).exits(0);
    let ask = ["keys", "export", "ask", "--for-party", "kornmarken", "--reason", "handover", "--json"];
    let asked = place.run(&[&ask[..], &KEEPER].concat()).exits(0).json_lines();
    let hash = asked[0]["hash"].as_str().unwrap();
    place.run(&["keys", "export", "approve", "1", hash, "--actor", "staff:dpo"]).exits(0);
    let file = place.path("owner.age");
    (place, file)
}

#[test]
fn keys_leave_sealed_for_whom_they_are_for() {
    let (place, file) = approved();
    let write = |rest: &[&str]| {
        place.run(&[&["keys", "export", "write", "1", file.to_str().unwrap()][..], rest, &KEEPER].concat())
    };
    write(&[]).exits(2).says(&["--to-recipient"]);
    write(&["--to-recipient", "age1nobody"]).exits(2).says(&["length or checksum does not fit"]);
    write(&["--to-recipient", &RECIPIENT.replace('w', "x")])
        .exits(2)
        .says(&["length or checksum does not fit"]);
    write(&["--to-recipient", RECIPIENT, "--in-the-clear"]).exits(2);
    assert!(!file.exists());
    write(&["--to-recipient", RECIPIENT]).exits(0).says(&["sealed and written"]);
    let written = std::fs::read(&file).unwrap();
    assert!(written.starts_with(b"age-encryption.org/v1\n-> X25519 "));
    let text = String::from_utf8_lossy(&written).to_uppercase();
    let keys = std::fs::read_to_string(place.path("keys.csv")).unwrap().to_uppercase();
    assert!(keys.lines().skip(1).all(|row| !text.contains(row.rsplit(',').next().unwrap())));
    let bundle = place.path("bundle.jsonl");
    place.run(&["log", "export", bundle.to_str().unwrap()]).exits(0);
    let log = std::fs::read_to_string(bundle).unwrap();
    assert!(log.contains("keys for kornmarken sealed") && !log.contains("in the clear"));
}

/// The owner's secret key opens the file, and what it gives is brought in again.
#[test]
fn the_owner_opens_the_file_and_reads_it() {
    let owner = age::x25519::Identity::generate();
    let public = owner.to_public().to_string();
    let (place, file) = approved();
    let write = ["keys", "export", "write", "1", file.to_str().unwrap(), "--to-recipient", &public];
    place.run(&[&write[..], &KEEPER].concat()).exits(0);
    let opened = age::decrypt(&owner, &std::fs::read(&file).unwrap()).unwrap();
    let owners = place.write("owner.csv", &opened);
    let again = place.run(&[&["keys", "import", &owners][..], &KEEPER].concat()).exits(0);
    again.says(&["0 keys added", "there already"]);
}

#[test]
fn counters_begin_anew_on_a_reasoned_word() {
    let (place, _, row) = waiting();
    let fields: Vec<&str> = row.split(',').collect();
    let meter = format!("{} {} v{} t{}", fields[0], fields[1], fields[2], fields[3]);
    let forget = |rest: &[&str]| place.run(&[&["counters", "forget"][..], rest].concat());
    let whole = [&meter, "--from", "2026-01-01", "--reason", "exchanged", "--actor", "staff:nadia"];
    forget(&whole[..5]).exits(2).says(&["--actor"]);
    forget(&[&meter, "--from", "2026-01-01", "--reason", "because", "--actor", "staff:nadia"])
        .exits(2)
        .says(&["write one of exchanged, battery-empty, set-up-again"]);
    forget(&["KAM 1", "--from", "2026-01-01", "--reason", "exchanged", "--actor", "staff:nadia"]).exits(2);
    forget(&[&whole[..6], &["job:ingest"]].concat()).exits(1).says(&["role-not-in-purpose"]);
    forget(&[
        "KAM 00000001 v1B t07",
        "--from",
        "2026-01-01",
        "--reason",
        "exchanged",
        "--actor",
        "staff:nadia",
    ])
    .exits(1)
    .says(&["was never heard or placed"]);
    forget(&[&meter, "--from", "2090-01-01", "--reason", "exchanged", "--actor", "staff:nadia"])
        .exits(1)
        .says(&["is still to come"]);
    forget(&whole).exits(0).says(&["decode-again --since 2026-01-01"]);
    let bundle = place.path("bundle.jsonl");
    place.run(&["log", "export", bundle.to_str().unwrap()]).exits(0);
    let log = std::fs::read_to_string(bundle).unwrap();
    assert!(log.contains("meter-counters-began") && log.contains("from 2026-01-01 on: exchanged"));
    assert!(!log.contains(fields[1]), "no number of a meter in the log");
}
