//! The API as programs use it: with a token, through the router.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::Value;
use tidstro_flows::identity::{By, IssuedToken, NewToken, issue_token};
use tidstro_model::{ActivityId, ActorId};

use super::place::{Place, given, now};
use crate::api::description::DOCUMENT;
use crate::route_list;

/// A token of the job that reads meters, for some of its purposes.
pub(super) async fn token(place: &Place, scopes: &[&str]) -> String {
    let wanted = NewToken {
        actor: ActorId::parse("job:ingest").unwrap(),
        label: "head-end".to_owned(),
        scopes: scopes.iter().map(|scope| ActivityId::parse(scope).unwrap()).collect(),
        ends: now().checked_add(SignedDuration::from_hours(24)).unwrap(),
    };
    let by = By { actor: ActorId::parse("staff:ivan").unwrap(), factors: 2 };
    match given(issue_token(place.workspace(), &by, wanted, now()).await.unwrap()) {
        IssuedToken::Issued(_, text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn asking(token: &str, path: &str) -> axum::http::request::Builder {
    Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
}

/// The status, and the JSON.
async fn ask(place: &Place, token: &str, path: &str) -> (StatusCode, Value) {
    let (response, body) = place.answer(asking(token, path).body(Body::empty()).unwrap()).await;
    (response.status(), serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[test]
fn the_description_is_whole() {
    insta::assert_snapshot!(DOCUMENT.as_str());
}

/// Each route of programs is described, and nothing else is.
#[test]
fn the_description_has_the_routes() {
    let document: Value = serde_json::from_str(&DOCUMENT).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut routes = Vec::new();
    for line in route_list().lines().filter(|line| line.contains(" /api/")) {
        let path = line.split_whitespace().find(|word| word.starts_with('/')).unwrap();
        let methods = line.split_whitespace().take_while(|word| !word.starts_with('/'));
        routes.extend(methods.map(|method| format!("{method} {path}")));
    }
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
}

#[tokio::test]
async fn a_program_reads_what_its_purpose_allows() {
    let place = Place::with_water().await;
    let token = token(&place, &["reading"]).await;
    let (status, list) = ask(&place, &token, "/api/v1/series?limit=1").await;
    assert_eq!(status, StatusCode::OK, "{list}");
    let series: Vec<u64> =
        list["items"].as_array().unwrap().iter().map(|line| line["series"].as_u64().unwrap()).collect();
    assert!(series.len() == 1, "{series:?}");
    let next = list["next"].as_str().unwrap();
    let (_, rest) = ask(&place, &token, &format!("/api/v1/series?limit=1000&cursor={next}")).await;
    let rest = rest["items"].as_array().unwrap();
    assert!(!rest.is_empty() && rest.iter().all(|line| line["series"].as_u64().unwrap() > series[0]));
    let (_, points) = ask(&place, &token, "/api/v1/points?limit=1000").await;
    let of_points =
        points["items"].as_array().unwrap().iter().map(|point| point["series"].as_array().unwrap().len());
    assert_eq!(of_points.sum::<usize>(), rest.len() + 1, "each series lies at one point");
}

#[tokio::test]
async fn values_are_decimals_in_text_and_times_in_utc() {
    let place = Place::with_water().await;
    let token = token(&place, &["reading"]).await;
    let (_, list) = ask(&place, &token, "/api/v1/series?limit=1000").await;
    let mut found = Vec::new();
    for line in list["items"].as_array().unwrap().iter().filter(|line| line["commodity"] == "cold-water") {
        let path = format!("/api/v1/series/{}/values?resolution=raw&limit=2", line["series"]);
        let (status, values) = ask(&place, &token, &path).await;
        assert_eq!(status, StatusCode::OK, "{values}");
        found.extend(values["items"].as_array().unwrap().clone());
    }
    let value = found.iter().find(|value| value["quality"] == "measured").unwrap();
    assert!(value["value"].as_str().unwrap().bytes().all(|b| b.is_ascii_digit() || b == b'.'), "{value}");
    assert!(value["start"].as_str().unwrap().ends_with('Z'), "{value}");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let place = Place::town().await;
    let token = token(&place, &["reading"]).await;
    let (first, body) = place.answer(asking(&token, "/api/v1/points").body(Body::empty()).unwrap()).await;
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert!(!body.is_empty() && first.headers()[header::CACHE_CONTROL] == "private, no-cache");
    for (known, status) in [
        (tag.clone(), StatusCode::NOT_MODIFIED),
        (format!("\"x\", W/{tag}"), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"x\"".to_owned(), StatusCode::OK),
    ] {
        let request = asking(&token, "/api/v1/points").header(header::IF_NONE_MATCH, &known);
        let (again, body) = place.answer(request.body(Body::empty()).unwrap()).await;
        assert_eq!(again.status(), status, "{known}");
        assert_eq!(body.is_empty(), status == StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(again.headers()[header::ETAG], tag.as_str());
    }
}

#[tokio::test]
async fn a_token_names_its_purposes_and_no_others() {
    let place = Place::town().await;
    let reading = token(&place, &["reading"]).await;
    for (path, status, code) in [
        ("/api/v1/series?purpose=reading", 200, None),
        ("/api/v1/series?purpose=validation", 403, Some("urn:tidstro:problem:outside-scopes")),
        ("/api/v1/series?purpose=billing", 403, Some("urn:tidstro:problem:outside-scopes")),
        ("/api/v1/alarms", 403, Some("about:blank")),
        ("/api/v1/clocks", 403, Some("about:blank")),
        ("/api/v1/my-data", 403, Some("about:blank")),
    ] {
        let (found, answer) = ask(&place, &reading, path).await;
        assert_eq!((found.as_u16(), answer["type"].as_str()), (status, code), "{path}: {answer}");
    }
    let wider = token(&place, &["device-monitoring", "validation"]).await;
    for path in ["/api/v1/alarms?standing=true", "/api/v1/cycle", "/api/v1/series?category=indoor-climate"] {
        let (status, answer) = ask(&place, &wider, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    }
}

/// Without a token, with a bad one, with a cookie beside a bad one: nobody.
#[tokio::test]
async fn nobody_gets_in_by_a_token_that_is_none() {
    let place = Place::town().await;
    let cookie = place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    let (seen, _) = place.get_as(&cookie, "/api/v1/series").await;
    assert_eq!(seen.status(), StatusCode::OK, "a session is as good as a token");
    for shown in ["Bearer x", "bearer tidstro_0", "Bearer "] {
        let request = Request::get("/api/v1/series")
            .header(header::AUTHORIZATION, shown)
            .header(header::COOKIE, &cookie);
        let (response, body) = place.answer(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{shown}: {body}");
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
    let good = token(&place, &["reading"]).await;
    let (page, _) = place.answer(asking(&good, "/desk/meter-data").body(Body::empty()).unwrap()).await;
    assert_eq!(page.status(), StatusCode::UNAUTHORIZED, "pages know no tokens");
}

/// Residents see their own through the API, and series of others are not there.
#[tokio::test]
async fn residents_read_their_own() {
    let place = Place::with_water().await;
    let cookies = [
        place.activated(&place.resident_of(0).await).await,
        place.activated(&place.resident_of(1).await).await,
    ];
    let (_, list) = place.get_as(&cookies[0], "/api/v1/series").await;
    let list: Value = serde_json::from_str(&list).unwrap();
    let series = list["items"][0]["series"].as_u64().unwrap();
    let path = format!("/api/v1/series/{series}/values");
    let (own, _) = place.get_as(&cookies[0], &path).await;
    assert_eq!(own.status(), StatusCode::OK);
    let (other, of_other) = place.get_as(&cookies[1], &path).await;
    let (none, of_none) = place.get_as(&cookies[1], "/api/v1/series/999999/values").await;
    assert_eq!((other.status(), none.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let plain = |body: &str| body.split("\"instance\"").next().unwrap().to_owned();
    assert_eq!(plain(&of_other), plain(&of_none));
    let (mine, body) = place.get_as(&cookies[0], "/api/v1/my-data").await;
    assert_eq!(mine.status(), StatusCode::OK, "{body}");
    assert!(body.contains("\"purpose\":\"own-view\""), "{body}");
}

/// What is wrong, where, and what to do: for each slip its status, its code and its sentence.
#[tokio::test]
async fn slips_say_what_to_do_and_their_number_is_told() {
    let place = Place::town().await;
    let token = token(&place, &["reading", "validation"]).await;
    let mut table = String::new();
    for path in [
        "/api/v1/series?poinnt=1",
        "/api/v1/series?limit=1&limit=2",
        "/api/v1/series?limit=0",
        "/api/v1/series?limit=-1",
        "/api/v1/series?cursor=next",
        "/api/v1/series?point=",
        "/api/v1/series?point=%00",
        "/api/v1/series?area=Nowhere",
        "/api/v1/series?purpose=Reading",
        "/api/v1/series?purpose=%FF",
        "/api/v1/series/x/values",
        "/api/v1/series/1/values?from=yesterday",
        "/api/v1/series/1/values?from=2026-01-01T00:00:00Z",
        "/api/v1/series/1/values?from=2026-02-01&to=2026-01-01",
        "/api/v1/series/1/values?resolution=PT5M",
        "/api/v1/series/1/values?as_of=2026-01-01",
        "/api/v1/cycle?from=2020-01-01",
        "/api/v1/nothing",
    ] {
        let (status, answer) = ask(&place, &token, path).await;
        let told = place.problems.lock().unwrap().pop().unwrap();
        let number = answer["instance"].as_str().unwrap();
        assert!(told.contains(&format!("problem {number}: {}", status.as_u16())), "{told}: {answer}");
        assert!(
            !told.contains("Nowhere") && !told.contains("yesterday"),
            "{told}: nothing of what was asked"
        );
        let (kind, detail) = (answer["type"].as_str().unwrap(), answer["detail"].as_str().unwrap());
        table += &format!("{path}\n    {} {kind}\n    {detail}\n", status.as_u16());
    }
    insta::assert_snapshot!(table);
}
