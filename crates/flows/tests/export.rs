//! Exports: what is in the files, who gets them, and what is never in them.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use common::{actor, ask, given, ingest, open, refused_by, register};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tidstro_flows::{
    Answer, CompactAsk, ExportAsk, ExportFault, ExportReport, FlowFault, SettleAsk, Workspace, compact,
    export_log, export_series, export_settlement, show_series, show_settlement,
};
use tidstro_govern::{PartyId, Recipient};
use tidstro_model::{ActivityId, CategoryId, DayRange, Resolution, Rule};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

/// The columns of a file.
const COLUMNS: [&str; 13] = [
    "pseudonym",
    "commodity",
    "quantity",
    "unit",
    "tariff",
    "subunit",
    "resolution",
    "start",
    "value",
    "quality",
    "is_correction",
    "method",
    "rules",
];

/// A row of a file, but for what is the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    pseudonym: String,
    start: i64,
    /// In thousandths.
    value: Option<i64>,
    quality: String,
    is_correction: bool,
    rules: Option<String>,
}

/// The grid of a small town, read over the end of March.
struct Grid {
    folder: tempfile::TempDir,
    workspace: Workspace,
    now: Timestamp,
    town: Town,
}

impl Grid {
    async fn new() -> Self {
        let first_day = date(2026, 3, 22);
        let plan = TownPlan {
            seed: 7,
            flats: TownPlan::MIN_FLATS,
            days: 14,
            grid_points: TownPlan::MIN_GRID_POINTS,
            memory_months: 0,
            first_day,
        };
        let town = Town::build(&plan);
        let folder = tempfile::tempdir().unwrap();
        let now = "2026-04-06T06:00:00Z".parse().unwrap();
        let workspace = open(&folder.path().join("data"), now).await;
        register(&workspace, town.master_data(), now).await;
        ingest(&workspace, &town.interval_file(), &KeyRing::new(), now).await;
        Self { folder, workspace, now, town }
    }

    fn days(&self) -> DayRange {
        DayRange::new(date(2026, 3, 22), date(2026, 4, 5)).unwrap()
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What planners export.
    fn analysis(&self) -> ExportAsk {
        self.asked("staff:sofie", "network-analysis", "hosting")
    }

    fn asked(&self, who: &str, purpose: &str, recipient: &str) -> ExportAsk {
        ExportAsk {
            actor: actor(who),
            purpose: ActivityId::parse(purpose).unwrap(),
            category: CategoryId::parse("consumption").unwrap(),
            area: "543".to_owned(),
            days: self.days(),
            resolution: Resolution::PT1H,
            as_of: None,
            recipient: Some(Recipient { party: PartyId::parse(recipient).unwrap(), country: None }),
            factors: 1,
        }
    }

    async fn export(&self, asked: &ExportAsk, out: &Path) -> Result<Answer<ExportReport>, FlowFault> {
        self.export_at(asked, out, self.now).await
    }

    async fn export_at(
        &self,
        asked: &ExportAsk,
        out: &Path,
        now: Timestamp,
    ) -> Result<Answer<ExportReport>, FlowFault> {
        export_series(&self.workspace, asked, (out, &move || now), &|_| ()).await
    }

    /// What the log says, as its bundle has it.
    async fn log(&self) -> String {
        let bundle = self.folder.path().join("bundle.jsonl");
        let _ = std::fs::remove_file(&bundle);
        export_log(&self.workspace, &bundle, self.now).await.unwrap();
        std::fs::read_to_string(bundle).unwrap()
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .filter(|path| path.file_name().is_some_and(|name| name != ".lock"))
        .collect();
    found.sort();
    found
}

fn rows(folder: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    for path in files(folder) {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let fields: Vec<(String, Field)> = row.unwrap().into_columns();
            rows.push(row_of(&fields));
        }
    }
    rows.sort();
    rows
}

fn row_of(fields: &[(String, Field)]) -> Row {
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, field)| field).unwrap();
    let word = |name: &str| match field(name) {
        Field::Str(word) => Some(word.clone()),
        Field::Null => None,
        other => panic!("{name} is {other}"),
    };
    assert_eq!(word("unit").as_deref(), Some("Wh"));
    assert_eq!(word("quantity").as_deref(), Some("energy"));
    assert_eq!(word("resolution").as_deref(), Some("PT1H"));
    let value = match field("value") {
        Field::Null => None,
        Field::Decimal(decimal) => {
            assert_eq!((decimal.precision(), decimal.scale()), (18, 3));
            Some(i64::from_be_bytes(decimal.data().try_into().unwrap()))
        }
        other => panic!("value is {other}"),
    };
    let Field::TimestampMicros(start) = field("start") else { panic!("start is no instant") };
    Row {
        pseudonym: word("pseudonym").unwrap(),
        start: *start,
        value,
        quality: word("quality").unwrap(),
        is_correction: *field("is_correction") == Field::Bool(true),
        rules: word("rules"),
    }
}

