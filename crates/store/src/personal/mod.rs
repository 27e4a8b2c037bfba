//! Personal data: sealed blocks, telegrams, names. Every public way in here takes a permit first and
//! narrows by it.

mod alarm;
mod alarm_chain;
mod alarm_place;
mod alarm_view;
mod append;
mod beside;
mod cause;
mod correct;
mod counters;
mod cover;
mod cycle;
mod day_versions;
mod decoded;
mod dossier;
mod estimate;
mod export;
mod findings;
mod heard;
mod intervals;
mod judge_anew;
mod judging;
mod look_up;
mod pieces;
mod place;
mod placing;
mod read;
mod register;
mod reseal;
mod state;
mod state_rows;
mod subject;
mod sum_judged;
mod supplied;
mod telegram;
mod versions;
mod waiting;
mod why;

use crate::db::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use tidstro_calendar::Zone;
use tidstro_metering::alarms::{MeterAlarms, Told};
use tidstro_model::{DeviceId, DeviceNo, KeyNo, PointNo, SeriesNo};

pub use alarm::{AlarmCounts, AlarmOf, ToldAlarms};
pub use alarm_view::{AlarmEntry, AlarmPlace, BehindTransformer};
pub use append::{Appended, NewBlock};
pub use cause::{CauseKind, Note};
pub use correct::{Corrected, Correction, CorrectionOutcome, CorrectionRefusal};
pub use counters::Counters;
pub use cycle::{CycleArea, CycleDay, CyclePoint, DayCalls, PointCalls, ReleaseDay, Released};
pub use day_versions::{DayHistory, DayStage};
pub use decoded::{Decoded, NewReading};
pub use dossier::RecordEntry;
pub use estimate::{EstimateJob, EstimateOutcome, EstimatedDay, EstimatedSeries, ProfileChoice};
pub use export::{ExportCount, ExportCursor, ExportPage, ExportRun, ExportedSeries, Pseudonym};
pub use findings::{
    AcceptDay, AcceptJob, Accepted, FindingCause, FindingCursor, FindingQuery, FindingsPage, OpenFinding,
    WantedFindings,
};
pub use heard::MeterHeard;
pub use intervals::NewInterval;
pub use judge_anew::{AnewJob, JudgedAnew};
pub use judging::{JudgedFinding, JudgedSeries, Unsaid};
pub use pieces::PieceWait;
pub use read::{DisclosedSeries, SeriesQuery};
pub use subject::Named;
pub use telegram::{Heard, RawTelegram, Receipt, StoredTelegram, TelegramNo};
pub use versions::{CompactBite, CompactCursor, CompactStep, PointRead};
pub use waiting::{KeptCursor, QuarantineLine, Unread, Waiting};
pub use why::{Registration, ValueHistory, ValueVersion, WhyQuery};

pub(crate) use alarm_chain::ChainTerms;
pub(crate) use alarm_place::make_alarm_keys;
pub(crate) use append::{DayChange, NewVersion, Registrar, append_blocks, append_versions, current_block};
pub(crate) use cause::Cause;
pub(crate) use counters::{change_counters, counters};
pub(crate) use cover::Cover;
pub(crate) use cycle::{count_call, master_changed};
pub(crate) use decoded::append_decoded;
pub(crate) use dossier::{open_dossier, record_categories_are_known, record_row};
pub(crate) use findings::forget_findings;
pub(crate) use place::{OccupancyKeys, keys_of_occupancy, over_days, over_days_of};
pub(crate) use placing::place_device;
pub(crate) use read::{list_series, read_series};
pub(crate) use reseal::{former_keys, points_with_values, replace_key, seal_for_owners};
pub(crate) use state::{series_days, shrink_state};
pub(crate) use subject::read_names;
pub(crate) use telegram::record_telegrams;
pub(crate) use versions::{Scan, ScanOf, Scanned, erase_months, month_after, months_of, split_months};

use crate::StoreFault;
use crate::migrate;
use crate::reference::{RegisterOf, SeriesMeta};
use crate::rules;
use crate::seal::{Nonces, Vault};
use crate::settlement::{self, Settling};
use place::Place;
use state::SeriesState;
use supplied::Supplied;
use telegram::Mounted;

/// What a writing job works with: the one writing connection, the keys, and what it has looked up
/// already. Looked-up rows are dropped when another process has written.
pub(crate) struct Writing {
    pub(crate) db: Connection,
    pub(crate) vault: Vault,
    pub(crate) nonces: Nonces,
    pub(crate) zone: Zone,
    places: FxHashMap<PointNo, Place>,
    devices: FxHashMap<DeviceId, DeviceNo>,
    mounted: FxHashMap<DeviceNo, Vec<Mounted>>,
    metas: FxHashMap<SeriesNo, SeriesMeta>,
    /// The series of registers that readings came for.
    registers: FxHashMap<RegisterOf, SeriesNo>,
    /// The limits of validation.
    pub(crate) judging: rules::Judging,
    /// The days on which points were supplied.
    supplied: FxHashMap<PointNo, Supplied>,
    /// How many digits registers show, of series that were judged.
    digits: FxHashMap<SeriesNo, Vec<(i32, i32, u8)>>,
    states: FxHashMap<SeriesNo, SeriesState>,
    changed_states: Vec<SeriesNo>,
    counters: FxHashMap<DeviceNo, Option<Vec<u8>>>,
    alarms: FxHashMap<DeviceNo, MeterAlarms>,
    /// Devices of which any alarm is stored.
    alarmed: Option<FxHashSet<DeviceNo>>,
    /// Series of which an alarm is stored.
    chained: Option<FxHashSet<SeriesNo>>,
    told: FxHashMap<DeviceNo, Told>,
    /// Points that have intervals and a register.
    summed: Option<FxHashSet<PointNo>>,
    /// Series of which a person ever changed a value.
    edited: Option<FxHashSet<SeriesNo>>,
    /// Months of which something may lie in months' rows, by their first local day.
    compacted: Option<FxHashSet<i32>>,
    pub(crate) settling: Settling,
    data_version: i64,
}

