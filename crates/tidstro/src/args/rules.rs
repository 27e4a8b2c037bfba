//! The command line of `rules`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Take in a file of rules: it judges what comes from now on
    ///
    /// The file is kept whole, with when and by whom. What was judged already stays; `validate` judges it anew. Try a change with
    /// `validate --rules FILE --dry-run` first.
    Import {
        /// The file (TOML, as `validation/full.toml`)
        file: PathBuf,
        /// Who brings it
        #[arg(long)]
        actor: String,
        /// What for: an activity of the register that corrects everywhere
        #[arg(long)]
        purpose: String,
        /// Which category of data
        #[arg(long, default_value = "consumption")]
        category: String,
    },
    /// Write the rules that judge now, as `import` reads them
    Show,
    /// List the rules that judged, the oldest first, with when and by whom they were taken in
    History {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}
