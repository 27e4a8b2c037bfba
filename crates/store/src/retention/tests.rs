//! A run that is cut short, seen from inside.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use tidstro_govern::{Ask, Operation, Register, Target, verify_certificate};
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, MasterData, Person, Resolution};

use super::RetentionRun;
use super::run::{begin, cut_short_after_the_keys};
use crate::{Decided, MasterKey, Permit, Store, StoreFault};

const TOWN: &str = include_str!("../../../../registers/town.toml");

fn town() -> Arc<Register> {
    Arc::new(Register::parse(TOWN, "town.toml").unwrap())
}

fn now() -> Timestamp {
    "2026-04-01T06:00:00Z".parse().unwrap()
}

async fn open(folder: &Path, master: &MasterKey) -> Store {
    let register = town();
    let zone = register.zone().clone();
    Store::open(folder, register, zone, master, now()).await.unwrap()
}

async fn permit(
    store: &Store,
    actor: &str,
    purpose: &str,
    operation: Operation,
    category: &CategoryId,
) -> Permit {
    let ask = Ask {
        actor: ActorId::parse(actor).unwrap(),
        purpose: ActivityId::parse(purpose).unwrap(),
        operation,
        category: category.clone(),
        target: Target::Everything,
        days: DayRange::always(),
        resolution: Resolution::P1Y,
        recipient: None,
        factors: 1,
    };
    match store.permit(ask, now()).await.unwrap() {
        Decided::Granted(permit) => permit,
        Decided::Refused(refuse) => panic!("{}: {}", refuse.rule, refuse.detail),
    }
}

async fn permits(store: &Store) -> Vec<Permit> {
    let mut permits = Vec::new();
    for category in town().categories() {
        permits.push(permit(store, "job:retention", "retention", Operation::Erase, &category.id).await);
    }
    permits
}

async fn to_store(store: &Store) -> Permit {
    let consumption = CategoryId::parse("consumption").unwrap();
    permit(store, "job:ingest", "reading", Operation::Store, &consumption).await
}

/// People whom no activity keeps: none of them lives anywhere.
async fn register_people(store: &Store, count: u32) {
    let person = |number| Person {
        reference: format!("person-{number}"),
        name: "Nobody".to_owned(),
        contact: "nobody@example.org".to_owned(),
    };
    let data = MasterData { people: (0..count).map(person).collect(), ..MasterData::default() };
    let names = CategoryId::parse("identity").unwrap();
    let permit = permit(store, "job:ingest", "master-data", Operation::Store, &names).await;
    store.register_master(&permit, data, now()).await.unwrap();
}

/// How many subjects there are, and how many keys are not destroyed.
async fn counts(store: &Store) -> (u32, u32) {
    let job = |reading: &mut crate::sqlite::Reading| {
        let subjects = reading.db.query_row("SELECT count(*) FROM subject", [], |row| row.get(0))?;
        Ok((subjects, reading.vault.living_keys()?))
    };
    store.threads.read(job).await.unwrap()
}

const BEFORE_MARCH: crate::CompactBite =
    crate::CompactBite { before: date(2026, 3, 1), from: None, series: 256 };

#[tokio::test]
async fn a_run_cut_short_leaves_nothing_open_and_is_finished_by_the_next() {
    let (folder, master) = (tempfile::tempdir().unwrap(), MasterKey::random().unwrap().0);
    let store = open(folder.path(), &master).await;
    register_people(&store, 300).await;
    assert_eq!(counts(&store).await, (300, 600));
    let preview = store.retention_preview(&permits(&store).await, now()).await.unwrap();
    let dpo = ActorId::parse("staff:dpo").unwrap();
    store.retention_approve(preview.number, dpo, now()).await.unwrap();
    let number = i64::try_from(preview.number).unwrap();
    let job = move |writing: &mut crate::personal::Writing| {
        assert_eq!(begin(writing, &town(), number, now())?, None);
        cut_short_after_the_keys(writing, &town(), number, now())
    };
    store.threads.write(job).await.unwrap();
    drop(store);

    let store = open(folder.path(), &master).await;
    assert_eq!(counts(&store).await, (300, 600 - 2 * 256), "the rows are there, and open to nobody");
    let fault = store.retention_preview(&permits(&store).await, now()).await.unwrap_err();
    assert!(matches!(fault, StoreFault::RunUnfinished { preview: 1 }), "{fault}");
    // A compaction might put together again what the run has split.
    let fault = store.compact_step(&[to_store(&store).await], BEFORE_MARCH, now()).await.unwrap_err();
    assert!(matches!(fault, StoreFault::RunUnfinished { preview: 1 }), "{fault}");
    let run = store.retention_run(&permits(&store).await, preview.number, now(), |_, _| ()).await.unwrap();
    let RetentionRun::Erased { certificate, left: 0 } = run else { panic!("{run:?}") };
    assert_eq!(counts(&store).await, (0, 0));
    let text = verify_certificate(&certificate, None).unwrap();
    assert!(
        text.contains("keys 600\n") && text.contains("erase identity: 300 parts of 300 subjects"),
        "{text}"
    );
    assert_eq!(text.matches("concerned ").count(), 300);
    assert_eq!(store.retention_certificate(preview.number).await.unwrap(), Some(certificate));
    let step = store.compact_step(&[to_store(&store).await], BEFORE_MARCH, now()).await.unwrap();
    assert_eq!(step, crate::CompactStep::default());
}

#[tokio::test]
async fn permits_for_less_than_everything_show_nothing() {
    let (folder, master) = (tempfile::tempdir().unwrap(), MasterKey::random().unwrap().0);
    let store = open(folder.path(), &master).await;
    let mut permits = permits(&store).await;
    assert!(store.retention_preview(&permits, now()).await.is_ok());
    permits.pop();
    assert!(matches!(store.retention_preview(&permits, now()).await, Err(StoreFault::NoPermit)));
    assert!(matches!(store.retention_preview(&[], now()).await, Err(StoreFault::NoPermit)));
}
