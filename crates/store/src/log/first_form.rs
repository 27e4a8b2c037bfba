//! The events of schema 1, closed as the first segment of the uses.
//!
//! The schema step has moved them with their numbers and hashes. Here they get a root and a signed
//! checkpoint, and what they said of registers is said again in the facts, which outlive the uses.

use crate::db::OptionalExtension;
use jiff::Timestamp;
use tidstro_govern::log::{Form, GENESIS, OpenSegment, Segment, Stream, Tree, leaf_hash};
use tidstro_govern::{Event, EventKind};
use tidstro_model::ActorId;

use super::append::{append_many, sign};
use super::stream::{Tail, insert_segment, instant};
use super::verify::each_event;
use crate::StoreFault;
use crate::personal::Writing;

/// Closes the segment of schema 1 if it is there and open. Call inside a transaction.
pub(crate) fn close_first_form(writing: &mut Writing, now: Timestamp) -> Result<(), StoreFault> {
    let Some(first_seq) = first_event(writing)? else { return Ok(()) };
    let mut tail = Tail::load(&writing.db, Stream::Uses)?;
    let (tree, facts) = leaves_and_facts(writing, &tail, first_seq)?;
    let segment = Segment {
        number: 1,
        form: Form::First,
        first_seq,
        count: tree.count(),
        root: tree.root(),
        prior: GENESIS,
        closed_at: instant(now.as_millisecond())?,
    };
    let signature = sign(writing, tail.stream, &segment)?;
    insert_segment(&writing.db, tail.stream_no, &segment, &signature)?;
    tail.open = OpenSegment::after(&segment, tail.stream);
    tail.save(&writing.db)?;
    append_many(writing, facts, now)?;
    Ok(())
}

/// Number of the first event of schema 1, if their segment is not closed yet.
fn first_event(writing: &Writing) -> Result<Option<u64>, StoreFault> {
    let first: Option<i64> = writing
        .db
        .prepare_cached(
            "-- unsigned_segment
             SELECT first_seq FROM segment WHERE signature = x''",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(first.map(i64::unsigned_abs))
}

/// The tree of the old events, and those of them that are facts.
fn leaves_and_facts(
    writing: &Writing,
    tail: &Tail,
    first_seq: u64,
) -> Result<(Tree, Vec<Event>), StoreFault> {
    let (mut tree, mut facts, mut leaf) = (Tree::default(), Vec::new(), Vec::new());
    each_event(&writing.db, tail.stream_no, first_seq, Some(tail.open.first_seq), |event, _| {
        leaf.clear();
        event.encode(Form::First, &mut leaf);
        tree.push(leaf_hash(&leaf));
        let kind = EventKind::from_word(event.kind).filter(|kind| kind.stream() == Stream::Facts);
        if let Some(kind) = kind {
            let actor = ActorId::parse(event.actor).map_err(|_| StoreFault::Row { what: "event.actor" })?;
            facts.push(Event::new(event.at, kind, actor, event.detail.to_owned()));
        }
        Ok(())
    })?;
    Ok((tree, facts))
}
