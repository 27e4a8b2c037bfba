//! Messages of an MQTT broker, at least once.
//!
//! What comes in: messages with lines of telegrams, as many at once as are there. What goes out: an acknowledgement of
//! each, sent only after what it held is durable. Cut short before that, the broker delivers it again, and a telegram
//! that came twice is one. A broker that is away is waited for, longer each time.
//!
//! A message whose lines cannot be used is refused, counted, and acknowledged: it would be no better the next time.

use std::cell::Cell;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet,
    Publish, QoS, SubscribeReasonCode, TlsConfiguration, Transport,
};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{Broker, IngestReport, Intake, Message};
use crate::{Answer, FlowFault};

/// Messages taken at once; a broker sends no more than its own limit of unacknowledged ones.
const BATCH: usize = 4_096;
/// Room for requests to the broker: at most 65,535 messages can be unacknowledged, and each is acknowledged once.
const REQUESTS: usize = 70_000;
/// The largest message.
const MESSAGE_LIMIT: usize = 1 << 20;
/// How long a broker that is away is waited for: the first time, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How to speak to a broker.
pub struct BrokerOptions<'o> {
    /// Where it is, and what is wanted of it.
    pub broker: &'o Broker,
    /// The name it keeps what we have not acknowledged under: the same at every start, and no other program's.
    pub client_id: &'o str,
    /// The password of the broker's user.
    pub password: Option<&'o str>,
    /// Certificates in PEM that the broker's must lead to; needed for `mqtts`.
    pub authorities: Option<Vec<u8>>,
}

/// What to tell whoever watches.
#[derive(Debug)]
pub enum BrokerNews<'n> {
    /// The broker sends what comes, from now on.
    Connected,
    /// It does not, and is tried again after this time.
    Away {
        /// What went wrong.
        reason: String,
        /// Until the next try.
        wait: Duration,
    },
    /// The broker promises less than asked: a message may be lost while we are away.
    AtMostOnce,
    /// Messages were taken, and are durable.
    Taken(&'n IngestReport),
    /// The broker was told so of one message, and keeps it for us no more.
    Acknowledged,
}

/// Why a broker cannot be listened to, and waiting would not help.
#[derive(Debug, thiserror::Error)]
pub enum MqttFault {
    /// It refuses us by name.
    #[error(
        "`{broker}` refuses the user ({code:?}); check the user in the address and `TIDSTRO_MQTT_PASSWORD`"
    )]
    Refused {
        /// The broker.
        broker: String,
        /// Its answer (MQTT 3.1.1, 3.2.2.3).
        code: ConnectReturnCode,
    },
    /// It refuses the subscription.
    #[error("`{broker}` does not let the user subscribe to the topic; allow it there")]
    Subscription {
        /// The broker.
        broker: String,
    },
    /// No certificates are given for an encrypted connection.
    #[error("`{broker}` is spoken to encrypted; name the certificates it must lead to with `--ca`")]
    Authorities {
        /// The broker.
        broker: String,
    },
}

/// Takes messages until the future is dropped, or the broker refuses.
///
/// # Errors
/// [`FlowFault::Mqtt`] if waiting would not help; [`FlowFault`] if the store fails: what is not durable is not
/// acknowledged.
pub async fn ingest_mqtt(
    intake: &mut Intake<'_>,
    options: BrokerOptions<'_>,
    news: &dyn Fn(BrokerNews<'_>),
) -> Result<Answer<()>, FlowFault> {
    let source = options.broker.to_string();
    let (client, eventloop) = AsyncClient::new(mqtt_options(&options)?, REQUESTS);
    let (queue, queued) = mpsc::channel(BATCH);
    let session = Cell::new(0);
    let topic = &options.broker.topic;
    let listener = Listener { source: &source, topic, client: &client, session: &session, news };
    let taker = Taker { source: &source, client: &client, session: &session, news };
    // Both run in this one task: neither is cut short by the other, and dropping the future ends both.
    tokio::select! {
        fault = listener.listen(eventloop, queue) => Err(fault.into()),
        ended = taker.take(intake, queued) => ended,
    }
}

fn mqtt_options(options: &BrokerOptions<'_>) -> Result<MqttOptions, MqttFault> {
    let Broker { tls, user, host, port, .. } = options.broker;
    let mut mqtt = MqttOptions::new(options.client_id, host, *port);
    mqtt.set_keep_alive(Duration::from_secs(30))
        .set_manual_acks(true)
        .set_clean_session(false)
        .set_max_packet_size(MESSAGE_LIMIT, MESSAGE_LIMIT);
    if let Some(user) = user {
        mqtt.set_credentials(user, options.password.unwrap_or_default());
    }
    if *tls {
        let authorities = options.authorities.clone();
        let ca = authorities.ok_or_else(|| MqttFault::Authorities { broker: options.broker.to_string() })?;
        mqtt.set_transport(Transport::tls_with_config(TlsConfiguration::Simple {
            ca,
            alpn: None,
            client_auth: None,
        }));
    }
    Ok(mqtt)
}

/// A message, and in which connection it came: packet numbers mean nothing in another.
type Queued = (u64, Publish);

/// Keeps the connection, and queues what comes.
struct Listener<'l> {
    source: &'l str,
    topic: &'l str,
    client: &'l AsyncClient,
    session: &'l Cell<u64>,
    news: &'l dyn Fn(BrokerNews<'_>),
}

