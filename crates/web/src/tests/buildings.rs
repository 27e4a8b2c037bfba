//! The desk of whoever administers buildings, as people use it.

use axum::http::{StatusCode, header};
use tidstro_model::ActorId;
use tidstro_world::{Town, TownPlan};

use super::place::Place;

const BUILDINGS: &str = "/desk/buildings";

async fn administrator(place: &Place) -> String {
    place.activated(&ActorId::parse("staff:gitte").unwrap()).await
}

/// The links of a page that begin like this, in order.
fn links(page: &str, begins: &str) -> Vec<String> {
    let all = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    all.filter(|link| link.starts_with(begins)).map(str::to_owned).collect()
}

/// The page of the flat whose name this is, and its address.
async fn unit(place: &Place, cookie: &str, flat: usize) -> (String, String) {
    let town = Town::build(&TownPlan::default());
    let (_, list) = place.get_as(cookie, BUILDINGS).await;
    for building in links(&list, "/desk/buildings/").iter().filter(|link| !link.ends_with("letters")) {
        let (_, page) = place.get_as(cookie, building).await;
        if !page.contains(&format!("<h1>{}</h1>", town.flats[flat].area)) {
            continue;
        }
        let name = format!("\">{}</a>", town.flats[flat].unit);
        let line = page.split("<tr>").find(|line| line.contains(&name)).unwrap();
        let link = links(line, building).remove(0);
        let (response, page) = place.get_as(cookie, &link).await;
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        return (link, page);
    }
    panic!("the flat is in no building");
}

/// What a field of a form holds.
fn value<'p>(page: &'p str, name: &str) -> &'p str {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap()
}

/// The number of whoever is chosen in the form of moving out.
fn chosen(page: &str) -> &str {
    let option = page.split("<option value=\"").find(|option| option.contains(" selected")).unwrap();
    option.split('"').next().unwrap()
}

fn name_of(flat: usize) -> String {
    let town = Town::build(&TownPlan::default());
    town.people[town.flats[flat].stays.last().unwrap().tenant].name.clone()
}

#[tokio::test]
async fn an_administrator_comes_from_the_list_to_a_device() {
    let place = Place::with_water().await;
    let cookie = administrator(&place).await;
    let (response, list) = place.get_as(&cookie, BUILDINGS).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(list.contains("information of last month") && list.contains("Silent points"), "{list}");
    let (_, page) = unit(&place, &cookie, 0).await;
    assert!(page.contains(&name_of(0)), "the purpose sees names: {page}");
    assert!(page.contains("lives here") && page.contains("Devices and exchanges"), "{page}");
    assert!(!page.contains("kWh") && !page.contains("m³"), "how much is used is no matter of this desk");
    let accesses = place.accesses.lock().unwrap();
    assert!(accesses.iter().all(|access| !access.line().contains("person-")));
}

#[tokio::test]
async fn somebody_moves_out_and_somebody_else_moves_in() {
    let place = Place::town().await;
    let cookie = administrator(&place).await;
    let (link, page) = unit(&place, &cookie, 0).await;
    let out = [("kind", "out"), ("occupancy", chosen(&page)), ("last_day", "2026-03-15")];
    let (response, preview) = place.post_as(&cookie, &format!("{link}/preview"), &out).await;
    assert_eq!(response.status(), StatusCode::OK, "{preview}");
    assert!(preview.contains("Lives here until 15 March 2026. Until now: no end known."), "{preview}");
    let hash = [("hash", value(&preview, "hash"))];
    let act = [&out[..], &hash].concat();
    let (response, page) = place.post_as(&cookie, &format!("{link}/moves"), &act).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{page}");
    let then = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let (_, page) = place.get_as(&cookie, &then).await;
    assert!(page.contains("It is written down.") && page.contains("has left"), "{page}");
    // The same form once more changes nothing: what it was about has changed.
    let (response, page) = place.post_as(&cookie, &format!("{link}/moves"), &act).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert!(page.contains("Somebody else changed this"), "{page}");

    let newcomer = [
        ("kind", "in"),
        ("reference", "lejer-77"),
        ("name", "Gunhild <Prøve>"),
        ("contact", ""),
        ("first_day", "2026-03-16"),
    ];
    let (response, preview) = place.post_as(&cookie, &format!("{link}/preview"), &newcomer).await;
    assert_eq!(response.status(), StatusCode::OK, "{preview}");
    assert!(preview.contains("Gunhild &lt;Prøve&gt; becomes known, without an address."), "{preview}");
    let hash = [("hash", value(&preview, "hash"))];
    let (response, page) =
        place.post_as(&cookie, &format!("{link}/moves"), &[&newcomer[..], &hash].concat()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{page}");
    let (_, page) = place.get_as(&cookie, &link).await;
    assert!(page.contains("Gunhild &lt;Prøve&gt;") && page.contains("lives here"), "{page}");

    let (_, letters) = place.get_as(&cookie, "/desk/buildings/letters").await;
    assert!(letters.contains("Gunhild &lt;Prøve&gt;") && letters.contains("February 2026"), "{letters}");
    let (response, file) = place.post_as(&cookie, "/desk/buildings/letters", &[]).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8", "{file}");
    assert!(
        file.starts_with("\"building\";\"flat\";\"name\";\"contact\"\n") && file.contains("Gunhild"),
        "{file}"
    );
}

#[tokio::test]
async fn a_move_that_cannot_be_is_told_beside_its_field() {
    let place = Place::town().await;
    let cookie = administrator(&place).await;
    let (link, page) = unit(&place, &cookie, 0).await;
    let preview = format!("{link}/preview");
    let lives = chosen(&page).to_owned();
    let somebody = |day, name, reference| {
        [("kind", "in"), ("reference", reference), ("name", name), ("contact", ""), ("first_day", day)]
    };
    for (fields, told) in [
        (somebody("2026-04-01", "A", "a").to_vec(), "Somebody lives here on 1 April 2026."),
        (somebody("2026-04-01", "", "a").to_vec(), "A reference without blanks and a name are needed."),
        (somebody("2026-04-01", "A", "a b").to_vec(), "A reference without blanks and a name are needed."),
        (somebody("tomorrow", "A", "a").to_vec(), "Enter a day"),
        (vec![("kind", "out"), ("occupancy", &*lives), ("last_day", "1990-01-01")], "cannot be before"),
        (vec![("kind", "out"), ("occupancy", &*lives), ("last_day", "")], "Enter a day"),
    ] {
        let (response, page) = place.post_as(&cookie, &preview, &fields).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(page.contains(told) && page.contains("aria-invalid=\"true\""), "{told}: {page}");
    }
    for (fields, status) in [
        (vec![("kind", "out"), ("occupancy", "999999"), ("last_day", "2026-03-01")], StatusCode::NOT_FOUND),
        (vec![("kind", "out"), ("occupancy", "x"), ("last_day", "2026-03-01")], StatusCode::BAD_REQUEST),
        (vec![("kind", "away")], StatusCode::BAD_REQUEST),
        (vec![], StatusCode::BAD_REQUEST),
    ] {
        let (response, _) = place.post_as(&cookie, &preview, &fields).await;
        assert_eq!(response.status(), status, "{fields:?}");
    }
    // A hash of nothing that was shown.
    let out = [("kind", "out"), ("occupancy", &*lives), ("last_day", "2026-03-15"), ("hash", "")];
    let (response, _) = place.post_as(&cookie, &format!("{link}/moves"), &out).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
}
