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