fn pseudonyms(folder: &Path) -> BTreeSet<String> {
    rows(folder).into_iter().map(|row| row.pseudonym).collect()
}

#[tokio::test]
async fn the_files_say_what_the_store_says() {
    let grid = Grid::new().await;
    let out = grid.out("lake");
    let report = given(grid.export(&grid.analysis(), &out).await.unwrap());
    let names: Vec<_> = files(&out).iter().map(|path| path.strip_prefix(&out).unwrap().to_owned()).collect();
    let expected =
        ["area=543/month=2026-03/part-0.parquet", "area=543/month=2026-04/part-0.parquet"].map(PathBuf::from);
    assert_eq!(names, expected);

    let mut asked = ask(&actor("staff:mikkel"), "correctness-control", grid.days(), Resolution::PT1H);
    asked.area = Some("543".to_owned());
    let mut shown = given(show_series(&grid.workspace, &asked, grid.now).await.unwrap());
    // The file of the points that are no household's was not delivered: all their hours are missing, and none is exported.
    shown.retain(|view| view.values.iter().any(|value| value.value.is_some()));
    let of_store = shown.iter().flat_map(|view| &view.values).map(|value| Row {
        pseudonym: String::new(),
        start: value.start.as_microsecond(),
        value: value.value.map(|value| value.in_steps_of(-3).unwrap()),
        quality: value.quality.word().to_owned(),
        is_correction: value.corrected,
        rules: (!value.findings.is_empty())
            .then(|| value.findings.rules().map(Rule::code).collect::<Vec<_>>().join(" ")),
    });
    let mut of_store: Vec<Row> = of_store.collect();
    of_store.sort();
    let found = rows(&out);
    assert_eq!((report.rows, report.files), (found.len() as u64, 2));
    assert_eq!(report.points, shown.len() as u64);
    assert_eq!(report.points, pseudonyms(&out).len() as u64, "each point has a pseudonym of its own");
    let mut found: Vec<Row> = found.into_iter().map(|row| Row { pseudonym: String::new(), ..row }).collect();
    found.sort();
    assert!(found.iter().any(|row| row.value.is_none()), "a missing value is null");
    assert_eq!(found, of_store);
}

#[tokio::test]
async fn nobody_is_named() {
    let grid = Grid::new().await;
    let out = grid.out("lake");
    given(grid.export(&grid.analysis(), &out).await.unwrap());
    for file in files(&out) {
        let reader = SerializedFileReader::new(std::fs::File::open(file).unwrap()).unwrap();
        let about = reader.metadata().file_metadata();
        let columns: Vec<_> =
            about.schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
        assert_eq!(columns, COLUMNS, "a new column is added here, on purpose, or not at all");
        let notes = format!("{:?}", about.key_value_metadata());
        assert!(notes.contains("network-analysis") && !notes.contains("5713"), "{notes}");
    }
    let told = pseudonyms(&out);
    assert!(told.iter().all(|told| told.len() == 32 && told.bytes().all(|byte| byte.is_ascii_hexdigit())));
    for point in &grid.town.master_data().points {
        assert!(!told.iter().any(|told| told.contains(&point.own_id)), "{} is in the files", point.own_id);
    }
}

