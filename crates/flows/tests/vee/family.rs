//! Estimates of a child by what its parent and the other children measured.

use jiff::civil::{Date, date};
use tidstro_flows::{EstimateAsk, EstimateMethod, EstimateReport, SeriesValue, estimate};
use tidstro_model::{
    DayRange, Decimal, GridArea, Gsrn, MasterData, Method, Point, PointState, PointType, Quality, Resolution,
    StatedPoint,
};

use crate::bench::{Bench, at, master_data};
use crate::common::{actor, ask, given, register};
use crate::estimate::read_register;

const TUESDAY: Date = date(2026, 3, 10);
const LATER: &str = "2026-03-20T08:00:00Z";

/// Tuesday: the parent has 1 kWh each hour, the sister 0.3 kWh, the child nothing at hours 5, 6 and 7 and else 0.1 kWh. The
/// sister is silent at hours given.
async fn bench(sister_silent: &[usize]) -> Bench {
    let bench = Bench::new(None).await;
    let (parent, sister) = (Gsrn::from_body(57_131_315_439_035_947), Gsrn::from_body(57_131_315_439_035_948));
    let mut data = master_data(bench.gsrn);
    let own = data.points.remove(0);
    data.points = [parent, sister].map(|gsrn| Point { own_id: gsrn.to_string(), ..own.clone() }).into();
    let stated = |point, parent| StatedPoint {
        point,
        state: PointState {
            parent,
            ..PointState::measured(
                PointType::of_code("D14", None, None).unwrap(),
                GridArea::parse("543").unwrap(),
                Resolution::PT1H,
            )
        },
        days: DayRange::from(date(2026, 1, 1)),
    };
    let stated_points =
        vec![stated(parent, None), stated(bench.gsrn, Some(parent)), stated(sister, Some(parent))];
    let data = MasterData { areas: data.areas, points: data.points, stated_points, ..MasterData::default() };
    register(&bench.workspace, data, at("2026-02-01T07:00:00Z")).await;
    let day = |value: &'static str, silent: &[usize]| -> Vec<&'static str> {
        (0..24).map(|hour| if silent.contains(&hour) { "" } else { value }).collect()
    };
    for (gsrn, values) in [
        (parent, day("1.000", &[])),
        (sister, day("0.300", sister_silent)),
        (bench.gsrn, day("0.100", &[5, 6, 7])),
    ] {
        let rows =
            bench.rows("2026-03-09T23:00:00Z", &values).replace(&bench.gsrn.to_string(), &gsrn.to_string());
        bench.ingest(&rows, "2026-03-20T06:00:00Z").await;
    }
    bench
}

async fn balanced(bench: &Bench, point: Option<Gsrn>) -> EstimateReport {
    estimated(bench, point, (EstimateMethod::Balance, None)).await
}

/// By the shape of the sister, or of a check meter.
async fn by_neighbours(bench: &Bench, point: Option<Gsrn>, check_meter: Option<Gsrn>) -> EstimateReport {
    let check_meter = check_meter.map(|gsrn| gsrn.to_string());
    estimated(bench, point, (EstimateMethod::Neighbour, check_meter)).await
}

async fn estimated(
    bench: &Bench,
    point: Option<Gsrn>,
    (method, check_meter): (EstimateMethod, Option<String>),
) -> EstimateReport {
    let days = DayRange::new(TUESDAY, date(2026, 3, 11)).unwrap();
    let mut asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    asked.point = point.map(|gsrn| gsrn.to_string());
    let asked = EstimateAsk {
        asked,
        method,
        profile: None,
        check_meter,
        rejected: Vec::new(),
        chain_days: 14,
        is_dry: false,
    };
    given(estimate(&bench.workspace, asked, at(LATER)).await.unwrap())
}

async fn child(bench: &Bench) -> Vec<SeriesValue> {
    let days = DayRange::new(TUESDAY, date(2026, 3, 11)).unwrap();
    let mut asked = ask(&actor("staff:mikkel"), "correctness-control", days, Resolution::PT1H);
    asked.point = Some(bench.gsrn.to_string());
    let views = tidstro_flows::show_series(&bench.workspace, &asked, at(LATER)).await.unwrap();
    given(views).into_iter().filter(|view| view.values.len() == 24).flat_map(|view| view.values).collect()
}

