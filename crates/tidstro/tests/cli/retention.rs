//! Retention on the command line: preview, approval, run, certificate.

use tidstro_world::{Town, TownPlan};

use crate::common::{Place, ran, tidstro};

/// Ten years ago somebody moved out of a flat, and nobody keeps anything of them any more.
fn old_town() -> Place {
    Place::with_master_data(&long_ago())
}

/// A town of ten years ago.
pub(crate) fn long_ago() -> Town {
    Town::build(&TownPlan {
        seed: 7,
        flats: TownPlan::MIN_FLATS,
        days: 14,
        grid_points: TownPlan::MIN_GRID_POINTS,
        memory_months: 0,
        first_day: jiff::civil::date(2015, 3, 22),
    })
}

#[test]
fn an_erasure_is_previewed_approved_run_and_certified() {
    let place = old_town();
    let preview = &place.run(&["retention", "preview", "--json"]).exits(0).json_lines()[0];
    assert_eq!((&preview["preview"], &preview["state"]), (&1.into(), &"previewed".into()));
    place.run(&["retention", "show"]).exits(0).says(&[
        "preview 1 of",
        "erase: consumption of 1 subject",
        "P6W + P5Y",
    ]);
    place.run(&["retention", "run", "1"]).exits(1).says(&["nobody has approved the preview"]);
    place.run(&["retention", "approve", "1", "--actor", "staff:anna"]).exits(1).says(&["has no role"]);
    place
        .run(&["retention", "approve", "1", "--actor", "staff:dpo"])
        .exits(0)
        .says(&["preview 1 is approved"]);

    let run = place.run(&["retention", "run", "1"]).exits(0);
    assert_eq!(run.err, "", "no progress bar where nobody looks");
    let printed = place.run(&["retention", "certificate", "1"]).exits(0);
    assert_eq!(printed.out, run.out);
    for line in
        ["tidstro certificate of erasure 1\nnumber 1\n", "approved by staff:dpo\n", "erase identity: 1 parts"]
    {
        assert!(run.out.contains(line), "{run}");
    }
    place.run(&["retention", "run", "1"]).exits(0).says(&["there is nothing to erase"]);
    place.run(&["retention", "preview"]).exits(0).says(&["preview 2", "nothing to erase"]);
    place.run(&["log", "verify"]).exits(0);
}

#[test]
fn a_certificate_is_checked_without_a_data_folder() {
    let place = old_town();
    place.run(&["retention", "preview"]).exits(0);
    place.run(&["retention", "approve", "1", "--actor", "staff:dpo", "--json"]).exits(0);
    place.run(&["retention", "run", "1", "--json"]).exits(0).says(&["\"outcome\":\"erased\""]);
    let file = place.run(&["retention", "certificate", "1", "--json"]).exits(0).out;
    let key =
        place.run(&["log", "verify", "--json"]).exits(0).json_lines()[0]["key"].as_str().unwrap().to_owned();
    let check = |text: &str, more: &[&str]| {
        let path = place.write("certificate.json", text);
        ran(tidstro(&[&["retention", "certificate", "--check", &path], more].concat()))
    };
    check(&file, &[]).exits(0).says(&["erase identity: 1 parts"]);
    check(&file, &["--key", &key]).exits(0);
    check(&file, &["--key", &key.replace(|digit| digit != '0', "0")]).exits(1).says(&["is signed by key"]);
    check(&file.replacen("rows", "rowz", 1), &[]).exits(1).says(&["signature does not fit"]);
    check("{}", &[]).exits(1).says(&["no certificate of erasure"]);
}

#[test]
fn what_is_not_there_is_said() {
    let place = old_town();
    place.run(&["retention", "show"]).exits(1).says(&["there is no preview yet"]);
    place.run(&["retention", "show", "7"]).exits(1).says(&["preview `7`"]);
    place.run(&["retention", "certificate", "7"]).exits(1).says(&["has no certificate"]);
    place.run(&["retention", "preview", "--actor", "staff:anna"]).exits(1).says(&["role-not-in-purpose"]);
}
