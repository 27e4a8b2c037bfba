//! `tidstro serve`: the portal, until it is asked to stop.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tidstro_flows::identity::expire_access;
use tidstro_flows::{Workspace, is_on_server};
use tidstro_web::{AccessTold, Rate, Settings, Web, serve};
use tokio::net::TcpListener;

use super::access_file::AccessFile;
use super::stop::Stop;
use super::{now, open_existing};
use crate::Outcome;
use crate::args::{Arguments, Serve};
use crate::fault::CommandFault;
use crate::show::note;

/// How often what is over is looked for.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(600);

pub(crate) async fn run(arguments: &Arguments, command: &Serve) -> Result<Outcome, CommandFault> {
    let listener = listener(command.listen, command.behind_proxy).await?;
    let workspace = open_existing(arguments).await?;
    let folder = access_folder(arguments, command);
    let rate = Rate { per_second: command.api_rate, burst: command.api_rate.saturating_mul(10) };
    serve_until_stopped(workspace, listener, (command.behind_proxy, folder.as_deref(), rate)).await
}

/// Where accesses are written: where somebody says, or in the data folder. Beside a database on a server nowhere by itself.
fn access_folder(arguments: &Arguments, command: &Serve) -> Option<PathBuf> {
    command.access_log.clone().or_else(|| in_data(arguments))
}

fn in_data(arguments: &Arguments) -> Option<PathBuf> {
    (!is_on_server(&arguments.data)).then(|| arguments.data.join("access"))
}

/// Serves a demo on loopback: at the usual port, or at a free one where that is taken.
pub(crate) async fn serve_demo(workspace: Workspace, arguments: &Arguments) -> Result<Outcome, CommandFault> {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8080));
    let listener = match TcpListener::bind(usual).await {
        Err(fault) if fault.kind() == ErrorKind::AddrInUse => {
            listener(SocketAddr::from(([127, 0, 0, 1], 0)), false).await?
        }
        bound => bound.map_err(|source| CommandFault::Listen { address: usual, source })?,
    };
    let folder = in_data(arguments);
    serve_until_stopped(workspace, listener, (false, folder.as_deref(), Rate::default())).await
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
    (behind_proxy, access_folder, api_rate): (bool, Option<&Path>, Rate),
) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let address = listener.local_addr()?;
    let settings = Settings {
        clock: now,
        is_encrypted: behind_proxy,
        is_behind_proxy: behind_proxy,
        on_access: on_access(access_folder)?,
        on_fault: Box::new(|number, fault| note(format_args!("fault {number}: {fault}"))),
        api_rate,
        on_problem: Box::new(|problem| note(format_args!("{}", problem.line()))),
    };
    let web = Web::new(workspace, settings)?;
    note(format_args!("the portal is at http://{address}/; stop it with Ctrl-C"));
    tokio::select! {
        () = serve(listener, web.clone()) => {}
        () = look_after_access(&web) => {}
        () = stop.asked() => {}
    }
    Ok(Outcome::Done)
}

/// Deletes sessions, codes and counted attempts whose time is over, and closes the accounts of those who have left, for as long as the
/// portal runs.
async fn look_after_access(web: &Web) {
    loop {
        tokio::time::sleep(LOOK_AFTER_EVERY).await;
        if let Err(fault) = expire_access(web.workspace(), now()).await {
            note(format_args!("sessions and accounts whose time is over are still there: {fault}"));
        }
    }
}

/// Writes accesses to a folder. One that cannot be written is told of, and the page is answered all the same.
fn on_access(folder: Option<&Path>) -> Result<AccessTold, CommandFault> {
    let Some(folder) = folder else { return Ok(Box::new(|_| ())) };
    let unusable = |source| CommandFault::File { path: folder.to_owned(), source };
    let file = Mutex::new(AccessFile::in_folder(folder).map_err(unusable)?);
    Ok(Box::new(move |access| {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(fault) = file.write(access) {
            note(format_args!("the access log cannot be written: {fault}"));
        }
    }))
}