#[tokio::test]
async fn pseudonyms_belong_to_a_purpose_a_recipient_and_a_year() {
    let grid = Grid::new().await;
    let again = |name: &'static str, asked: ExportAsk, now: Timestamp| {
        let (grid, out) = (&grid, grid.out(name));
        async move {
            given(grid.export_at(&asked, &out, now).await.unwrap());
            pseudonyms(&out)
        }
    };
    let first = again("first", grid.analysis(), grid.now).await;
    let months_later = again("later", grid.analysis(), grid.now + SignedDuration::from_hours(5_000)).await;
    assert_eq!(first, months_later, "one purpose keeps its pseudonyms within a year");
    let next_year = again("next-year", grid.analysis(), grid.now + SignedDuration::from_hours(8_000)).await;
    let of_hub = again("hub", grid.asked("job:ingest", "grid-reading", "market-hub"), grid.now).await;
    let of_hosting = again("hosting", grid.asked("job:ingest", "grid-reading", "hosting"), grid.now).await;
    let all = [&first, &next_year, &of_hub, &of_hosting];
    let together: BTreeSet<_> = all.iter().flat_map(|some| some.iter()).collect();
    assert_eq!(together.len(), all.iter().map(|some| some.len()).sum::<usize>(), "none can be joined");
}

#[tokio::test]
async fn a_stranger_gets_nothing_and_the_log_knows() {
    let grid = Grid::new().await;
    let out = grid.out("lake");
    for (who, purpose, recipient, rule) in [
        ("staff:nobody", "network-analysis", "hosting", "unknown-actor"),
        ("staff:mikkel", "network-analysis", "hosting", "role-not-in-purpose"),
        ("staff:sofie", "network-operation", "hosting", "operation-not-in-purpose"),
        ("staff:sofie", "network-analysis", "market-hub", "recipient-not-in-purpose"),
    ] {
        let refused = grid.export(&grid.asked(who, purpose, recipient), &out).await.unwrap();
        assert_eq!(refused_by(refused), rule);
        assert!(grid.log().await.contains(&format!("\"rule\":\"{rule}\"")), "{rule} is not in the log");
    }
    let finer = ExportAsk { resolution: Resolution::PT15M, ..grid.analysis() };
    assert_eq!(refused_by(grid.export(&finer, &out).await.unwrap()), "resolution-too-fine");
    let to_nobody = ExportAsk { recipient: None, ..grid.analysis() };
    assert_eq!(refused_by(grid.export(&to_nobody, &out).await.unwrap()), "recipient-not-named");
    assert!(!out.exists(), "a refusal leaves no folder");
}

#[tokio::test]
async fn the_log_has_permit_key_and_rows() {
    let grid = Grid::new().await;
    let report = given(grid.export(&grid.analysis(), &grid.out("lake")).await.unwrap());
    let log = grid.log().await;
    let line = log.lines().find(|line| line.contains("\"kind\":\"exported\"")).unwrap();
    let (rows, points, key) = (report.rows, report.points, report.pseudonym_key.unwrap());
    assert!(line.contains("\"purpose\":\"network-analysis\""), "{line}");
    let counts = format!("to hosting: {rows} rows of {points} points in 2 files, pseudonym key {key}");
    assert!(line.contains(&counts) && line.contains("consumption under permit "), "{line}");
}

#[tokio::test]
async fn an_export_that_stops_leaves_no_file() {
    let grid = Grid::new().await;
    let out = grid.out("lake");
    // A clock that leaps: when the permit is asked for anew, nothing of that time is kept any more.
    let (calls, now) = (AtomicU32::new(0), grid.now);
    let leaping = move || {
        let is_late = calls.fetch_add(1, Ordering::Relaxed) >= 2;
        if is_late { now + SignedDuration::from_hours(40_000) } else { now }
    };
    let asked = grid.analysis();
    let stopped = export_series(&grid.workspace, &asked, (&out, &leaping), &|_| ()).await.unwrap();
    assert_eq!(refused_by(stopped), "no-live-lease");
    assert_eq!(files(&out), Vec::<PathBuf>::new());
    // The same folder serves the next export.
    given(grid.export(&asked, &out).await.unwrap());
    assert_eq!(files(&out).len(), 2);
}

