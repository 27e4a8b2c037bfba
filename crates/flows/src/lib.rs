//! One file per use of the product. Its public function reads as the steps in order.
//!
//! What comes in: what a person or job wants, with who they are and what for. What goes out: an
//! [`Answer`]: what was asked for, or the rule that refused. This crate is the only user of the store
//! and gives nobody else its permits. It must never keep a personal value longer than the answer.
//!
//! ```text
//! bytes → ingest → series version → disclose → resident's view
//! ```

mod alarms;
mod answer;
mod aside;
mod buildings;
mod clock;
mod codes;
mod collect;
mod compact;
mod completeness;
mod controls;
mod correct;
mod correct_file;
mod counters;
mod cycle;
mod disclose;
mod dossier;
mod estimate;
mod event;
mod explain;
mod export;
mod fault;
mod findings;
pub mod identity;
mod ingest;
mod inputs;
mod keys;
mod leases;
mod load_profile;
mod log;
mod log_concerning;
mod log_search;
mod master_data;
mod migrate;
mod once;
mod own_copy;
mod quarantine;
mod register;
mod retention;
mod rules;
mod series_day;
mod series_steps;
mod settle;
mod silent;
mod validate;
mod validate_anew;
mod weather;
mod why;
mod why_file;
mod workspace;

pub use alarms::{AlarmAsk, AlarmLine, AlarmsView, StormLine, show_alarms};
pub use answer::Answer;
pub use aside::{AsideAsk, AsideItem, kept_aside, show_aside};
pub use buildings::{
    BuildingState, BuildingView, BuildingsAsk, BuildingsView, Deadline, DeadlineKind, DeviceLine, LetterLine,
    Letters, MeterPlace, Move, MoveMade, MovePreview, MoveRefusal, MoveStep, OccupantView, UnitView,
    buildings, export_letters, letters, make_move, one_building, preview_move,
};
pub use clock::case_clocks;
pub use collect::{
    AreaCollected, CallFault, CollectNews, CollectOptions, CycleReport, Limits, MeterAddress, Meters,
    MetersFault, collect,
};
pub use compact::{CompactAsk, CompactNews, CompactReport, Compaction, Quiet, compact, compact_beside};
pub use completeness::{AreaCompleteness, completeness};
pub use controls::{ControlView, controls};
pub use correct::{CorrectAsk, ValueGiven, ValueOutcome, ValueTaken, correct};
pub use correct_file::{CORRECTIONS_HEADER, CorrectionFault, parse_corrections};
pub use counters::{AnewReason, CountersAnew, CountersOutcome, begin_counters_anew};
pub use cycle::{
    AreaCycle, CycleAsk, CycleLine, CyclePointAsk, CyclePointLine, DayCalls, PointCalls, ReleaseAsk,
    Released, WantedState, cycle_board, cycle_points, recount_cycle, release_days,
};
pub use disclose::{
    SeriesAsk, SeriesLine, SeriesPage, SeriesPart, SeriesValue, SeriesView, list_series, own_name,
    resident_called, show_series, show_series_page,
};
pub use dossier::{DossierAsk, RecordView, add_record, open_dossier, show_records};
pub use estimate::{
    CHAIN_DAYS, EstimateAsk, EstimateChain, EstimateMethod, EstimateReport, EstimatedDay, Estimation,
    SeriesEstimates, estimate,
};
pub use event::{
    SubjectAsk, case_events, keep_unknown_event, lease_events, record_case_event, record_lease_event,
};
pub use explain::explain_ask;
pub use export::{ExportAsk, ExportFault, ExportReport, export_series, export_settlement};
pub use fault::FlowFault;
pub use findings::{
    CauseLine, DecideOutcome, Decision, DecisionAsk, DecisionDone, DecisionEffect, DecisionLine,
    DecisionPreview, FindingCause, FindingCursor, FindingsAsk, OpenFindingLine, OpenFindings,
    SERIES_CATEGORIES, area_called, decide, finding_causes, open_findings, preview_decision,
    recount_findings,
};
pub use ingest::{
    AgainReport, AlarmReport, Broker, BrokerFault, BrokerNews, BrokerOptions, Clock, FileFault, FileOutcome,
    Gateways, GatewaysFault, IngestOptions, IngestReport, Intake, Line, Lines, Message, MqttFault, Refused,
    RequestNews, TakenFile, Watch, ingest, ingest_described, ingest_dlms, ingest_http, ingest_mqtt,
};
pub use inputs::{InputCounts, InputOutcome, RefusedLines, inputs};
pub use keys::{
    KeyClash, KeyExportAsk, KeyExportFile, KeyExportForm, KeyExportOutcome, KeyExportView, KeyFile, KeyLine,
    KeyMeter, KeyRecipient, KeyRecipientFault, KeysFault, KeysOutcome, TakeHow, approve_key_export,
    ask_key_export, list_keys, parse_keys, show_key_export, take_keys, write_key_export,
};
pub use leases::{LeasesView, subject_leases};
pub use log::{export_log, import_events, verify_bundle, verify_log};
pub use log_concerning::{LookedAsk, LookedLine, LookedPage, Looker, who_looked};
pub use log_search::{LogEntry, LogPage, LogQuery, LogState, bundle_log, check_log, search_log};
pub use master_data::{
    Childless, MASTER_PIECE_ROWS, MasterChangeLine, MasterExport, MasterFileLine, MasterImportHow,
    MasterImportReport, MasterLine, MasterSource, PeopleAsk, ReadAgain, RefusedLine, export_master_data,
    export_people, import_master_data, import_master_files, register_master_data, virtual_without_children,
};
pub use migrate::{MigratedTable, MigrationReport, database_roles, migrate, place};
pub use once::{Once, OnceRequest, begin_once, forget_once, keep_once};
pub use own_copy::{OwnCopy, OwnCopyAsk, own_copy};
pub use quarantine::{QuarantineLine, decode_again, decode_quarantined, quarantine};
pub use register::{
    CandidateRegister, RegisterStep, RegisterStepKind, activate_register, approve_register, compare_register,
    register_history,
};
pub use retention::{
    PreviewState, RetentionCount, RetentionOutcome, RetentionPreview, approve_retention, list_retention,
    preview_retention, retention_certificate, retention_leftovers, run_retention, show_retention,
};
pub use rules::{RulesAsk, RulesVersion, rules_history, rules_now, take_in_rules};
pub use series_day::{SeriesDay, SeriesDayVersion, series_day};
pub use settle::{
    AmountsView, ChildAsk, ChildView, DifferingLine, EnergyLine, LeftLine, MissingLine, RebuiltCounts,
    RunLine, RunsView, SettleAsk, SettledCapacity, SettledHeating, SettledNetConsumption, SettledRun,
    SettlementView, UnfinishedRun, VerifiedView, missing_measurements, rebuild_settlement, run_settlement,
    settle_capacity, settle_heating, settle_net_consumption, settlement_runs, show_settlement,
    show_settlement_amounts, show_settlement_run, verify_settlement,
};
pub use silent::{MeterQuiet, SilentAsk, silent_meters};
pub use tidstro_metering::weather_corrected;
pub use validate::{FindingChange, FoundLine, SeriesFindings, Unsaid, Validation, validate_again};
pub use validate_anew::{AnewAsk, AnewReport, ValidationAnew, validate_kept};
pub use weather::degree_days;
pub use why::{StoryVersion, ValueStory, why_value};
pub use why_file::find_lines;
pub use workspace::{Opening, Workspace, is_on_server};
