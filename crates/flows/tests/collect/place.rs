//! A grid area with meters, a workspace, and what a cycle is run with.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp, civil};
use tidstro_flows::{
    AlarmAsk, Answer, CollectNews, CollectOptions, CycleReport, Meters, SeriesValue, TakeHow, Workspace,
    collect, parse_keys, show_alarms, show_series, take_keys,
};
use tidstro_metering::alarms::AlarmCode;
use tidstro_model::{
    ActivityId, Area, AreaKind, Commodity, DayRange, DeviceId, GridArea, Gsrn, Installation, MasterData,
    Mounting, Point, PointState, PointType, Resolution, SettlementMethod, StatedPoint, SystemTitle,
};
use tidstro_world::meter_server::{Access, MeterPlan};

use crate::common::{actor, ask, given, open, register};
use crate::host::{Host, TrueTime};

pub(crate) const AREA: &str = "543";
const HEAD: &str = "[client]\ntitle = \"5444430000000001\"\n";

/// Fast limits, so that what waits for a meter that says nothing is short.
const LIMITS: &str = "[limits]\nanswer_seconds = 1\nconnect_seconds = 2\ncall_seconds = 20\nwait_seconds = [0]\n\
                      look_back_seconds = 86400\nslice_seconds = 21600\n";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One meter of the area.
pub(crate) struct Placed {
    pub(crate) host: Host,
    pub(crate) gsrn: Gsrn,
    device: DeviceId,
    /// Lines of its `[[meter]]` beside device and address.
    lines: String,
}

/// The area, its meters, and a clock that goes on from a moment.
pub(crate) struct Place {
    pub(crate) workspace: Workspace,
    pub(crate) meters: Vec<Placed>,
    pub(crate) folder: tempfile::TempDir,
    now: TrueTime,
    begun: Arc<Mutex<Timestamp>>,
}

