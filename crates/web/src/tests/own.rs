//! What residents see of themselves, asked through the router.

use axum::http::StatusCode;

use super::place::Place;

/// Number of the series behind a link of the first page.
async fn first_series(place: &Place, cookie: &str) -> String {
    let (_, page) = place.get_as(cookie, "/home").await;
    let number = page.split("href=\"/home/").nth(1).unwrap().split('"').next().unwrap();
    number.to_owned()
}

/// What is not measured is said with its reason, and what is measured is not called estimated.
#[tokio::test]
async fn a_month_says_why_a_day_is_missing() {
    let place = Place::with_water().await;
    let cookie = place.activated(&place.resident().await).await;
    let series = first_series(&place, &cookie).await;
    let (response, page) = place.get_as(&cookie, &format!("/home/{series}?span=month&at=2026-03-01")).await;
    assert_eq!(response.status(), StatusCode::OK);
    // The first of March alone has readings: its own part of the day is measured, and the rest is not there.
    assert!(page.contains("Why not everything is measured"), "{page}");
    assert!(page.contains("no reading came"), "{page}");
    assert!(page.contains("has not come yet"), "{page}");
    assert!(!page.contains("estimated for"), "{page}");
}

/// A copy has every value, and nobody else's; it is given to a session that was proved a short while ago.
#[tokio::test]
async fn a_copy_of_ones_data_is_whole() {
    let place = Place::with_water().await;
    let cookie = place.activated(&place.resident().await).await;
    let (response, table) = place.get_as(&cookie, "/my-data/copy.csv").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let (head, rows) = table.split_once('\n').unwrap();
    assert!(head.starts_with("area;flat;room;metering_point;"), "{head}");
    assert!(rows.lines().count() >= 4, "{rows}");
    assert!(rows.lines().all(|row| row.contains("/cold-water;cold-water;volume;m3;")), "{rows}");
    let points: std::collections::BTreeSet<_> = rows.lines().map(|row| row.split(';').nth(3)).collect();
    assert_eq!(points.len(), 1, "one flat: {points:?}");
    let (_, json) = place.get_as(&cookie, "/my-data/copy.json").await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["series"][0]["values"].as_array().unwrap().len(), rows.lines().count());
    let (response, _) = place.get("/my-data/copy.json").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}
