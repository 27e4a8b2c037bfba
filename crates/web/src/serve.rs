//! Connections: how many, how long, how large.
//!
//! What comes in: a listener. What goes out: answers, until the future is dropped. Never: a connection that holds the others up; sizes
//! and times of heads and bodies have limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::Web;
use crate::routes::router;

/// Connections at once. A browser holds up to six.
const CONNECTIONS: usize = 4096;
/// How long the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Lines and bytes of a head.
const HEAD_LINES: usize = 64;
const HEAD_BYTES: usize = 16 << 10;

/// Whom a connection comes from, as the network says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Accepts connections for ever; all of them end when this is dropped.
pub async fn serve(listener: TcpListener, web: Web) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let router = router(&web);
    let mut connections = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let router = router.clone();
                connections.spawn(async move {
                    talk(stream, Peer(peer), router).await;
                    drop(place);
                });
            }
            // Out of file handles, or a connection that is gone already: others will come.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn talk(stream: TcpStream, peer: Peer, router: axum::Router) {
    let service = router.map_request(move |mut request: axum::extract::Request<_>| {
        request.extensions_mut().insert(peer);
        request
    });
    // An answer is written at once, not when the next packet would be full.
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEAD_LINES)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // A connection that breaks is the other side's to mend.
    let _ = connection.await;
}
