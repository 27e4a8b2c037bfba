//! Lines that gateways post.
//!
//! What comes in: `POST /lines` with a bearer token and lines in its body, as in a file. What goes out: 200 with what
//! became of them, once they are durable, and never before. Whoever shows no known token is answered nothing else,
//! and its body is not read. Sizes, times and the number of connections have limits, so that nobody can hold the rest
//! up. Tokens are in no message.
//!
//! What is posted while others become durable waits, and becomes durable together: many small posts cost little more than
//! one large one.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tidstro_metering::interval_file::is_header;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use super::{Gateways, IngestReport, Intake, Message};
use crate::answer::given;
use crate::{Answer, FlowFault};

/// The largest body: more than a day of lines of 500 meters.
const BODY_LIMIT: usize = 4 << 20;
/// Connections at once.
const CONNECTIONS: usize = 256;
/// Bytes of bodies held at once, counted in pieces of this size.
const HELD: usize = 16 * BODY_LIMIT;
const PIECE: usize = 4 << 10;
/// How long a request's head, and then its body, may take.
const HEAD_TIME: Duration = Duration::from_secs(10);
const BODY_TIME: Duration = Duration::from_secs(60);
/// Where lines are posted.
const PATH: &str = "/lines";
/// The source of what several gateways posted at once. Which one heard a telegram is kept with it.
const SOURCE: &str = "posts";

/// What to tell whoever watches.
#[derive(Debug)]
pub enum RequestNews<'n> {
    /// Lines of a gateway were taken, and are durable.
    Taken(&'n IngestReport),
    /// Somebody showed no known token, so many times by now.
    Unknown(u64),
}

/// A body of a gateway, and where its answer goes.
struct Delivery {
    gateway: String,
    body: Bytes,
    answer: oneshot::Sender<IngestReport>,
}

/// What connections share.
struct Door {
    gateways: Gateways,
    deliveries: mpsc::Sender<Delivery>,
    unknown: mpsc::Sender<()>,
    /// Room for bodies, in pieces.
    room: Semaphore,
}

