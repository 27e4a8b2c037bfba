//! Where the rows of each table lie when one server no longer holds them all (docs/SCALING.md).
//!
//! What comes in: nothing. What goes out: a list, as data. Never: a table without an answer, or a spread table with a key
//! by which two servers could each hold a row.

/// Where the rows of a table lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Each on one server, by this column: it grows with time, so every key contains the column.
    Spread(&'static str),
    /// All on every server: it grows with points and people, and others are joined with it.
    Everywhere,
    /// All on the first server.
    First,
}

/// Every table of the data. Keys stay in a place of their own.
pub(crate) const PLACES: &[(&str, Place)] = &[
    ("alarm", Place::Spread("point_no")),
    ("area", Place::Everywhere),
    ("case_event", Place::First),
    ("collect_call", Place::Spread("device_no")),
    ("collect_until", Place::Spread("device_no")),
    ("compacted_month", Place::Everywhere),
    ("cycle_calls", Place::Everywhere),
    ("cycle_day", Place::Everywhere),
    ("cycle_expected", Place::Everywhere),
    ("data_move", Place::First),
    ("device", Place::Everywhere),
    ("device_counters", Place::Spread("device_no")),
    ("device_name", Place::Everywhere),
    ("dossier", Place::Everywhere),
    ("event", Place::Spread("stream_no")),
    ("event_aside", Place::First),
    ("event_source", Place::First),
    ("event_subject", Place::Spread("stream_no")),
    ("former_key", Place::Everywhere),
    ("installation", Place::Everywhere),
    ("invocation_counter", Place::Spread("print")),
    ("key_export", Place::First),
    ("log_origin", Place::First),
    ("log_stream", Place::Everywhere),
    ("master_change", Place::Everywhere),
    ("master_file", Place::First),
    ("meter_key", Place::Everywhere),
    ("meter_key_use", Place::First),
    ("occupancy", Place::Everywhere),
    ("occupancy_point", Place::Everywhere),
    ("point", Place::Everywhere),
    ("point_period", Place::Everywhere),
    ("raw_telegram", Place::Spread("telegram_no")),
    ("reception", Place::Spread("telegram_no")),
    ("record", Place::Everywhere),
    ("register_file", Place::First),
    ("register_version", Place::First),
    ("registration", Place::Everywhere),
    ("release", Place::Everywhere),
    ("released", Place::Spread("series_no")),
    ("retention_concerned", Place::First),
    ("retention_item", Place::First),
    ("retention_key", Place::First),
    ("retention_preview", Place::First),
    ("rules_version", Place::First),
    ("schema_number", Place::First),
    ("segment", Place::First),
    ("series", Place::Everywhere),
    ("series_block", Place::Spread("series_no")),
    ("series_month", Place::Spread("series_no")),
    ("series_state", Place::Spread("series_no")),
    ("settlement_frozen", Place::Spread("group_no")),
    ("settlement_group", Place::Everywhere),
    ("settlement_kept", Place::First),
    ("settlement_left", Place::Spread("series_no")),
    ("settlement_run", Place::Everywhere),
    ("settlement_sum", Place::Spread("group_no")),
    ("source", Place::Everywhere),
    ("subject", Place::Everywhere),
    ("subject_event", Place::Spread("subject_no")),
    ("supply", Place::Everywhere),
    ("taken_file", Place::First),
    ("telegram_format", Place::Everywhere),
    ("version_note", Place::Spread("series_no")),
    ("write_epoch", Place::First),
];
