//! Every address there is and who may come in, as a list to read. A route that is added, or a door that is opened, shows here.

#[test]
fn every_route_has_its_door() {
    insta::assert_snapshot!(tidstro_web::route_list());
}
