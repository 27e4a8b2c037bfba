//! Manifests and sources of the repository as text.
//!
//! What comes in: names of crates and folders. What goes out: their dependencies and files. Comments are
//! not code: a word in them is no fault.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Fails with every line of code below `folder` that has one of the words as a word of its own.
pub(crate) fn assert_absent(folder: &str, words: &[&str], except: &[&str]) {
    let mut found = Vec::new();
    for (file, text) in files_below(&root().join(folder), &["rs"]) {
        if except.contains(&file.as_str()) {
            continue;
        }
        for (line, number) in text.lines().zip(1..) {
            let code = line.split("//").next().unwrap_or(line);
            let named = words.iter().filter(|word| has_word(code, word));
            found.extend(named.map(|word| format!("{file}:{number}: `{word}`")));
        }
    }
    assert!(found.is_empty(), "what may not be there:\n{}", found.join("\n"));
}

fn has_word(code: &str, word: &str) -> bool {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(part_of_word))
}

/// Text of every file below the folder with one of the endings, by its path from the root.
pub(crate) fn files_below(folder: &Path, endings: &[&str]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| endings.iter().any(|ending| own == *ending)) {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(!files.is_empty(), "{} has nothing to look at", folder.display());
    files
}

/// What the crate itself is built with.
pub(crate) fn dependencies(name: &str) -> BTreeSet<String> {
    in_tables(&format!("crates/{name}"), &["dependencies", "build-dependencies"])
}

/// The same, and what its tests are built with.
pub(crate) fn every_dependency(name: &str) -> BTreeSet<String> {
    dependencies_below(&format!("crates/{name}"))
}

/// Everything the manifest in a folder of the repository names.
pub(crate) fn dependencies_below(folder: &str) -> BTreeSet<String> {
    in_tables(folder, &["dependencies", "build-dependencies", "dev-dependencies"])
}

fn in_tables(folder: &str, tables: &[&str]) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert!(
        !manifest.contains_key("target"),
        "{folder} has dependencies of one platform; look at them here too"
    );
    let table = |table: &&str| manifest.get(*table).and_then(toml::Value::as_table).cloned();
    tables.iter().filter_map(table).flat_map(|table| table.into_iter().map(|(name, _)| name)).collect()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub(crate) fn text_of_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
