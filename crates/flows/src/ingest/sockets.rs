//! Pushes of electricity meters over TCP, in the wrapper or in HDLC.
//!
//! What comes in: connections of meters, and whatever they send. What goes out: each message as a line, durable before the next
//! batch is taken; nothing is answered, because a push has no acknowledgement that could wait for that (IEC 62056-5-3
//! § 6.10: the service is unconfirmed). Sizes, times and the number of connections have limits. An address of a network is
//! not kept: it may tell whose meter it is, and proves nothing.

mod messages;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use self::messages::Messages;
use super::{IngestReport, Intake, Message};
use crate::{Answer, FlowFault};

/// Connections at once; meters beyond that wait to be accepted.
const CONNECTIONS: usize = 512;
/// Messages that wait to become durable; meters beyond that wait to be read.
const WAITING: usize = 1_024;
/// How long a connection may say nothing.
const IDLE: Duration = Duration::from_secs(600);
/// The source and gateway of what comes in here.
const SOURCE: &str = "dlms-push";

/// Takes what meters push until the future is dropped. `news` is told what became of each batch.
///
/// # Errors
/// [`FlowFault`] if the store fails.
pub async fn ingest_dlms(
    intake: &mut Intake<'_>,
    listener: TcpListener,
    news: &dyn Fn(&IngestReport),
) -> Result<Answer<()>, FlowFault> {
    let (queue, mut queued) = mpsc::channel(WAITING);
    let mut waiting = Vec::new();
    let mut serving = std::pin::pin!(serve(listener, queue));
    loop {
        tokio::select! {
            () = &mut serving => return Ok(Answer::Given(())),
            count = queued.recv_many(&mut waiting, WAITING) => {
                let messages: Vec<Message> = waiting.drain(..count).collect();
                // Polled together, so that others are heard while these become durable.
                let taken = tokio::select! {
                    () = &mut serving => return Ok(Answer::Given(())),
                    taken = intake.take_messages(SOURCE, &messages) => taken?,
                };
                match taken {
                    Answer::Given(report) => news(&report),
                    Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
                }
            }
        }
    }
}

/// Accepts connections for ever; all of them end when this is dropped.
async fn serve(listener: TcpListener, queue: mpsc::Sender<Message>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let queue = queue.clone();
                connections.spawn(async move {
                    listen(stream, queue).await;
                    drop(place);
                });
            }
            // Out of file handles, or a connection that is gone already: others will come.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Reads one connection to its end.
async fn listen(mut stream: TcpStream, queue: mpsc::Sender<Message>) {
    let mut messages = Messages::default();
    let mut buffer = [0; 4_096];
    while let Ok(Ok(len)) = timeout(IDLE, stream.read(&mut buffer)).await
        && len > 0
    {
        messages.hear(buffer.get(..len).unwrap_or_default());
        while let Some(message) = messages.next() {
            if queue.send(line(&message)).await.is_err() {
                return;
            }
        }
        if messages.is_out_of_step() {
            break;
        }
    }
    // Half a message is kept as well: what is refused is counted, and may be looked at.
    if let Some(rest) = messages.rest() {
        let _ = queue.send(line(&rest)).await;
    }
}

/// The bytes as a line of hexadecimal digits.
fn line(message: &[u8]) -> Message {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    let digits = message.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]);
    Message { channel: SOURCE.to_owned(), lines: digits.chain([b'\n']).collect() }
}
