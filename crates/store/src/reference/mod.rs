//! Data that say what is measured where. None of it is a measured value or a person's name.

mod area;
mod buildings;
mod device;
mod format;
mod fresh;
mod households;
mod import;
mod inputs;
mod known_names;
mod master;
mod occupancies;
mod occupants;
mod own_name;
mod people;
mod periods;
mod series;
mod statements;
mod taken;

pub use area::AreaEntry;
pub(crate) use area::{areas, referenced_subject};
pub use buildings::PlaceEntry;
pub(crate) use device::{
    DEVICE_COLUMNS, device_called, device_from, learn_name, register_device, unassigned_own_id,
};
pub use format::StoredFormat;
pub(crate) use format::{formats, keep_formats};
pub(crate) use households::households;
pub use import::{
    FileCounts, ImportSoFar, ItemChange, MasterFileRead, MasterImport, MasterItem, MasterOutcome,
    MasterPiece, MasterRefusal, MasterRowRead, NumberDifference, RefusedRow,
};
pub use inputs::{InputCounts, InputNo, InputOutcome, RefusedLines};
pub(crate) use master::{premises_key, register_master, register_unassigned_point, subject_row};
pub use occupants::{Occupant, OccupantPermits};
pub use people::DisclosedPeople;
pub(crate) use periods::{
    Family, KnownAt, MasterChange, charges_in, children_of, ensure_charge, families_of, key_from, links_in,
    mounted, over_area, point_periods, prices_in, register_digits, retirements, supplies_of, supplies_of_all,
};
pub use periods::{InstallationEntry, KnownPeriod, Which};
pub(crate) use series::{
    ENTRY_COLUMNS, ensure_interval_series, ensure_register_series, ensure_source, entry_from,
    interval_series, named_point, series_meta, series_metas,
};
pub(crate) use series::{RegisterOf, SeriesCategory, SettledSeries, settled_series, settled_series_of};
pub use series::{SeriesEntry, SeriesKind, SeriesMeta};
pub use taken::FileHash;
