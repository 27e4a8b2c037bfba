//! `/my-data/copy.json` and `/my-data/copy.csv`: a copy of one's own data, to take along.
//!
//! What comes in: a session that was proved a short while ago. What goes out: a file. Whoever sits down at a screen that was left open is
//! asked for a proof first.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use tidstro_flows::{FlowFault, OwnCopy, OwnCopyAsk, own_copy};
use tidstro_govern::Operation;

use super::own::COLUMN;
use super::{Page, given};
use crate::answered::Problem;
use crate::door::own_purpose;
use crate::visit::Visit;

/// `GET /my-data/copy.json`.
pub(crate) async fn json(visit: Visit) -> Page {
    let text = copy(&visit).await?.json();
    Ok(file("application/json", "attachment; filename=\"tidstro.json\"", text))
}

/// `GET /my-data/copy.csv`.
pub(crate) async fn csv(visit: Visit) -> Page {
    let text = copy(&visit).await?.csv();
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"tidstro.csv\"", text))
}

async fn copy(visit: &Visit) -> Result<OwnCopy, Problem> {
    let (there, workspace) = (visit.proven("/my-data")?, visit.web().workspace());
    let session = there.session();
    let purpose = own_purpose(workspace.register(), session.roles(), Operation::Export, COLUMN);
    let purpose = purpose.ok_or(Problem::Fault(FlowFault::NoCategory { of: "one's own consumption" }))?;
    let asked =
        OwnCopyAsk { actor: there.actor().clone(), purpose: purpose.activity, factors: session.factors() };
    given(own_copy(workspace, &asked, visit.now).await?)
}

fn file(kind: &'static str, disposition: &'static str, text: String) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    ([kind, (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition))], text).into_response()
}
