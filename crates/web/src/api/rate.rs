//! How many requests a client may send: so many a second, and some at once.
//!
//! What comes in: who asks, and when. What goes out: yes, or in how many seconds. For each client one instant is kept, the one at which all
//! of its requests so far would have been sent at an even pace; it may lie so far ahead as the burst is long (ITU-T I.371, generic
//! cell rate). Never: an address; strangers are counted by network.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use tidstro_flows::identity::{Origin, SessionNo, TokenNo};

use super::slip::Slip;
use crate::Web;
use crate::answered::Problem;
use crate::visit::{API, Visit};

/// How many requests of a client are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run, a second. At least 1.
    pub per_second: u32,
    /// At once. At least 1.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 20, burst: 200 }
    }
}

/// The most clients that are counted at a time.
const CLIENTS: usize = 100_000;
const SECOND: i64 = 1_000_000;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Program(TokenNo),
    Session(SessionNo),
    Stranger(Origin),
}

impl Client {
    fn of(visit: &Visit) -> Self {
        match (visit.program(), visit.session()) {
            (Some(program), _) => Self::Program(program.token),
            (None, Some(there)) => Self::Session(there.session().number()),
            (None, None) => Self::Stranger(visit.origin.clone()),
        }
    }
}

/// What was sent lately: for each client an even pace's instant, in microseconds since 1970.
pub(crate) struct Rates {
    rate: Rate,
    paces: Mutex<HashMap<Client, i64>>,
}

impl Rates {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, paces: Mutex::new(HashMap::new()) }
    }

    /// Counts a request. `Err` has the seconds to wait, at least 1.
    fn count(&self, client: Client, now: Timestamp) -> Result<(), u64> {
        let now = now.as_microsecond();
        let step = SECOND / i64::from(self.rate.per_second.max(1));
        let ahead = step.saturating_mul(i64::from(self.rate.burst.max(1)));
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= CLIENTS && !paces.contains_key(&client) {
            paces.retain(|_, pace| *pace > now);
            // More clients at once than there can be: strangers of many networks, who wait.
            if paces.len() >= CLIENTS {
                return Err(1);
            }
        }
        let pace = paces.entry(client).or_insert(now);
        let next = (*pace).max(now).saturating_add(step);
        if next - now > ahead {
            return Err((next - now - ahead).unsigned_abs().div_ceil(SECOND.unsigned_abs()).max(1));
        }
        *pace = next;
        Ok(())
    }
}

/// Answers no more requests of a client than its rate allows.
pub(crate) async fn limited(State(web): State<Web>, visit: Visit, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(API) {
        return next.run(request).await;
    }
    match web.rates().count(Client::of(&visit), visit.now) {
        Ok(()) => next.run(request).await,
        Err(seconds) => Problem::from(Slip::TooMany { seconds }).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
    }

    /// How many of 100 requests at one instant are answered.
    fn answered(rates: &Rates, client: &Client, ms: i64) -> usize {
        (0..100).filter(|_| rates.count(client.clone(), at(ms)).is_ok()).count()
    }

    #[test]
    fn a_burst_then_an_even_pace() {
        let rates = Rates::new(Rate { per_second: 4, burst: 10 });
        let (one, other) = (Client::Program(TokenNo::new(1)), Client::Program(TokenNo::new(2)));
        assert_eq!(answered(&rates, &one, 0), 10);
        assert_eq!(rates.count(one.clone(), at(0)), Err(1), "wait a second at least");
        assert_eq!(answered(&rates, &other, 0), 10, "each client has its own");
        assert_eq!(answered(&rates, &one, 249), 0);
        assert_eq!(answered(&rates, &one, 250), 1);
        assert_eq!(answered(&rates, &one, 1_250), 4);
        assert_eq!(answered(&rates, &one, 3_600_000), 10, "never more than a burst is saved up");
    }

    #[test]
    fn more_clients_than_there_can_be_wait() {
        let rates = Rates::new(Rate { per_second: 1, burst: 1 });
        for number in 0..u32::try_from(CLIENTS).unwrap() {
            assert!(rates.count(Client::Program(TokenNo::new(number)), at(0)).is_ok());
        }
        let late = Client::Program(TokenNo::new(u32::MAX));
        assert_eq!(rates.count(late.clone(), at(0)), Err(1));
        assert_eq!(rates.count(late, at(1_001)), Ok(()), "those who are quiet are forgotten");
    }
}
