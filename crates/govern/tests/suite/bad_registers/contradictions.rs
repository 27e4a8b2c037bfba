//! Purposes that use fields nobody collects.
//!
//! The web log of a real privacy notice is the example. It says that file, time, size and outcome are
//! logged and that addresses are neither collected nor stored; and then that addresses are analysed when
//! there is an attack.

use tidstro_govern::Register;

use super::{GOOD, check, faults};

const LOG_FIELDS: &str = "[\"file\", \"time\", \"bytes\", \"status\"]";

/// A category of a web site's visitors with these fields.
fn category(id: &str, fields: &str) -> String {
    format!(
        "[[category]]\nid = \"{id}\"\nsubjects = [\"visitor\"]\ntext = {{ da = \"a\", de = \"b\", en = \"c\" }}\n\
        columns = []\nfinest = \"full\"\nfields = {fields}\n\n"
    )
}

/// An activity of the web site's operator on one category, with these other keys.
fn activity(id: &str, category: &str, operations: &str, others: &str) -> String {
    format!(
        "[[activity]]\nid = \"{id}\"\ntext = {{ da = \"a\", de = \"b\", en = \"c\" }}\ncontroller = \"them\"\n\
        instruction = \"annex C\"\nbasis = [{{ gdpr = \"6(1)(e)\", cite = \"an act\" }}]\nsubjects = [\"visitor\"]\n\
        dossiers = [\"visit\"]\ndata = {{ {category} = \"full\" }}\ndo = {operations}\nroles = [\"clerk\"]\n\
        keep = [{{ from = \"registration\", at_most = \"P14D\", then = \"erase\" }}]\n{others}\n\n"
    )
}

/// What is said of the right register with these tables before its roles; places are left out.
fn said_of(tables: &[String]) -> Vec<String> {
    let text = GOOD.replacen("[[role]]", &format!("{}[[role]]", tables.concat()), 1);
    let faults = Register::parse(&text, "r").err().map_or_else(Vec::new, |found| found.faults);
    faults.iter().map(|located| located.fault.to_string()).collect()
}

#[test]
fn the_notice_that_contradicts_itself() {
    // As it stands: one purpose, four fields, no addresses, and addresses analysed.
    let as_it_stands = [
        category("web-log", LOG_FIELDS),
        activity(
            "web-security",
            "web-log",
            "[\"collect\", \"store\", \"read\"]",
            "uses = [\"file\", \"time\", \"bytes\", \"status\", \"ip\"]\nexcludes = [\"ip\"]",
        ),
    ];
    assert_eq!(
        said_of(&as_it_stands),
        [
            "activity `web-security` uses field `ip` and says that it is not collected; write an activity of its own that collects it, with its own basis and retention"
        ]
    );
}

#[test]
fn two_purposes_over_one_log_contradict_each_other() {
    let purposes = |fields: &str| {
        [
            category("web-log", fields),
            activity(
                "statistics",
                "web-log",
                "[\"collect\", \"store\"]",
                "uses = [\"file\"]\nexcludes = [\"ip\"]",
            ),
            activity("attack-analysis", "web-log", "[\"read\"]", "uses = [\"ip\"]"),
        ]
    };
    assert_eq!(
        said_of(&purposes(LOG_FIELDS)),
        [
            "activity `attack-analysis` uses field `ip`, which is in no category of its `data`; nobody collects it for this purpose: add it to the `fields` of a category that is collected, under an activity of its own, or do not use it"
        ]
    );
    assert_eq!(
        said_of(&purposes("[\"file\", \"ip\"]")),
        [
            "activity `statistics` says that field `ip` is not collected, and category `web-log` of its `data` has it; remove it from one of the two"
        ]
    );
}

#[test]
fn two_purposes_with_a_log_each_are_right() {
    let statistics = activity(
        "statistics",
        "web-log",
        "[\"collect\", \"store\", \"read\"]",
        "uses = [\"file\", \"time\"]\nexcludes = [\"ip\"]",
    );
    let logs = [category("web-log", LOG_FIELDS), category("attack-log", "[\"ip\", \"time\"]"), statistics];
    let analysis = |operations| activity("attack-analysis", "attack-log", operations, "uses = [\"ip\"]");
    let solved = [&logs[..], &[analysis("[\"collect\", \"store\", \"read\"]")]].concat();
    assert_eq!(said_of(&solved), [""; 0]);
    // And the second purpose has to say that it collects: nobody else does it for it.
    let uncollected = [&logs[..], &[analysis("[\"read\"]")]].concat();
    assert_eq!(
        said_of(&uncollected),
        [
            "category `attack-log` is used by `attack-analysis` and collected by none; add `collect` to the `do` of the activity that collects it"
        ]
    );
}

#[test]
fn faults_of_fields_stand_where_the_field_is_written() {
    let fields = "finest = \"PT1H\"\nfields = [\"counter\"]";
    let register = GOOD.replacen("finest = \"PT1H\"", fields, 1);
    for (keys, expected) in [
        ("uses = [\"counter\", \"name\"]", "r:38:20: activity `billing` uses field `name`, which is in no"),
        (
            "excludes = [\"counter\"]",
            "r:38:13: activity `billing` says that field `counter` is not collected",
        ),
        ("excludes = [\"name\"]", "no fault"),
    ] {
        let got = faults(&register.replacen("areas", &format!("{keys}\nareas"), 1));
        assert!(got.starts_with(expected) && got.lines().count() == 1, "{keys}: {got}");
    }
}

#[test]
fn what_is_used_is_collected_by_somebody() {
    check(
        "do = [\"collect\", \"read\", \"compute\"]",
        "do = [\"read\", \"compute\"]",
        &[
            "r:19:6: category `consumption` is used by `billing`, `own-view` and collected by none; add `collect` to the `do` of the activity that collects it",
        ],
    );
}
