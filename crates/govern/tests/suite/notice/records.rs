//! Records of processing: whose activities, which processors, which transfers.

use tidstro_govern::{Language, NoticeFault, PartyKind, Record, RecordOf, Register, record};
use tidstro_model::PartyId;

use super::shipped;
use crate::town::town;

fn party(id: &str) -> PartyId {
    PartyId::parse(id).unwrap()
}

fn activities(record: &Record) -> Vec<&str> {
    record
        .controllers
        .iter()
        .flat_map(|part| &part.purposes)
        .map(|purpose| purpose.activity.as_str())
        .collect()
}

#[test]
fn each_activity_is_in_the_record_of_its_controller_and_in_one_of_the_operator_s() {
    for register in shipped() {
        for activity in register.activities() {
            let of = RecordOf::Controller(activity.controller.clone());
            let own = record(&register, &of, Language::English).unwrap();
            assert!(activities(&own).contains(&activity.id.as_str()), "{}", activity.id);
            let for_others = activity.controller != *register.operator();
            let processor = record(&register, &RecordOf::Processor, Language::English);
            let in_processor =
                processor.is_ok_and(|record| activities(&record).contains(&activity.id.as_str()));
            assert_eq!(in_processor, for_others, "{}", activity.id);
        }
    }
}

#[test]
fn a_controller_s_record_has_nothing_of_another_controller() {
    let own = record(&town(), &RecordOf::Controller(party("byens-elnet")), Language::English).unwrap();
    let its_own = [
        "correctness-control",
        "grid-reading",
        "network-analysis",
        "network-operation",
        "settlement",
        "technical-monitoring",
    ];
    assert_eq!(activities(&own), its_own);
    let processors: Vec<_> = own.processors.iter().map(|party| party.id.as_str()).collect();
    assert_eq!(processors, ["hosting", "tidsmaal"], "the operator acts for it too");
}

#[test]
fn the_processor_s_record_names_sub_processors_so_that_they_can_be_found() {
    for register in shipped() {
        let Ok(own) = record(&register, &RecordOf::Processor, Language::English) else { continue };
        for party in own.processors.iter().filter(|party| party.kind == PartyKind::Processor) {
            assert!(party.address.is_some() && party.registration_number.is_some(), "{}", party.id);
            assert_ne!(party.id, *register.operator());
        }
        assert_eq!(own.measures.len(), register.controls().count());
    }
}

#[test]
fn a_recipient_in_a_third_country_is_a_transfer_with_its_ground() {
    let text = include_str!("../../../../../registers/town.toml");
    let text = text.replacen(
        "country = \"FR\"\n",
        "country = \"US\"\ntransfer = { ground = \"adequacy\", cite = \"Decision (EU) 2023/1795\" }\n",
        1,
    );
    let register = Register::parse(&text, "town.toml").unwrap();
    let of = |of| record(&register, &of, Language::German).unwrap();
    let own = of(RecordOf::Controller(party("kornmarken")));
    assert_eq!(own.transfers.iter().map(|party| party.id.as_str()).collect::<Vec<_>>(), ["mail"]);
    assert!(of(RecordOf::Processor).to_text().contains("Decision (EU) 2023/1795"));
    assert!(of(RecordOf::Controller(party("byens-elnet"))).transfers.is_empty());
}

#[test]
fn what_cannot_be_recorded_says_what_can() {
    let town = town();
    let fault = |of: &RecordOf| record(&town, of, Language::English).unwrap_err().to_string();
    assert_eq!(
        fault(&RecordOf::Controller(party("hosting"))),
        "party `hosting` is the controller of no activity; name one of `byens-elnet`, `kornmarken`"
    );
    let several = RecordOf::of_controller(&town, None).unwrap_err();
    assert!(matches!(several, NoticeFault::SeveralControllers { known } if known.len() == 2));
    assert_eq!(RecordOf::of_operator(&town), RecordOf::Processor);
}
