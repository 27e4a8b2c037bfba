//! Asks pages over loopback as many browsers do: connections that are kept, requests at an even pace.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::bench::BenchFault;

/// Connections at once.
const CONNECTIONS: u32 = 32;

/// A page somebody wants.
pub(super) struct Wanted {
    pub(super) path: String,
    pub(super) cookie: String,
}

/// Pages at an even pace, one after the other and from the beginning again.
pub(super) struct Load {
    pub(super) rate: u32,
    pub(super) seconds: u32,
    pub(super) wanted: Vec<Wanted>,
}

/// What runs it, and the portal in its own process.
pub(super) fn runtime() -> Result<Runtime, BenchFault> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// A page, and how long it took.
pub(super) struct Got {
    pub(super) micros: u128,
    pub(super) status: u16,
    pub(super) text: String,
}

/// One page on a connection of its own.
pub(super) async fn ask(address: SocketAddr, wanted: &Wanted) -> Result<Got, BenchFault> {
    let begun = Instant::now();
    let mut connection = BufReader::new(TcpStream::connect(address).await?);
    let (status, text) = answer(&mut connection, wanted).await?;
    Ok(Got { micros: begun.elapsed().as_micros(), status, text })
}

/// Microseconds of each answer, counted from when its request was to be sent. Only pages count.
pub(super) async fn load(address: SocketAddr, load: &Load) -> Result<Vec<u128>, BenchFault> {
    let pages: Arc<Vec<(String, String)>> =
        Arc::new(load.wanted.iter().map(|wanted| (wanted.path.clone(), wanted.cookie.clone())).collect());
    let (begun, all, pace) = (Instant::now(), load.rate * load.seconds, Duration::from_secs(1) / load.rate);
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        let turns = (first..all).step_by(CONNECTIONS as usize).map(move |turn| (turn, begun + pace * turn));
        connections.spawn(one_after_the_other(address, Arc::clone(&pages), turns.collect()));
    }
    let mut times = Vec::with_capacity(all as usize);
    while let Some(finished) = connections.join_next().await {
        let own = finished.map_err(|fault| BenchFault::Child { what: fault.to_string() })?;
        times.extend(own?);
    }
    Ok(times)
}

async fn one_after_the_other(
    address: SocketAddr,
    pages: Arc<Vec<(String, String)>>,
    turns: Vec<(u32, Instant)>,
) -> Result<Vec<u128>, BenchFault> {
    let mut connection = BufReader::new(TcpStream::connect(address).await?);
    connection.get_ref().set_nodelay(true)?;
    let mut times = Vec::with_capacity(turns.len());
    for (turn, due) in turns {
        tokio::time::sleep_until(due.into()).await;
        let Some((path, cookie)) = pages.get(turn as usize % pages.len().max(1)) else { continue };
        let wanted = Wanted { path: path.clone(), cookie: cookie.clone() };
        if answer(&mut connection, &wanted).await?.0 == 200 {
            times.push(due.elapsed().as_micros());
        }
    }
    Ok(times)
}

/// Sends a request and reads its whole answer: status and text.
async fn answer(connection: &mut BufReader<TcpStream>, wanted: &Wanted) -> Result<(u16, String), BenchFault> {
    let Wanted { path, cookie } = wanted;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: session={cookie}\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let (mut status, mut length, mut line) = (None, 0, String::new());
    loop {
        line.clear();
        if connection.read_line(&mut line).await? == 0 {
            return Err(BenchFault::Child { what: "the portal ended the connection".to_owned() });
        }
        let text = line.trim().to_ascii_lowercase();
        if text.is_empty() {
            break;
        }
        status = status.or_else(|| text.split(' ').nth(1).and_then(|number| number.parse().ok()));
        if let Some(bytes) = text.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    let status = status.ok_or_else(|| BenchFault::Child { what: "the portal gave no status".to_owned() })?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
