//! The portal in a browser: each role does its main job, in Danish and English, with and without script.
//!
//! What comes in: nothing; the demo's town is made, served and asked by a Chromium that ChromeDriver steers. What goes out: exit code 0 when every walk
//! came to its end, every page fits a phone and a desk, and none has a finding of axe; and a picture of each page. Never: a
//! page that is left out because it does not fit.

mod demo;
mod look;
mod walk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::demo::{Demo, Driver};
use self::walk::{LANGUAGES, Walker, walks};
use crate::misuse;

const USAGE: &str = "usage: cargo xtask browse [--pictures FOLDER]";

/// What ends the walks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrowseFault {
    #[error(
        "a file of the walks cannot be written or read; look for space in the folder for temporary files"
    )]
    File(#[from] std::io::Error),
    #[error("{what} did not start; it said: {said}")]
    Start { what: &'static str, said: String },
    #[error("the browser cannot be steered")]
    Session(#[source] Box<fantoccini::error::NewSessionError>),
    #[error("the browser did not do as asked")]
    Command(#[source] Box<fantoccini::error::CmdError>),
    #[error("{who} at `{path}`: {what}")]
    Page { who: String, path: String, what: String },
    #[error("the demo prints no log-in for `{0}`")]
    NoLogIn(&'static str),
}

impl From<fantoccini::error::NewSessionError> for BrowseFault {
    fn from(fault: fantoccini::error::NewSessionError) -> Self {
        Self::Session(Box::new(fault))
    }
}

impl From<fantoccini::error::CmdError> for BrowseFault {
    fn from(fault: fantoccini::error::CmdError) -> Self {
        Self::Command(Box::new(fault))
    }
}

/// Runs the walks.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let pictures = match arguments {
        [] => default_folder(),
        [name, folder] if name == "--pictures" => PathBuf::from(folder),
        _ => return misuse(USAGE),
    };
    match browse(&pictures) {
        Ok(pages) => {
            println!("{pages} pages looked at; their pictures are in `{}`", pictures.display());
            ExitCode::SUCCESS
        }
        Err(fault) => {
            let cause =
                std::error::Error::source(&fault).map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("{fault}{cause}\nrepeat it with `cargo xtask browse`");
            ExitCode::FAILURE
        }
    }
}

fn default_folder() -> PathBuf {
    crate::cargo::cache_folder().unwrap_or_else(std::env::temp_dir).join("pictures")
}

fn browse(pictures: &Path) -> Result<usize, BrowseFault> {
    std::fs::create_dir_all(pictures)?;
    let folder = tempfile::tempdir()?;
    let (demo, driver) = (Demo::serve(folder.path())?, Driver::start()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let axe = look::axe()?;
    runtime.block_on(async {
        let mut pages = 0;
        for walk in walks() {
            let cookie = Walker::open(&driver, &demo, false).await?.logged_in(&walk).await?;
            for language in LANGUAGES {
                for with_script in [true, false] {
                    let walker = Walker::open(&driver, &demo, with_script).await?;
                    pages += walker.goes(&walk, (language, &cookie), (pictures, &axe)).await?;
                }
            }
        }
        Ok(pages)
    })
}
