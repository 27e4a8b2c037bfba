//! The command line of `ingest`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("from").required(true).args(["input", "watch", "listen", "listen_dlms"]))]
pub(crate) struct Ingest {
    /// Telegram lines, or interval data as CSV; `-` for standard input; `mqtt://[user@]host/topic` for a broker
    pub(crate) input: Option<PathBuf>,
    /// Take every file that is complete in this folder and below, until stopped
    #[arg(long, value_name = "DIR")]
    pub(crate) watch: Option<PathBuf>,
    /// Take lines posted to `/lines` at this address, until stopped
    #[arg(long, value_name = "ADDR", requires = "gateways")]
    pub(crate) listen: Option<SocketAddr>,
    /// Take what electricity meters push over DLMS at this address (wrapper or HDLC), until stopped
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen_dlms: Option<SocketAddr>,
    /// Keys of meters: CSV or TOML with manufacturer, id, version, type, key
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// What an export of a site looks like, as TOML: inputs that begin with its header are read by it. May be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) form: Vec<PathBuf>,
    /// Who ingests
    #[arg(long, default_value = "job:ingest")]
    pub(crate) actor: String,
    /// The report as one JSON object; one for each file, batch or request of what goes on until stopped
    #[arg(long)]
    pub(crate) json: bool,
    /// How many seconds a file must stay as it is to be complete
    #[arg(long, default_value_t = 5, value_name = "SECONDS", requires = "watch",
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) settle: u16,
    /// The gateways that may post, and the hashes of their tokens
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub(crate) gateways: Option<PathBuf>,
    /// Listen where others reach, although nothing here encrypts: something in front of it does, or the meters themselves
    #[arg(long, conflicts_with_all = ["input", "watch"])]
    pub(crate) behind_proxy: bool,
    /// Leave closed months as they are; without it they are compacted while nothing comes
    #[arg(long)]
    pub(crate) no_compact: bool,
    /// The name the broker keeps messages under while nobody listens; default: the data folder's own
    #[arg(long, value_name = "NAME", requires = "input", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) client_id: Option<String>,
    /// Certificates in PEM that the broker's must lead to; default: the system's
    #[arg(long, value_name = "FILE", requires = "input")]
    pub(crate) ca: Option<PathBuf>,
}
