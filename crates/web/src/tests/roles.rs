//! Who comes in where: every route, asked by everybody. The table is a file to read.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use tidstro_model::ActorId;

use super::place::{FROM_HERE, PASSWORD, Place, encoded, form};
use crate::route_list;

/// The table of every route and role: the status each is answered with. `GET` only; a form without its proof changes nothing.
#[tokio::test]
async fn every_route_answers_every_role() {
    let place = Place::town().await;
    let mut cookies = vec![("nobody", String::new())];
    for (who, actor) in [
        ("clerk", "staff:mikkel"),
        ("billing", "staff:anna"),
        ("administrator", "staff:gitte"),
        ("officer", "staff:dpo"),
    ] {
        cookies.push((who, place.activated(&ActorId::parse(actor).unwrap()).await));
    }
    let resident = place.resident().await;
    cookies.push(("resident", place.activated(&resident).await));
    let mut table = String::new();
    for line in route_list().lines() {
        let mut words = line.split_whitespace();
        let is_read = words.next() == Some("GET");
        let path = words.find(|word| word.starts_with('/')).unwrap();
        if !is_read {
            continue;
        }
        // Numbers that nobody has: what is there and what is not must not be told apart.
        let asked = path
            .replace("{series}", "999999")
            .replace("{file}", "none")
            .replace("{notice}", "none")
            .replace("{preview}", "999999")
            .replace("{activity}", "none")
            .replace("{party}", "none")
            .replace("{area}", "999999")
            .replace("{unit}", "999999");
        write!(table, "{path:<28}").unwrap();
        for (who, cookie) in &cookies {
            let (response, _) = place.get_as(cookie, &asked).await;
            write!(table, " {who} {}", response.status().as_u16()).unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

/// A resident's pages show that resident's meters: numbers of others are as if they were not there.
#[tokio::test]
async fn nobody_sees_the_series_of_another() {
    let place = Place::with_water().await;
    let mut seen = Vec::new();
    for flat in [0, 1] {
        let cookie = place.activated(&place.resident_of(flat).await).await;
        let mut own = Vec::new();
        for series in 0..400 {
            let (response, _) = place.get_as(&cookie, &format!("/home/{series}")).await;
            match response.status() {
                StatusCode::OK => own.push(series),
                other => assert_eq!(other, StatusCode::NOT_FOUND, "{series}"),
            }
        }
        assert!(!own.is_empty(), "flat {flat} has readings");
        seen.push(own);
    }
    assert!(seen[0].iter().all(|series| !seen[1].contains(series)), "{seen:?}");
}

/// A form without the proof of its session, or with that of another, changes nothing.
#[tokio::test]
async fn a_form_needs_the_proof_of_its_session() {
    let place = Place::town().await;
    let (mine, other) = (ActorId::parse("staff:mikkel").unwrap(), ActorId::parse("staff:anna").unwrap());
    let (mine, other) = (place.activated(&mine).await, place.activated(&other).await);
    let proof_of = |page: &str| {
        page.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (_, page) = place.get_as(&other, "/account").await;
    let foreign = proof_of(&page);
    for fields in ["", &encoded(&[("form", &foreign)]), "form=", "form=x"] {
        let headers = [FROM_HERE[0], ("cookie", mine.as_str())];
        let (response, _) = place.answer(form("/log-out", &headers, fields)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fields}");
    }
    let (_, page) = place.get_as(&mine, "/account").await;
    let headers = [FROM_HERE[0], ("cookie", mine.as_str())];
    let (response, _) =
        place.answer(form("/log-out", &headers, &encoded(&[("form", &proof_of(&page))]))).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (response, _) = place.get_as(&mine, "/account").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "the token is worth nothing any more");
}

/// Wrong names and wrong passwords are answered alike, to the byte.
#[tokio::test]
async fn logging_in_does_not_tell_who_exists() {
    let place = Place::town().await;
    place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    let ask = |name: &'static str, password: &'static str| {
        form("/log-in", FROM_HERE, &encoded(&[("name", name), ("password", password)]))
    };
    let (known, page_of_known) = place.answer(ask("mikkel", "not the right one")).await;
    let (unknown, page_of_unknown) = place.answer(ask("nobody", "not the right one")).await;
    assert_eq!(known.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((known.status(), known.headers()), (unknown.status(), unknown.headers()));
    assert_eq!(page_of_known, page_of_unknown);
    let (right, _) = place.answer(ask("mikkel", PASSWORD)).await;
    assert_eq!(right.status(), StatusCode::SEE_OTHER);
    let set = right.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
}

/// Whoever must add a second factor first comes to that page and to no other.
#[tokio::test]
async fn an_officer_begins_with_a_second_factor() {
    let place = Place::town().await;
    let cookie = place.activated(&ActorId::parse("staff:dpo").unwrap()).await;
    for (path, status) in
        [("/account/second-factor", StatusCode::OK), ("/desk/governance", StatusCode::UNAUTHORIZED)]
    {
        let request = Request::builder().method(Method::GET).uri(path).header(header::COOKIE, &cookie);
        let (response, _) = place.answer(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{path}");
    }
}

/// A shut door takes no form either, with the proof of one's own session or without anybody there.
#[tokio::test]
async fn a_shut_door_takes_no_form() {
    let place = Place::town().await;
    let billing = place.activated(&ActorId::parse("staff:anna").unwrap()).await;
    let mut tried = 0;
    for line in route_list().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_open = words.last().is_none_or(|door| ["public", "begun", "account"].contains(door));
        let path = words.iter().find(|word| word.starts_with('/')).unwrap();
        if !words.contains(&"POST") || is_open || path.starts_with("/api/") {
            continue;
        }
        tried += 1;
        let asked = path.replace("{area}", "none").replace("{unit}", "none");
        let (response, _) = place.post_as(&billing, &asked, &[]).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        let (response, _) = place.answer(form(&asked, FROM_HERE, "")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(tried >= 10, "{tried} forms of desks");
}
