//! What every answer has, and what none has: asked through the router, with a town behind it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::place::{FROM_HERE, Place, form};
use crate::Access;

#[tokio::test]
async fn every_answer_binds_the_browser() {
    let place = Place::empty().await;
    for path in ["/", "/log-in", "/nothing", "/home", "/assets/nothing.css", "/privacy"] {
        let (response, _) = place.get(path).await;
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(header("cache-control").as_deref(), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn pages_load_nothing_of_others_and_need_no_script() {
    let place = Place::empty().await;
    for path in ["/", "/log-in", "/activate", "/cookies"] {
        let (_, page) = place.get(path).await;
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("//cdn"), "{path}");
        assert!(
            !page.contains(" style=") && !page.contains(" onclick="),
            "{path}: the policy would forbid it"
        );
        let scripts: Vec<&str> = page.split("<script").skip(1).collect();
        assert!(scripts.iter().all(|script| script.contains(" src=\"/assets/")), "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_own_name() {
    let place = Place::empty().await;
    let (_, page) = place.get("/").await;
    let style = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".css")).unwrap();
    let (response, text) = place.get(style).await;
    assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert!(page.len() + text.len() < 100_000, "the first page with its style");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let place = Place::empty().await;
    let refused: [&[(&str, &str)]; 4] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("host", "tidstro.example"), ("origin", "http://other.example")],
    ];
    for site in refused {
        let (response, _) = place.answer(form("/language", site, "language=da")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{site:?}");
        assert!(!response.headers().contains_key(header::SET_COOKIE), "{site:?}");
    }
    let ours: [&[(&str, &str)]; 2] =
        [FROM_HERE, &[("host", "tidstro.example"), ("origin", "http://tidstro.example")]];
    for site in ours {
        let (response, _) = place.answer(form("/language", site, "language=da")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{site:?}");
    }
}

#[tokio::test]
async fn going_back_leads_to_our_own_pages_only() {
    let place = Place::empty().await;
    for (from, expected) in [
        ("http://tidstro.example/cookies", "/cookies"),
        ("http://other.example//evil.example/x", "/"),
        ("javascript:alert(1)", "/"),
        ("http://tidstro.example/\\evil.example", "/"),
        ("", "/"),
    ] {
        let request =
            form("/language", &[("sec-fetch-site", "same-origin"), ("referer", from)], "language=de");
        let (response, _) = place.answer(request).await;
        assert_eq!(response.headers()[header::LOCATION], expected, "{from}");
    }
}

#[tokio::test]
async fn bad_forms_are_told_apart_from_faults() {
    let place = Place::empty().await;
    for fields in ["", "language=fr", "language=da&language=de", "language=%FF%FE", "language"] {
        let (response, page) = place.answer(form("/language", FROM_HERE, fields)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{fields}");
        assert!(page.contains("The form could not be read"), "{fields}");
    }
    let (response, page) = place.answer(form("/language", FROM_HERE, &"x".repeat(70_000))).await;
    assert!(response.status().is_client_error(), "{}", response.status());
    assert!(page.contains("<h1>"), "words, also for what is too large");
}

#[tokio::test]
async fn who_is_not_logged_in_is_told_so_in_their_language() {
    let place = Place::empty().await;
    for (language, title) in
        [("da", "Log ind først"), ("de", "Melden Sie sich zuerst an"), ("fr", "Log in first")]
    {
        let request =
            Request::get("/home").header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
        let (response, page) = place.answer(request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(page.contains(title), "{language}");
    }
}

#[tokio::test]
async fn programs_are_told_as_programs_read() {
    let place = Place::empty().await;
    let (response, body) = place.get("/api/nothing").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["status"], 404);
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let place = Place::empty().await;
    let (response, page) = place
        .answer(
            Request::delete("/log-in").header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap(),
        )
        .await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD,POST");
    assert!(page.contains("<h1>"));
}

#[tokio::test]
async fn the_access_log_has_four_fields_and_nobody() {
    let place = Place::empty().await;
    for path in ["/privacy?name=Amina", "/home/571313154310001915", "/nothing/Amina", "/assets/Amina"] {
        let request = Request::get(path)
            .header(header::COOKIE, "session=Amina")
            .header(header::USER_AGENT, "Amina's browser")
            .header("x-forwarded-for", "192.0.2.7")
            .body(Body::empty())
            .unwrap();
        place.answer(request).await;
    }
    let lines: Vec<String> = place.accesses.lock().unwrap().iter().map(Access::line).collect();
    let names: Vec<&str> = lines.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(names, ["/privacy", "/home/{series}", "-", "/assets/{file}"]);
    for line in &lines {
        assert_eq!(line.split(' ').count(), 4, "{line}");
        assert!(line.starts_with("2026-03-20T20:00:00Z "), "{line}");
        assert!(!line.contains("Amina") && !line.contains("571313") && !line.contains("192.0"), "{line}");
    }
}

#[tokio::test]
async fn notices_are_public_in_three_languages() {
    let place = Place::empty().await;
    for language in ["da", "de", "en"] {
        let request =
            Request::get("/privacy").header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
        let (response, page) = place.answer(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(page.contains(&format!("lang=\"{language}\"")), "{language}");
    }
}
