//! The log through real files: segments, expiry, tampering, old folders, outside events, people.

mod bundle;
mod first_form;
mod outside;
mod people;
mod search;
mod segments;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tidstro_calendar::Zone;
use tidstro_govern::log::{LogFault, LogReport, Stream, StreamId};
use tidstro_govern::{Event, EventKind};
use tidstro_model::{ActivityId, ActorId, SubjectNo};

use super::{append_many, close_first_form, expire_next, verify};
use crate::StoreFault;
use crate::personal::Writing;
use crate::seal::{KeyKind, MasterKey, Nonces, Vault};
use crate::sqlite::Files;

const FACTS: StreamId = StreamId { stream: Stream::Facts, writer: 1 };
const USES: StreamId = StreamId { stream: Stream::Uses, writer: 1 };

/// Noon in Copenhagen on 20 March 2026.
const NOON: Timestamp = Timestamp::constant(1_774_004_400, 0);

fn days(count: i64) -> Timestamp {
    NOON + SignedDuration::from_hours(24 * count)
}

fn actor(name: &str) -> ActorId {
    ActorId::parse(name).unwrap()
}

fn granted(at: Timestamp, number: u64) -> Event {
    let event = Event::new(at, EventKind::Granted, actor("staff:anna"), format!("read consumption {number}"));
    Event {
        purpose: Some(ActivityId::parse("billing").unwrap()),
        subjects: vec![[u8::try_from(number % 5).unwrap(); 32]],
        ..event
    }
}

fn fact(at: Timestamp) -> Event {
    Event::new(at, EventKind::RegisterApproved, actor("staff:dpo"), "hash".to_owned())
}

/// A folder with its writing half, as the writer thread has it.
struct Desk {
    folder: TempDir,
    master: MasterKey,
    writing: Writing,
}

impl Desk {
    fn new() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    fn of(folder: TempDir) -> Self {
        let master = MasterKey::random().unwrap().0;
        let writing = open(&folder, &master);
        let mut desk = Self { folder, master, writing };
        desk.write(|writing| close_first_form(writing, NOON));
        desk
    }

    /// Another process on the same folder.
    fn second(&self) -> Writing {
        open(&self.folder, &self.master)
    }

    fn write<T>(&mut self, body: impl FnMut(&mut Writing) -> Result<T, StoreFault>) -> T {
        self.writing.transact(body).unwrap()
    }

    fn append(&mut self, events: Vec<Event>, recorded: Timestamp) -> i64 {
        self.writing.transact_with(events, |writing, events| append_many(writing, events, recorded)).unwrap()
    }

    /// Three days of uses, four a day, and a fact on each.
    fn with_three_days() -> Self {
        let mut desk = Self::new();
        for day in 0..3 {
            let uses = (0..4).map(|number| granted(days(day), number));
            desk.append(uses.chain([fact(days(day))]).collect(), days(day));
        }
        desk
    }

    fn expire(&mut self, before: Timestamp, now: Timestamp) -> Option<u64> {
        self.write(|writing| expire_next(writing, before, &actor("staff:dpo"), now))
    }

    fn verify(&self) -> Result<LogReport, StoreFault> {
        verify(&self.writing.db, &self.writing.vault)
    }

    #[track_caller]
    fn finds(&self, fault: &LogFault) {
        match self.verify() {
            Err(StoreFault::Log(found)) => assert_eq!(&found, fault),
            other => panic!("expected {fault:?}, found {other:?}"),
        }
    }

    /// What somebody with the database and without the keys does.
    fn tamper(&self, sql: &str) {
        assert!(self.writing.db.execute(sql, []).unwrap() > 0, "{sql} changes nothing");
    }

    fn count(&self, sql: &str) -> i64 {
        self.writing.db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Everything the log says, as one text.
    fn log_text(&self) -> String {
        let sql = "SELECT group_concat(kind || ' ' || actor || ' ' || ifnull(purpose, '') || ' ' ||
                   ifnull(rule, '') || ' ' || hex(subjects) || ' ' || detail, char(10)) FROM event";
        self.writing.db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// A new person with a key of their own.
    fn person(&mut self) -> SubjectNo {
        let key = self.writing.vault.create(&[KeyKind::Subject]).unwrap()[0].as_u32();
        let number = self
            .writing
            .db
            .query_row(
                "INSERT INTO subject (reference, key_no, sealed_name, sealed_contact)
                 VALUES ('person-' || ?1, ?1, x'', x'') RETURNING subject_no",
                [key],
                |row| row.get(0),
            )
            .unwrap();
        SubjectNo::new(number)
    }
}

fn open(folder: &TempDir, master: &MasterKey) -> Writing {
    let files = Files::below(folder.path());
    let (db, keys) = (files.open_data().unwrap(), files.open_keys().unwrap());
    let vault = Vault::open(keys, master).unwrap();
    vault.ensure_log_key().unwrap();
    let nonces = Nonces::begin(&db, NOON).unwrap();
    Writing::new(db, vault, nonces, Zone::copenhagen())
}
