//! The desk of whoever looks after access.

use axum::http::{StatusCode, header};
use tidstro_flows::identity::machine_of;
use tidstro_model::ActorId;
use tidstro_world::{Town, TownPlan};

use super::place::{FROM_HERE, PASSWORD, Place, cookie_of, encoded, form, now, pass};

const ADD: &str = "/desk/access/add";
const ACT: &str = "/desk/access/act";

/// What a page shows once.
fn shown(page: &str) -> String {
    page.split("class=\"key\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

/// The number of an actor's account in the list.
fn account_of(page: &str, actor: &str) -> String {
    let row = page.split("<tr>").find(|row| row.contains(&format!("<code>{actor}</code>"))).unwrap();
    row.split("name=\"account\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_made_used_locked_and_closed() {
    let place = Place::town().await;
    let ivan = place.with_two_factors("staff:ivan").await;
    let (response, page) = place.post_as(&ivan, ADD, &[("whose", "mikkel")]).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    let fields = encoded(&[("code", &shown(&page)), ("name", ""), ("password", PASSWORD)]);
    let (response, _) = place.answer(form("/activate", FROM_HERE, &fields)).await;
    let mikkel = cookie_of(&response);
    assert_eq!(place.get_as(&mikkel, "/account").await.0.status(), StatusCode::OK);

    let (response, page) = place.post_as(&ivan, ADD, &[("whose", "mikkel")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("There is an account already"), "{page}");

    let (_, list) = place.get_as(&ivan, "/desk/access").await;
    let number = account_of(&list, "staff:mikkel");
    let act = async |what: &str| place.post_as(&ivan, ACT, &[("account", &number), ("act", what)]).await;
    assert_eq!(act("lock").await.0.status(), StatusCode::SEE_OTHER);
    assert_eq!(place.get_as(&mikkel, "/account").await.0.status(), StatusCode::UNAUTHORIZED, "locked out");
    assert_eq!(act("unlock").await.0.status(), StatusCode::SEE_OTHER);
    assert_eq!(act("unlock").await.0.status(), StatusCode::CONFLICT, "it was not locked any more");
    let (_, page) = act("close").await;
    assert!(page.contains("cannot be undone"), "asked first: {page}");
    assert!(place.get_as(&ivan, "/desk/access").await.1.contains("staff:mikkel"), "still there");
    assert_eq!(act("close-now").await.0.status(), StatusCode::SEE_OTHER);
    assert!(!place.get_as(&ivan, "/desk/access").await.1.contains("staff:mikkel"), "gone");
    assert_eq!(act("explode").await.0.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_resident_gets_a_letter_by_their_reference() {
    let place = Place::town().await;
    let ivan = place.with_two_factors("staff:ivan").await;
    let town = Town::build(&TownPlan::default());
    let reference = Town::person_reference(town.flats[0].stays[0].tenant);
    let (response, page) = place.post_as(&ivan, ADD, &[("whose", &reference)]).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    assert!(!page.contains(&reference) && !shown(&page).is_empty());
    for nobody in ["", "nobody", "staff:mikkel", "job:ingest"] {
        let (response, page) = place.post_as(&ivan, ADD, &[("whose", nobody)]).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{nobody}");
        assert!(page.contains("Nobody is called so"), "{nobody}: {page}");
    }
}

/// Getting a colleague back in takes two who are not the colleague.
#[tokio::test]
async fn a_recovery_needs_four_eyes() {
    let place = Place::town().await;
    place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    let ivan = place.with_two_factors("staff:ivan").await;
    let lise = place.with_two_factors("staff:lise").await;
    let (_, list) = place.get_as(&ivan, "/desk/access").await;
    let asked = |actor: &str| account_of(&list, actor);
    let recover =
        async |number: &str| place.post_as(&ivan, ACT, &[("account", number), ("act", "recover")]).await;
    let (response, page) = recover(&asked("staff:ivan")).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    let (response, page) = recover(&asked("staff:mikkel")).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    let number = shown(&page);
    let approve = async |cookie: &str, number: &str| {
        place.post_as(cookie, "/desk/access/approve", &[("number", number)]).await
    };
    let (response, page) = approve(&ivan, &number).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "who asked cannot approve: {page}");
    let (response, page) = approve(&lise, &number).await;
    assert_eq!(response.status(), StatusCode::OK, "{page}");
    let (response, _) = approve(&lise, "999").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn roles_are_reviewed_by_others() {
    let place = Place::town().await;
    let mikkel = place.activated(&ActorId::parse("staff:mikkel").unwrap()).await;
    let ivan = place.with_two_factors("staff:ivan").await;
    place.post_as(&ivan, "/desk/access/review/begin", &[]).await;
    let (_, page) = place.get_as(&ivan, "/desk/access/review").await;
    let decide = async |actor: &str, decision: &str| {
        let row = page.split("<tr>").find(|row| row.contains(&format!("<code>{actor}</code>"))).unwrap();
        let field = |name: &str| {
            row.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap()
        };
        let fields =
            [("review", field("review")), ("actor", actor), ("role", field("role")), ("decision", decision)];
        place.post_as(&ivan, "/desk/access/review/decide", &fields).await.0.status()
    };
    assert_eq!(decide("staff:anna", "confirmed").await, StatusCode::SEE_OTHER);
    assert_eq!(decide("staff:ivan", "confirmed").await, StatusCode::CONFLICT, "one's own");
    assert_eq!(decide("staff:mikkel", "perhaps").await, StatusCode::BAD_REQUEST);
    assert_eq!(decide("staff:mikkel", "removed").await, StatusCode::SEE_OTHER);
    assert_eq!(place.get_as(&mikkel, "/account").await.0.status(), StatusCode::UNAUTHORIZED, "shut out");
    let (_, page) = place.get_as(&ivan, "/desk/access/review").await;
    assert!(page.contains("removed</span> staff:ivan"), "{page}");
}

#[tokio::test]
async fn a_token_is_shown_once_and_withdrawn() {
    let place = Place::town().await;
    let ivan = place.with_two_factors("staff:ivan").await;
    let (_, page) = place.get_as(&ivan, "/desk/access/tokens").await;
    let grant = page.split("<option value=\"job:ingest").nth(1).unwrap().split('"').next().unwrap();
    let grant = format!("job:ingest{grant}");
    let issue = async |grant: &str, days: &str| {
        let fields = [("label", "gateway east"), ("grant", grant), ("days", days)];
        place.post_as(&ivan, "/desk/access/tokens/issue", &fields).await
    };
    for (grant, days) in [("job:ingest no-purpose", "90"), (grant.as_str(), "0"), (grant.as_str(), "9000")] {
        assert_eq!(issue(grant, days).await.0.status(), StatusCode::UNPROCESSABLE_ENTITY, "{grant} {days}");
    }
    let (_, page) = issue(&grant, "90").await;
    let token = shown(&page);
    assert!(machine_of(place.workspace(), &token, now()).await.unwrap().is_some());
    let (_, list) = place.get_as(&ivan, "/desk/access/tokens").await;
    assert!(list.contains("gateway east") && !list.contains(&token));
    let number = list.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    place.post_as(&ivan, "/desk/access/tokens/withdraw", &[("token", number)]).await;
    assert!(machine_of(place.workspace(), &token, now()).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_is_done_on_an_old_proof() {
    let place = Place::town().await;
    let ivan = place.with_two_factors("staff:ivan").await;
    pass(20);
    assert_eq!(place.get_as(&ivan, "/desk/access").await.0.status(), StatusCode::OK, "looking is free");
    for (path, fields) in [
        (ADD, &[("whose", "mikkel")][..]),
        (ACT, &[("account", "1"), ("act", "lock")]),
        ("/desk/access/approve", &[("number", "1")]),
        ("/desk/access/review/begin", &[]),
        ("/desk/access/tokens/withdraw", &[("token", "1")]),
    ] {
        let (response, _) = place.post_as(&ivan, path, fields).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let to = response.headers()[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with("/account/proof?then=%2Fdesk%2Faccess"), "{path}: {to}");
    }
}
