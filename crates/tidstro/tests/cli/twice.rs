//! One file taken in by two programs at once, in a folder and on a server: one result, and each says what it did.
//!
//! The file is the worst there is for that: the quarters of one point under two tenants, those of each day scattered over the whole
//! file, so that every piece of it touches every day of both.

use std::fmt::Write as _;
use std::process::Command;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use serde_json::Value;
use tidstro_calendar::Zone;
use tidstro_cluster::Cluster;
use tidstro_model::Resolution;

use crate::common::{Place, Ran, assert_same, now, ran, tidstro};

const POINT: &str = "571313154390359463";
/// Local days with values: the first tenant's, and as many of the second.
const DAYS: u8 = 60;

fn first_day() -> Date {
    Zone::copenhagen().day_of(now()).saturating_sub(90.days())
}

fn moved() -> Date {
    first_day().saturating_add(i64::from(DAYS / 2).days())
}

/// The point with both tenants.
fn place() -> Place {
    let place = Place::new();
    let first = first_day();
    let moved = moved();
    let points = format!(
        "metering_point_id;type;settlement_method;grid_area_code;resolution;from_grid_area_code;to_grid_area_code;\
         parent_metering_point_id;energy_supplier_id;balance_responsible_party_id;from_date;to_date\n\
         {POINT};E17;D01;800;PT15M;;;;5790001330552;;{first};\n"
    );
    let people =
        "reference;name;contact\nane;Ane Holm;ane@example.org\nbo;Bo Lund;bo@example.org\n".to_owned();
    let stays = format!(
        "reference;metering_point_ids;from_date;to_date\nane;{POINT};{first};{moved}\nbo;{POINT};{moved};\n"
    );
    let files = [("points.csv", points), ("people.csv", people), ("occupancies.csv", stays)];
    let paths = files.map(|(name, text)| place.write(name, text));
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    place.run(&[&["master", "import"][..], &paths, &["--actor", "job:ingest"]].concat()).exits(0);
    place
}

/// Every quarter of every day: first the first of each day, then the second of each.
fn scattered() -> String {
    let zone = Zone::copenhagen();
    let days: Vec<Date> = first_day().series(1.days()).take(usize::from(DAYS)).collect();
    let mut rows = "metering_point;start;resolution;quantity_kwh;quality\n".to_owned();
    for slot in 0..100 {
        for (number, day) in days.iter().enumerate() {
            if zone.slots(*day, Resolution::PT15M).is_some_and(|slots| slot < i64::from(slots)) {
                let start = zone.day_start(*day) + SignedDuration::from_mins(15 * slot);
                writeln!(rows, "{POINT};{start};PT15M;0.{number:02}1;measured").unwrap();
            }
        }
    }
    rows
}

/// A data set in a folder, or on a server under the same keys.
struct Data<'a> {
    place: &'a Place,
    server: Option<(String, String)>,
}

impl Data<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        match &self.server {
            None => self.place.command(arguments),
            Some((url, key)) => {
                let mut command = tidstro(&[arguments, &["--data", url]].concat());
                command.env("TIDSTRO_MASTER_KEY", key);
                command
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    /// The values of every tenant, in order of time.
    fn values(&self) -> Vec<Value> {
        let asked = ["--actor", "staff:mikkel", "--purpose", "correctness-control", "--resolution", "PT1H"];
        let shown = self.run(&[&["series", "show", "--json"], &asked[..]].concat()).exits(0);
        let mut values = shown.json_lines();
        values.iter_mut().for_each(|value| {
            value.as_object_mut().unwrap().remove("series");
        });
        values
    }
}

/// Two programs take a file in at once; the sum of what they say, and what one alone says of the same.
fn taken_at_once(data: &Data<'_>, file: &str, alone: &Value) {
    let ingest = || data.run(&["ingest", file, "--json"]).exits(0);
    let both = std::thread::scope(|scope| {
        let (one, two) = (scope.spawn(ingest), scope.spawn(ingest));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let said = both.map(|ran| ran.json_lines().remove(0));
    let sum = |count: &str| said.iter().filter_map(|one| one[count].as_u64()).sum::<u64>();
    for each in &said {
        assert_eq!(each["intervals"], alone["intervals"], "each read the whole file");
        assert_eq!(each["refused"], alone["refused"]);
    }
    assert_eq!(sum("days_added"), u64::from(DAYS), "each day was added once: {said:?}");
    let touched = |one: &Value| {
        ["days_added", "days_changed", "days_unchanged"]
            .map(|count| one[count].as_u64().unwrap_or(0))
            .iter()
            .sum::<u64>()
    };
    for each in &said {
        assert_eq!(touched(each), touched(alone), "each says what it did of every piece: {each}");
    }
    let again = ingest().json_lines().remove(0);
    assert_eq!((&again["days_added"], &again["days_changed"]), (&Value::from(0), &Value::from(0)));
    data.run(&["log", "verify"]).exits(0);
}

#[test]
fn two_tenants_scattered_over_a_file_that_two_programs_take_in() {
    let (alone, folder, moving) = (place(), place(), place());
    let file = alone.write("scattered.csv", scattered());
    let said = alone.run(&["ingest", &file, "--json"]).exits(0).json_lines().remove(0);
    assert_eq!((&said["days_added"], &said["refused"]), (&Value::from(DAYS), &serde_json::json!({})));
    let expected = Data { place: &alone, server: None }.values();
    assert!(expected.len() > 1_400, "{} values", expected.len());

    let server: &Cluster = tidstro_cluster::shared().unwrap();
    let url = server.database().unwrap();
    let key = std::fs::read_to_string(moving.path("data/master.key")).unwrap().trim().to_owned();
    ran(tidstro(&["migrate", "--from", &moving.data().display().to_string(), "--to", &url])).exits(0);
    for data in [Data { place: &folder, server: None }, Data { place: &moving, server: Some((url, key)) }] {
        taken_at_once(&data, &file, &said);
        assert_same(&data.values(), &expected);
    }
}