#[tokio::test]
async fn a_month_that_is_there_stays() {
    let grid = Grid::new().await;
    let out = grid.out("lake");
    given(grid.export(&grid.analysis(), &out).await.unwrap());
    let before = rows(&out);
    let fault = grid.export(&grid.analysis(), &out).await.err().unwrap();
    assert!(matches!(fault, FlowFault::Export(ExportFault::MonthThere { .. })), "{fault}");
    assert!(fault.to_string().ends_with("is there already; remove it, or export into another folder"));
    assert_eq!(rows(&out), before);
    let open = ExportAsk { days: DayRange::from(date(2026, 3, 22)), ..grid.analysis() };
    let fault = grid.export(&open, &out).await.err().unwrap();
    assert_eq!(
        fault.to_string(),
        "an export needs days from a first to a last one; give both `--from` and `--to`"
    );
}

#[tokio::test]
async fn closed_months_are_exported_like_open_ones() {
    let grid = Grid::new().await;
    given(grid.export(&grid.analysis(), &grid.out("open")).await.unwrap());
    let asked = CompactAsk { actor: actor("job:ingest"), area: None, before: Some(date(2026, 4, 1)) };
    let report = given(compact(&grid.workspace, asked, grid.now).await.unwrap());
    assert!(report.months > 0, "a month is closed");
    given(grid.export(&grid.analysis(), &grid.out("closed")).await.unwrap());
    assert_eq!(rows(&grid.out("closed")), rows(&grid.out("open")));
}

#[tokio::test]
async fn an_export_says_what_was_known_then() {
    let grid = Grid::new().await;
    let before = ExportAsk { as_of: Some("2026-04-01T00:00:00Z".parse().unwrap()), ..grid.analysis() };
    let report = given(grid.export(&before, &grid.out("before")).await.unwrap());
    assert_eq!((report.rows, report.files), (0, 0), "nothing had come in");
    let then = ExportAsk { as_of: Some(grid.now), ..grid.analysis() };
    let report = given(grid.export(&then, &grid.out("then")).await.unwrap());
    assert!(report.rows > 0);
}

/// Hours of a market's area, as the files and as the settlement itself say.
#[tokio::test]
async fn settlement_goes_out_as_it_is_shown() {
    let grid = Grid::new().await;
    let out = grid.out("settled");
    let asked =
        ExportAsk { resolution: Resolution::PT15M, ..grid.asked("job:ingest", "grid-reading", "market-hub") };
    let now = grid.now;
    let report = given(export_settlement(&grid.workspace, &asked, (&out, &move || now)).await.unwrap());
    let settle = SettleAsk {
        actor: actor("job:hub"),
        purpose: ActivityId::parse("settlement").unwrap(),
        area: "543".to_owned(),
        days: grid.days(),
    };
    let shown = given(show_settlement(&grid.workspace, &settle, None, now).await.unwrap());
    let of_store: i64 = shown
        .lines
        .iter()
        .flat_map(|line| line.result.values.iter().flatten())
        .map(|value| value.watt_hours)
        .sum();
    let mut of_files = 0;
    let mut count = 0;
    for path in files(&out) {
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let fields: Vec<(String, Field)> = row.unwrap().into_columns();
            count += 1;
            if let Some((_, Field::Decimal(energy))) = fields.iter().find(|(name, _)| name == "energy_kwh") {
                of_files += i64::from_be_bytes(energy.data().try_into().unwrap());
            }
        }
    }
    assert!(of_store != 0, "the town's grid is settled");
    assert_eq!((of_files, count), (of_store, report.rows));
    assert_eq!((report.pseudonym_key, report.points), (None, 0));
    assert!(grid.log().await.contains(&format!("to market-hub: {count} rows in {} files", report.files)));

    let stranger = ExportAsk { actor: actor("staff:nobody"), ..asked };
    let refused = export_settlement(&grid.workspace, &stranger, (&out, &move || now)).await.unwrap();
    assert_eq!(refused_by(refused), "unknown-actor");
}
