//! Notices and records, for the town and for every register that ships.

mod agree;
mod forms;
mod grants;
mod periods;
mod records;

use std::path::{Path, PathBuf};

use tidstro_govern::{Language, Notice, Register, RegisterFile, notice};

/// Every register below `registers/`: a file by itself, or a folder read as one.
fn shipped() -> Vec<Register> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../registers");
    let registers: Vec<_> = listed(&folder).iter().map(|path| read(path)).collect();
    assert!(registers.len() >= 4, "the town's and three more");
    registers
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}

fn read(path: &Path) -> Register {
    let paths = if path.is_dir() { listed(path) } else { vec![path.to_owned()] };
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let texts: Vec<_> =
        paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| RegisterFile { name, text }).collect();
    Register::parse_files(&files).unwrap_or_else(|faults| panic!("{}: {faults}", path.display()))
}

fn whole(register: &Register, language: Language) -> Notice {
    notice(register, None, language).unwrap()
}
