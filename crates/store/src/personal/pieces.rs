//! Pieces of messages that came in several telegrams.
//!
//! What comes in: a piece. What goes out: the pieces its meter sent about then that belong to no whole message yet. They are
//! telegrams in quarantine like others, so that they are found again after any interruption. Never: a piece whose key is gone.

use crate::db::{Sql, params};
use jiff::{SignedDuration, Timestamp};
use tidstro_govern::Operation;
use tidstro_model::{DeviceId, DeviceNo};

use super::Writing;
use super::telegram::{Receipt, StoredTelegram};
use super::waiting::{COLUMNS, KeptRow, opened};
use crate::reference::DEVICE_COLUMNS;
use crate::{Disclosed, Permit, Store, StoreFault};

/// How a piece waits: the reason it stands in quarantine for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceWait {
    /// For others of its message.
    Others,
    /// All were there once, and nothing proved that they belong together: for a key, or for the right ones.
    Proof,
    /// The others have not come in time. Should they still come, the message is read all the same.
    Lost,
}

impl PieceWait {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Others, Self::Proof, Self::Lost];

    /// The reason, as quarantine has it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Others => "fragment",
            Self::Proof => "fragment-unproven",
            Self::Lost => "fragment-lost",
        }
    }
}

/// How far apart pieces of one message may be received: a gateway may keep what it hears for a day.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// Pieces looked at for one message.
const PIECES_MAX: u32 = 64;

/// The pieces that the device sent about as long before or after, itself first, then the nearest in time.
fn pieces_near(writing: &mut Writing, piece: &Receipt) -> Result<Vec<StoredTelegram>, StoreFault> {
    let [others, proof, lost] = PieceWait::ALL.map(PieceWait::reason);
    let sql = format!(
        "-- pieces_near
         SELECT {COLUMNS}, {DEVICE_COLUMNS} FROM raw_telegram t JOIN device d USING (device_no)
         WHERE t.device_no = ?1 AND t.state <> 'decoded' AND t.reason IN (?2, ?3, ?4)
           AND t.received_ms BETWEEN ?5 - ?6 AND ?5 + ?6
         ORDER BY t.telegram_no <> ?7, abs(t.received_ms - ?5), abs(t.telegram_no - ?7) LIMIT ?8"
    );
    let (at, span) = (piece.received.as_millisecond(), SPAN.as_millis());
    let span = i64::try_from(span).unwrap_or(i64::MAX);
    let rows = writing
        .db
        .prepare_cached(&sql)?
        .query_map(
            params![
                piece.device.as_u32(),
                others,
                proof,
                lost,
                at,
                span,
                piece.telegram.as_i64(),
                PIECES_MAX
            ],
            KeptRow::read,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    opened(writing, rows)
}

/// The newest telegrams that stand in quarantine for this reason, in the order in which they came, each with who heard it
/// first.
fn waiting_pieces(
    writing: &mut Writing,
    reason: &str,
    limit: u32,
) -> Result<Vec<(StoredTelegram, String)>, StoreFault> {
    // Left alone, SQLite walks every telegram from the newest on; what waits is few, and has an index of its own.
    let text = |table: &str| {
        format!(
            "-- waiting_pieces
         SELECT {COLUMNS}, (SELECT r.gateway FROM reception r WHERE r.telegram_no = t.telegram_no
                            ORDER BY r.received_ms LIMIT 1)
         FROM {table} JOIN device d USING (device_no)
         WHERE t.state <> 'decoded' AND t.reason = ?1
         ORDER BY t.telegram_no DESC LIMIT ?2"
        )
    };
    let (sqlite, postgres) =
        (text("raw_telegram t INDEXED BY raw_telegram_not_decoded"), text("raw_telegram t"));
    let mut rows = writing
        .db
        .prepare_cached(Sql::two(&sqlite, &postgres))?
        .query_map(params![reason, limit], |row| Ok((KeptRow::read(row)?, row.get(GATEWAY)?)))?
        .collect::<Result<Vec<(KeptRow, Option<String>)>, _>>()?;
    rows.reverse();
    let mut pieces = Vec::new();
    for (row, gateway) in rows {
        let piece = row.open(writing)?;
        pieces.extend(piece.map(|piece| (piece, gateway.unwrap_or_default())));
    }
    Ok(pieces)
}

/// The column after [`COLUMNS`].
const GATEWAY: usize = 15;

/// Marks pieces as lost whose others have not come in time. Call inside [`Writing::transact`].
fn note_lost_pieces(writing: &Writing, now: Timestamp) -> Result<u64, StoreFault> {
    let before = now.saturating_sub(SPAN).unwrap_or(Timestamp::MIN).as_millisecond();
    let changed = writing
        .db
        .prepare_cached(
            "-- note_lost_pieces
             UPDATE raw_telegram SET reason = ?1
             WHERE state <> 'decoded' AND reason = ?2 AND received_ms < ?3",
        )?
        .execute(params![PieceWait::Lost.reason(), PieceWait::Others.reason(), before])?;
    Ok(changed as u64)
}

impl Store {
    /// The pieces that belong to no whole message yet and that the same device sent within a day of this one, itself first,
    /// then the nearest in time; at most 64.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn pieces_near(
        &self,
        permit: &Permit,
        piece: Receipt,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<StoredTelegram>>, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let job = move |writing: &mut Writing| writing.transact(|writing| pieces_near(writing, &piece));
        Ok(Disclosed::new(self.threads.write(job).await?, permit))
    }

    /// The newest telegrams, at most `limit`, that stand in quarantine for this reason, in the order in which they came, each
    /// with the gateway that heard it first.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn waiting_pieces(
        &self,
        permit: &Permit,
        (reason, limit): (&'static str, u32),
        now: Timestamp,
    ) -> Result<Disclosed<Vec<(StoredTelegram, String)>>, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        let job =
            move |writing: &mut Writing| writing.transact(|writing| waiting_pieces(writing, reason, limit));
        Ok(Disclosed::new(self.threads.write(job).await?, permit))
    }

    /// Marks pieces as lost whose others have not come within a day; returns how many.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn note_lost_pieces(&self, permit: &Permit, now: Timestamp) -> Result<u64, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        self.threads.write(move |writing| writing.transact(|writing| note_lost_pieces(writing, now))).await
    }

    /// The number of a meter that telegrams speak of, made if it is new.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn device(
        &self,
        permit: &Permit,
        meter: DeviceId,
        now: Timestamp,
    ) -> Result<DeviceNo, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        self.threads.write(move |writing| writing.transact(|writing| writing.device_of(meter))).await
    }
}
