//! The desk of whoever judges metering data: what waits is listed, decided in bulk, and gone.

use axum::http::{StatusCode, header};
use tidstro_model::ActorId;
use tidstro_world::{Town, TownPlan};

use super::place::Place;

const QUEUE: &str = "/desk/meter-data/findings";
const PREVIEW: &str = "/desk/meter-data/findings/preview";
const DECISION: &str = "/desk/meter-data/findings/decision";

fn point() -> String {
    Town::build(&TownPlan::default()).grid_points[0].gsrn.to_string()
}

/// A clerk, and three days of a point: on each, hour 5 is negative, and on the first hour 7 is missing.
async fn desk() -> (Place, String) {
    let place = Place::town().await;
    let mut rows = "metering_point;start;resolution;quantity_kwh;quality\n".to_owned();
    for hour in 0..72 {
        let start = jiff::Timestamp::from_second(1_773_615_600 + hour * 3600).unwrap();
        let (value, quality) = match hour {
            5 | 29 | 53 => ("-0.100", "measured"),
            7 => ("", "missing"),
            _ => ("0.100", "measured"),
        };
        rows += &format!("{};{start};PT1H;{value};{quality}\n", point());
    }
    place.ingest(&rows).await;
    let clerk = place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    (place, clerk)
}

/// The address of the days of a cause, as the queue links to it.
async fn days_of(place: &Place, clerk: &str, rule: &str) -> String {
    let (_, page) = place.get_as(clerk, QUEUE).await;
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let link = links.filter(|link| link.contains("/findings/days?")).find(|link| link.contains(rule));
    link.unwrap_or_else(|| panic!("nothing waits for {rule}: {page}")).replace("&amp;", "&")
}

/// The hidden fields of the page's own form: those of the last form before the footer.
fn hidden(page: &str) -> Vec<(String, String)> {
    let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let value = |rest: &str, name: &str| {
        Some(rest.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned())
    };
    let fields = main.split("<input").skip(1).filter(|rest| rest.contains("type=\"hidden\""));
    let pairs = fields.filter_map(|rest| Some((value(rest, "name")?, value(rest, "value")?)));
    pairs.filter(|(name, _)| name != "form").collect()
}

