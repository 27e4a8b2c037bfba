//! Every direct dependency has a line that says what for and why, and every line is about one.

use std::{collections::BTreeSet, fs};

use crate::text::{dependencies_below, root};

#[test]
fn each_dependency_has_a_line_and_each_line_a_dependency() {
    let members = ["crates/*", "xtask"].into_iter().flat_map(folders);
    let used: BTreeSet<String> = members.flat_map(|member| dependencies_below(&member)).collect();
    let used: BTreeSet<String> = used.into_iter().filter(|name| !name.starts_with("tidstro-")).collect();
    assert_eq!(explained(), used, "left: docs/DEPENDENCIES.md, right: the manifests");
}

fn folders(member: &str) -> Vec<String> {
    let Some(parent) = member.strip_suffix("/*") else { return vec![member.to_owned()] };
    let entries = fs::read_dir(root().join(parent)).unwrap().map(|entry| entry.unwrap().path());
    let packages = entries.filter(|path| path.join("Cargo.toml").is_file());
    packages.map(|path| path.strip_prefix(root()).unwrap().display().to_string()).collect()
}

/// First cells of the tables before the section on build time.
fn explained() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("docs/DEPENDENCIES.md")).unwrap();
    let (tables, _) = text.split_once("## Build time").unwrap();
    let cells = tables.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    cells.map(|(name, _)| name.to_owned()).collect()
}
