//! Arguments of `tidstro serve`.

use std::net::SocketAddr;

use clap::Args;

/// Serve the portal.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; another address than loopback only behind a proxy
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A proxy stands in front: it encrypts, and adds whom it was asked by to `X-Forwarded-For`
    #[arg(long)]
    pub(crate) behind_proxy: bool,
}
