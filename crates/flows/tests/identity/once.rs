//! A request of a program is done once within a day, and its answer is the same again.

use tidstro_flows::{Once, OnceRequest, begin_once, forget_once, keep_once};

use crate::place::Place;

fn request(who: &str, key: &str, body: &str) -> OnceRequest {
    OnceRequest::of(who, key, &[b"/api/v1/corrections", body.as_bytes()])
}

async fn begin(place: &Place, request: OnceRequest) -> Once {
    begin_once(&place.workspace, request, place.now).await.unwrap()
}

#[tokio::test]
async fn a_request_is_done_once_a_day() {
    let mut place = Place::new().await;
    let first = request("token 1", "a", "values");
    assert_eq!(begin(&place, first).await, Once::New);
    assert_eq!(begin(&place, first).await, Once::Busy);
    keep_once(&place.workspace, first, (200, "{}".to_owned())).await.unwrap();
    let again = Once::Again { status: 200, body: "{}".to_owned() };
    assert_eq!(begin(&place, first).await, again);
    assert_eq!(begin(&place, request("token 1", "a", "other values")).await, Once::Other);
    for other in [
        request("token 2", "a", "values"),
        request("token 1", "b", "values"),
        request("token 1a", "", "values"),
    ] {
        assert_eq!(begin(&place, other).await, Once::New, "somebody else, or another key");
    }
    place.later(24 * 3600 - 1);
    assert_eq!(begin(&place, first).await, again);
    place.later(1);
    assert_eq!(begin(&place, first).await, Once::New, "a day later it is another request");
}

/// What failed may be sent again; what nobody works on any more, too.
#[tokio::test]
async fn a_request_of_which_nothing_came_is_done_again() {
    let mut place = Place::new().await;
    let request = request("token 1", "a", "values");
    assert_eq!(begin(&place, request).await, Once::New);
    forget_once(&place.workspace, request).await.unwrap();
    assert_eq!(begin(&place, request).await, Once::New);
    place.later(119);
    assert_eq!(begin(&place, request).await, Once::Busy);
    place.later(1);
    assert_eq!(begin(&place, request).await, Once::New, "the program that worked on it has stopped");
    assert_eq!(begin(&place, request).await, Once::Busy);
}
