//! The registers that ship: every file and folder of `registers/`.

use std::path::{Path, PathBuf};

use tidstro_govern::{Register, RegisterFile};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../registers");

/// One register: its name, and its files in their order as name and text.
pub(crate) struct Shipped {
    pub(crate) name: String,
    pub(crate) files: Vec<(String, String)>,
}

impl Shipped {
    pub(crate) fn register(&self) -> Register {
        let files: Vec<_> = self.files.iter().map(|(name, text)| RegisterFile { name, text }).collect();
        Register::parse_files(&files).unwrap_or_else(|faults| panic!("{faults}"))
    }
}

/// All of them, by name.
pub(crate) fn shipped() -> Vec<Shipped> {
    let shipped: Vec<_> = entries(Path::new(FOLDER)).iter().map(|path| read(path)).collect();
    assert!(!shipped.is_empty(), "no register in {FOLDER}");
    shipped
}

fn read(path: &Path) -> Shipped {
    let files = if path.is_dir() { entries(path) } else { vec![path.to_owned()] };
    let tomls = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml"));
    let files = tomls.map(|file| (name(file), std::fs::read_to_string(file).unwrap())).collect();
    Shipped { name: path.file_stem().unwrap().to_string_lossy().into_owned(), files }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
