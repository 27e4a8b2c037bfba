//! `tidstro serve`: the portal, until it is asked to stop.

use std::net::SocketAddr;

use tidstro_flows::Workspace;
use tidstro_web::{Settings, Web, serve};
use tokio::net::TcpListener;

use super::stop::Stop;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Serve};
use crate::fault::CommandFault;
use crate::show::note;

pub(crate) async fn run(arguments: &Arguments, command: &Serve) -> Result<Outcome, CommandFault> {
    let listener = listener(command.listen, command.behind_proxy).await?;
    let workspace = open_existing(arguments).await?;
    serve_until_stopped(workspace, listener, command.behind_proxy).await
}

/// Listens, unless pages would travel in the clear to another machine.
async fn listener(address: SocketAddr, behind_proxy: bool) -> Result<TcpListener, CommandFault> {
    if !address.ip().is_loopback() && !behind_proxy {
        return Err(CommandFault::Unencrypted { address });
    }
    TcpListener::bind(address).await.map_err(|source| CommandFault::Listen { address, source })
}

/// Serves until somebody wants the program to stop.
pub(crate) async fn serve_until_stopped(
    workspace: Workspace,
    listener: TcpListener,
    behind_proxy: bool,
) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let address = listener.local_addr()?;
    let settings = Settings {
        clock: now,
        is_encrypted: behind_proxy,
        is_behind_proxy: behind_proxy,
        on_access: Box::new(|access| note(format_args!("{}", access.line()))),
        on_fault: Box::new(|number, fault| note(format_args!("fault {number}: {fault}"))),
    };
    let web = Web::new(workspace, settings)?;
    note(format_args!("the portal is at http://{address}/; stop it with Ctrl-C"));
    tokio::select! {
        () = serve(listener, web) => {}
        () = stop.asked() => {}
    }
    Ok(Outcome::Done)
}
