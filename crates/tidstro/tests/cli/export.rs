//! `tidstro export`: folders, reports, and what is refused.

use crate::common::{Place, Ran, spring_town};

const ASKED: [&str; 14] = [
    "export",
    "--actor",
    "staff:sofie",
    "--purpose",
    "network-analysis",
    "--for-party",
    "hosting",
    "--area",
    "543",
    "--from",
    "2026-03-01",
    "--to",
    "2026-05-01",
    "--out",
];

fn export(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&ASKED[..], more].concat())
}

#[test]
fn an_area_becomes_files_of_months() {
    let town = spring_town();
    let place = Place::with_master_data(&town);
    let file = place.write("intervals.csv", town.interval_file());
    // The town's odd rows are refused one by one, with line and reason.
    place.run(&["ingest", &file]).exits(1);
    let report = &export(&place, &["lake", "--json"]).exits(0).json_lines()[0];
    assert_eq!((&report["files"], &report["pseudonym_key"]), (&2.into(), &1.into()));
    assert!(report["rows"].as_u64().unwrap() > 50_000, "{report}");
    for month in ["2026-03", "2026-04"] {
        let file = place.path(&format!("lake/area=543/month={month}/part-0.parquet"));
        assert_eq!(&std::fs::read(file).unwrap()[..4], b"PAR1");
    }
    export(&place, &["lake"]).exits(1).says(&["area=543/month=2026-03` is there already; remove it"]);
    export(&place, &["other"]).exits(0).says(&["metering points in 2 files", "pseudonym key 1"]);
}

#[test]
fn what_cannot_be_exported_is_told() {
    let place = Place::with_master_data(&spring_town());
    export(&place, &["lake"]).exits(0).says(&["0 rows", "nothing is kept in that scope"]);
    export(&place, &["lake", "--resolution", "PT15M"]).exits(1).says(&["refused by resolution-too-fine"]);
    let no_days = ["lake", "--from", "2026-05-01"];
    let asked: Vec<&str> =
        ASKED.iter().copied().filter(|word| !["--from", "2026-03-01"].contains(word)).collect();
    place.run(&[&asked[..], &no_days].concat()).exits(2).says(&["give both `--from` and `--to`"]);
    let mut elsewhere = ASKED;
    elsewhere[8] = "544";
    place
        .run(&[&elsewhere[..], &["lake"]].concat())
        .exits(2)
        .says(&["no building or grid area is called `544`"]);
    let file = place.write("file", "");
    export(&place, &[&file]).exits(1).says(&["check that there is space and that this user may write to it"]);
}
