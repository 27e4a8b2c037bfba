//! Files of master data taken in piece by piece say and keep what they do in one piece, in whatever order their rows stand.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

#[expect(dead_code, reason = "these tests read no series")]
mod common;

use common::{JOB, actor, given, open, register};
use jiff::{Timestamp, ToSpan as _};
use tidstro_flows::{
    MasterImportHow, MasterImportReport, MasterSource, Workspace, export_master_data, import_master_files,
};
use tidstro_metering::master_file::{occupancy_lines, people_lines};
use tidstro_model::CheckDigit;
use tidstro_world::{Town, TownPlan};

type Files = Vec<(String, Vec<u8>)>;

fn at(minute: i64) -> Timestamp {
    "2026-04-20T06:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes()
}

/// Rows of a piece: few, so that hardly a thing has all it needs in its own piece, and no divisor of anything.
const PIECE: usize = 7;

/// The lines of an import in pieces of so many rows, in one order, and its report.
async fn import(
    workspace: &Workspace,
    files: &Files,
    (piece_rows, is_dry): (usize, bool),
    now: Timestamp,
) -> (Vec<String>, MasterImportReport) {
    let how = MasterImportHow { check: CheckDigit::Required, is_dry, piece_rows };
    let sources = files.iter().map(|(name, bytes)| MasterSource::held(name.clone(), bytes.clone())).collect();
    let mut lines = Vec::new();
    let mut tell = |line| lines.push(format!("{line:?}"));
    let job = actor(JOB);
    let importing = import_master_files(workspace, &job, sources, (how, now), &mut tell);
    let report = given(importing.await.unwrap());
    lines.sort();
    (lines, MasterImportReport { is_dry: false, ..report })
}

async fn exported(workspace: &Workspace) -> Files {
    let export = export_master_data(workspace, None, None).await.unwrap();
    export.files.into_iter().map(|(name, text, _)| (name.to_owned(), text.into_bytes())).collect()
}

/// What is known, as sorted lines.
async fn known(workspace: &Workspace) -> Vec<String> {
    let files = exported(workspace).await;
    let lines = |(name, bytes): &(String, Vec<u8>)| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        text.lines().map(|line| format!("{name}: {line}")).collect::<Vec<_>>()
    };
    let mut lines: Vec<_> = files.iter().flat_map(lines).collect();
    lines.sort();
    lines
}

/// The files of a town: what an export has of it, and its people.
async fn town_files(town: &Town) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let workspace = open(folder.path(), at(0)).await;
    register(&workspace, town.master_data(), at(0)).await;
    let mut files = exported(&workspace).await;
    let data = town.master_data();
    let people = people_lines(data.people).collect::<String>().into_bytes();
    let stays = occupancy_lines(data.occupancies, workspace.zone()).collect::<String>().into_bytes();
    files.extend([("people.csv".to_owned(), people), ("occupancies.csv".to_owned(), stays)]);
    files
}

/// The same files, the rows of each from its last to its first.
fn turned(files: &Files) -> Files {
    let turn = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.get_mut(1..).unwrap().reverse();
        lines.join("\r\n").into_bytes()
    };
    files.iter().rev().map(|(name, bytes)| (name.clone(), turn(bytes))).collect()
}

/// Points that end, with meters and suppliers at them; a meter that moves on the day its point ends; and rows nobody can keep.
fn changes_of(town: &Town) -> Files {
    let points = "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;\
         to_grid_area_code;parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;\
         to_date;connection_state\n";
    let end = town.plan.first_day + 5.days();
    let data = town.master_data();
    let hanging = |gsrn: &str| data.installations.iter().find(|installation| installation.point == gsrn);
    let mut metered = data.stated_points.iter().filter(|stated| hanging(&stated.point.to_string()).is_some());
    let (first, second) = (metered.next().unwrap(), metered.next().unwrap());
    let row = |stated: &tidstro_model::StatedPoint| {
        let state = stated.state;
        let method = state.kind.settlement_method().map_or("", |method| method.code());
        let resolution = state.resolution.code();
        let (point, kind, area) = (stated.point, state.kind.code(), state.area);
        format!("{point};{kind};{method};{area};{resolution};;;;;;{end};;closed-down\n")
    };
    let device = hanging(&first.point.to_string()).unwrap().meter;
    let moves = format!(
        "device;metering_point_id;from_date;to_date\n{device};{};{end};{}\n{device};nowhere;{end};\n",
        data.points
            .iter()
            .find(|point| point.own_id.starts_with(|c: char| !c.is_ascii_digit()))
            .unwrap()
            .own_id,
        end + 3.days(),
    );
    let supplies = format!(
        "metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date\n{};5790001330552;;{};\n",
        first.point,
        end + 9.days(),
    );
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    vec![
        file("moves.csv", moves),
        file("ends.csv", [points, &row(first), &row(second), "571313\n"].concat()),
        file("supplies.csv", supplies),
    ]
}

#[tokio::test]
async fn small_pieces_say_and_keep_what_one_piece_does() {
    let (whole, apart) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (whole, apart) = (open(whole.path(), at(0)).await, open(apart.path(), at(0)).await);
    let town = Town::build(&TownPlan::default());
    for (minute, files) in (1..).zip([town_files(&town).await, changes_of(&town)]) {
        let expected = import(&whole, &files, (usize::MAX, false), at(minute)).await;
        for is_dry in [true, false] {
            let (lines, report) = import(&apart, &files, (PIECE, is_dry), at(minute)).await;
            assert_eq!(lines, expected.0, "step {minute}, dry: {is_dry}");
            assert_eq!(report, expected.1, "step {minute}, dry: {is_dry}");
        }
        assert_eq!(known(&apart).await, known(&whole).await);
        assert_eq!(expected.1.nothing_refused(), minute == 1);
    }
}

#[tokio::test]
async fn the_order_of_rows_and_files_changes_nothing() {
    let (sorted, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (sorted, other) = (open(sorted.path(), at(0)).await, open(other.path(), at(0)).await);
    let files = town_files(&Town::build(&TownPlan::default())).await;
    let (expected, _) = import(&sorted, &files, (usize::MAX, false), at(1)).await;
    let (lines, report) = import(&other, &turned(&files), (50, false), at(1)).await;
    assert_eq!(lines, expected);
    assert!(report.nothing_refused(), "{:?}", report.files);
    assert_eq!(known(&other).await, known(&sorted).await);
    let (lines, _) = import(&other, &files, (50, false), at(2)).await;
    assert_eq!(lines.iter().filter(|line| !line.starts_with("Unsupplied")).count(), 0);
}
