//! A town and the lines of one of its meters.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{Timestamp, ToSpan};
use tidstro_flows::{Intake, SeriesValue, Workspace, show_series};
use tidstro_model::{ActorId, DayRange, Resolution};
use tidstro_telegram::KeyRing;
use tidstro_world::{Town, TownPlan};

use crate::common::{actor, ask, given, open, register};

/// A town, its store, a folder gateways upload into, and a clock that moves when told to.
pub(crate) struct Bench {
    pub(crate) town: Town,
    pub(crate) keys: KeyRing,
    pub(crate) workspace: Workspace,
    pub(crate) job: ActorId,
    pub(crate) uploads: tempfile::TempDir,
    pub(crate) second: AtomicI64,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let town = Town::build(&TownPlan::new(1, 24, 14));
        let end = town.plan.first_day + (i64::from(town.plan.days) + 7).days();
        let now = end.at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), now).await;
        register(&workspace, town.master_data(), now).await;
        Self {
            keys: KeyRing::parse(&town.keys_csv()).unwrap(),
            town,
            workspace,
            job: actor("job:ingest"),
            uploads: tempfile::tempdir().unwrap(),
            second: AtomicI64::new(now.as_second()),
            _folder: folder,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.second.load(Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.second.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn water(&self) -> String {
        format!("{}/cold-water", self.town.flats[0].slug())
    }

    /// The telegrams of a water meter as lines of a gateway, each with its time.
    pub(crate) fn lines(&self) -> Vec<String> {
        let days = (0..i64::from(self.town.plan.days)).map(|day| self.town.plan.first_day + day.days());
        let heard = days.flat_map(|day| {
            let midnight = day.at(0, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
            let times = (1_i64..).map(move |hour| midnight + (hour * 5).hours());
            times.zip(self.town.telegrams(&self.water(), day))
        });
        let line = |(at, frame): (Timestamp, Vec<u8>)| {
            let hex: String = frame.iter().map(|byte| format!("{byte:02X}")).collect();
            format!("{{\"telegram\":\"{hex}\",\"received\":\"{at}\"}}\n")
        };
        heard.map(line).collect()
    }

    /// A run that takes what comes.
    pub(crate) async fn intake<'b>(&'b self, clock: &'b (dyn Fn() -> Timestamp + Sync)) -> Intake<'b> {
        let began = Intake::begin(&self.workspace, &self.job, &self.keys, "test", clock).await.unwrap();
        given(began).0
    }

    pub(crate) async fn readings(&self) -> Vec<SeriesValue> {
        let mut asked = ask(&actor("staff:mikkel"), "validation", DayRange::always(), Resolution::Raw);
        asked.point = Some(self.water());
        let views = given(show_series(&self.workspace, &asked, self.now()).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }
}
