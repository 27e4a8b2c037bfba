//! An interpreter with the libraries that the product is compared with: other implementations of DLMS, DuckDB and DataFusion.
//!
//! What comes in: nothing; the libraries and their versions are named here. What goes out: an interpreter that has them, or
//! why there is none. It is made once, in a virtual environment outside the checkout, and it is no part of the product:
//! what runs in it are processes of their own.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::cargo::{answers, cache_folder};

/// The libraries, pinned.
const PACKAGES: [&str; 4] =
    ["gurux-dlms==1.0.203", "dlms-cosem==25.1.0", "duckdb==2.0.0", "datafusion==55.0.0"];
/// What shows that they are there.
const IMPORTS: &str = "import gurux_dlms, dlms_cosem, duckdb, datafusion";
/// Variable that names an interpreter that has them already.
const VARIABLE: &str = "TIDSTRO_PYTHON";

/// The interpreter that is used: the one named, the one that was made, or whichever there is.
pub(crate) fn interpreter() -> String {
    if let Ok(named) = env::var(VARIABLE) {
        return named;
    }
    let made = folder().map(|folder| folder.join("bin/python"));
    made.filter(|made| made.is_file()).map_or_else(|| "python3".to_owned(), |made| made.display().to_string())
}

/// Makes an interpreter with the libraries, unless there is one.
///
/// # Errors
/// Why there is none, and what to do.
pub(crate) fn prepare() -> Result<(), String> {
    if has_libraries(&interpreter()) {
        return Ok(());
    }
    if env::var(VARIABLE).is_ok() {
        return Err(format!("`{VARIABLE}` names an interpreter without {}", PACKAGES.join(", ")));
    }
    let folder = folder().ok_or("there is no home folder to make a virtual environment below")?;
    make(&folder)?;
    if has_libraries(&interpreter()) {
        Ok(())
    } else {
        Err(format!("{} cannot be imported", PACKAGES.join(", ")))
    }
}

/// The package that brings axe-core, pinned, and where it is in it.
const AXE: [&str; 2] = ["axe-playwright-python==0.1.8", "axe_playwright_python/axe.min.js"];

/// The file of axe-core, by which pages are looked at for what keeps people out; fetched if it is not there.
///
/// # Errors
/// Why there is none, and what to do.
pub(crate) fn axe() -> Result<PathBuf, String> {
    let [package, file] = AXE;
    let folder = cache_folder().ok_or("there is no home folder to keep axe-core below")?.join("axe");
    let path = folder.join(file);
    if path.is_file() {
        return Ok(path);
    }
    prepare()?;
    let mut pip = Command::new(interpreter());
    // Only the file is wanted, not what the package would need to run.
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    let installed = pip.arg(&folder).arg(package).output().map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&installed.stderr).lines().last().unwrap_or_default().to_owned();
    if path.is_file() { Ok(path) } else { Err(format!("pip cannot install {package}: {said}")) }
}

fn has_libraries(interpreter: &str) -> bool {
    answers(Command::new(interpreter).args(["-c", IMPORTS]))
}

/// Where it is made.
fn folder() -> Option<PathBuf> {
    cache_folder().map(|cache| cache.join("python-peers"))
}

fn make(folder: &Path) -> Result<(), String> {
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output();
    let made = made.map_err(|fault| format!("`python3` cannot be started: {fault}; install python3"))?;
    if !made.status.success() {
        return Err("`python3 -m venv` fails; install python3-venv".to_owned());
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    let installed = pip.output().map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&installed.stderr).lines().last().unwrap_or_default().to_owned();
    if installed.status.success() { Ok(()) } else { Err(format!("pip cannot install them: {said}")) }
}
