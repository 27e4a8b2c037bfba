//! Registers that change: what widens needs an approval, what narrows does not, what is broken is nothing.

use std::path::Path;

use crate::common::{Place, REGISTER, Ran, clear_telegram, hex};

/// A place in which one telegram is kept by the town's register.
fn kept() -> Place {
    let place = Place::new();
    let file = place.write("one.txt", hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00])) + "\n");
    place.run(&["ingest", &file]).exits(0);
    place
}

/// The town's register, with hours instead of months for accounts.
fn wider() -> String {
    REGISTER.replacen("consumption = \"P1M\"", "consumption = \"PT1H\"", 1)
}

/// The town's register, with a page that closes after half a year.
fn narrower() -> String {
    let keep = |period| format!("{{ from = \"occupancy-end\", for = [\"{period}\"]");
    let (before, own_view) = REGISTER.split_once("id = \"own-view\"").unwrap();
    format!("{before}id = \"own-view\"{}", own_view.replacen(&keep("P1Y"), &keep("P6M"), 1))
}

/// Asks what only the wider register grants.
fn asks_for_hours(place: &Place) -> Ran {
    let who = ["--actor", "staff:anna", "--purpose", "billing", "--resolution", "PT1H"];
    place.run(&[&["register", "explain"], &who[..]].concat())
}

fn put(place: &Place, text: &str) {
    std::fs::write(place.data().join("register.toml"), text).unwrap();
}

#[test]
fn a_wider_register_opens_once_its_approver_says_so() {
    let place = kept();
    asks_for_hours(&place).exits(1).says(&["refused by resolution-too-fine"]);
    put(&place, &wider());
    let refused =
        ["it widens 2 things", "the running one stays", "`staff:anna` on `consumption`", "register approve"];
    asks_for_hours(&place).exits(1).says(&refused);
    // The running one still answers to whoever has it.
    let town = place.write("town.toml", REGISTER);
    place.run(&["log", "verify", "--register", &town]).exits(0);

    let file = place.data().join("register.toml");
    let approve = |actor| place.run(&["register", "approve", file.to_str().unwrap(), "--actor", actor]);
    approve("staff:anna").exits(1).says(&["`staff:anna` may not approve", "`data-protection-officer`"]);
    approve("staff:nobody").exits(1).says(&["`staff:nobody` may not approve"]);
    asks_for_hours(&place).exits(1).says(&refused);
    approve("staff:dpo").exits(0).says(&["wider", "approved by staff:dpo"]);
    asks_for_hours(&place).exits(0).says(&["granted for `billing`"]);
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn every_step_is_in_the_log() {
    let place = kept();
    let file = place.write("wider.toml", wider());
    place.run(&["log", "verify", "--register", &file]).exits(1);
    place.run(&["register", "approve", &file, "--actor", "staff:anna"]).exits(1);
    place.run(&["register", "approve", &file, "--actor", "staff:dpo"]).exits(0);
    place.run(&["log", "verify", "--register", &file]).exits(0);
    let bundle = place.path("log.bundle");
    place.run(&["log", "export", bundle.to_str().unwrap(), "--register", &file]).exits(0);
    let log = std::fs::read_to_string(&bundle).unwrap();
    let lines = |word: &str| log.lines().filter(|line| line.contains(word)).count();
    assert_eq!((lines("register-widens"), lines("not-an-approver")), (1, 1), "{log}");
    assert_eq!((lines("register-approved"), lines("register-activated")), (1, 2), "{log}");
}

#[test]
fn an_approval_is_of_one_text_and_one_step() {
    let place = kept();
    let (wide, other) = (place.write("wide.toml", wider()), place.write("other.toml", wider() + "\n"));
    let town = place.write("town.toml", REGISTER);
    let opens = |file: &str, code| place.run(&["log", "verify", "--register", file]).exits(code);
    place.run(&["register", "approve", &wide, "--actor", "staff:dpo"]).exits(0);
    opens(&other, 1).says(&["nobody approved"]);
    opens(&wide, 0);
    // Back is narrower; forth again is a step of its own.
    opens(&town, 0);
    opens(&wide, 1).says(&["nobody approved"]);
}

#[test]
fn a_narrower_register_opens_at_once() {
    let place = kept();
    let file = place.write("narrower.toml", narrower());
    place.run(&["log", "verify", "--register", &file]).exits(0);
    // The old one beside the data is now the wider one.
    place.run(&["log", "verify"]).exits(1).says(&["retention", "`own-view`", "nobody approved"]);
    place.run(&["register", "activate", &file, "--actor", "staff:dpo"]).exits(0).says(&["active: `town`"]);
    place.run(&["log", "verify"]).exits(0);
    assert_eq!(std::fs::read_to_string(place.data().join("register.toml")).unwrap(), narrower());
}

#[test]
fn a_register_is_activated_by_an_actor() {
    let place = kept();
    let activate = |file: &str, actor| place.run(&["register", "activate", file, "--actor", actor]);
    let (wide, narrow) = (place.write("wide.toml", wider()), place.write("narrow.toml", narrower()));
    activate(&wide, "staff:dpo").exits(1).says(&[
        "not active",
        "the running register stays",
        "register approve",
    ]);
    activate(&narrow, "staff:nobody").exits(1).says(&["`staff:nobody` is no actor"]);
    let beside = || std::fs::read_to_string(place.data().join("register.toml")).unwrap();
    assert_eq!(beside(), REGISTER);
    activate(&narrow, "staff:karen").exits(0);
    assert_eq!(beside(), narrower());
    activate(&narrow, "staff:karen").exits(0);
    let nowhere = Place::new();
    let file = nowhere.write("town.toml", REGISTER);
    nowhere.run(&["register", "activate", &file, "--actor", "staff:dpo"]).exits(1).says(&["holds no data"]);
    assert!(!nowhere.data().exists());
}

#[test]
fn a_broken_register_leaves_the_running_one() {
    let place = kept();
    let broken = REGISTER.replacen("P18M", "P18X", 1);
    let file = place.write("broken.toml", &broken);
    for command in
        [&["log", "verify", "--register", &file][..], &["register", "approve", &file, "--actor", "staff:dpo"]]
    {
        place.run(command).exits(1).says(&["broken.toml:", "`P18X` is not a period"]);
    }
    place.run(&["log", "verify"]).exits(0);
    // Broken where it lies: nothing runs by it, and the running one comes back when it is taken away.
    put(&place, &broken);
    place.run(&["log", "verify"]).exits(1).says(&["register.toml:", "`P18X`"]);
    std::fs::remove_file(place.data().join("register.toml")).unwrap();
    place.run(&["log", "verify"]).exits(0);
    assert_eq!(std::fs::read_to_string(place.data().join("register.toml")).unwrap(), REGISTER);
}

/// The town's register as a folder of two files, and a third that does not count.
fn folder(place: &Place) -> String {
    let folder = place.path("town");
    std::fs::create_dir(&folder).unwrap();
    let half = REGISTER.find("[[activity]]").unwrap();
    std::fs::write(folder.join("1-parties.toml"), &REGISTER[..half]).unwrap();
    std::fs::write(folder.join("2-activities.toml"), &REGISTER[half..]).unwrap();
    std::fs::write(folder.join(".3-hidden.toml"), "no = register").unwrap();
    std::fs::write(folder.join("notes.txt"), "nor this").unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_folder_is_read_as_one_register() {
    let place = Place::new();
    let (folder, town) = (folder(&place), place.write("town.toml", REGISTER));
    let checked = place.run(&["register", "check", &folder]).exits(0);
    checked.says(&["1-parties.toml, ", "2-activities.toml: register `town`", "7 parties", "no fault"]);
    place.run(&["register", "diff", &town, &folder]).exits(0).says(&["nothing is decided or told otherwise"]);

    let second = Path::new(&folder).join("2-activities.toml");
    let text = std::fs::read_to_string(&second).unwrap();
    std::fs::write(&second, text.replacen("P18M", "P18X", 1)).unwrap();
    place.run(&["register", "check", &folder]).exits(1).says(&["2-activities.toml:", "`P18X`"]);
    std::fs::write(&second, text).unwrap();

    // A new data folder keeps it as a folder, and decides by it from then on.
    let file = place.write("one.txt", hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00])) + "\n");
    place.run(&["ingest", &file, "--register", &folder]).exits(0);
    assert!(place.data().join("register/1-parties.toml").exists());
    assert!(!place.data().join("register/.3-hidden.toml").exists());
    place.run(&["log", "verify"]).exits(0);
    place.run(&["register", "activate", &town, "--actor", "staff:dpo"]).exits(0);
    assert!(!place.data().join("register").exists());
    place.run(&["log", "verify"]).exits(0);
    std::fs::create_dir(place.data().join("register")).unwrap();
    place.run(&["log", "verify"]).exits(1).says(&["`register.toml` and a folder `register`"]);
}