/// What is remembered of points, series, meters at most, up to two kilobytes of a point and its series. Above it everything is
/// dropped and looked up again: a set of any size takes the same memory. The number fills its table, whose size doubles.
const LOOKED_UP_MAX: usize = 7 << 13;

impl Writing {
    pub(crate) fn new(db: Connection, vault: Vault, nonces: Nonces, zone: Zone) -> Self {
        Self {
            db,
            vault,
            nonces,
            zone,
            places: FxHashMap::default(),
            devices: FxHashMap::default(),
            mounted: FxHashMap::default(),
            metas: FxHashMap::default(),
            registers: FxHashMap::default(),
            judging: rules::Judging::shipped(),
            supplied: FxHashMap::default(),
            digits: FxHashMap::default(),
            states: FxHashMap::default(),
            changed_states: Vec::new(),
            counters: FxHashMap::default(),
            alarms: FxHashMap::default(),
            alarmed: None,
            chained: None,
            told: FxHashMap::default(),
            summed: None,
            edited: None,
            compacted: None,
            settling: Settling::default(),
            data_version: 0,
        }
    }

    /// Runs `body` in one transaction. What it wrote is durable when this returns `Ok`, and gone when
    /// it returns `Err`. It runs again, a few times, if a server went away or another session was in its way: it must
    /// therefore change nothing but what is rolled back. Keys it made stay, and seal nothing.
    pub(crate) fn transact<T>(
        &mut self,
        mut body: impl FnMut(&mut Self) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let mut times = 0;
        loop {
            // What cannot begin has been tried often enough.
            let version = self.db.begin_write()?;
            match self.rest_of_transaction(version, &mut body) {
                Err(StoreFault::Database(fault)) if self.db.is_worth_another_try(&fault, times) => times += 1,
                done => return done,
            }
        }
    }

    /// As [`Writing::transact`], with values that are used up. They are copied where the work may be done again.
    pub(crate) fn transact_with<V: Clone, T>(
        &mut self,
        values: V,
        mut body: impl FnMut(&mut Self, V) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let is_kept = self.db.postgres().is_some();
        let mut values = Some(values);
        self.transact(|writing| {
            let values = if is_kept { values.clone() } else { values.take() };
            body(writing, values.ok_or(StoreFault::Stopped)?)
        })
    }

    fn rest_of_transaction<T>(
        &mut self,
        version: i64,
        body: &mut impl FnMut(&mut Self) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let done = self.drop_stale_lookups(version).and_then(|()| body(self)).and_then(|value| {
            settlement::save(self)?;
            self.db.commit_write()?;
            Ok(value)
        });
        if done.is_err() {
            // The first fault is the one to report.
            self.db.roll_back();
            self.forget();
            self.settling.abandon();
        } else if self.is_full() {
            // What devices told of their alarms may not be in its rows yet, and which points have both is looked up whole.
            let (told, summed) = (std::mem::take(&mut self.told), self.summed.take());
            self.forget();
            (self.told, self.summed) = (told, summed);
        }
        done
    }

    /// Whether more was looked up than memory should hold.
    fn is_full(&self) -> bool {
        let points = self.places.len().max(self.mounted.len()).max(self.counters.len());
        points.max(self.states.len()).max(self.registers.len()) > LOOKED_UP_MAX
    }

    fn drop_stale_lookups(&mut self, version: i64) -> Result<(), StoreFault> {
        if version != self.data_version {
            // Another program may have moved the data set away.
            migrate::is_whole_and_here(&self.db)?;
            self.forget();
            self.data_version = version;
        }
        self.vault.drop_stale_keys()
    }

    /// Drops everything looked up.
    pub(crate) fn forget(&mut self) {
        self.forget_places();
        self.judging.forget();
        self.devices.clear();
        self.metas.clear();
        self.registers.clear();
        self.states.clear();
        self.changed_states.clear();
        self.counters.clear();
        self.alarms.clear();
        self.alarmed = None;
        self.chained = None;
        self.told.clear();
        self.edited = None;
        self.compacted = None;
        self.settling.forget();
    }

    /// Drops what was looked up of occupancies and of where devices hang, after master data changed.
    pub(crate) fn forget_places(&mut self) {
        self.places.clear();
        self.summed = None;
        self.supplied.clear();
        self.digits.clear();
        self.mounted.clear();
        self.settling.forget_points();
    }
}

/// Key columns of a series block: a block moved to another row does not open.
fn block_row(period: i32, series: SeriesNo, registered_seq: i64, key: KeyNo) -> [u8; 25] {
    let mut row = [0_u8; 25];
    let parts: [&[u8]; 5] = [
        b"block",
        &period.to_be_bytes(),
        &series.as_u32().to_be_bytes(),
        &registered_seq.to_be_bytes(),
        &key.as_u32().to_be_bytes(),
    ];
    for (to, from) in row.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
    }
    row
}
