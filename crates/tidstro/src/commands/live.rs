//! `tidstro ingest` of what has no end: a watched folder, a broker, a listener. It goes on until it is asked to stop.

use std::cell::RefCell;
use std::fmt;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use tidstro_flows::{
    Answer, Broker, BrokerNews, BrokerOptions, FileOutcome, Gateways, IngestReport, Intake, RequestNews,
    TakenFile, Watch, Workspace, ingest_dlms, ingest_http, ingest_mqtt,
};
use tidstro_model::ActorId;
use tokio::net::TcpListener;

use super::beside::compacting;
use super::ingest::forms;
use super::series::refused;
use super::stop::Stop;
use super::{keys, now, open};
use crate::Outcome;
use crate::args::{Arguments, Ingest};
use crate::fault::CommandFault;
use crate::show::report::{counted, report_json, report_text};
use crate::show::{note, plain};

/// Variable that holds the password of the broker's user.
const PASSWORD_VARIABLE: &str = "TIDSTRO_MQTT_PASSWORD";
/// Where most systems keep the certificates they trust.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// How often a folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Up to so many files that are known already are named; a folder may hold years of them.
const KNOWN_NAMED: usize = 10;

/// What to listen to.
pub(crate) enum Stream {
    /// Files of a folder, complete after so many seconds.
    Folder(Watch, String),
    /// Messages of a broker.
    Broker(Broker),
    /// Requests at this address, of these gateways.
    Requests(TcpListener, Gateways),
    /// Pushes of electricity meters at this address.
    Pushes(TcpListener),
}

impl Stream {
    /// What the command line names, checked before anything is opened; `None` for an input that ends.
    pub(crate) async fn named(command: &Ingest) -> Result<Option<Self>, CommandFault> {
        if let Some(folder) = &command.watch {
            let watch = Watch::new(folder, SignedDuration::from_secs(command.settle.into()));
            return Ok(Some(Self::Folder(watch, folder.display().to_string())));
        }
        if let Some(address) = command.listen {
            return requests(address, command).await.map(Some);
        }
        if let Some(address) = command.listen_dlms {
            let listener = listener(address, command).await?;
            let at = listener.local_addr().map_err(|source| CommandFault::Listen { address, source })?;
            note(format_args!("listening at {at} for pushes of electricity meters"));
            return Ok(Some(Self::Pushes(listener)));
        }
        let input = command.input.as_deref().and_then(Path::to_str).unwrap_or_default();
        if !Broker::is_meant(input) {
            return Ok(None);
        }
        // What follows the scheme may hold a password, and is not repeated.
        Broker::parse(input).map(|broker| Some(Self::Broker(broker))).map_err(CommandFault::Broker)
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(_, name) => f.write_str(name),
            Self::Broker(broker) => write!(f, "{broker}"),
            Self::Requests(..) => f.write_str("requests"),
            Self::Pushes(_) => f.write_str("pushes"),
        }
    }
}

/// Listens, unless others would send in the clear.
async fn listener(address: SocketAddr, command: &Ingest) -> Result<TcpListener, CommandFault> {
    if !address.ip().is_loopback() && !command.behind_proxy {
        return Err(CommandFault::Unencrypted { address });
    }
    TcpListener::bind(address).await.map_err(|source| CommandFault::Listen { address, source })
}

async fn requests(address: SocketAddr, command: &Ingest) -> Result<Stream, CommandFault> {
    let listener = listener(address, command).await?;
    let path = command.gateways.clone().unwrap_or_default();
    let text =
        std::fs::read_to_string(&path).map_err(|source| CommandFault::File { path: path.clone(), source })?;
    let gateways = Gateways::parse(&text).map_err(|source| CommandFault::Gateways { path, source })?;
    let cannot = |source| CommandFault::Listen { address, source };
    let (at, count) = (listener.local_addr().map_err(cannot)?, gateways.count() as u64);
    note(format_args!("listening at http://{at}/lines for {}", counted(count, "gateway")));
    Ok(Stream::Requests(listener, gateways))
}

/// Takes what comes until asked to stop.
pub(crate) async fn run(
    arguments: &Arguments,
    command: &Ingest,
    from: Stream,
) -> Result<Outcome, CommandFault> {
    let mut stop = Stop::listen()?;
    let (keys, forms) = (keys(command.keys.as_deref())?, forms(&command.form)?);
    let workspace = open(arguments).await?;
    let actor = ActorId::parse(&command.actor)?;
    let mut intake = match Intake::begin(&workspace, &actor, &keys, &from.to_string(), &now).await? {
        Answer::Given((intake, recovered)) => {
            if recovered.telegrams_recovered > 0 {
                note(format_args!(
                    "{} of earlier inputs decoded now",
                    counted(recovered.telegrams_recovered, "telegram")
                ));
            }
            intake.with_forms(&forms)
        }
        Answer::Refused(refuse) => return Ok(refused(&refuse)),
    };
    let told = Told { json: command.json, total: RefCell::default(), fault: RefCell::default() };
    // Dropped wherever it is: what was acknowledged is durable, what was not comes again.
    let ended = tokio::select! {
        () = stop.asked() => Answer::Given(()),
        ended = listen(&workspace, &mut intake, command, from, &told) => ended?,
        never = compacting(&workspace, &actor, command.no_compact) => match never {},
    };
    match ended {
        Answer::Given(()) => told.finish(),
        Answer::Refused(refuse) => Ok(refused(&refuse)),
    }
}

