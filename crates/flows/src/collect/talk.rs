//! One conversation with a meter over TCP: the socket below, the carrier and the client above.

use std::io::ErrorKind;
use std::time::Duration;

use tidstro_dlms::{Carried, Carrier, Client, ClientFault, Data, Get, Step};
use tidstro_model::SystemTitle;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::fault::CallFault;
use super::limits::Limits;

/// Counters that one step of the client may use: a request, and the proof of the keys with its own.
const COUNTERS_A_STEP: u32 = 4;

/// A meter that listens.
pub(super) struct Talk {
    stream: TcpStream,
    carrier: Carrier,
    pub(super) client: Client,
    begun: Instant,
    /// How long to wait where the carrier does not say.
    answer: Duration,
    /// The first counter that is not ours, where counters are used; and how many requests that makes.
    counters_end: Option<(u32, u32)>,
    /// What is being read, for messages.
    pub(super) part: &'static str,
}

impl Talk {
    /// Connects and associates.
    pub(super) async fn open(
        address: &str,
        (carrier, client): (Carrier, Client),
        counters_end: Option<u32>,
        limits: &Limits,
    ) -> Result<Self, CallFault> {
        let unreachable = |kind| CallFault::Unreachable { address: address.to_owned(), kind };
        let connecting = timeout(limits.connect(), TcpStream::connect(address)).await;
        let stream = connecting.map_err(|_| unreachable(ErrorKind::TimedOut))?;
        let stream = stream.map_err(|fault| unreachable(fault.kind()))?;
        // Small frames that wait for an answer each: nothing is gained by gathering them.
        stream.set_nodelay(true).map_err(|fault| unreachable(fault.kind()))?;
        let counters_end = counters_end.map(|end| (end, limits.requests));
        let begun = Instant::now();
        let answer = limits.answer();
        let mut talk = Self { stream, carrier, client, begun, answer, counters_end, part: "association" };
        let now = talk.now();
        let first = Carrier::open(&mut talk.carrier, now)?;
        talk.carried(first).await?;
        let request = talk.client.associate()?;
        match talk.run(request).await? {
            Step::Associated => Ok(talk),
            _ => Err(CallFault::Odd { what: "association" }),
        }
    }

    /// The meter's system title, if it said one.
    pub(super) fn meter(&self) -> Option<SystemTitle> {
        self.client.meter()
    }

    /// How long the conversation has gone on.
    pub(super) fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The value of an attribute.
    pub(super) async fn get(&mut self, get: &Get) -> Result<Data, CallFault> {
        self.may_go_on()?;
        let request = self.client.get(get)?;
        match self.run(request).await? {
            Step::Value(value) => Ok(value),
            _ => Err(CallFault::Odd { what: self.part }),
        }
    }

    /// The value of an attribute; `None` if the meter does not have it or does not give it.
    pub(super) async fn get_if_given(&mut self, get: &Get) -> Result<Option<Data>, CallFault> {
        match self.get(get).await {
            Ok(value) => Ok(Some(value)),
            Err(CallFault::Client(ClientFault::Access { .. })) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Releases and hangs up. Everything was read: what goes wrong here takes nothing away.
    pub(super) async fn close(mut self) {
        let Ok(request) = self.client.release() else { return };
        if self.run(request).await.is_ok()
            && let Ok(last) = self.carrier.close(self.now())
        {
            // The meter notices by itself that we are gone.
            let _ = self.carried(last).await;
        }
    }

    /// Sends a request, and what the client wants sent after it, until it has its answer.
    async fn run(&mut self, request: Vec<u8>) -> Result<Step, CallFault> {
        let mut request = request;
        loop {
            let bytes = self.carrier.send(&request, self.now())?;
            let Carried::Apdu(answer) = self.carried(Carried::Send(bytes)).await? else {
                return Err(CallFault::Cut { part: self.part });
            };
            self.may_go_on()?;
            match self.client.receive(&answer)? {
                Step::Send(next) => request = next,
                step => return Ok(step),
            }
        }
    }

    /// Until the link stands, an APDU came, or the link is closed.
    async fn carried(&mut self, first: Carried) -> Result<Carried, CallFault> {
        let mut step = first;
        loop {
            step = match step {
                Carried::Send(bytes) => {
                    self.stream.write_all(&bytes).await.map_err(|_| CallFault::Cut { part: self.part })?;
                    self.hear().await?
                }
                Carried::Wait => self.hear().await?,
                done => return Ok(done),
            };
        }
    }

    /// Waits for bytes until the carrier's deadline.
    async fn hear(&mut self) -> Result<Carried, CallFault> {
        let until = self.carrier.deadline().unwrap_or_else(|| self.now().saturating_add(self.answer));
        let mut buffer = [0; 4_096];
        match timeout_at(self.begun + until, self.stream.read(&mut buffer)).await {
            Err(_) => Ok(self.carrier.timed_out(self.now())?),
            Ok(Ok(0) | Err(_)) => Err(CallFault::Cut { part: self.part }),
            Ok(Ok(len)) => {
                let now = self.now();
                Ok(self.carrier.receive(buffer.get(..len).unwrap_or_default(), now)?)
            }
        }
    }

    /// Whether the next step stays within the counters that are ours.
    fn may_go_on(&self) -> Result<(), CallFault> {
        let (Some((end, requests)), Some((next, _))) = (self.counters_end, self.client.counters()) else {
            return Ok(());
        };
        if next.saturating_add(COUNTERS_A_STEP) <= end {
            Ok(())
        } else {
            Err(CallFault::Requests { requests })
        }
    }
}
