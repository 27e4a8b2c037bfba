//! Requests that are done once, however often they are sent.
//!
//! What comes in: hashes of who asks under which key, and of what they ask. What goes out: whether it is new, or what was answered the
//! first time. Never: a request done twice at the same time, an answer to somebody else, or one that outlives a day.

use jiff::{SignedDuration, Timestamp};

use crate::db::{Connection, OptionalExtension as _, params};
use crate::{Store, StoreFault};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// After this time nobody works on a request any more: the program stopped in the middle of it.
const LONGEST_WORK: SignedDuration = SignedDuration::from_mins(2);

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was never sent, or nothing came of it: do it, then keep the answer or forget the request.
    New,
    /// It was done, and this was the answer.
    Again {
        /// Status of the answer.
        status: u16,
        /// Its body.
        body: String,
    },
    /// Another request was sent under the same key.
    Other,
    /// It is being done now.
    Busy,
}

impl Store {
    /// Begins a request. `print` stands for who asks and the key of the request, `asked` for what they ask.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn begin_once(
        &self,
        print: [u8; 32],
        asked: [u8; 32],
        now: Timestamp,
    ) -> Result<Once, StoreFault> {
        let begun = move |db: &Connection| {
            forget_old(db, now)?;
            if begin(db, (print, asked), now)? { Ok(Once::New) } else { known(db, (print, asked), now) }
        };
        self.threads.write(move |writing| writing.transact(|writing| begun(&writing.db))).await
    }

    /// Keeps what was answered to a request that was begun.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn keep_once(&self, print: [u8; 32], status: u16, body: String) -> Result<(), StoreFault> {
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    writing
                        .db
                        .prepare_cached(
                            "-- keep_once
                             UPDATE api_answer SET status = ?2, body = ?3 WHERE print = ?1",
                        )?
                        .execute(params![print, status, body])?;
                    Ok(())
                })
            })
            .await
    }

    /// Forgets a request of which nothing came, so that it may be sent again.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn forget_once(&self, print: [u8; 32]) -> Result<(), StoreFault> {
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    writing
                        .db
                        .prepare_cached("-- forget_once\nDELETE FROM api_answer WHERE print = ?1")?
                        .execute(params![print])?;
                    Ok(())
                })
            })
            .await
    }
}

fn forget_old(db: &Connection, now: Timestamp) -> Result<(), StoreFault> {
    db.prepare_cached("-- forget_old_answers\nDELETE FROM api_answer WHERE begun_ms <= ?1")?
        .execute(params![before(now, KEPT)])?;
    Ok(())
}

/// Whether the request was not there.
fn begin(db: &Connection, (print, asked): ([u8; 32], [u8; 32]), now: Timestamp) -> Result<bool, StoreFault> {
    let added = db
        .prepare_cached(
            "-- begin_once
             INSERT INTO api_answer (print, asked, begun_ms) VALUES (?1, ?2, ?3) ON CONFLICT (print) DO NOTHING",
        )?
        .execute(params![print, asked, now.as_millisecond()])?;
    Ok(added == 1)
}

fn known(db: &Connection, (print, asked): ([u8; 32], [u8; 32]), now: Timestamp) -> Result<Once, StoreFault> {
    let row = db
        .prepare_cached(
            "-- known_once
             SELECT a.asked, a.status, a.body FROM api_answer a WHERE a.print = ?1",
        )?
        .query_row(params![print], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Option<u16>>(1)?, row.get::<_, Option<String>>(2)?))
        })
        .optional()?;
    match row {
        None => Ok(Once::New),
        Some((first, ..)) if first != asked => Ok(Once::Other),
        Some((_, Some(status), Some(body))) => Ok(Once::Again { status, body }),
        Some(_) if take_over(db, print, now)? => Ok(Once::New),
        Some(_) => Ok(Once::Busy),
    }
}

/// Whether nobody works on it any more; then the caller does.
fn take_over(db: &Connection, print: [u8; 32], now: Timestamp) -> Result<bool, StoreFault> {
    let taken = db
        .prepare_cached(
            "-- take_over_once
             UPDATE api_answer SET begun_ms = ?2 WHERE print = ?1 AND status IS NULL AND begun_ms <= ?3",
        )?
        .execute(params![print, now.as_millisecond(), before(now, LONGEST_WORK)])?;
    Ok(taken == 1)
}

fn before(now: Timestamp, by: SignedDuration) -> i64 {
    now.checked_sub(by).unwrap_or(Timestamp::MIN).as_millisecond()
}