async fn listen(
    workspace: &Workspace,
    intake: &mut Intake<'_>,
    command: &Ingest,
    from: Stream,
    told: &Told,
) -> Result<Answer<()>, CommandFault> {
    match from {
        Stream::Folder(watch, _) => follow(intake, watch, told).await,
        Stream::Broker(broker) => {
            let name = workspace.own_name().await?;
            let client_id = command.client_id.clone().unwrap_or_else(|| format!("tidstro-{name}"));
            let password = std::env::var(PASSWORD_VARIABLE).ok();
            let options = BrokerOptions {
                broker: &broker,
                client_id: &client_id,
                password: password.as_deref(),
                authorities: if broker.tls { Some(authorities(command.ca.as_deref())?) } else { None },
            };
            Ok(ingest_mqtt(intake, options, &|news| told.of_broker(news)).await?)
        }
        Stream::Requests(listener, gateways) => {
            Ok(ingest_http(intake, listener, gateways, &|news| told.of_request(&news)).await?)
        }
        Stream::Pushes(listener) => {
            Ok(ingest_dlms(intake, listener, &|report| told.taken(&report.source, report)).await?)
        }
    }
}

fn authorities(file: Option<&Path>) -> Result<Vec<u8>, CommandFault> {
    let path = file.unwrap_or_else(|| Path::new(SYSTEM_AUTHORITIES));
    std::fs::read(path).map_err(|source| CommandFault::File { path: path.to_owned(), source })
}

/// Looks into a folder again and again.
async fn follow(intake: &mut Intake<'_>, mut watch: Watch, told: &Told) -> Result<Answer<()>, CommandFault> {
    loop {
        match watch.look(intake).await? {
            Answer::Given(files) => told.of_files(&files),
            Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
        }
        told.heard()?;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What is told while it goes on, and what it came to.
struct Told {
    json: bool,
    total: RefCell<IngestReport>,
    fault: RefCell<Option<std::io::Error>>,
}

impl Told {
    fn of_files(&self, files: &[TakenFile]) {
        let known = files.iter().filter(|file| file.outcome == FileOutcome::Known).count();
        for TakenFile { name, outcome } in files {
            match outcome {
                FileOutcome::Taken(report) => self.taken(name, report),
                FileOutcome::Known if known <= KNOWN_NAMED => {
                    note(format_args!("{}: known already", plain(name)));
                }
                FileOutcome::Known => {}
                FileOutcome::Unreadable(fault) => note(format_args!("{}", plain(&fault.to_string()))),
            }
        }
        if known > KNOWN_NAMED {
            note(format_args!("{} known already", counted(known as u64, "file")));
        }
    }

    fn of_broker(&self, news: BrokerNews<'_>) {
        match news {
            BrokerNews::Connected => note(format_args!("connected to the broker")),
            BrokerNews::Away { reason, wait } => {
                note(format_args!("the broker is away ({}); again in {} s", plain(&reason), wait.as_secs()));
            }
            BrokerNews::AtMostOnce => {
                note(format_args!(
                    "the broker gives no more than QoS 0: what comes while nobody listens is lost"
                ));
            }
            BrokerNews::Taken(report) => self.taken(&report.source, report),
            BrokerNews::Acknowledged => {}
        }
    }

    fn of_request(&self, news: &RequestNews<'_>) {
        match news {
            RequestNews::Taken(report) => self.taken(&report.source, report),
            // Not a line for each: whoever knocks must not fill the disk.
            RequestNews::Unknown(count) if count.is_power_of_two() => {
                note(format_args!("{} without a known token so far", counted(*count, "request")));
            }
            RequestNews::Unknown(_) => {}
        }
    }

    fn taken(&self, name: &str, report: &IngestReport) {
        self.total.borrow_mut().add(report);
        let line = if self.json { json_line(name, report) } else { text_line(name, report) };
        if let Err(fault) = writeln!(std::io::stdout(), "{line}") {
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Fails if nobody could be told any more.
    fn heard(&self) -> Result<(), CommandFault> {
        self.fault.borrow_mut().take().map_or(Ok(()), |fault| Err(fault.into()))
    }

    fn finish(&self) -> Result<Outcome, CommandFault> {
        self.heard()?;
        if !self.json {
            write!(std::io::stdout(), "{}", report_text(&self.total.borrow()))?;
        }
        Ok(Outcome::Done)
    }
}

fn json_line(name: &str, report: &IngestReport) -> String {
    let mut line = serde_json::json!({ "input": name });
    if let (Some(line), serde_json::Value::Object(counts)) = (line.as_object_mut(), report_json(report)) {
        line.extend(counts);
    }
    line.to_string()
}

fn text_line(name: &str, report: &IngestReport) -> String {
    let refused: Vec<String> =
        report.refused.iter().map(|(kind, refused)| format!("{} {kind}", refused.count)).collect();
    let refused = if refused.is_empty() { String::new() } else { format!("; {}", refused.join(", ")) };
    format!(
        "{}: {}, {} new, {} known already{refused}",
        plain(name),
        counted(report.lines, "line"),
        report.telegrams_new + report.intervals,
        report.telegrams_again
    )
}
