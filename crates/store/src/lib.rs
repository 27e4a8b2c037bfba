//! The store: everything that is kept, behind one gate.
//!
//! What comes in: asks, and, with a permit, telegrams, blocks and queries. What goes out: permits or
//! refusals, and, with a permit, [`Disclosed`] values. This crate is the only one that names a
//! database and the only maker of a [`Permit`]. It must never give a personal value without one, never
//! change a measured value, and never acknowledge what is not durable.
//!
//! Folders: `gate` decides and logs; `personal` holds sealed data, every function there narrows by the
//! permit; `meter_keys` keeps the keys of telegrams; `reference` says what is measured where; `register` keeps
//! what decides, `rules` what judges; `settlement` sums what is registered; `log` says what happened; `seal` keeps the keys of all of it; `sqlite` opens files and runs jobs. A PostgreSQL half joins behind the same [`Store`].

mod case;
mod collect;
mod columns;
mod db;
mod fault;
mod gate;
mod identity;
mod log;
mod meter_keys;
mod migrate;
mod once;
mod personal;
mod place;
mod postgres;
mod probe;
mod reference;
mod register;
mod retention;
mod rules;
mod seal;
mod settlement;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use tidstro_calendar::Zone;
use tidstro_govern::{Activation, Ask, Explanation, Operation, Register};
use tidstro_model::{
    ActorId, DeviceNo, Gsrn, MasterData, PointNo, Resolution, SeriesNo, SourceNo, SubjectNo,
};

pub use collect::{CallNote, CallState, CounterLease, CounterUse, CycleCall};
pub use columns::PERSONAL_COLUMNS;
pub use db::DbFault;
pub use fault::StoreFault;
pub use gate::{Decided, Disclosed, Permit, SubjectLeases};
pub use identity::{
    AccountLine, AccountState, Activated, Begun, Closed, Confirmed, Created, Device, IssuedToken,
    KnownSession, Letter, LetterHolder, Machine, MailSecrets, Need, NewSession, NewToken, PasswordCheck,
    Proved, Recovery, RecoveryApproval, RecoveryNo, ReviewDecision, ReviewLine, ReviewNo, SessionNo,
    TokenLine, TokenNo, TotpOffer, Typed,
};
pub use log::{AsideEntry, LogEntry, LogPage, LogQuery, LoginEvent, LoginKind};
pub use meter_keys::{
    ExportForm, ExportState, ExportedKey, KeyApproval, KeyConflict, KeyConflictReason, KeyExport,
    KeyExportWritten, KeyHolder, KeySecret, KeysTaken, MbusHolder, MeterKeyEntry, MeterKeyNo, NewMeterKey,
    TakeHow, UsableKey,
};
pub use migrate::{MoveOptions, MoveStep, Moved, move_data};
pub use once::Once;
pub use personal::{
    AcceptDay, AcceptJob, Accepted, AlarmCounts, AlarmEntry, AlarmOf, AlarmPlace, AnewJob, Appended,
    BehindTransformer, CauseKind, CompactBite, CompactCursor, CompactStep, Corrected, Correction,
    CorrectionOutcome, CorrectionRefusal, Counters, CycleArea, CycleDay, CyclePoint, DayCalls, DayHistory,
    DayStage, Decoded, DisclosedSeries, EstimateJob, EstimateOutcome, EstimatedDay, EstimatedSeries,
    FindingCause, FindingCursor, FindingQuery, FindingsPage, Heard, JudgedAnew, JudgedFinding, JudgedSeries,
    KeptCursor, MeterHeard, Named, NewBlock, NewInterval, NewReading, Note, OpenFinding, PieceWait,
    PointCalls, PointRead, ProfileChoice, QuarantineLine, RawTelegram, Receipt, RecordEntry, Registration,
    ReleaseDay, Released, SeriesQuery, StoredTelegram, TelegramNo, ToldAlarms, Unread, Unsaid, ValueHistory,
    ValueVersion, Waiting, WantedFindings, WhyQuery,
};
pub use personal::{ExportCount, ExportCursor, ExportPage, ExportRun, ExportedSeries, Pseudonym};
pub use place::is_on_server;
pub use postgres::ROLES as POSTGRES_ROLES;
pub use reference::{
    AreaEntry, DisclosedPeople, FileCounts, FileHash, ImportSoFar, InputCounts, InputNo, InputOutcome,
    InstallationEntry, ItemChange, KnownPeriod, MasterFileRead, MasterImport, MasterItem, MasterOutcome,
    MasterPiece, MasterRefusal, MasterRowRead, NumberDifference, Occupant, OccupantPermits, PlaceEntry,
    RefusedLines, RefusedRow, SeriesEntry, SeriesKind, SeriesMeta, StoredFormat, Which,
};
pub use register::{RegisterStep, RegisterStepKind};
pub use retention::{PreviewState, RetentionApproval, RetentionCount, RetentionPreview, RetentionRun};
pub use rules::{RulesFile, RulesVersion};
pub use seal::MasterKey;
pub use settlement::{
    ChildLeft, ChildSeries, Differing, Left, LeftBlock, Rebuilt, SettledCapacity, SettledDay, SettledHeating,
    SettledNetConsumption, SettledRun, Verified,
};
pub use sqlite::Writes;

