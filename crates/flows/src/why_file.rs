//! Which lines of a file said what the versions of a value say.
//!
//! What comes in: the story of a value of an electricity meter, and a file of intervals. What goes out: the same story, in which each
//! version that a file made has the lines that say the same. Nothing is kept of lines when a file is taken in: the file
//! itself knows them (decision 0030). Never: a line of another point or interval.

use jiff::Timestamp;
use tidstro_metering::interval_file::{IntervalRow, is_header, parse_row};
use tidstro_model::{CheckDigit, Decimal};
use tidstro_store::CauseKind;

use crate::FlowFault;
use crate::ingest::Lines;
use crate::why::{StoryVersion, ValueStory};

/// Finds the lines of a file of intervals, and notes them in the versions that say the same. Where the purpose does not see values
/// this fine, each version has all lines of the interval.
///
/// # Errors
/// [`FlowFault::NoIntervals`] for another kind of file, [`FlowFault::Input`] if it cannot be read.
pub fn find_lines(stories: &mut [ValueStory], at: Timestamp, lines: &mut Lines<'_>) -> Result<(), FlowFault> {
    if !lines.next()?.is_some_and(|first| is_header(first.bytes)) {
        return Err(FlowFault::NoIntervals { name: lines.name().to_owned() });
    }
    while let Some(line) = lines.next()? {
        let about = |story: &&mut ValueStory| line.bytes.starts_with(story.line.point.as_bytes());
        for story in stories.iter_mut().filter(about) {
            let row = parse_row(line.bytes, CheckDigit::Ignored).ok();
            if let Some(row) = row.filter(|row| is_of(row, story, at)) {
                note(story, &row, line.number);
            }
        }
    }
    Ok(())
}

fn is_of(row: &IntervalRow, story: &ValueStory, at: Timestamp) -> bool {
    row.start_second == at.as_second()
        && row.resolution == story.line.resolution
        && row.gsrn.to_string() == story.line.point
}

fn note(story: &mut ValueStory, row: &IntervalRow, line: u64) {
    let is_shown = story.is_shown;
    let of_file = |version: &&mut StoryVersion| version.cause == CauseKind::Source.word();
    for version in story.versions.iter_mut().filter(of_file) {
        if !is_shown || says(version, row) {
            version.lines.push(line);
        }
    }
}

/// Whether a version has the value and quality of a row.
fn says(version: &StoryVersion, row: &IntervalRow) -> bool {
    let value = row.value.map(|watt_hours| Decimal::new(watt_hours, 0).normalised());
    (version.value.map(Decimal::normalised), version.mark.quality()) == (value, row.quality)
}
