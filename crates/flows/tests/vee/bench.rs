//! One electricity point with one customer, and its supplier.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tidstro_flows::{IngestReport, RulesAsk, SeriesValue, Workspace, show_series, take_in_rules};
use tidstro_model::{
    ActivityId, Area, AreaKind, CategoryId, Commodity, DayRange, Gln, Gsrn, MasterData, Occupancy, Person,
    Point, Resolution, Rule, Supply,
};
use tidstro_telegram::KeyRing;

use crate::common::{actor, ask, given, ingest, open, register};

const HEADER: &str = "metering_point;start;resolution;quantity_kwh;quality\n";
/// The first supply ends here, and the next begins ten days later.
pub(crate) const SUPPLY_ENDS: Date = date(2026, 3, 20);

pub(crate) struct Bench {
    pub(crate) workspace: Workspace,
    pub(crate) gsrn: Gsrn,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    /// A place with these rules, or the shipped ones.
    pub(crate) async fn new(rules: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gsrn = Gsrn::from_body(57_131_315_439_035_946);
        let workspace = open(folder.path(), at("2026-02-01T06:00:00Z")).await;
        register(&workspace, master_data(gsrn), at("2026-02-01T06:00:00Z")).await;
        let bench = Self { workspace, gsrn, folder };
        if let Some(rules) = rules {
            bench.take_in(rules, "2026-02-01T06:00:00Z").await;
        }
        bench
    }

    /// Takes in rules; they judge from then on.
    pub(crate) async fn take_in(&self, rules: &str, now: &str) -> Option<i64> {
        let file = ("test".into(), rules.to_owned());
        given(take_in_rules(&self.workspace, &rules_ask("staff:mikkel"), file, at(now)).await.unwrap())
    }

    /// The same folder, opened again.
    pub(crate) async fn opened_again(self) -> Self {
        let Self { workspace, gsrn, folder } = self;
        drop(workspace);
        let workspace = open(folder.path(), at("2026-04-20T06:00:00Z")).await;
        Self { workspace, gsrn, folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Hours from an instant on; an empty text is a missing hour.
    pub(crate) fn rows(&self, start: &str, values: &[&str]) -> String {
        let start = at(start).as_second();
        let rows = values.iter().zip(0..).map(|(value, hour)| {
            let instant = Timestamp::from_second(start + hour * 3600).unwrap();
            let quality = if value.is_empty() { "missing" } else { "measured" };
            format!("{};{instant};PT1H;{value};{quality}\n", self.gsrn)
        });
        rows.collect()
    }

    pub(crate) async fn ingest(&self, rows: &str, now: &str) -> IngestReport {
        ingest(&self.workspace, format!("{HEADER}{rows}").as_bytes(), &KeyRing::new(), at(now)).await
    }

    /// The hours of a local day.
    pub(crate) async fn hours(&self, day: Date) -> Vec<SeriesValue> {
        let days = DayRange::new(day, day.tomorrow().unwrap()).unwrap();
        let asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
        let views = given(show_series(&self.workspace, &asked, at("2026-04-20T06:00:00Z")).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }

    /// The hours of a local day whose value failed a rule.
    pub(crate) async fn marked(&self, day: Date, rule: Rule) -> Vec<usize> {
        let hours = self.hours(day).await;
        let failed = hours.iter().enumerate().filter(|(_, value)| value.findings.contains(rule));
        failed.map(|(hour, _)| hour).collect()
    }
}

pub(crate) fn rules_ask(who: &str) -> RulesAsk {
    RulesAsk {
        actor: actor(who),
        purpose: ActivityId::parse("correctness-control").unwrap(),
        category: CategoryId::parse("consumption").unwrap(),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn master_data(gsrn: Gsrn) -> MasterData {
    let supply = |from, to| Supply {
        point: gsrn.to_string(),
        supplier: Gln::from_body(579_000_000_000),
        balance_responsible: None,
        days: DayRange::new(from, to).unwrap(),
    };
    MasterData {
        areas: vec![Area { name: "543".to_owned(), kind: AreaKind::GridArea }],
        points: vec![Point {
            own_id: gsrn.to_string(),
            area: "543".to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: Some(Resolution::PT1H),
            transformer: None,
        }],
        people: vec![Person {
            reference: "person-1".to_owned(),
            name: "Nobody".to_owned(),
            contact: "nobody@example.org".to_owned(),
        }],
        occupancies: vec![Occupancy {
            subject: "person-1".to_owned(),
            points: vec![gsrn.to_string()],
            days: DayRange::from(date(2026, 1, 1)),
        }],
        supplies: vec![supply(date(2026, 1, 1), SUPPLY_ENDS), supply(date(2026, 3, 30), date(2027, 1, 1))],
        ..MasterData::default()
    }
}