/// Takes what gateways post until the future is dropped.
///
/// # Errors
/// [`FlowFault`] if the store fails: what is not durable was not answered with 200.
pub async fn ingest_http(
    intake: &mut Intake<'_>,
    listener: TcpListener,
    gateways: Gateways,
    news: &dyn Fn(RequestNews<'_>),
) -> Result<Answer<()>, FlowFault> {
    let (deliveries, mut delivered) = mpsc::channel(CONNECTIONS);
    let (unknown, mut refused) = mpsc::channel(CONNECTIONS);
    let door = Door { gateways, deliveries, unknown, room: Semaphore::new(HELD / PIECE) };
    let mut strangers = 0;
    let mut waiting = Vec::with_capacity(CONNECTIONS);
    let mut serving = std::pin::pin!(serve(listener, Arc::new(door)));
    loop {
        tokio::select! {
            () = &mut serving => return Ok(Answer::Given(())),
            Some(()) = refused.recv() => {
                strangers += 1;
                news(RequestNews::Unknown(strangers));
            }
            count = delivered.recv_many(&mut waiting, CONNECTIONS) => {
                // Polled together, so that others are served while these become durable.
                let taking = take(intake, waiting.drain(..count), news);
                let taken = tokio::select! {
                    () = &mut serving => return Ok(Answer::Given(())),
                    taken = taking => taken?,
                };
                if let Answer::Refused(refuse) = taken {
                    return Ok(Answer::Refused(refuse));
                }
            }
        }
    }
}

/// Makes deliveries durable, and answers each.
async fn take(
    intake: &mut Intake<'_>,
    deliveries: impl Iterator<Item = Delivery>,
    news: &dyn Fn(RequestNews<'_>),
) -> Result<Answer<()>, FlowFault> {
    let (interval_data, telegrams): (Vec<_>, Vec<_>) =
        deliveries.partition(|delivery| is_interval_data(&delivery.body));
    for Delivery { gateway, body, answer } in interval_data {
        let report = given!(intake.take_posted_intervals(&body, &gateway).await?);
        news(RequestNews::Taken(&report));
        // Who asked may have gone; the lines are kept all the same.
        let _ = answer.send(report);
    }
    take_telegrams(intake, telegrams, news).await
}

/// Whether the first line that says anything is the header of interval data, which have transactions of their own.
fn is_interval_data(body: &[u8]) -> bool {
    let mut lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let says_something = |line: &&[u8]| is_header(line) || !(line.is_empty() || line.starts_with(b"#"));
    lines.find(says_something).is_some_and(is_header)
}

/// Makes lines of several gateways durable together, and answers each.
async fn take_telegrams(
    intake: &mut Intake<'_>,
    deliveries: Vec<Delivery>,
    news: &dyn Fn(RequestNews<'_>),
) -> Result<Answer<()>, FlowFault> {
    if deliveries.is_empty() {
        return Ok(Answer::Given(()));
    }
    let (posts, answers): (Vec<Message>, Vec<_>) = deliveries
        .into_iter()
        .map(|Delivery { gateway, body, answer }| (Message { channel: gateway, lines: body.into() }, answer))
        .unzip();
    let source = only_gateway(&posts).unwrap_or(SOURCE);
    let (reports, together) = given!(intake.take_posts(source, &posts).await?);
    for report in by_gateway(&reports, &together) {
        news(RequestNews::Taken(&report));
    }
    for (answer, report) in answers.into_iter().zip(reports) {
        let _ = answer.send(report);
    }
    Ok(Answer::Given(()))
}

/// The gateway of all posts, if there is but one.
fn only_gateway(posts: &[Message]) -> Option<&str> {
    let first = posts.first()?;
    posts.iter().all(|post| post.channel == first.channel).then_some(&*first.channel)
}

/// One report for each gateway; what is counted for all of them together stands with the first.
fn by_gateway(reports: &[IngestReport], together: &IngestReport) -> Vec<IngestReport> {
    let mut told: Vec<IngestReport> = Vec::new();
    for report in reports {
        match told.iter_mut().find(|known| known.source == report.source) {
            Some(known) => known.add(report),
            None => told.push(report.clone()),
        }
    }
    if let Some(first) = told.first_mut() {
        first.add(together);
    }
    told
}

/// Accepts connections for ever; all of them end when this is dropped.
async fn serve(listener: TcpListener, door: Arc<Door>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let door = Arc::clone(&door);
                connections.spawn(async move {
                    talk(stream, door).await;
                    drop(place);
                });
            }
            // Out of file handles, or a connection that is gone already: others will come.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn talk(stream: TcpStream, door: Arc<Door>) {
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, std::convert::Infallible>(answer(&door, request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the other side's to mend: it sends again what was not answered.
    let _ = connection.await;
}

type Reply = Response<Full<Bytes>>;

async fn answer(door: &Door, request: Request<Incoming>) -> Reply {
    let Some(gateway) = token(request.headers()).and_then(|token| door.gateways.of_token(token)) else {
        // A full queue of strangers needs no more of them.
        let _ = door.unknown.try_send(());
        let mut reply = text(StatusCode::UNAUTHORIZED, "no known token\n");
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return reply;
    };
    if request.uri().path() != PATH {
        return text(StatusCode::NOT_FOUND, "lines are posted to /lines\n");
    }
    if request.method() != Method::POST {
        let mut reply = text(StatusCode::METHOD_NOT_ALLOWED, "lines are posted\n");
        reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return reply;
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the lines as they are, not compressed\n");
    }
    deliver(door, gateway, request.into_body()).await
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1).
fn token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

/// Hands a body over, and answers when it is durable.
async fn deliver(door: &Door, gateway: &str, body: Incoming) -> Reply {
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return too_large();
    }
    let announced = body
        .size_hint()
        .upper()
        .map_or(BODY_LIMIT, |bytes| usize::try_from(bytes).unwrap_or(BODY_LIMIT).min(BODY_LIMIT));
    let pieces = u32::try_from(announced / PIECE + 1).unwrap_or(u32::MAX);
    let Ok(_room) = door.room.acquire_many(pieces).await else { return stopped() };
    let whole = match tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(fault)) if fault.is::<LengthLimitError>() => return too_large(),
        Ok(Err(_)) => return text(StatusCode::BAD_REQUEST, "the body ended too early\n"),
        Err(_) => return text(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"),
    };
    let (answer, answered) = oneshot::channel();
    let delivery = Delivery { gateway: gateway.to_owned(), body: whole, answer };
    if door.deliveries.send(delivery).await.is_err() {
        return stopped();
    }
    match answered.await {
        Ok(report) => taken(&report),
        Err(_) => stopped(),
    }
}

fn taken(report: &IngestReport) -> Reply {
    let refused: serde_json::Map<_, _> =
        report.refused.iter().map(|(kind, refused)| ((*kind).to_owned(), refused.count.into())).collect();
    let body = serde_json::json!({
        "lines": report.lines,
        "telegrams_new": report.telegrams_new,
        "telegrams_again": report.telegrams_again,
        "intervals": report.intervals,
        "refused": refused,
    });
    let mut reply = Response::new(Full::from(format!("{body}\n")));
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

fn too_large() -> Reply {
    text(StatusCode::PAYLOAD_TOO_LARGE, "a body has at most 4 MiB; send the lines in several\n")
}

fn stopped() -> Reply {
    text(StatusCode::SERVICE_UNAVAILABLE, "nothing was kept; send it again\n")
}

fn text(status: StatusCode, words: &'static str) -> Reply {
    let mut reply = Response::new(Full::from(words));
    *reply.status_mut() = status;
    reply
}
