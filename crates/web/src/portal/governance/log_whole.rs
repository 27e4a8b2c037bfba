//! `/desk/governance/log/check` and `/desk/governance/log/bundle`: whether the whole log holds, and the whole log to take along.

use std::fs::File;
use std::io::Read as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::IntoResponse as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use maud::{Markup, html};
use tidstro_flows::{FlowFault, LogState, bundle_log, check_log};
use tidstro_govern::log::{LogReport, StreamReport};

use super::super::form::Nothing;
use super::super::{Page, given};
use super::Room;
use super::log::asks;
use crate::page::amount::moment;
use crate::visit::{Posted, Visit};

/// Bytes of a file that are in memory at once.
const PIECE: usize = 64 << 10;

/// `POST /desk/governance/log/check`: recomputes every hash. Nothing is changed, but it takes as long as the log is.
pub(crate) async fn check(visit: Visit, Posted(Nothing {}): Posted<Nothing>) -> Page {
    let words = visit.words();
    let state = check_log(visit.web().workspace()).await?;
    let body = html! {
        p { a href="/desk/governance/log" { "← " (words.say("governance-log")) } }
        @match &state {
            LogState::Holds(report) => (holds(&visit, report)),
            LogState::Broken(place) => { div.note.bad role="alert" { p { (words.say("log-broken")) } p { code { (place) } } } },
        }
    };
    Ok(Room::Log.page(&visit, &body))
}

/// `POST /desk/governance/log/bundle`: for whoever has just proved again who they are.
pub(crate) async fn bundle(visit: Visit, Posted(Nothing {}): Posted<Nothing>) -> Page {
    visit.proven("/desk/governance/log")?;
    let asked = asks(&visit)?;
    let file = given(bundle_log(visit.web().workspace(), &asked, visit.now).await?)?;
    let body = InPieces::of(file).map_err(|source| FlowFault::Folder { path: "bundle".into(), source })?;
    let day = visit.web().workspace().zone().day_of(visit.now);
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"tidstro-log-{day}.jsonl\"")),
    ];
    Ok((headers, Body::new(body)).into_response())
}

fn holds(visit: &Visit, report: &LogReport) -> Markup {
    let words = visit.words();
    html! {
        p.note role="status" { (words.say_with("log-holds", [("events", report.events().to_string().into())])) }
        div.wide tabindex="0" { table {
            caption { (words.say("log-streams")) }
            thead { tr {
                th scope="col" { (words.say("log-stream")) }
                th.number scope="col" { (words.say("log-events")) }
                th.number scope="col" { (words.say("log-segments")) }
                th.number scope="col" { (words.say("log-expired")) }
                th.number scope="col" { (words.say("log-open")) }
                th scope="col" { (words.say("log-checkpoint")) }
            } }
            tbody { @for stream in &report.streams { (row(visit, stream)) } }
        } }
        dl.facts {
            dt { (words.say("log-origin")) } dd { code { (report.origin) } }
            dt { (words.say("log-key")) } dd { code { (report.key) } }
        }
    }
}

fn row(visit: &Visit, stream: &StreamReport) -> Markup {
    let (words, zone) = (visit.words(), visit.web().workspace().zone());
    html! { tr {
        th scope="row" { (words.say(&format!("stream-{}", stream.stream.stream.word()))) " " (stream.stream.writer) }
        td.number { (stream.events) }
        td.number { (stream.segments_live) }
        td.number { (stream.segments_expired) }
        td.number { (stream.events_open) }
        td { @match stream.last_checkpoint {
            Some(at) => (moment(at, zone, words)),
            None => (words.say("log-no-checkpoint")),
        } }
    } }
}

/// A file as the body of an answer, a piece at a time: a log of any length takes the same memory.
struct InPieces {
    file: File,
    left: u64,
}

impl InPieces {
    fn of(file: File) -> Result<Self, std::io::Error> {
        let left = file.metadata()?.len();
        Ok(Self { file, left })
    }
}

impl HttpBody for InPieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let size = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        if size == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; size];
        // It was written just now, so it is read from memory.
        if let Err(fault) = self.file.read_exact(&mut piece) {
            return Poll::Ready(Some(Err(fault)));
        }
        self.left -= size as u64;
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
