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

const REGISTER: &str = include_str!("../../../../registers/town.toml");

#[tokio::test]
async fn the_register_is_there_to_be_read() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let (_, page) = place.get_as(&officer, "/desk/governance/register").await;
    for link in ["/desk/governance/activities/billing", "/desk/governance/records/byens-elnet"] {
        assert!(page.contains(link), "{link}");
        let (response, _) = place.get_as(&officer, link).await;
        assert_eq!(response.status(), StatusCode::OK, "{link}");
    }
    assert!(page.contains("decides from then on") && page.contains("staff:dpo"), "{page}");
    let (_, page) = place.get_as(&officer, "/desk/governance/activities/own-view").await;
    assert!(page.contains("people see their own data and nothing else"), "{page}");
    let (response, _) = place.get_as(&officer, "/desk/governance/records/mail").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND, "a party without a record");
}

/// What a hidden field of a page says.
fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn what_a_register_widens_is_approved_as_it_was_shown() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let wider = REGISTER.replace("log_keep = \"P13M\"", "log_keep = \"P12M\"").replace(
        "do = [\"store\", \"read\"]\nroles = [\"bookkeeper\"]",
        "do = [\"store\", \"read\", \"export\"]\nroles = [\"bookkeeper\"]",
    );
    assert_ne!(wider, REGISTER);
    let candidate = "/desk/governance/register/candidate";
    let sent = wider.replace('\n', "\r\n");
    let (response, page) = place.post_as(&officer, candidate, &[("text", &sent)]).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    assert!(page.contains("<span class=\"tag bad\">wider</span>") && page.contains("bookkeeping"), "{page}");
    let (running, hash) = (hidden(&page, "running").to_owned(), hidden(&page, "hash").to_owned());

    let approval = "/desk/governance/register/approval";
    let other = wider.replace("P12M", "P24M");
    for (text, running) in [(&other, &running), (&wider, &hash)] {
        let fields = [("text", text.as_str()), ("running", running), ("hash", &hash)];
        let (response, page) = place.post_as(&officer, approval, &fields).await;
        assert_eq!(response.status(), StatusCode::CONFLICT, "what was not shown is not approved");
        assert!(page.contains("Somebody else changed this"));
    }
    let fields = [("text", sent.as_str()), ("running", &running), ("hash", &hash)];
    let (response, _) = place.post_as(&officer, approval, &fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (_, page) = place.get_as(&officer, "/desk/governance/register").await;
    assert!(page.contains("What it widens: ") && page.contains(&hash), "{page}");
    let (_, page) = place.post_as(&officer, candidate, &[("text", &wider)]).await;
    assert!(page.contains("Approved on 20 March 2026, 21:00 by"), "{page}");
    assert!(!page.contains("Approve what it widens"), "once is enough");
}

#[tokio::test]
async fn a_register_with_faults_names_each_by_line() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let candidate = "/desk/governance/register/candidate";
    for text in [
        "",
        "[register",
        "id = 1",
        &REGISTER.replace("controller = \"kornmarken\"", "controller = \"nobody\""),
    ] {
        let (response, page) = place.post_as(&officer, candidate, &[("text", text)]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert!(page.contains("does not hold together"), "{page}");
    }
    let (_, page) = place.post_as(&officer, candidate, &[("text", REGISTER)]).await;
    assert!(page.contains("Nothing is decided or told otherwise"), "{page}");
    let large = "#".repeat(2 << 20);
    let (response, _) = place.post_as(&officer, candidate, &[("text", &large)]).await;
    assert!(response.status().is_client_error(), "{}", response.status());
}
