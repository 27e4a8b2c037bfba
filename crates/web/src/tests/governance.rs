//! The desk of whoever answers for the protection of data.

use axum::http::StatusCode;
use tidstro_world::{Town, TownPlan};

use super::place::Place;

const SUBJECT: &str = "/desk/governance/subject";

fn reference() -> String {
    let town = Town::build(&TownPlan::default());
    Town::person_reference(town.flats[0].stays[0].tenant)
}

#[tokio::test]
async fn an_officer_sees_what_is_kept_of_one_person() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let reference = reference();
    let (response, page) = place.post_as(&officer, SUBJECT, &[("reference", &reference)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(page.contains("<code>billing</code>") && page.contains("<svg "), "{page}");
    assert!(page.contains("live</span>") && page.contains("6(1)(b)"), "{page}");
    assert!(!page.contains(&reference), "not even on the page");
    let accesses = place.accesses.lock().unwrap();
    assert!(accesses.iter().all(|access| !access.line().contains(&reference)));
}

/// Somebody who does not exist and a slip of the pen are told apart by nothing.
#[tokio::test]
async fn a_reference_nobody_has_is_told_beside_the_field() {
    let place = Place::town().await;
    let officer = place.officer().await;
    for reference in ["", "nobody", "tenant-1' OR '1'='1", "\u{0}"] {
        let (response, page) = place.post_as(&officer, SUBJECT, &[("reference", reference)]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{reference}");
        assert!(page.contains("Nothing is kept that you may see"), "{reference}");
    }
    let (response, _) = place.post_as(&officer, SUBJECT, &[]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}
