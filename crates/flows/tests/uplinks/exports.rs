//! Exports of sites, read as a file describes them.

use jiff::Timestamp;
use tidstro_flows::{IngestOptions, Message, ingest_described};
use tidstro_telegram::uplink::Form;

use crate::bench::Bench;
use crate::common::{actor, given};

const COLLECTOR: &str = include_str!("../../../telegram/uplinks/collector.toml");
const CONCENTRATOR: &str = include_str!("../../../telegram/uplinks/concentrator.toml");

fn forms() -> Vec<Form> {
    [COLLECTOR, CONCENTRATOR].map(|text| Form::parse(text).unwrap()).to_vec()
}

/// The digits and time of each line of the bench.
fn telegrams(bench: &Bench) -> Vec<(String, Timestamp)> {
    let lines = bench.lines();
    let read = |line: &String| {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| json[field].as_str().unwrap().to_owned();
        (text("telegram"), text("received").parse().unwrap())
    };
    lines.iter().map(read).collect()
}

fn as_concentrator(telegrams: &[(String, Timestamp)]) -> String {
    let row =
        |(hex, at): &(String, Timestamp)| format!("ROOF-7;{};{hex};\n", at.strftime("%Y-%m-%dT%H:%M:%S"));
    "unit;utc;frame;remark\n".to_owned() + &telegrams.iter().map(row).collect::<String>()
}

fn as_collector(telegrams: &[(String, Timestamp)]) -> String {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(1));
    let row = |(hex, at): &(String, Timestamp)| {
        format!(",{},-71,{hex}\n", at.to_zoned(zone.clone()).strftime("%d.%m.%Y %H:%M:%S"))
    };
    "Meter no.,Read,Signal,Raw data\n".to_owned() + &telegrams.iter().map(row).collect::<String>()
}

#[tokio::test]
async fn a_described_export_gives_what_its_telegrams_give() {
    let bench = Bench::new().await;
    let (forms, telegrams) = (forms(), telegrams(&bench));
    let now = bench.now();
    let input = async |text: String| {
        let (mut input, options) =
            (text.as_bytes(), IngestOptions { source: "export", keys: &bench.keys, progress: &|_| () });
        let job = actor("job:ingest");
        let clock = move || now;
        given(ingest_described(&bench.workspace, &job, &mut input, (&options, &forms), &clock).await.unwrap())
    };
    let report = input(as_concentrator(&telegrams)).await;
    let count = telegrams.len() as u64;
    assert_eq!((report.telegrams_new, report.readings, report.refused_count()), (count, count, 0));
    // The same telegrams, as the other export has them.
    let report = input(as_collector(&telegrams)).await;
    assert_eq!((report.telegrams_new, report.telegrams_again, report.refused_count()), (0, count, 0));
    let moments: Vec<Timestamp> = bench.readings().await.iter().map(|value| value.start).collect();
    assert_eq!(moments, telegrams.iter().map(|(_, at)| *at).collect::<Vec<_>>());
    // A row that is not as described is refused by its number, the others go through; another input is read as ever.
    let damaged = as_concentrator(&telegrams[..2]).replace("ROOF-7;20", "ROOF-7;30.");
    let report = input(damaged).await;
    assert_eq!((report.refused["time"].count, report.telegrams_again), (2, 0));
    assert!(report.refused["time"].first.contains("export line 2"), "{}", report.refused["time"].first);
    assert_eq!(input(bench.lines().concat()).await.telegrams_again, count);
}

#[tokio::test]
async fn messages_are_read_as_described_each_for_itself() {
    let bench = Bench::new().await;
    let (forms, telegrams) = (forms(), telegrams(&bench));
    let clock = || bench.now();
    let mut intake = bench.intake(&clock).await.with_forms(&forms);
    let (first, rest) = telegrams.split_at(3);
    let message = |lines: String| Message { channel: "site".to_owned(), lines: lines.into_bytes() };
    let messages =
        [message(as_collector(first)), message(as_concentrator(rest)), message(bench.lines().concat())];
    let report = given(intake.take_messages("test", &messages).await.unwrap());
    let count = telegrams.len() as u64;
    assert_eq!((report.telegrams_new, report.telegrams_again, report.refused_count()), (count, count, 0));
    assert_eq!(bench.readings().await.len() as u64, count);
}