/// The names of the marks of a page.
fn marks(page: &str) -> Vec<String> {
    let names = page.split("name=\"day-").skip(1).map(|rest| rest.split('"').next().unwrap());
    names.map(|name| format!("day-{name}")).collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Accepts days as they are, up to the page that shows what would happen.
async fn previewed(place: &Place, clerk: &str, marked: usize) -> Vec<(String, String)> {
    let (_, page) = place.get_as(clerk, &days_of(place, clerk, "negative").await).await;
    let mut fields = hidden(&page);
    fields.extend(marks(&page).into_iter().take(marked).map(|name| (name, "on".to_owned())));
    for (name, value) in [("which", "marked"), ("decision", "accept"), ("reason", "a pump was tried out")] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let (response, page) = place.post_as(clerk, PREVIEW, &borrowed(&fields)).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    assert!(page.contains(&format!("Days that will be decided: {marked}")), "{page}");
    assert!(page.contains("accepted: 1") && page.contains("a pump was tried out"), "{page}");
    hidden(&page)
}

#[tokio::test]
async fn what_is_decided_leaves_the_queue() {
    let (place, clerk) = desk().await;
    let (_, page) = place.get_as(&clerk, QUEUE).await;
    assert!(page.contains("Negative, hours") && page.contains("Missing, hours"), "{page}");
    let act = previewed(&place, &clerk, 2).await;
    let (response, page) = place.post_as(&clerk, DECISION, &borrowed(&act)).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{page}");
    let back = response.headers()[header::LOCATION].to_str().unwrap();
    let (_, page) = place.get_as(&clerk, back).await;
    assert!(page.contains("Days decided: 2"), "{page}");
    assert_eq!(marks(&page).len(), 1, "one of three is left");
    // The same form again is about days that wait no more.
    let (response, page) = place.post_as(&clerk, DECISION, &borrowed(&act)).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert!(page.contains("Somebody else changed this"), "{page}");
}

#[tokio::test]
async fn a_whole_page_is_estimated_at_once() {
    let (place, clerk) = desk().await;
    let (_, page) = place.get_as(&clerk, &days_of(&place, &clerk, "negative").await).await;
    for which in ["page", "bulk"] {
        let mut fields = hidden(&page);
        for (name, value) in [("which", which), ("decision", "estimate"), ("method", "linear")] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let (_, page) = place.post_as(&clerk, PREVIEW, &borrowed(&fields)).await;
        assert!(page.contains("Days that will be decided: 3") && page.contains("made: 1"), "{page}");
        if which == "bulk" {
            let (response, _) = place.post_as(&clerk, DECISION, &borrowed(&hidden(&page))).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
        }
    }
    let (_, page) = place.get_as(&clerk, QUEUE).await;
    assert!(
        page.contains("Nothing waits for a decision"),
        "what is missing on these days is made too: {page}"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_decision_is_said() {
    let (place, clerk) = desk().await;
    let (_, page) = place.get_as(&clerk, &days_of(&place, &clerk, "negative").await).await;
    let mark = marks(&page).remove(0);
    let cause = hidden(&page);
    for (fields, said) in [
        (vec![("decision", "accept"), (mark.as_str(), "on")], "Say why the values are accepted"),
        (
            vec![("decision", "accept"), ("reason", "  "), (mark.as_str(), "on")],
            "Say why the values are accepted",
        ),
        (
            vec![("decision", "estimate"), ("method", "guess"), (mark.as_str(), "on")],
            "Choose one of the methods",
        ),
        (vec![("decision", "forget"), (mark.as_str(), "on")], "Choose what to do"),
        (vec![("decision", "estimate"), ("method", "auto")], "No day is chosen"),
        (vec![("decision", "estimate"), ("method", "auto"), ("day-2026-99-01.1", "on")], "No day is chosen"),
    ] {
        let fields = [borrowed(&cause), fields].concat();
        let (response, page) = place.post_as(&clerk, PREVIEW, &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(page.contains(said), "{said}: {page}");
    }
    // Another hash, and another reason than the one that was shown.
    let act = previewed(&place, &clerk, 1).await;
    for changed in ["hash", "reason"] {
        let other = |(name, value): &(String, String)| {
            (name.clone(), if name == changed { "something else".to_owned() } else { value.clone() })
        };
        let fields: Vec<_> = act.iter().map(other).collect();
        let (response, _) = place.post_as(&clerk, DECISION, &borrowed(&fields)).await;
        assert_eq!(response.status(), StatusCode::CONFLICT, "{changed}");
    }
}

#[tokio::test]
async fn addresses_of_others_and_of_nothing_show_nothing() {
    let (place, clerk) = desk().await;
    let days = days_of(&place, &clerk, "negative").await;
    for (from, to, status) in [
        ("correctness-control", "billing", StatusCode::FORBIDDEN),
        ("correctness-control", "validation", StatusCode::OK),
        ("rule=negative", "rule=none", StatusCode::NOT_FOUND),
        ("resolution=PT1H", "resolution=PT5M", StatusCode::NOT_FOUND),
        ("category=consumption", "category=identity", StatusCode::FORBIDDEN),
    ] {
        let (response, page) = place.get_as(&clerk, &days.replace(from, to)).await;
        assert_eq!(response.status(), status, "{to}");
        assert!(!page.contains(&point()), "{to}");
    }
    let (response, _) = place.get_as(&clerk, &format!("{days}&after=yesterday")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let billing = place.activated(&ActorId::parse("staff:anna").unwrap()).await;
    let (response, _) = place.get_as(&billing, &days).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

/// Points are on pages, never in addresses.
#[tokio::test]
async fn one_day_of_a_series_is_told_in_its_versions() {
    let (place, clerk) = desk().await;
    let act = previewed(&place, &clerk, 1).await;
    place.post_as(&clerk, DECISION, &borrowed(&act)).await;
    let mark = act.iter().find_map(|(name, _)| name.strip_prefix("day-")).unwrap().to_owned();
    let (day, series) = mark.split_once('.').unwrap();
    let asked = format!("purpose=correctness-control&category=consumption&day={day}");
    let (response, page) = place.get_as(&clerk, &format!("/desk/meter-data/series/{series}?{asked}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    for said in ["acceptance", "a pump was tried out", "staff:mikkel", "from source test", &point(), "<svg "]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.split("href=\"").skip(1).any(|rest| rest.split('"').next().unwrap().contains(&point())));
    let (_, page) = place.get_as(&clerk, &format!("/desk/meter-data/series/999999?{asked}")).await;
    assert!(page.contains("Nothing is kept of this day that you may see"), "{page}");
}

#[tokio::test]
async fn alarms_silent_meters_and_unread_telegrams_have_their_pages() {
    let place = Place::with_water().await;
    let clerk = place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    for (path, said) in [
        ("/desk/meter-data/alarms", "What meters report"),
        ("/desk/meter-data/alarms?which=all&severity=critical&from=9999", "What meters report"),
        ("/desk/meter-data/silent", "Silent: "),
        ("/desk/meter-data/silent?which=all", "cold-water"),
        ("/desk/meter-data/telegrams", "Every telegram was read"),
        ("/desk/meter-data/telegrams?reason=%3Cscript%3E", "Every telegram was read"),
    ] {
        let (response, page) = place.get_as(&clerk, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(page.contains(said) && !page.contains("<script>"), "{path}: {page}");
    }
    // A telegram whose key nobody has.
    place.ingest("2E44931578563412330333637A2A0020255923C95AAA26D1B2E7493BC2AD013EC4A6F6D3529B520EDFF0EA6DEFC955B29D6D69EBF3EC8A\n").await;
    let (_, page) = place.get_as(&clerk, "/desk/meter-data/telegrams").await;
    assert!(page.contains("key-missing") && page.contains("Bring the keys"), "{page}");
}