/// What one meter is like: its plan, and what its lines say beside who and where it is.
pub(crate) type Wanted = (MeterPlan, &'static str);

impl Place {
    /// Meters at points of the area, the keys of those that have some, and the time.
    pub(crate) async fn new(wanted: Vec<Wanted>, now: Timestamp) -> Self {
        let begun = Arc::new(Mutex::new(now));
        let (base, started) = (Arc::clone(&begun), std::time::Instant::now());
        let true_time: TrueTime =
            Arc::new(move || *base.lock().unwrap() + SignedDuration::try_from(started.elapsed()).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let workspace = open(folder.path(), now).await;
        let mut meters = Vec::new();
        for ((plan, lines), number) in wanted.into_iter().zip(0..) {
            let device = match plan.access {
                Access::Keys { .. } => DeviceId::Title(SystemTitle(plan.title)),
                _ => DeviceId::parse(&format!("name {}", plan.serial)).unwrap(),
            };
            let gsrn = Gsrn::from_body(57_131_315_439_035_000 + number);
            let host = Host::start(plan, Arc::clone(&true_time)).await;
            meters.push(Placed { host, gsrn, device, lines: lines.to_owned() });
        }
        let place = Self { workspace, meters, folder, now: true_time, begun };
        register(&place.workspace, place.master_data(), now).await;
        place.take_keys().await;
        place
    }

    fn master_data(&self) -> MasterData {
        let connected = |meter: &Placed| {
            let resolution = if meter.lines.contains("PT1H") { Resolution::PT1H } else { Resolution::PT15M };
            let kind = PointType::Consumption(SettlementMethod::Flex);
            let state = PointState::measured(kind, GridArea::parse(AREA).unwrap(), resolution);
            StatedPoint { point: meter.gsrn, state, days: DayRange::from(civil::date(2026, 1, 1)) }
        };
        let point = |meter: &Placed| Point {
            own_id: meter.gsrn.to_string(),
            area: AREA.to_owned(),
            commodity: Commodity::ElectricityConsumption,
            flat: None,
            room: None,
            interval: Resolution::from_code(if meter.lines.contains("PT1H") { "PT1H" } else { "PT15M" }),
            transformer: None,
        };
        let is_placed = |meter: &&Placed| !meter.lines.contains("# nowhere");
        let installation = |meter: &Placed| Installation {
            mounting: Mounting::default(),
            meter: meter.device,
            point: meter.gsrn.to_string(),
            days: DayRange::from(civil::date(2026, 1, 1)),
        };
        MasterData {
            areas: vec![Area { name: AREA.to_owned(), kind: AreaKind::GridArea }],
            points: self.meters.iter().map(point).collect(),
            stated_points: self.meters.iter().map(connected).collect(),
            installations: self.meters.iter().filter(is_placed).map(installation).collect(),
            ..MasterData::default()
        }
    }

    async fn take_keys(&self) {
        let mut text = "system_title,encryption,authentication\n".to_owned();
        let mut has_any = false;
        for meter in self.meters.iter().filter(|meter| !meter.lines.contains("# keyless")) {
            if let (DeviceId::Title(title), Access::Keys { encryption, authentication }) =
                (meter.device, meter.host.plan().access)
            {
                let wrong = u8::from(meter.lines.contains("# wrong key"));
                let hex = |key: [u8; 16]| key.map(|byte| format!("{:02X}", byte ^ wrong)).concat();
                writeln!(text, "{title},{},{}", hex(encryption), hex(authentication)).unwrap();
                has_any = true;
            }
        }
        if has_any {
            let file = parse_keys(&text).unwrap();
            let who = actor("staff:nadia");
            given(take_keys(&self.workspace, &who, TakeHow::Import, &file, (self.now)()).await.unwrap());
        }
    }

    /// The file of meters.
    pub(crate) fn file(&self) -> Meters {
        let mut text = format!("{HEAD}{LIMITS}");
        for Placed { host, device, lines, .. } in &self.meters {
            writeln!(text, "[[meter]]\ndevice = \"{device}\"\naddress = \"{}\"\n{lines}", host.address)
                .unwrap();
        }
        Meters::parse(&text, &mut |_| Err(std::io::ErrorKind::NotFound.into())).unwrap()
    }

    /// The same folder, opened by a program that was started anew.
    pub(crate) async fn opened_again(self) -> Self {
        let Self { workspace, meters, folder, now, begun } = self;
        drop(workspace);
        let workspace = open(folder.path(), now()).await;
        Self { workspace, meters, folder, now, begun }
    }

    /// The first two meters where the other one is.
    pub(crate) fn swapped(mut self) -> Self {
        let first = self.meters[0].device;
        self.meters[0].device = std::mem::replace(&mut self.meters[1].device, first);
        self
    }

    /// Later, for meters and for the one who collects.
    pub(crate) fn go_to(&self, now: Timestamp) {
        *self.begun.lock().unwrap() = now;
    }

    /// A cycle until nothing is left to do.
    pub(crate) async fn collect(&self, cycle: &str) -> CycleReport {
        self.collect_with(cycle, false, &|_| ()).await
    }

    pub(crate) async fn collect_with(
        &self,
        cycle: &str,
        is_once: bool,
        news: &(dyn Fn(CollectNews<'_>) + Sync),
    ) -> CycleReport {
        let meters = self.file();
        let passwords = |variable: &str| (variable == "METER_PASSWORD").then(|| "secret".to_owned());
        let options =
            CollectOptions { meters: &meters, cycle: at(cycle), is_once, passwords: &passwords, news };
        let clock = &*self.now;
        given(collect(&self.workspace, &actor("job:ingest"), &options, &|| clock()).await.unwrap())
    }

    pub(crate) async fn refused(&self, who: &str) -> bool {
        let meters = self.file();
        let options = CollectOptions {
            meters: &meters,
            cycle: (self.now)(),
            is_once: true,
            passwords: &|_| None,
            news: &|_| (),
        };
        let clock = &*self.now;
        let answer = collect(&self.workspace, &actor(who), &options, &|| clock()).await.unwrap();
        matches!(answer, Answer::Refused(_))
    }

    /// Alarms of the area's meters: code, raw number, and since when; in order of time.
    pub(crate) async fn alarms(&self) -> Vec<(AlarmCode, u64, Timestamp)> {
        let asked = AlarmAsk {
            actor: actor("staff:mikkel"),
            purpose: ActivityId::parse("technical-monitoring").unwrap(),
            point: None,
            area: Some(AREA.to_owned()),
            days: DayRange::always(),
            standing: false,
        };
        let view = given(show_alarms(&self.workspace, &asked, (self.now)()).await.unwrap());
        let mut alarms: Vec<_> =
            view.alarms.iter().map(|alarm| (alarm.code, alarm.raw, alarm.since)).collect();
        alarms.sort_by_key(|(_, raw, since)| (*since, *raw));
        alarms
    }

    /// Another meter of the same plan where the first one is: its counters begin anew.
    pub(crate) async fn exchanged(mut self) -> Self {
        let plan = self.meters[0].host.plan();
        self.meters[0].host = Host::start(plan, Arc::clone(&self.now)).await;
        self
    }

    /// The values of a meter's point on a local day.
    pub(crate) async fn values(
        &self,
        gsrn: Gsrn,
        day: civil::Date,
        resolution: Resolution,
    ) -> Vec<SeriesValue> {
        let days = DayRange::new(day, day.tomorrow().unwrap()).unwrap();
        let mut asked = ask(&actor("staff:mikkel"), "correctness-control", days, resolution);
        asked.point = Some(gsrn.to_string());
        let views = given(show_series(&self.workspace, &asked, (self.now)()).await.unwrap());
        views.into_iter().flat_map(|view| view.values).collect()
    }
}
