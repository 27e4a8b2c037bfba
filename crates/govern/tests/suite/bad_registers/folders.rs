//! Registers of several files: they are read as one, and a fault is in the file that has it.

use tidstro_govern::{Register, RegisterFile};

use super::GOOD;

/// What is said of a register of these files, called `1`, `2` and so on.
fn faults(texts: &[&str]) -> String {
    let names: Vec<_> = (1..=texts.len()).map(|number| number.to_string()).collect();
    let files: Vec<_> = names.iter().zip(texts).map(|(name, text)| RegisterFile { name, text }).collect();
    Register::parse_files(&files).map_or_else(|faults| faults.to_string(), |_| "no fault".to_owned())
}

/// The right register in two files: parties and categories; everything else.
fn halves() -> (&'static str, &'static str) {
    GOOD.split_at(GOOD.find("[[activity]]").unwrap())
}

#[test]
fn the_right_register_is_right_in_several_files() {
    let (first, second) = halves();
    for files in [
        &[first, second][..],
        &[second, first],
        &[first.trim_end(), second.trim_end()],
        &["", first, "", "# Nothing yet.\n", second, ""],
    ] {
        assert_eq!(faults(files), "no fault");
    }
}

#[test]
fn a_fault_names_its_file_and_its_own_line() {
    let (first, second) = halves();
    assert_eq!(
        faults(&[first, &second.replace("P5Y", "P0D")]),
        "2:12:49: `P0D` has no length; write at least 1"
    );
    assert_eq!(
        faults(&["", first, &second.replacen("staff:anna", "Anna", 1)]),
        "3:38:6: `Anna` is not a name; write 1 to 64 of a-z, 0-9, `-`, `.`, `:` and begin with a letter"
    );
    let both = faults(&[&first.replace("\"DE\"", "\"EU\""), &second.replace("P5Y", "P0D")]);
    assert_eq!(
        both.lines().map(|line| line.split_once(' ').unwrap().0).collect::<Vec<_>>(),
        ["1:16:11:", "2:12:49:"]
    );
}

#[test]
fn an_activity_cites_its_own_file() {
    let (first, second) = halves();
    let files = [RegisterFile { name: "a.toml", text: first }, RegisterFile { name: "b.toml", text: second }];
    let register = Register::parse_files(&files).unwrap();
    let places: Vec<_> = register.activities().map(|activity| register.place(activity.lines.id)).collect();
    assert_eq!(places, ["b.toml:2", "b.toml:16"]);
    assert_eq!(register.parties().map(|party| register.place(party.line)).next().unwrap(), "a.toml:13");
    // The order of the files is part of the register, as every byte of them is.
    let turned = Register::parse_files(&[files[1], files[0]]).unwrap();
    assert_ne!(register.hash(), turned.hash());
}

#[test]
fn a_name_is_used_once_in_all_files() {
    let (first, second) = halves();
    let again = "[[party]]\nid = \"us\"\nname = \"We\"\nkind = \"controller\"\ncountry = \"DK\"\n";
    assert_eq!(
        faults(&[first, second, again]),
        "3:2:6: party `us` is already at 1:7; give one of them another id"
    );
    assert_eq!(
        faults(&[first, second, "[resident]\nroles = [\"clerk\"]\n"]),
        "3:1:2: this is written twice; remove one of the two\n3:2:1: this is written twice; remove one of the two"
    );
}

#[test]
fn a_file_begins_with_a_table() {
    let (first, second) = halves();
    assert_eq!(
        faults(&[first, &format!("# A comment.\nid = \"x\"\n{second}")]),
        "2:2:1: `id` stands before the first table; move it into one"
    );
}

#[test]
fn no_file_reads_on_in_the_next() {
    let (first, second) = halves();
    // A text left open in the first file would swallow the second one.
    assert_eq!(
        faults(&[&format!("{first}x = \"\"\""), second]),
        "1:25:8: invalid multi-line basic string, expected `\"`"
    );
    assert_eq!(faults(&[&format!("{first}x = [\n"), second]), "1:25:6: unclosed array, expected `]`");
    // And a table begun there would be completed here.
    let (begun, rest) = GOOD.split_once("text = { da = \"forbrug\"").unwrap();
    let rest =
        format!("[category.text]\nda = \"forbrug\"{}", rest.replacen(", ", "\n", 2).replacen(" }", "", 1));
    assert!(
        faults(&[begun, &rest])
            .starts_with("2:1:2: `category` is not a list of tables; write `[[category]]`"),
        "{}",
        faults(&[begun, &rest])
    );
}

#[test]
fn no_files_are_no_register() {
    let missing = "table `[register]` is missing; write it first, with `id`, `edition` and `operator`";
    assert_eq!(faults(&[]), format!(":1:1: {missing}"));
    assert_eq!(faults(&["", ""]), format!("1:1:1: {missing}"));
}