impl Listener<'_> {
    async fn listen(&self, mut eventloop: EventLoop, queue: Sender<Queued>) -> MqttFault {
        let mut wait = BACKOFF.0;
        loop {
            match eventloop.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(connected))) => {
                    wait = BACKOFF.0;
                    self.connected(connected.session_present);
                }
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    if let Err(fault) = self.subscribed(&answer.return_codes) {
                        return fault;
                    }
                }
                Ok(Event::Incoming(Packet::Publish(message))) => {
                    // The taker ends only together with this.
                    let _ = queue.send((self.session.get(), message)).await;
                }
                Ok(Event::Outgoing(Outgoing::PubAck(_))) => (self.news)(BrokerNews::Acknowledged),
                Ok(_) => {}
                Err(ConnectionError::ConnectionRefused(code)) if is_final(code) => {
                    return MqttFault::Refused { broker: self.source.to_owned(), code };
                }
                Err(fault) => {
                    // What was read but not yet queued comes again in the next connection, by another number.
                    eventloop.state.events.clear();
                    (self.news)(BrokerNews::Away { reason: fault.to_string(), wait });
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(BACKOFF.1);
                }
            }
        }
    }

    /// Subscribes at the first connection, for the topic may be another one than last time, and whenever the broker
    /// has forgotten.
    fn connected(&self, remembers: bool) {
        let earlier = self.session.replace(self.session.get() + 1);
        if earlier == 0 || !remembers {
            // There is room: a full channel would hold more requests than can be under way.
            let _ = self.client.try_subscribe(self.topic, QoS::AtLeastOnce);
        } else {
            (self.news)(BrokerNews::Connected);
        }
    }

    fn subscribed(&self, codes: &[SubscribeReasonCode]) -> Result<(), MqttFault> {
        for code in codes {
            match code {
                SubscribeReasonCode::Failure => {
                    return Err(MqttFault::Subscription { broker: self.source.to_owned() });
                }
                SubscribeReasonCode::Success(QoS::AtMostOnce) => (self.news)(BrokerNews::AtMostOnce),
                SubscribeReasonCode::Success(_) => {}
            }
        }
        (self.news)(BrokerNews::Connected);
        Ok(())
    }
}

/// Whether a broker will say the same the next time.
const fn is_final(code: ConnectReturnCode) -> bool {
    use ConnectReturnCode as Code;
    matches!(code, Code::BadUserNamePassword | Code::NotAuthorized | Code::BadClientId)
}

/// Takes what is queued, and acknowledges.
struct Taker<'t> {
    source: &'t str,
    client: &'t AsyncClient,
    session: &'t Cell<u64>,
    news: &'t dyn Fn(BrokerNews<'_>),
}

impl Taker<'_> {
    async fn take(
        &self,
        intake: &mut Intake<'_>,
        mut queued: Receiver<Queued>,
    ) -> Result<Answer<()>, FlowFault> {
        let mut batch = Vec::with_capacity(BATCH);
        while queued.recv_many(&mut batch, BATCH).await > 0 {
            let messages: Vec<Message> = batch.iter().map(|(_, publish)| message(publish)).collect();
            match intake.take_messages(self.source, &messages).await? {
                Answer::Given(report) => {
                    self.acknowledge(&batch);
                    (self.news)(BrokerNews::Taken(&report));
                }
                Answer::Refused(refuse) => return Ok(Answer::Refused(refuse)),
            }
            batch.clear();
        }
        Ok(Answer::Given(()))
    }

    /// INVARIANT: called only when the whole batch is durable.
    fn acknowledge(&self, batch: &[Queued]) {
        let session = self.session.get();
        for (_, publish) in batch.iter().filter(|(of, _)| *of == session) {
            // Not sent is delivered again, which is no loss.
            let _ = self.client.try_ack(publish);
        }
    }
}

fn message(publish: &Publish) -> Message {
    Message { channel: publish.topic.clone(), lines: publish.payload.to_vec() }
}
