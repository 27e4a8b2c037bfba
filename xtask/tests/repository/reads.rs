//! The part of `docs/READS.md` that is made from files: which makers' data are read.
//!
//! What comes in: the layout files, the files of makers' meanings, the formats that are shipped. What goes out: the
//! section between its two marks, which has to be there as it is. With `TIDSTRO_WRITE_READS` set the test
//! writes it there.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use toml::{Table, Value};

use crate::text::{files_below, root};

const BEGIN: &str = "<!-- made from the layout files; see xtask/tests/repository/reads.rs -->\n";
const END: &str = "<!-- end of what is made -->\n";
const WRITE: &str = "TIDSTRO_WRITE_READS";

/// A layout that lies in the folder and is in no list would read nothing.
#[test]
fn every_layout_of_the_folder_is_in_the_program() {
    let crates = root().join("crates/telegram");
    let program: String = files_below(&crates.join("src"), &["rs"]).into_values().collect();
    for (file, _) in files_below(&crates.join("layouts"), &["toml"]) {
        let name = file.rsplit('/').next().unwrap();
        assert!(program.contains(&format!("/layouts/{name}\")")), "{file} is not included");
    }
}

#[test]
fn the_list_of_what_is_read_is_up_to_date() {
    let path = root().join("docs/READS.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the file has the first mark");
    let (listed, after) = rest.split_once(END).expect("the file has the second mark");
    let made = section();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, [before, BEGIN, &made, END, after].concat()).unwrap();
    } else {
        assert_eq!(listed, made, "docs/READS.md is not up to date; run this test with {WRITE}=1");
    }
}

fn section() -> String {
    let mut text =
        String::from("\n| maker | device | version | device type | its data are |\n|---|---|---|---|---|\n");
    for (name, line) in layouts().into_iter().chain(meanings()) {
        let [maker, versions, types, how] = line;
        writeln!(text, "| {maker} | {name} | {versions} | {types} | {how} |").unwrap();
    }
    let formats = formats().into_iter().map(|(maker, count)| format!("{maker} ({count})"));
    let formats: Vec<String> = formats.collect();
    writeln!(text, "\nFormats of compact frames that need not be learned: {}.\n", formats.join(", "))
        .unwrap();
    text
}

/// Maker, versions, types and what the data are, by the device's name.
type Lines = BTreeMap<String, [String; 4]>;

fn layouts() -> Lines {
    let mut lines = Lines::new();
    for file in tables("crates/telegram/layouts").filter(|file| file.contains_key("fits")) {
        for meters in file["meters"].as_array().unwrap() {
            let makers = words(meters.get("makers"), ", ");
            let line =
                lines.entry(name(&file)).or_insert_with(|| line(String::new(), meters, how(&file, meters)));
            let separator = if line[0].is_empty() { "" } else { ", " };
            write!(line[0], "{separator}{makers}").unwrap();
        }
    }
    lines
}

fn meanings() -> Lines {
    let lines = tables("crates/telegram/src/apdu/makers").map(|file| {
        let meters = &file["meters"];
        let maker = meters["maker"].as_str().unwrap().to_owned();
        (name(&file), line(maker, meters, "standard records, some with a meaning of the maker's".to_owned()))
    });
    lines.collect()
}

fn line(makers: String, meters: &Value, how: String) -> [String; 4] {
    [makers, hex(meters.get("versions")), hex(meters.get("types")), how]
}

fn name(file: &Table) -> String {
    file["name"].as_str().unwrap().to_owned()
}

/// Where the layout's values are, and how they are hidden.
fn how(file: &Table, meters: &Value) -> String {
    let cis = meters["ci"].as_array().unwrap();
    let is_own = cis.iter().all(|ci| (0xa0..=0xb7).contains(&ci.as_integer().unwrap()));
    let place = if is_own { "without records" } else { "in or beside standard records" };
    match file.get("cipher").and_then(|cipher| cipher["kind"].as_str()) {
        Some("aes-cbc") => format!("{place}, encrypted with the meter's key"),
        Some(_) => format!("{place}, obfuscated"),
        None => place.to_owned(),
    }
}

/// How many formats each maker has, before powers of ten make many of one.
fn formats() -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for file in tables("crates/telegram/layouts") {
        for format in file.get("format").and_then(Value::as_array).into_iter().flatten() {
            for maker in format["makers"].as_array().unwrap() {
                *counts.entry(maker.as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    counts
}

fn tables(folder: &str) -> impl Iterator<Item = Table> {
    files_below(&root().join(folder), &["toml"]).into_values().map(|text| text.parse().unwrap())
}

fn words(list: Option<&Value>, separator: &str) -> String {
    let words = list.and_then(Value::as_array).into_iter().flatten();
    words.map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(separator)
}

fn hex(list: Option<&Value>) -> String {
    let bytes = list.and_then(Value::as_array).filter(|bytes| !bytes.is_empty());
    bytes.map_or_else(
        || "any".to_owned(),
        |bytes| {
            let digits = |byte: &Value| format!("{:02X}", byte.as_integer().unwrap());
            bytes.iter().map(digits).collect::<Vec<_>>().join(" ")
        },
    )
}
