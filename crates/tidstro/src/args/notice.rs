//! The arguments of `tidstro register notice` and `tidstro register record`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidstro_govern::Language;

use super::language;

/// In which form a notice or record is printed, and from what.
#[derive(Debug, Args)]
pub(crate) struct FormArguments {
    /// The register: a file or a folder; default: the one in use
    pub(crate) path: Option<PathBuf>,
    /// da, de or en
    #[arg(long, default_value = "en", value_parser = language)]
    pub(crate) language: Language,
    /// Plain text, one HTML page, or JSON
    #[arg(long, default_value = "text")]
    pub(crate) format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// The forms of a notice or record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Html,
    Json,
}

/// Whose record of processing activities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecordRole {
    Controller,
    Processor,
}
