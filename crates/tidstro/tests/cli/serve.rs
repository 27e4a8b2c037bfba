//! The portal as the command serves it: over a socket, to a stranger, until it is asked to stop.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tidstro_world::Town;

use crate::common::{Place, recent_town};
use crate::live::Running;

/// What a page answers to somebody without a cookie.
fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The address in the program's first words.
fn served(running: &Running) -> String {
    let said = running.says("the portal is at http://");
    said.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

#[test]
fn pages_say_nothing_of_anybody_to_a_stranger() {
    let town = recent_town(2);
    let place = Place::with_master_data(&town);
    let running = Running::start(&place, &["serve", "--listen", "127.0.0.1:0"]);
    let address = served(&running);
    let paths =
        ["/", "/privacy", "/home", "/home/1", "/my-data", "/account", "/desk/meter-data", "/desk/governance"];
    for (path, status) in paths.iter().zip([200, 200, 401, 401, 401, 401, 401, 401]) {
        let answer = page(&address, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        for person in &town.master_data().people {
            assert!(!answer.contains(&person.name) && !answer.contains(&person.contact), "{path}");
        }
    }
    assert_eq!(running.stopped_by("-TERM"), Some(0));
    the_access_log_names_routes(&place);
}

fn the_access_log_names_routes(place: &Place) {
    let files: Vec<_> = std::fs::read_dir(place.data().join("access")).unwrap().collect();
    assert_eq!(files.len(), 1, "one file for the day");
    let log = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
    assert_eq!(log.lines().count(), 8, "{log}");
    assert!(
        log.contains(" /home/{series} ") && log.lines().all(|line| line.split(' ').count() == 4),
        "{log}"
    );
}

#[test]
fn pages_do_not_travel_in_the_clear_to_other_machines() {
    let place = Place::with_master_data(&Town::build(&tidstro_world::TownPlan::default()));
    place.run(&["serve", "--listen", "192.0.2.1:1"]).exits(2).says(&["192.0.2.1:1", "--behind-proxy"]);
}