use columns::{ColumnCategories, left_out_is_empty};
use personal::{Cause, ChainTerms, Cover, Registrar, Writing};
use place::{Place, on_own_thread};
use seal::{Nonces, Vault};
use settlement::Settling;
use sqlite::Threads;

/// Opens data and keys, proves that they fit the register, and starts the threads that work with them.
fn open_threads(
    place: &Place,
    register: &Register,
    (zone, settles): (Zone, bool),
    master: &MasterKey,
    now: Timestamp,
) -> Result<Threads, StoreFault> {
    let (db, keys) = place.open_for_writing()?;
    migrate::is_whole_and_here(&db)?;
    left_out_is_empty(&db, register)?;
    personal::record_categories_are_known(&db, register)?;
    meter_keys::category_is_known(&db, register)?;
    let vault = Vault::open(keys, master)?;
    vault.ensure_log_key()?;
    let nonces = Nonces::begin(&db, now)?;
    let mut writing = Writing::new(db, vault, nonces, zone);
    writing.settling = Settling::new(settles);
    Threads::start(place, master, writing)
}

/// An opened store.
pub struct Store {
    threads: Threads,
    register: Arc<Register>,
    columns: ColumnCategories,
    zone: Zone,
}

impl Store {
    /// Opens the store in `folder`, which may also be the URL of a PostgreSQL database (`postgres://…`), or makes it; brings
    /// an older schema up to date.
    ///
    /// # Errors
    /// [`StoreFault`]: the folder cannot be used, the schema is newer than this program, the master key
    /// does not fit, the register does not cover the personal columns, or it widens what the running one
    /// allows and nobody approved that.
    pub async fn open(
        folder: &Path,
        register: Arc<Register>,
        zone: Zone,
        master: &MasterKey,
        now: Timestamp,
    ) -> Result<Self, StoreFault> {
        let columns = ColumnCategories::of(&register)?;
        let place = Place::parse(folder)?;
        let how = (zone.clone(), columns.settlement().is_some());
        let threads = on_own_thread(|| open_threads(&place, &register, how, master, now))?;
        let store = Self { threads, register, columns, zone };
        store.threads.write(personal::make_alarm_keys).await?;
        store.begin_with_register(now).await?;
        store.expire_log(now).await?;
        store.expire_aside(now).await?;
        store.erase_unplaced(now).await?;
        store.expire_access(now).await?;
        store.begin_settlement(now).await?;
        Ok(store)
    }

    /// Deletes what the register keeps no longer of meters that nobody has placed.
    async fn erase_unplaced(&self, now: Timestamp) -> Result<(), StoreFault> {
        let Some(keep) = self.register.unplaced_keep() else { return Ok(()) };
        let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        let job = move |writing: &mut Writing| retention::erase_unplaced(writing, keep, &actor, now);
        self.threads.write(job).await.map(|_| ())
    }

    /// Makes the given register the one that decides, unless it widens what the running one allows and
    /// nobody approved that.
    async fn begin_with_register(&self, now: Timestamp) -> Result<(), StoreFault> {
        let given = Arc::clone(&self.register);
        let actor = ActorId::parse("job:open").map_err(|_| StoreFault::Row { what: "event.actor" })?;
        let admitting = self.threads.write(move |writing| {
            writing.transact_with(actor, |writing, actor| {
                log::close_first_form(writing, now)?;
                register::admit(writing, &given, actor, now)
            })
        });
        match admitting.await? {
            Activation::NotApproved(diff) => Err(StoreFault::widens(&diff)),
            // This program needs no place in the register to open a store.
            Activation::Running | Activation::First | Activation::Activated(_) | Activation::UnknownActor => {
                Ok(())
            }
        }
    }

