//! Nonces that never repeat under a key.
//!
//! A nonce is a 48-bit epoch and a 48-bit counter. The epoch is random and new at every start of the
//! program: after a crash the counter may begin again, and after a restore the database may have
//! forgotten the last epochs, yet neither repeats a nonce. Why not a persisted counter alone: a
//! restored backup would count the same numbers twice (`docs/DECISIONS/0004-nonces.md`).

use crate::db::{Connection, params};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use crate::StoreFault;

/// Hands out nonces for one run of the program.
pub(crate) struct Nonces {
    epoch: [u8; 6],
    counter: u64,
}

impl Nonces {
    /// Draws an epoch this database has not used and records it durably before the first use.
    pub(crate) fn begin(main: &Connection, now: Timestamp) -> Result<Self, StoreFault> {
        let mut epoch = [0_u8; 6];
        loop {
            SystemRandom::new().fill(&mut epoch).map_err(|_| StoreFault::NoRandomness)?;
            let fresh = main.execute(
                "-- begin_epoch
                 INSERT INTO write_epoch (epoch, opened_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![epoch, now.as_millisecond()],
            )?;
            if fresh == 1 {
                main.writes_as(epoch);
                return Ok(Self { epoch, counter: 0 });
            }
        }
    }

    /// The next nonce.
    pub(crate) fn next(&mut self) -> Result<[u8; 12], StoreFault> {
        self.counter += 1;
        let [0, 0, counter @ ..] = self.counter.to_be_bytes() else {
            return Err(StoreFault::Sealing);
        };
        let mut nonce = [0_u8; 12];
        let (epoch, count) = nonce.split_at_mut(6);
        epoch.copy_from_slice(&self.epoch);
        count.copy_from_slice(&counter);
        Ok(nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_rise_and_stay_in_their_epoch() {
        let mut nonces = Nonces { epoch: [1; 6], counter: 255 };
        let (first, second) = (nonces.next().unwrap(), nonces.next().unwrap());
        assert_eq!(first, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0]);
        assert_eq!(second[11], 1);
        nonces.counter = (1 << 48) - 1;
        assert!(nonces.next().is_err(), "a used-up epoch must not wrap");
    }
}