#[test]
fn a_folder_without_a_register() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    let empty = place.path("empty");
    place
        .run(&["register", "check", empty.to_str().unwrap()])
        .exits(1)
        .says(&["is a folder without a file `*.toml`"]);
}

#[test]
fn a_diff_says_which_way_it_goes() {
    let place = Place::new();
    let [town, wide, narrow] =
        [("town.toml", REGISTER.to_owned()), ("wide.toml", wider()), ("narrow.toml", narrower())]
            .map(|(name, text)| place.write(name, text));
    place.run(&["register", "diff", &town, &town]).exits(0).says(&["nothing is decided"]);
    place
        .run(&["register", "diff", &town, &narrow])
        .exits(0)
        .says(&["1 change: 0 wider, 1 narrower", "retention"]);
    let told = place.run(&["register", "diff", &town, &wide, "--json"]).exits(1).json_lines();
    assert_eq!((told.len(), &told[0]["widens"]), (1, &serde_json::json!(true)));
    let first = &told[0]["changes"][0];
    assert_eq!(
        (&first["effect"], &first["aspect"]),
        (&serde_json::json!("wider"), &serde_json::json!("access"))
    );
    assert_eq!(first["before"], "read, compute, export at P1M in building");
    assert_eq!(first["after"], "read, compute, export at PT1H in building");
    place
        .run(&["register", "diff", &town, "nowhere.toml"])
        .exits(1)
        .says(&["`nowhere.toml`", "check the path"]);
}

#[test]
fn a_check_counts_and_lists() {
    let place = Place::new();
    let town = place.write("town.toml", REGISTER);
    let told = place.run(&["register", "check", &town, "--json"]).exits(0).json_lines();
    assert_eq!(
        (&told[0]["register"], &told[0]["counts"]["activity"]),
        (&"town".into(), &REGISTER.matches("[[activity]]").count().into())
    );
    let broken = REGISTER.replacen("P18M", "P18X", 1).replacen("P3Y", "P0Y", 1);
    let broken = place.write("broken.toml", broken);
    let told = place.run(&["register", "check", &broken, "--json"]).exits(1).json_lines();
    let faults = told[0]["faults"].as_array().unwrap();
    assert!(faults.len() >= 2 && faults[0]["line"].as_u64() < faults[1]["line"].as_u64(), "{faults:?}");
}
