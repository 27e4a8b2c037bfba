//! Looking after one's own account.

use axum::http::{StatusCode, header};
use tidstro_model::ActorId;

use super::place::{FROM_HERE, PASSWORD, Place, cookie_of, encoded, form, pass, proof_of};

const SECOND: &str = "/account/second-factor";
const PROOF: &str = "/account/proof";
const DEVICES: &str = "/account/devices";

fn clerk() -> ActorId {
    ActorId::parse("staff:mikkel").unwrap()
}

/// An old proof leads to a new one and back to the page it was asked from.
#[tokio::test]
async fn what_is_delicate_asks_for_a_fresh_proof() {
    let place = Place::town().await;
    let cookie = place.activated(&clerk()).await;
    let (response, _) = place.get_as(&cookie, SECOND).await;
    assert_eq!(response.status(), StatusCode::OK, "just proved");
    pass(20);
    let (response, _) = place.get_as(&cookie, SECOND).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(to, "/account/proof?then=%2Faccount%2Fsecond-factor");
    let (response, page) = place.post_as(&cookie, PROOF, &[("then", SECOND), ("proof", "wrong")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("That was not right"), "{page}");
    let (response, _) = place.post_as(&cookie, PROOF, &[("then", SECOND), ("proof", PASSWORD)]).await;
    assert_eq!(response.headers()[header::LOCATION], SECOND);
    let (response, _) = place.get_as(&cookie_of(&response), SECOND).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_proof_leads_to_no_other_site() {
    let place = Place::town().await;
    let cookie = place.activated(&clerk()).await;
    let given = [("then", "//evil.example/"), ("proof", PASSWORD)];
    let (response, _) = place.post_as(&cookie, PROOF, &given).await;
    assert_eq!(response.headers()[header::LOCATION], "/account");
}

/// A mistyped code leaves the entry in the app as it is.
#[tokio::test]
async fn a_wrong_first_code_keeps_the_secret() {
    let place = Place::town().await;
    let cookie = place.activated(&ActorId::parse("staff:dpo").unwrap()).await;
    let secret = |page: &str| {
        page.split("class=\"key\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned()
    };
    let (_, page) = place.get_as(&cookie, SECOND).await;
    let offered = secret(&page);
    let fields = encoded(&[("form", &proof_of(&page)), ("code", "000000")]);
    let (response, page) = place.answer(form(SECOND, &[FROM_HERE[0], ("cookie", &cookie)], &fields)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(secret(&page), offered);
}

#[tokio::test]
async fn another_device_is_logged_out_from_this_one() {
    let place = Place::town().await;
    let other = place.activated(&clerk()).await;
    let fields = encoded(&[("name", "mikkel"), ("password", PASSWORD)]);
    let (response, _) = place.answer(form("/log-in", FROM_HERE, &fields)).await;
    let here = cookie_of(&response);
    let (_, page) = place.get_as(&here, "/account").await;
    let device = page.split("name=\"device\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    place.post_as(&here, DEVICES, &[("device", device)]).await;
    let (response, _) = place.get_as(&other, "/account").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "its session is over");
    let (response, page) = place.get_as(&here, "/account").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!page.contains("name=\"device\""), "no other is left");
    let (response, _) = place.post_as(&here, DEVICES, &[("device", "x")]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}
