//! A workspace in a temporary folder, for tests.

use jiff::Timestamp;
use tidstro_flows::{Answer, FlowFault, IngestOptions, IngestReport, Opening, SeriesAsk, Workspace};
use tidstro_govern::RegisterFile;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, MasterData, Resolution};
use tidstro_telegram::KeyRing;

const REGISTER: &str = include_str!("../../../../registers/town.toml");
pub(crate) const TOWN: &[RegisterFile<'_>] = &[RegisterFile { name: "town.toml", text: REGISTER }];

/// The master data job and the reading job.
pub(crate) const JOB: &str = "job:ingest";

pub(crate) fn actor(name: &str) -> ActorId {
    ActorId::parse(name).unwrap()
}

pub(crate) async fn open(folder: &std::path::Path, now: Timestamp) -> Workspace {
    open_by(folder, Some(TOWN), now).await.unwrap()
}

/// Opens the store that lies in a folder; or, where the variable says so, in a database of PostgreSQL that stands for the
/// folder in this test.
pub(crate) async fn open_by(
    folder: &std::path::Path,
    register: Option<&[RegisterFile<'_>]>,
    now: Timestamp,
) -> Result<Workspace, FlowFault> {
    let url = tidstro_cluster::stands_for(folder).unwrap();
    let folder = url.as_deref().map_or(folder, std::path::Path::new);
    let master_key = url.as_ref().map(|_| MASTER_KEY);
    Workspace::open(&Opening { folder, register, master_key }, now).await
}

/// Opens the keys of test databases.
const MASTER_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

pub(crate) fn given<T>(answer: Answer<T>) -> T {
    match answer {
        Answer::Given(value) => value,
        Answer::Refused(refuse) => panic!("refused by {}: {}", refuse.rule, refuse.detail),
    }
}

pub(crate) fn refused_by<T>(answer: Answer<T>) -> &'static str {
    match answer {
        Answer::Given(_) => panic!("granted"),
        Answer::Refused(refuse) => refuse.rule.code(),
    }
}

pub(crate) async fn register(workspace: &Workspace, data: MasterData, now: Timestamp) -> u64 {
    given(tidstro_flows::register_master_data(workspace, &actor(JOB), data, now).await.unwrap())
}

pub(crate) async fn ingest(
    workspace: &Workspace,
    input: &[u8],
    keys: &KeyRing,
    now: Timestamp,
) -> IngestReport {
    let mut input = input;
    let options = IngestOptions { source: "test", keys, progress: &|_| () };
    given(tidstro_flows::ingest(workspace, &actor(JOB), &mut input, &options, &move || now).await.unwrap())
}

/// An ask for consumption, of everything the actor may mean.
pub(crate) fn ask(who: &ActorId, purpose: &str, days: DayRange, resolution: Resolution) -> SeriesAsk {
    SeriesAsk {
        actor: who.clone(),
        purpose: ActivityId::parse(purpose).unwrap(),
        category: CategoryId::parse("consumption").unwrap(),
        point: None,
        area: None,
        series: None,
        days,
        resolution,
        as_of: None,
        recipient: None,
        factors: 1,
    }
}
