//! Where a broker is and what to listen to: `mqtt://[user@]host[:port]/topic/filter`.
//!
//! A password is never part of it: command lines are seen by others.

use std::fmt;

/// A broker, and the messages wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Whether the connection is encrypted (`mqtts`).
    pub tls: bool,
    /// User name, if one is given.
    pub user: Option<String>,
    /// Host name or address.
    pub host: String,
    /// Port; 1883, or 8883 with TLS, if none is given.
    pub port: u16,
    /// Topic filter: a topic, with `+` for one level and `#` at the end for all further ones.
    pub topic: String,
}

/// Why an address of a broker is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokerFault {
    /// Neither `mqtt://` nor `mqtts://`.
    #[error("is no address of a broker; write `mqtt://host/topic` or `mqtts://host/topic`")]
    Scheme,
    /// No host.
    #[error("names no host; write `mqtt://host/topic`")]
    Host,
    /// Not a port.
    #[error("has a port that is no number from 1 to 65535")]
    Port,
    /// A password in it.
    #[error("has a password, which others see on the command line; give it in `TIDSTRO_MQTT_PASSWORD`")]
    Password,
    /// No topic, or `#` and `+` where they may not be.
    #[error("names no topic; write `mqtt://host/meters/#`, with `+` for one level and `#` only at the end")]
    Topic,
}

impl Broker {
    /// Whether a text is meant to be an address of a broker.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("mqtt://") || text.starts_with("mqtts://")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`BrokerFault`].
    ///
    /// ```
    /// use tidstro_flows::Broker;
    ///
    /// let broker = Broker::parse("mqtt://reader@broker.example/meters/+/telegram")?;
    /// assert_eq!((broker.port, broker.topic.as_str()), (1883, "meters/+/telegram"));
    /// # Ok::<(), tidstro_flows::BrokerFault>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, BrokerFault> {
        let (scheme, rest) = text.split_once("://").ok_or(BrokerFault::Scheme)?;
        let tls = match scheme {
            "mqtt" => false,
            "mqtts" => true,
            _ => return Err(BrokerFault::Scheme),
        };
        let (authority, topic) = rest.split_once('/').ok_or(BrokerFault::Topic)?;
        let (user, place) =
            authority.rsplit_once('@').map_or((None, authority), |(user, at)| (Some(user), at));
        if user.is_some_and(|user| user.contains(':')) {
            return Err(BrokerFault::Password);
        }
        let (host, port) = host_and_port(place, if tls { 8883 } else { 1883 })?;
        if !is_filter(topic) {
            return Err(BrokerFault::Topic);
        }
        let user = user.filter(|user| !user.is_empty()).map(str::to_owned);
        Ok(Self { tls, user, host, port, topic: topic.to_owned() })
    }
}

/// The address without the user: what sources are called, and messages say.
impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}/{}", self.host, self.port, self.topic)
    }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
fn host_and_port(place: &str, default: u16) -> Result<(String, u16), BrokerFault> {
    let bracket = place.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match place.get(bracket..).and_then(|after| after.rfind(':')) {
        Some(at) => place.split_at(bracket + at),
        None => (place, ""),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(BrokerFault::Port)?,
        None => default,
    };
    if host.is_empty() { Err(BrokerFault::Host) } else { Ok((host.to_owned(), port)) }
}

/// MQTT 3.1.1, 4.7.1: `+` and `#` stand for whole levels, `#` only for the last.
fn is_filter(topic: &str) -> bool {
    let levels = topic.split('/').count();
    let fits = |(at, level): (usize, &str)| match level {
        "#" => at + 1 == levels,
        "+" => true,
        _ => !level.contains(['+', '#', '\0']),
    };
    !topic.is_empty() && topic.split('/').enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let broker = Broker::parse("mqtts://reader@[::1]:9001/a/+/b/#").unwrap();
        assert!(broker.tls);
        assert_eq!(
            (broker.user.as_deref(), broker.host.as_str(), broker.port),
            (Some("reader"), "[::1]", 9001)
        );
        assert_eq!(broker.to_string(), "mqtts://[::1]:9001/a/+/b/#");
        assert_eq!(Broker::parse("mqtts://h/t").unwrap().port, 8883);
        assert_eq!(Broker::parse("mqtt://[::1]/t").unwrap().port, 1883);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, fault) in [
            ("http://h/t", BrokerFault::Scheme),
            ("h/t", BrokerFault::Scheme),
            ("mqtt:///t", BrokerFault::Host),
            ("mqtt://h:0/t", BrokerFault::Port),
            ("mqtt://h:x/t", BrokerFault::Port),
            ("mqtt://u:secret@h/t", BrokerFault::Password),
            ("mqtt://h", BrokerFault::Topic),
            ("mqtt://h/", BrokerFault::Topic),
            ("mqtt://h/a/#/b", BrokerFault::Topic),
            ("mqtt://h/a+", BrokerFault::Topic),
        ] {
            assert_eq!(Broker::parse(text), Err(fault), "{text}");
        }
    }
}
