//! Data folders, keys and registers that cannot be used, and what is said about them.

use std::path::Path;

use crate::common::{Place, REGISTER, clear_telegram, hex};

/// A place in which one telegram is kept.
fn kept() -> Place {
    let place = Place::new();
    let file = place.write("one.txt", one_telegram());
    place.run(&["ingest", &file]).exits(0);
    place
}

fn one_telegram() -> String {
    hex(&clear_telegram(&[0x0c, 0x13, 0x56, 0x34, 0x12, 0x00])) + "\n"
}

fn ingest(place: &Place) -> crate::common::Ran {
    let file = place.write("one.txt", one_telegram());
    place.run(&["ingest", &file])
}

#[test]
fn a_file_where_the_folder_should_be() {
    let place = Place::new();
    place.write("data", "not a folder");
    ingest(&place).exits(1).says(&["data` is a file", "`--data`"]);
    place.run(&["log", "verify"]).exits(1).says(&["data` is a file"]);
    let below = place.path("data").join("deeper");
    let file = place.path("one.txt");
    let mut command = crate::common::tidstro(&["ingest", file.to_str().unwrap(), "--data"]);
    command.arg(&below);
    crate::common::ran(command).exits(1).says(&["data/deeper", "Not a directory", "check"]);
}

#[test]
fn a_question_makes_no_folder() {
    let place = Place::new();
    let asked = ["--actor", "staff:mikkel", "--purpose", "validation"];
    for question in [&["series", "list"][..], &["series", "show"], &["register", "explain"]] {
        place.run(&[question, &asked].concat()).exits(1).says(&["holds no data", "`--data`"]);
    }
    place.run(&["log", "verify"]).exits(1).says(&["holds no data"]);
    assert!(!place.data().exists());
}

#[test]
fn a_file_that_is_no_database() {
    let place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("tidstro.sqlite"), "no database, but long enough to be looked at")
        .unwrap();
    ingest(&place)
        .exits(1)
        .says(&["tidstro.sqlite` cannot be opened as a database", "restore it from a backup"]);
}

#[test]
fn a_cut_database() {
    let place = kept();
    let path = place.data().join("tidstro.sqlite");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2 / 4096 * 4096]).unwrap();
    place.run(&["log", "verify"]).exits(1).says(&["tidstro.sqlite", "malformed", "backup"]);
}

#[test]
fn a_database_of_a_newer_schema() {
    for file in ["tidstro.sqlite", "keys.sqlite"] {
        let place = kept();
        let path = place.data().join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        // SQLite file format 1.3: bytes 60 to 63 are the user version, highest byte first.
        bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let wanted = ["has schema 99", "knows schemas up to", "use the newer program", file];
        ingest(&place).exits(1).says(&wanted);
        place.run(&["log", "verify"]).exits(1).says(&wanted);
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{file} was touched");
    }
}

#[test]
fn a_missing_master_key_is_not_made_anew() {
    let place = kept();
    let key = place.data().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    ingest(&place).exits(1).says(&["master.key` is missing", "put the master key back"]);
    assert!(!key.exists());
    // In the environment it is as good as in the file.
    with_key(&place, &text).exits(0);
}

#[test]
fn a_wrong_master_key() {
    let place = kept();
    with_key(&place, &"07".repeat(32)).exits(1).says(&["does not open the keys of this folder"]);
    with_key(&place, "abc")
        .exits(1)
        .says(&["is not 64 hexadecimal digits", "check the key file or variable"]);
    with_key(&place, "").exits(1).says(&["is not 64 hexadecimal digits"]);
}

fn with_key(place: &Place, key: &str) -> crate::common::Ran {
    let mut command = place.command(&["log", "verify"]);
    command.env("TIDSTRO_MASTER_KEY", key);
    crate::common::ran(command)
}

#[cfg(unix)]
#[test]
fn secrets_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = kept();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.data().join("master.key")), 0o600);
}

#[test]
fn a_broken_register_is_named_by_line_and_column() {
    let place = Place::new();
    let broken = REGISTER.replacen("P18M", "P18X", 1).replacen(
        "roles = [\"billing-clerk\"]",
        "roles = [\"clerk\"]",
        1,
    );
    let line = |text: &str| broken.lines().position(|line| line.contains(text)).unwrap() + 1;
    let file = place.write("broken.toml", &broken);
    let (period, role) =
        (format!("broken.toml:{}:", line("P18X")), format!("broken.toml:{}:", line("[\"clerk\"]")));
    let wanted = [period.as_str(), "`P18X` is not a period", role.as_str(), "`clerk`"];
    place.run(&["register", "check", &file]).exits(1).says(&wanted);
    // Nothing is done, and nothing made, under a register that does not hold together.
    place.run(&["log", "verify", "--register", &file]).exits(1);
    let telegrams = place.write("one.txt", one_telegram());
    place.run(&["ingest", &telegrams, "--register", &file]).exits(1).says(&wanted);
    assert!(!place.data().exists());

    let file = place.write("cut.toml", &REGISTER[..400]);
    place.run(&["register", "check", &file]).exits(1).says(&["cut.toml:"]);
    let file = place.write("empty.toml", "");
    place
        .run(&["register", "check", &file])
        .exits(1)
        .says(&["empty.toml:1:1: table `[register]` is missing"]);
    let file = place.write("rubbish.toml", [0xff, 0xfe, 0x00]);
    place.run(&["register", "check", &file]).exits(1).says(&["rubbish.toml", "give a text file in UTF-8"]);
    place.run(&["register", "check", "nowhere.toml"]).exits(1).says(&["`nowhere.toml`", "check the path"]);
}

#[test]
fn a_register_that_forgets_a_column_stops_the_start() {
    let place = Place::new();
    let forgetful = REGISTER.replacen("columns = [\"raw_telegram.sealed\"]", "columns = []", 1);
    let file = place.write("forgetful.toml", forgetful);
    let telegrams = place.write("one.txt", one_telegram());
    place.run(&["ingest", &telegrams, "--register", &file]).exits(1).says(&["raw_telegram.sealed"]);
}

#[test]
fn the_register_in_use_is_kept_with_the_data() {
    let place = kept();
    assert_eq!(std::fs::read_to_string(place.data().join("register.toml")).unwrap(), REGISTER);
    place.run(&["register", "check"]).exits(0).says(&["register `town`", "no fault"]);
}

/// The register is written whole under a name of the program's own, so none is torn; and nothing is left over.
#[test]
fn several_programs_that_begin_with_one_new_folder_find_one_register() {
    let telegram = one_telegram();
    for register in ["town.toml", "submetering-processor"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../registers").join(register);
        let register = path.to_str().unwrap();
        let place = Place::new();
        let file = place.write("one.txt", &telegram);
        let begun: Vec<_> = (0..6)
            .map(|_| {
                let mut command = place.command(&["ingest", &file, "--register", register]);
                command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for program in begun {
            let output = program.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("tidstro: "), "{said}");
        }
        place.run(&["register", "check"]).exits(0).says(&["no fault"]);
        let left: Vec<_> = std::fs::read_dir(place.data())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("register"))
            .collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
