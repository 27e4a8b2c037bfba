//! The desk of whoever answers for the protection of data.

use axum::http::StatusCode;
use tidstro_world::{Town, TownPlan};

use super::place::{Place, pass};

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
    let fields = [("reference", reference.as_str()), ("what", "looked")];
    let (_, page) = place.post_as(&officer, SUBJECT, &fields).await;
    assert!(page.contains("data-protection officer") && page.contains("read: time of occupancy"), "{page}");
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

#[tokio::test]
async fn a_resident_sees_who_looked() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let resident = place.activated(&place.resident().await).await;
    let path = "/my-data/log";
    let (_, page) = place.get_as(&resident, path).await;
    assert!(!page.contains("data-protection officer"), "{page}");
    place.post_as(&officer, SUBJECT, &[("reference", &reference())]).await;
    let (_, page) = place.get_as(&resident, path).await;
    assert!(page.contains("data-protection officer") && page.contains("20 March 2026, 21:00"), "{page}");
    assert!(page.contains("Answering the requests of data subjects") && page.contains("granted"), "{page}");
    assert!(
        !page.contains("staff:dpo") && !page.contains("own consumption"),
        "no names, and nothing of one's own: {page}"
    );
    let neighbour = place.activated(&place.resident_of(1).await).await;
    let (_, page) = place.get_as(&neighbour, path).await;
    assert!(!page.contains("Answering the requests"), "{page}");
}

const LOG: &str = "/desk/governance/log";

fn anything<'a>() -> Vec<(&'a str, &'a str)> {
    vec![("kind", ""), ("actor", ""), ("purpose", ""), ("from", ""), ("to", "")]
}

#[tokio::test]
async fn the_log_is_searched_page_by_page() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let resident = place.activated(&place.resident().await).await;
    for _ in 0..60 {
        place.get_as(&resident, "/my-data").await;
    }
    let with = |changed: &[(&'static str, &'static str)]| {
        let mut fields = anything();
        for (name, value) in changed {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        fields
    };
    let (response, page) = place.post_as(&officer, LOG, &with(&[("purpose", "own-view")])).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    assert_eq!(page.matches("<td>granted</td>").count(), 50);
    let before = hidden(&page, "before").to_owned();
    let mut fields = with(&[("purpose", "own-view")]);
    fields.push(("before", &before));
    let (_, page) = place.post_as(&officer, LOG, &fields).await;
    assert_eq!(page.matches("<td>granted</td>").count(), 10, "the rest");
    assert!(!page.contains("name=\"before\""), "and no more");

    let (_, page) = place.post_as(&officer, LOG, &with(&[("kind", "log-read")])).await;
    assert!(page.contains("uses: by any, for own-view, of kind any"), "{page}");
    let (_, page) =
        place.post_as(&officer, LOG, &with(&[("actor", "staff:dpo"), ("from", "2026-03-21")])).await;
    assert!(page.contains("Nothing was found here"), "{page}");
    for days in [[("from", "2026-03-21"), ("to", "2026-03-20")], [("from", "yesterday"), ("to", "")]] {
        let (response, page) = place.post_as(&officer, LOG, &with(&days)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("The days do not fit"), "{page}");
    }
    for wrong in [("kind", "nothing"), ("purpose", "NO ONE"), ("before", "x")] {
        let (response, _) = place.post_as(&officer, LOG, &with(&[wrong])).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{wrong:?}");
    }
}

#[tokio::test]
async fn the_log_is_checked_and_taken_along() {
    let place = Place::town().await;
    let officer = place.officer().await;
    let (_, page) = place.post_as(&officer, &format!("{LOG}/check"), &[]).await;
    assert!(page.contains("The log holds") && page.contains("Uses 1"), "{page}");
    let (response, bundle) = place.post_as(&officer, &format!("{LOG}/bundle"), &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{bundle}");
    let disposition = response.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"tidstro-log-2026-03-20.jsonl\"");
    let mut bytes = bundle.as_bytes();
    let report = tidstro_flows::verify_bundle(&mut bytes, "bundle", None).unwrap();
    assert!(report.log.events() > 5);
    let (_, page) = place.post_as(&officer, LOG, &anything()).await;
    assert!(page.contains("the whole log, as a bundle"), "that it was taken is in the log");
    pass(16);
    let (response, _) = place.post_as(&officer, &format!("{LOG}/bundle"), &[]).await;
    assert_ne!(response.status(), StatusCode::OK, "the proof is too old by now");
}

#[tokio::test]
async fn what_goes_is_shown_with_its_reason_and_approved_by_another() {
    let place = Place::gone().await;
    let officer = place.officer().await;
    let path = "/desk/governance/retention";
    let (_, page) = place.get_as(&officer, path).await;
    assert!(page.contains("waits for approval") && page.contains("job:retention"), "{page}");
    assert!(page.contains("destroyed</span>") && page.contains("/desk/governance/activities/"), "{page}");
    let (preview, hash) = (hidden(&page, "preview").to_owned(), hidden(&page, "hash").to_owned());
    let approval = format!("{path}/approval");
    for (preview, hash, status) in [
        (preview.as_str(), "0", StatusCode::CONFLICT),
        ("999", &hash, StatusCode::CONFLICT),
        ("x", &hash, StatusCode::BAD_REQUEST),
        (&preview, &hash, StatusCode::SEE_OTHER),
        (&preview, &hash, StatusCode::CONFLICT),
    ] {
        let (response, page) =
            place.post_as(&officer, &approval, &[("preview", preview), ("hash", hash)]).await;
        assert_eq!(response.status(), status, "{preview} {hash}: {page}");
    }
    let (_, page) = place.get_as(&officer, path).await;
    assert!(page.contains("It may run") && page.contains("<code>staff:dpo</code>"), "{page}");
    place.erase(preview.parse().unwrap()).await;
    let (_, page) = place.get_as(&officer, path).await;
    let certificate = format!("{path}/{preview}/certificate");
    assert!(page.contains(&certificate) && page.contains("There is no preview that waits"), "{page}");
    let (_, file) = place.get_as(&officer, &certificate).await;
    assert!(tidstro_govern::verify_certificate(&file, None).unwrap().contains("approved by staff:dpo"));
    let (response, _) = place.get_as(&officer, &format!("{path}/x/certificate")).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
