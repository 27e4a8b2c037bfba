//! Ingesting a file or stream: telegrams or interval data, told apart by their first line.
//!
//! Telegrams are stored as received and made durable first, decoded second. Every batch is one
//! transaction; what was acknowledged survives a kill at any moment, and the same input again changes
//! nothing. A line that cannot be used is refused with its number and reason; the others go through.

mod batch;
mod broker;
mod decoding;
mod gateways;
mod http;
mod intake;
mod intervals;
mod joining;
mod judging;
mod lines;
mod memories;
mod mqtt;
mod noted;
mod pushes;
mod readings;
mod report;
mod sockets;
mod telegrams;
mod told;
mod waiting;
mod watch;

use std::io::Read;

use jiff::{SignedDuration, Timestamp};
use tidstro_metering::interval_file;
use tidstro_model::ActorId;
use tidstro_telegram::KeyRing;
use tidstro_telegram::uplink::Form;

use crate::{Answer, FlowFault, Workspace};

pub use broker::{Broker, BrokerFault};
pub use gateways::{Gateways, GatewaysFault};
pub use http::{RequestNews, ingest_http};
pub use intake::{Intake, Message};
pub use lines::{Line, Lines};
pub use mqtt::{BrokerNews, BrokerOptions, MqttFault, ingest_mqtt};
pub use report::{AlarmReport, IngestReport, Refused};
pub use sockets::ingest_dlms;
pub use waiting::AgainReport;
pub(crate) use waiting::{decode_kept_again, decode_waiting};
pub use watch::{FileFault, FileOutcome, TakenFile, Watch};

/// Permits are asked for anew after this, well before they expire.
const RENEW_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// Tells the time; the edge reads the system's, tests give their own.
pub type Clock<'a> = &'a (dyn Fn() -> Timestamp + Sync);

/// What to know about an input.
pub struct IngestOptions<'a> {
    /// Its name: a file's name, or `stdin`. Readings remember it.
    pub source: &'a str,
    /// Keys of meters.
    pub keys: &'a KeyRing,
    /// Called with the bytes read so far.
    pub progress: &'a dyn Fn(u64),
}

/// Ingests an input to its end.
///
/// # Errors
/// [`FlowFault`] if the input cannot be read or the store fails; what was acknowledged is kept.
pub async fn ingest(
    workspace: &Workspace,
    actor: &ActorId,
    input: &mut (dyn Read + Send),
    options: &IngestOptions<'_>,
    clock: Clock<'_>,
) -> Result<Answer<IngestReport>, FlowFault> {
    ingest_described(workspace, actor, input, (options, &[]), clock).await
}

/// As [`ingest`], also of exports that these forms describe: one whose header begins the input is how it is read.
///
/// # Errors
/// As [`ingest`].
pub async fn ingest_described(
    workspace: &Workspace,
    actor: &ActorId,
    input: &mut (dyn Read + Send),
    (options, forms): (&IngestOptions<'_>, &[Form]),
    clock: Clock<'_>,
) -> Result<Answer<IngestReport>, FlowFault> {
    let mut lines = Lines::new(input, options.source);
    match begin(&mut lines, forms)? {
        Begin::Intervals => {
            intervals::ingest(workspace, actor, lines, options, (clock, noted::Noting::Apart)).await
        }
        Begin::WrongHeader(line) => {
            intervals::refuse_header(workspace, actor, (options.source, line), clock).await
        }
        Begin::Telegrams => telegrams::ingest(workspace, actor, lines, (options, forms), clock).await,
    }
}

/// What an input begins with.
enum Begin {
    /// The header of interval data, which was passed over.
    Intervals,
    /// In this line what is meant as that header and is another.
    WrongHeader(u64),
    /// Anything else.
    Telegrams,
}

/// What follows: passes over blank lines and comments, and over the header of interval data.
fn begin(lines: &mut Lines<'_>, forms: &[Form]) -> Result<Begin, FlowFault> {
    while let Some(Line { bytes, number, .. }) = lines.peek()? {
        if interval_file::is_header(bytes) {
            lines.next()?;
            return Ok(Begin::Intervals);
        }
        if interval_file::wrong_header(bytes).is_some() && !forms.iter().any(|form| form.is_header(bytes)) {
            return Ok(Begin::WrongHeader(number));
        }
        if !bytes.trim_ascii().is_empty() && !bytes.starts_with(b"#") {
            return Ok(Begin::Telegrams);
        }
        lines.next()?;
    }
    Ok(Begin::Telegrams)
}
