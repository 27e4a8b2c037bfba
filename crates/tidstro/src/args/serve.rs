//! The command line of `serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; another address than loopback only behind a proxy
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A proxy stands in front: it encrypts, and adds whom it was asked by to `X-Forwarded-For`
    #[arg(long)]
    pub(crate) behind_proxy: bool,
    /// Requests a second that the API answers to each client; ten times as many at once
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) api_rate: u32,
    /// Folder of the access log, which holds 14 days and nobody's address; default: `access` in the data folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) access_log: Option<PathBuf>,
}
