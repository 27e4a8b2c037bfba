//! Who has not been heard for how long, asked through the gate; and which gateway heard best.

use jiff::SignedDuration;
use tidstro_flows::{Answer, MeterQuiet, SilentAsk, silent_meters};
use tidstro_model::ActivityId;

use crate::bench::Bench;
use crate::common::{actor, given, refused_by};

fn asking(who: &str, purpose: &str) -> SilentAsk {
    let (actor, purpose) = (actor(who), ActivityId::parse(purpose).unwrap());
    SilentAsk { actor, purpose, expected: None, intervals: 3 }
}

impl Bench {
    async fn take(&self, lines: &str, gateway: Option<&str>) {
        let clock = || self.now();
        let mut intake = self.intake(&clock).await;
        given(intake.take(&mut lines.as_bytes(), "test", gateway, &|_| ()).await.unwrap());
    }

    async fn silent(&self, asked: &SilentAsk) -> Vec<MeterQuiet> {
        given(silent_meters(&self.workspace, asked, self.now()).await.unwrap())
    }

    /// The line of the water meter whose telegrams the bench has.
    async fn water_meter(&self, asked: &SilentAsk) -> MeterQuiet {
        self.silent(asked).await.into_iter().find(|meter| meter.point == self.water()).unwrap()
    }
}

#[tokio::test]
async fn a_meter_is_silent_after_some_of_its_own_intervals() {
    let bench = Bench::new().await;
    bench.take(&bench.lines().concat(), None).await;
    let asked = asking("job:ingest", "validation");
    let found = bench.water_meter(&asked).await;
    // Heard every five hours of a day, and not for the week since.
    assert_eq!(found.expected, Some(SignedDuration::from_hours(5)));
    assert!(found.is_silent && found.quiet.unwrap() > SignedDuration::from_hours(6 * 24));
    // Somebody who expects it once a month does not miss it.
    let monthly = SilentAsk { expected: Some(SignedDuration::from_hours(30 * 24)), ..asked.clone() };
    assert!(!bench.water_meter(&monthly).await.is_silent);
    // Every other meter of the building was never heard, and stands before it.
    let meters = bench.silent(&asked).await;
    assert!(meters.len() > 24 && meters[0].last.is_none());
    assert_eq!(meters.iter().filter(|meter| meter.last.is_some()).count(), 1);
}

#[tokio::test]
async fn the_gate_decides_who_may_ask() {
    let bench = Bench::new().await;
    bench.take(&bench.lines().concat(), None).await;
    for (who, purpose) in
        [("staff:nobody", "validation"), ("staff:mikkel", "billing"), ("staff:mikkel", "reading")]
    {
        let answer = silent_meters(&bench.workspace, &asking(who, purpose), bench.now()).await.unwrap();
        assert!(matches!(answer, Answer::Refused(_)), "{who} for {purpose}: {}", refused_by(answer));
    }
    assert!(!bench.silent(&asking("staff:mikkel", "validation")).await.is_empty());
}

#[tokio::test]
async fn of_several_gateways_the_best_signal_is_kept() {
    let bench = Bench::new().await;
    let line = bench.lines().remove(0);
    let at = |rssi: i16| line.replace('}', &format!(",\"rssi_dbm\":{rssi}}}"));
    bench.take(&at(-91), Some("gw-1")).await;
    bench.take(&at(-64), Some("gw-2")).await;
    bench.take(&at(-77), Some("gw-3")).await;
    bench.take(&at(-64), Some("gw-2")).await;
    let found = bench.water_meter(&asking("job:ingest", "validation")).await;
    assert_eq!((found.gateways, found.best_rssi_dbm), (3, Some(-64)));
    assert_eq!(bench.readings().await.len(), 1);
}

#[tokio::test]
async fn a_gateway_without_a_clock_counts_too() {
    let bench = Bench::new().await;
    let timed: serde_json::Value = serde_json::from_str(&bench.lines().remove(0)).unwrap();
    let at = |rssi: i16| format!("{{\"telegram\":{},\"rssi_dbm\":{rssi}}}\n", timed["telegram"]);
    bench.take(&at(-91), Some("gw-1")).await;
    bench.take(&at(-64), Some("gw-2")).await;
    bench.take(&at(-60), Some("gw-1")).await;
    let found = bench.water_meter(&asking("job:ingest", "validation")).await;
    assert_eq!((found.gateways, found.best_rssi_dbm), (2, Some(-60)));
}