    /// The register that decides.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The zone of local days.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Asks the gate. Grant and refusal are in the log before this returns.
    ///
    /// # Errors
    /// [`StoreFault`] if the decision cannot be logged: then there is none; [`StoreFault::RegisterReplaced`].
    pub async fn permit(&self, ask: Ask, now: Timestamp) -> Result<Decided, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    register::still_decides(&writing.db, &register)?;
                    gate::decide_and_log(writing, &register, &ask, now)
                })
            })
            .await
    }

    /// Why the gate would say yes or no, step by step. Gives no permit, and is in the log.
    ///
    /// # Errors
    /// [`StoreFault`] if the explanation cannot be logged: then there is none; [`StoreFault::RegisterReplaced`].
    pub async fn explain(&self, ask: Ask, now: Timestamp) -> Result<Explanation, StoreFault> {
        let register = Arc::clone(&self.register);
        self.threads
            .write(move |writing| {
                writing.transact(|writing| {
                    register::still_decides(&writing.db, &register)?;
                    gate::explain_and_log(writing, &register, &ask, now)
                })
            })
            .await
    }

    /// Adds master data that are not there yet; returns how many rows were new.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to store names, [`StoreFault::Dangling`],
    /// [`StoreFault::OccupanciesOverlap`]; nothing is kept then.
    pub async fn register_master(
        &self,
        permit: &Permit,
        data: MasterData,
        now: Timestamp,
    ) -> Result<u64, StoreFault> {
        let terms = permit.must_allow(Operation::Store, self.columns.names()?, now)?;
        self.threads.write(move |writing| reference::register_master(writing, &data, &terms, now)).await
    }

    /// The number of a source, made if it is new.
    ///
    /// # Errors
    /// [`StoreFault`] if it cannot be written.
    pub async fn source(&self, name: String) -> Result<SourceNo, StoreFault> {
        self.threads
            .write(move |writing| writing.transact(|writing| reference::ensure_source(&writing.db, &name)))
            .await
    }

    /// Stores telegrams that are new, and who heard them. Durable when this returns. `None` stands for a
    /// telegram of a day that is no longer kept.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect; nothing is kept on an error.
    pub async fn record_telegrams(
        &self,
        permit: &Permit,
        heard: Vec<RawTelegram>,
        now: Timestamp,
    ) -> Result<Vec<Option<Receipt>>, StoreFault> {
        let terms = permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        self.threads
            .write(move |writing| {
                let cover = Cover::of(&terms);
                writing.transact(|writing| personal::record_telegrams(writing, &cover, &heard, now))
            })
            .await
    }

    /// Registers what telegrams said: readings, or the reason there are none. A reading of a category that
    /// none of the permits covers is not kept, and counted.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect; nothing is kept on an error.
    pub async fn append_decoded(
        &self,
        permits: &[Permit],
        source: SourceNo,
        decoded: Decoded,
        now: Timestamp,
    ) -> Result<Appended, StoreFault> {
        let terms = permits.iter().map(|permit| permit.must_allow_series(Operation::Collect, now));
        let terms: Vec<_> = terms.collect::<Result<_, _>>()?;
        let Some(first) = terms.first() else { return Err(StoreFault::NoPermit) };
        let alarms = self.columns.alarms().cloned();
        let registrar = Registrar { source, terms: Arc::clone(first), now, alarms, cause: Cause::SOURCE };
        self.threads
            .write(move |writing| {
                let covers: Vec<_> = terms.iter().map(Cover::of).collect();
                writing.transact_with(decoded, |writing, decoded| {
                    personal::append_decoded(writing, &registrar, &covers, decoded)
                })
            })
            .await
    }

    /// What was heard of these devices last, where anything was.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect telegrams.
    pub async fn counters(
        &self,
        permit: &Permit,
        devices: Vec<DeviceNo>,
        now: Timestamp,
    ) -> Result<Vec<Counters>, StoreFault> {
        permit.must_allow(Operation::Collect, self.columns.telegrams()?, now)?;
        self.threads
            .write(move |writing| writing.transact(|writing| personal::counters(writing, &devices)))
            .await
    }

    /// Registers blocks of interval series. Returns at once; the future it gives is done when the batch
    /// is durable, so that a caller can read the next batch meanwhile. Alarms of series that are estimated for too long are
    /// kept under the permits for `alarms`, and without any not.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to collect; nothing is kept on an error.
    pub fn append_blocks(
        &self,
        (permit, alarms): (&Permit, &[Permit]),
        source: SourceNo,
        blocks: Vec<NewBlock>,
        now: Timestamp,
    ) -> Result<impl Future<Output = Result<Appended, StoreFault>> + Send + use<>, StoreFault> {
        let terms = permit.must_allow(Operation::Collect, self.columns.series()?, now)?;
        let chains = ChainTerms::of(self, alarms, now)?;
        let registrar = Registrar {
            source,
            terms: Arc::clone(&terms),
            now,
            alarms: chains.category(),
            cause: Cause::SOURCE,
        };
        self.threads.begin_write(move |writing| {
            let covers = chains.covers(&terms);
            writing.transact_with(blocks, |writing, blocks| {
                personal::append_blocks(writing, &registrar, &covers, blocks)
            })
        })
    }

    /// Every interval series, by GSRN and resolution.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn interval_series(&self) -> Result<FxHashMap<(Gsrn, Resolution), SeriesNo>, StoreFault> {
        self.threads.read(|reading| reference::interval_series(&reading.db)).await
    }

    /// The point with this identifier, if there is one.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn named_point(&self, own_id: String) -> Result<Option<PointNo>, StoreFault> {
        self.threads.read(move |reading| reference::named_point(&reading.db, &own_id)).await
    }

    /// The buildings and grid areas.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn areas(&self) -> Result<Vec<AreaEntry>, StoreFault> {
        self.threads.read(|reading| reference::areas(&reading.db)).await
    }

    /// The subject master data call by this reference, if there is one.
    ///
    /// # Errors
    /// [`StoreFault`] if the database cannot be read.
    pub async fn referenced_subject(&self, name: String) -> Result<Option<SubjectNo>, StoreFault> {
        self.threads.read(move |reading| reference::referenced_subject(&reading.db, &name)).await
    }

    /// The series the permit reaches.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read.
    pub async fn series_list(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<SeriesEntry>>, StoreFault> {
        let terms = permit.must_show_series(now)?;
        let entries = self.threads.read(move |reading| personal::list_series(&reading.db, &terms)).await?;
        Ok(Disclosed::new(entries, permit))
    }

    /// The values the permit reaches, at the query's resolution.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is neither to read nor to take one's own along, [`StoreFault::FinerThanPermit`].
    pub async fn series(
        &self,
        permit: &Permit,
        query: SeriesQuery,
        now: Timestamp,
    ) -> Result<Disclosed<Vec<DisclosedSeries>>, StoreFault> {
        let terms = permit.must_show_series(now)?;
        let zone = self.zone.clone();
        let series = self
            .threads
            .read(move |reading| {
                personal::read_series(&reading.db, &mut reading.vault, &zone, &terms, &query)
            })
            .await?;
        Ok(Disclosed::new(series, permit))
    }

    /// The names of the subjects whose occupancies the permit names.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read names.
    pub async fn names(&self, permit: &Permit, now: Timestamp) -> Result<Disclosed<Vec<Named>>, StoreFault> {
        let terms = permit.must_allow(Operation::Read, self.columns.names()?, now)?;
        let names = self
            .threads
            .read(move |reading| personal::read_names(&reading.db, &mut reading.vault, &terms))
            .await?;
        Ok(Disclosed::new(names, permit))
    }

    /// What every activity holds of the subject the permit is about, as far as the permit reaches.
    ///
    /// # Errors
    /// [`StoreFault::PermitForOther`] for a permit that is not to read.
    pub async fn leases(
        &self,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Disclosed<SubjectLeases>, StoreFault> {
        let terms = permit.must_allow_series(Operation::Read, now)?;
        let register = Arc::clone(&self.register);
        let leases = self
            .threads
            .read(move |reading| gate::subject_leases(&reading.db, &register, &terms, now))
            .await?;
        Ok(Disclosed::new(leases, permit))
    }
}