const fn watt_hours(number: i64) -> Option<Decimal> {
    Some(Decimal::new(number, 0))
}

/// Worked: 1 000 - 300 = 700 Wh are left in each hour; the other hours stay.
#[tokio::test]
async fn a_child_gets_what_its_parent_leaves() {
    let bench = bench(&[]).await;
    let before = child(&bench).await;
    let report = balanced(&bench, None).await;
    assert_eq!(report.series.len(), 1);
    assert_eq!(report.series[0].days[0].made, [(Method::Balance, 3)]);
    for (hour, (old, new)) in before.iter().zip(child(&bench).await).enumerate() {
        let is_gap = [5, 6, 7].contains(&hour);
        assert!(is_gap || *old == new, "hour {hour}");
        assert!(!is_gap || (new.value, new.quality) == (watt_hours(700), Quality::Estimated), "hour {hour}");
    }
}

/// Worked: the register says 2 800 Wh passed, 21 hours of 100 Wh were measured, so 700 Wh are left for three hours alike.
#[tokio::test]
async fn what_is_left_is_fitted_to_the_register() {
    let bench = bench(&[]).await;
    read_register(&bench, &[5_000_000, 5_002_800]).await;
    balanced(&bench, None).await;
    let values: Vec<_> = child(&bench).await[5..8].iter().map(|hour| hour.value).collect();
    assert_eq!(values, [watt_hours(233), watt_hours(234), watt_hours(233)]);
}

#[tokio::test]
async fn a_silent_sister_or_a_permit_for_one_point_leaves_the_gap() {
    for (silent, of_one) in [(&[6][..], false), (&[], true)] {
        let bench = bench(silent).await;
        let report = balanced(&bench, of_one.then_some(bench.gsrn)).await;
        let left: Vec<_> = report.series.iter().flat_map(|series| &series.days).map(|day| day.left).collect();
        assert!(left.contains(&3), "{left:?}");
        assert!(child(&bench).await[5..8].iter().all(|hour| hour.value.is_none()));
    }
}

/// Worked: beside the gap the child used 21 × 100 Wh where its sister used 21 × 300, so a third of the sister's: 100 Wh.
#[tokio::test]
async fn a_child_gets_the_shape_of_its_sisters() {
    let bench = bench(&[]).await;
    let before = child(&bench).await;
    let report = by_neighbours(&bench, None, None).await;
    assert_eq!(report.series[0].days[0].made, [(Method::Neighbour, 3)]);
    for (hour, (old, new)) in before.iter().zip(child(&bench).await).enumerate() {
        let is_gap = [5, 6, 7].contains(&hour);
        assert!(is_gap || *old == new, "hour {hour}");
        assert!(!is_gap || (new.value, new.quality) == (watt_hours(100), Quality::Estimated), "hour {hour}");
    }
}

/// Worked: the register leaves 700 Wh for three hours in which the check meter, the parent, used alike.
#[tokio::test]
async fn the_shape_of_a_check_meter_is_fitted_to_the_register() {
    let bench = bench(&[6]).await;
    let parent = Gsrn::from_body(57_131_315_439_035_947);
    read_register(&bench, &[5_000_000, 5_002_800]).await;
    let made = by_neighbours(&bench, None, Some(parent)).await;
    assert_eq!(made.series[0].days[0].made, [(Method::Neighbour, 3)]);
    let values: Vec<_> = child(&bench).await[5..8].iter().map(|hour| hour.value).collect();
    assert_eq!(values, [watt_hours(233), watt_hours(234), watt_hours(233)]);
}

#[tokio::test]
async fn neighbours_that_are_silent_out_of_reach_or_unknown_say_nothing() {
    let unknown = Gsrn::from_body(57_131_315_439_035_999);
    for (silent, of_one, check_meter) in
        [(&[6][..], false, None), (&[], true, None), (&[], false, Some(unknown))]
    {
        let bench = bench(silent).await;
        by_neighbours(&bench, of_one.then_some(bench.gsrn), check_meter).await;
        assert!(child(&bench).await[5..8].iter().all(|hour| hour.value.is_none()), "{silent:?} {of_one}");
    }
}
