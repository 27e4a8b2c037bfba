//! What programs change: once, whoever sends it twice; and no more than their rate.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::api::{asking, token};
use super::place::{FROM_HERE, Place};

/// Sends JSON with a key.
async fn send(place: &Place, token: &str, (path, key): (&str, &str), body: &str) -> (Response, Value) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key);
    let (response, text) = place.answer(request.body(Body::from(body.to_owned())).unwrap()).await;
    (response, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// A point of the first flat, and the instant of one of its readings.
async fn a_reading(place: &Place, token: &str) -> (String, u64, String) {
    let list = |path: String| async move {
        let (_, body) = place.answer(asking(token, &path).body(Body::empty()).unwrap()).await;
        serde_json::from_str::<Value>(&body).unwrap()["items"].as_array().unwrap().clone()
    };
    for line in list("/api/v1/series".to_owned()).await {
        let series = line["series"].as_u64().unwrap();
        let values = list(format!("/api/v1/series/{series}/values?resolution=raw&limit=1")).await;
        if let Some(value) = values.first() {
            return (
                line["point"].as_str().unwrap().to_owned(),
                series,
                value["start"].as_str().unwrap().to_owned(),
            );
        }
    }
    panic!("no series has a value");
}

#[tokio::test]
async fn a_correction_is_done_once_and_answered_as_the_first_time() {
    let place = Place::with_water().await;
    let token = token(&place, &["validation"]).await;
    let (point, series, at) = a_reading(&place, &token).await;
    let body = |value: &str| {
        let row = json!({ "point": point, "series": series, "at": at, "value": value, "quality": "measured", "reason": "read by hand" });
        let other =
            json!({ "point": "no-such-point", "at": at, "value": "1", "quality": "measured", "reason": "x" });
        json!({ "values": [row, other] }).to_string()
    };
    let path = "/api/v1/corrections";
    let dry = body("0.001").replacen('{', "{\"dry_run\":true,", 1);
    let dry = dry.replace(&format!("\"series\":{series}"), &format!("\"series\":{series}.0"));
    let (response, told) = send(&place, &token, (path, "dry"), &dry).await;
    assert_eq!((response.status(), &told["changed"]), (StatusCode::OK, &json!(1)), "{told}");
    let (response, first) = send(&place, &token, (path, "a"), &body("0.001")).await;
    assert_eq!(response.status(), StatusCode::OK, "{first}");
    assert_eq!((&first["changed"], &first["refused"]), (&json!(1), &json!(1)), "{first}");
    assert_eq!(first["outcomes"][1]["outcome"], "refused");
    assert!(!first.to_string().contains(&point), "an answer that is kept names no point: {first}");
    assert!(!response.headers().contains_key("idempotency-replayed"));

    let (again, same) = send(&place, &token, (path, "a"), &body("0.001")).await;
    assert_eq!((again.status(), &same), (StatusCode::OK, &first));
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    let (other, told) = send(&place, &token, (path, "a"), &body("0.002")).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(told["type"], "urn:tidstro:problem:key-taken");
    let (known, told) = send(&place, &token, (path, "b"), &body("0.001")).await;
    assert_eq!((known.status(), &told["as_it_was"]), (StatusCode::OK, &json!(1)), "{told}");

    let read = format!("/api/v1/series/{series}/values?resolution=raw&limit=1");
    let (_, values) = place.answer(asking(&token, &read).body(Body::empty()).unwrap()).await;
    let values: Value = serde_json::from_str(&values).unwrap();
    assert_eq!(
        (&values["items"][0]["value"], &values["items"][0]["corrected"]),
        (&json!("0.001"), &json!(true))
    );
}

#[tokio::test]
async fn what_happened_is_recorded_or_kept_aside() {
    let place = Place::town().await;
    let token = token(&place, &["master-data"]).await;
    let path = "/api/v1/events";
    // The job may say when somebody moved out, and has no say in cases.
    let lease = json!({ "kind": "lease-event", "what": "consent-given", "on": "2026-03-01", "subject": "nobody-at-all", "purpose": "master-data" });
    let (response, told) = send(&place, &token, (path, "1"), &lease.to_string()).await;
    assert_eq!(
        (response.status(), &told["type"]),
        (StatusCode::FORBIDDEN, &json!("urn:tidstro:problem:refused")),
        "{told}"
    );
    let case = json!({ "kind": "case-event", "what": "access.received", "at": "2026-03-01T10:00:00Z", "case": "access-7" });
    let (response, told) = send(&place, &token, (path, "2"), &case.to_string()).await;
    assert_eq!((response.status(), &told["recorded"]), (StatusCode::ACCEPTED, &json!(false)), "{told}");
    assert_eq!(told["aside"], "refused");
    let foreign = lease.to_string().replace("\"master-data\"", "\"rights\"");
    let (response, told) = send(&place, &token, (path, "3"), &foreign).await;
    assert_eq!(
        (response.status(), &told["type"]),
        (StatusCode::FORBIDDEN, &json!("urn:tidstro:problem:outside-scopes"))
    );
    // What was refused was not done, so its key is free.
    let (response, _) = send(&place, &token, (path, "1"), &case.to_string()).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
}

/// Bad bodies: for each its status, its code and its sentence.
#[tokio::test]
async fn bodies_that_cannot_be_are_told() {
    let place = Place::town().await;
    let token = token(&place, &["validation", "master-data"]).await;
    let row = |more: &str| {
        format!(
            "{{\"values\":[{{\"point\":\"p\",\"at\":\"2026-03-01T10:00:00Z\",\"reason\":\"x\",{more}}}]}}"
        )
    };
    let many = format!(
        "{{\"values\":[{}]}}",
        vec![
            "{\"point\":\"p\",\"at\":\"2026-03-01T10:00:00Z\",\"quality\":\"missing\",\"reason\":\"x\"}";
            1001
        ]
        .join(",")
    );
    let (corrections, events) = ("/api/v1/corrections", "/api/v1/events");
    let mut table = String::new();
    for (path, key, body) in [
        (corrections, "k", ""),
        (corrections, "k", "{\"values\":"),
        (corrections, "k", "{\"values\":[],\"valeus\":1}"),
        (corrections, "k", "{\"values\":[]}"),
        (corrections, "k", &many),
        (corrections, "k", &"[".repeat(100_000)),
        (corrections, "k", &" ".repeat(1_100_000)),
        (corrections, "", &row("\"quality\":\"missing\"")),
        (corrections, "two words", &row("\"quality\":\"missing\"")),
        (corrections, "k", &row("\"quality\":\"guessed\"")),
        (corrections, "k", &row("\"quality\":\"measured\"")),
        (corrections, "k", &row("\"quality\":\"missing\",\"value\":\"1\"")),
        (corrections, "k", &row("\"quality\":\"measured\",\"value\":\"1,5\"")),
        (corrections, "k", &row("\"quality\":\"measured\",\"value\":1.5")),
        (corrections, "k", &row("\"quality\":\"missing\"").replace("2026-03-01T", "2026-13-01T")),
        (corrections, "k", &row("\"quality\":\"missing\"").replace("\"reason\":\"x\"", "\"reason\":\"\"")),
        (events, "k", "{\"kind\":\"reading\",\"what\":\"x\"}"),
        (events, "k", "{\"kind\":\"case-event\",\"what\":\"access.received\",\"case\":\"a\"}"),
        (events, "k", "{\"kind\":\"case-event\",\"what\":\"resume\",\"case\":\"a\",\"on\":\"2026-03-01\"}"),
    ] {
        let (response, told) = send(&place, &token, (path, key), body).await;
        let shown: String = body.chars().take(120).collect();
        table += &format!(
            "{path} {key} {shown}\n    {} {}\n    {}\n",
            response.status().as_u16(),
            told["type"].as_str().unwrap(),
            told["detail"].as_str().unwrap()
        );
    }
    insta::assert_snapshot!(table);
}

/// JSON of another site, or of a form, changes nothing in somebody's session.
#[tokio::test]
async fn a_session_changes_nothing_from_elsewhere() {
    let place = Place::town().await;
    let cookie = place.activated(&tidstro_model::ActorId::parse("staff:mikkel").unwrap()).await;
    let send = |headers: &[(&str, &str)]| {
        let request = Request::post("/api/v1/corrections")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "k");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(Body::from("{\"values\":[]}")).unwrap()
    };
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("authorization", "Basic eDp5")]] {
        let (response, body) = place.answer(send(headers)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{headers:?}: {body}");
    }
    let nobody = Request::post("/api/v1/corrections").body(Body::empty()).unwrap();
    assert_eq!(
        place.answer(nobody).await.0.status(),
        StatusCode::UNAUTHORIZED,
        "there is no session to protect"
    );
    let (response, _) = place.answer(send(FROM_HERE)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "from here it is read");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_go_on() {
    let place = Place::town().await;
    let (one, other) = (token(&place, &["reading"]).await, token(&place, &["reading"]).await);
    let ask = |token: String| {
        let request = asking(&token, "/api/v1/openapi.json").body(Body::empty()).unwrap();
        place.answer(request)
    };
    for _ in 0..200 {
        assert_eq!(ask(one.clone()).await.0.status(), StatusCode::OK);
    }
    let (response, body) = ask(one).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    assert!(body.contains("too-many-requests"), "{body}");
    assert_eq!(ask(other).await.0.status(), StatusCode::OK, "others go on");
    assert_eq!(place.get("/privacy").await.0.status(), StatusCode::OK, "pages are not counted");
}
