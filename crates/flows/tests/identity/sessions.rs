//! Sessions end, are told apart, and belong to their forms.

use tidstro_flows::identity::{devices, log_out, log_out_device, log_out_everywhere, session_of};

use crate::common::{actor, open_by};
use crate::place::{PASSWORD, Place, admitted};

async fn lives(place: &Place, token: &str) -> bool {
    session_of(&place.workspace, token, place.now).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_ends_by_disuse_and_in_any_case() {
    let mut place = Place::new().await;
    let (_, idle) = place.staff("mikkel").await;
    let used = admitted(place.log_in("mikkel", PASSWORD, 2).await);
    for _ in 0..20 {
        place.later(29 * 60);
        assert!(lives(&place, &used.token).await);
    }
    assert!(!lives(&place, &idle.token).await);
    place.later(21 * 60);
    assert!(!lives(&place, &used.token).await, "ten hours are over");
}

#[tokio::test]
async fn a_form_belongs_to_its_session() {
    let place = Place::new().await;
    let (_, one) = place.staff("mikkel").await;
    let other = admitted(place.log_in("mikkel", PASSWORD, 2).await);
    assert!(one.session.csrf_holds(&one.session.csrf()));
    assert!(!one.session.csrf_holds(&other.session.csrf()) && !one.session.csrf_holds(""));
}

#[tokio::test]
async fn devices_are_listed_and_logged_out() {
    let mut place = Place::new().await;
    let (_, first) = place.staff("mikkel").await;
    place.later(60);
    let second = admitted(place.log_in("mikkel", PASSWORD, 2).await);
    place.later(60);
    let third = admitted(place.log_in("mikkel", PASSWORD, 2).await);
    let listed = devices(&place.workspace, &third.session).await.unwrap();
    assert_eq!(
        listed.iter().map(|device| device.browser.as_str()).collect::<Vec<_>>(),
        ["Firefox, Linux"; 3]
    );
    assert_eq!(listed[0].session, third.session.number());

    let number = listed[2].session;
    assert!(log_out_device(&place.workspace, &third.session, number, place.now).await.unwrap());
    assert!(!log_out_device(&place.workspace, &third.session, number, place.now).await.unwrap());
    assert!(!lives(&place, &first.token).await && lives(&place, &second.token).await);
    assert_eq!(log_out_everywhere(&place.workspace, &third.session, true, place.now).await.unwrap(), 1);
    assert!(!lives(&place, &second.token).await && lives(&place, &third.token).await);
    assert!(log_out(&place.workspace, &third.token, place.now).await.unwrap());
    assert!(!log_out(&place.workspace, &third.token, place.now).await.unwrap());
}

#[tokio::test]
async fn nobody_logs_another_account_out() {
    let place = Place::new().await;
    let (_, mikkel) = place.staff("mikkel").await;
    let (_, anna) = place.staff("anna").await;
    let number = anna.session.number();
    assert!(!log_out_device(&place.workspace, &mikkel.session, number, place.now).await.unwrap());
    assert!(lives(&place, &anna.token).await);
}

#[tokio::test]
async fn who_leaves_the_register_is_out_at_once() {
    let place = Place::new().await;
    let (_, session) = place.staff("sofie").await;
    let without = include_str!("../../../../registers/town.toml")
        .replace("[[actor]]\nid = \"staff:sofie\"\nroles = [\"network-planner\"]\n", "");
    let Place { folder, workspace, now, .. } = place;
    drop(workspace);
    let files = [tidstro_govern::RegisterFile { name: "town.toml", text: &without }];
    let workspace = open_by(folder.path(), Some(&files), now).await.unwrap();
    assert!(workspace.register().roles_of(&actor("staff:sofie")).is_empty());
    assert!(session_of(&workspace, &session.token, now).await.unwrap().is_none());
}
