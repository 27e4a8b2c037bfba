use super::*;

const LIST: &str = "\
obligations:
- {id: own.erase, kind: retention, text: Erase after five years.}
- {id: own.read, kind: control, text: Read only for a purpose.}
- {id: own.breach, kind: deadline, text: Tell within two days.}
- {id: own.doubt, kind: notice, text: Say so at once.}
- {id: own.locks, kind: control, text: Lock the doors.}
- {id: own.log, kind: log, text: Log every use.}
- {id: own.record, kind: record, text: Keep a record.}
- {id: other.case, kind: right, text: Ask for data.}
- {id: other.later, kind: control, text: Back up daily.}
- {id: other.lost, kind: control, text: Nobody thought of it.}
";

const REGISTER: &str = r#"
[register]
id = "small"
edition = "1"
operator = "me"
[[party]]
id = "me"
name = "Me"
kind = "controller"
country = "DK"
[[role]]
id = "clerk"
text = { da = "medarbejder", de = "Sachbearbeitung", en = "clerk" }
[[category]]
id = "identity"
subjects = ["resident"]
text = { da = "navn", de = "Name", en = "name" }
columns = []
finest = "full"
[[activity]]
id = "billing"
text = { da = "regnskab", de = "Abrechnung", en = "accounts" }
controller = "me"
basis = [{ gdpr = "6(1)(b)", cite = "the lease" }]
subjects = ["resident"]
areas = ["building"]
data = { identity = "full" }
do = ["collect", "read"]
roles = ["clerk"]
keep = [{ from = "occupancy-end", for = ["P5Y"], then = "erase" }]
serves = ["own.erase", "own.read", "other.case"]
[[obligation]]
id = "breach"
text = { da = "sige til", de = "melden", en = "tell" }
when = "breach.aware"
who = "me"
clock = { within = "PT48H", profile = "elapsed" }
proof = ["notice.sent"]
cite = "10.2"
serves = ["own.breach"]
[[obligation]]
id = "doubt"
text = { da = "sige til", de = "melden", en = "tell" }
when = "instruction.doubted"
who = "me"
proof = ["notice.sent"]
cite = "4.2"
serves = ["own.doubt"]
[[control]]
id = "locks"
text = { da = "låse", de = "Schlösser", en = "locks" }
attestation = "clerk"
serves = ["own.locks", "own.log"]
[[control]]
id = "log"
text = { da = "log", de = "Protokoll", en = "log" }
probe = "log-chain"
serves = ["own.log"]
[[control]]
id = "record"
text = { da = "fortegnelse", de = "Verzeichnis", en = "record" }
document = "tidstro register record"
serves = ["own.record"]
[[open]]
part = "cases"
rows = ["other.case"]
[[open]]
part = "backup"
rows = ["other.later"]
"#;

fn register(text: &str) -> Register {
    Register::parse(text, "small.toml").unwrap()
}

fn covered(list: &str, register_text: &str) -> Coverage {
    cover(&parse_rows(list, "list.yaml").unwrap(), &[register(register_text)])
}

/// `standing: means by (with), … → parts` of each row.
fn said(coverage: &Coverage, id: &str) -> String {
    let row = coverage.rows.iter().find(|row| row.row.id == id).unwrap();
    let served = row.served.iter().map(|server| match &server.with {
        Some(with) => format!("{} {} ({with})", server.means, server.by),
        None => format!("{} {}", server.means, server.by),
    });
    let open = row.open.iter().map(|open| format!("open {}", open.part));
    format!("{}: {}", row.standing(), served.chain(open).collect::<Vec<_>>().join(", "))
}

#[test]
fn each_row_is_told_what_serves_it() {
    let coverage = covered(LIST, REGISTER);
    for (id, expected) in [
        ("own.erase", "served: lease billing"),
        ("own.read", "served: decision billing"),
        ("own.breach", "served: clock breach"),
        ("own.doubt", "served: duty doubt"),
        ("own.locks", "served: attestation locks (clerk)"),
        ("own.log", "served: attestation locks (clerk), probe log (log-chain)"),
        ("own.record", "served: document record (tidstro register record)"),
        ("other.case", "partly: decision billing, open cases"),
        ("other.later", "open: open backup"),
        ("other.lost", "unmapped: "),
    ] {
        assert_eq!(said(&coverage, id), expected, "{id}");
    }
    let place = &coverage.rows[0].served[0];
    assert_eq!((place.register.as_str(), place.place.as_str()), ("small", "small.toml:21"));
}

#[test]
fn only_what_a_person_alone_says_is_attested_only() {
    let coverage = covered(LIST, REGISTER);
    let only: Vec<_> = coverage.rows.iter().filter(|row| row.is_attested_only()).collect();
    assert_eq!(only.len(), 1);
    assert_eq!(only[0].row.id, "own.locks");
}

#[test]
fn a_row_nobody_knows_is_a_fault() {
    assert!(!covered(LIST, REGISTER).is_whole());
    let known = LIST.replace("- {id: other.lost, kind: control, text: Nobody thought of it.}\n", "");
    assert!(covered(&known, REGISTER).is_whole());
}

#[test]
fn a_name_that_is_no_row_is_a_fault() {
    let list = "obligations:\n- {id: own.read, kind: control, text: Read.}\n";
    let coverage = covered(list, REGISTER);
    assert!(!coverage.is_whole());
    let told: Vec<_> = coverage.unknown.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 10, "{told:#?}");
    assert_eq!(
        told[0],
        "small.toml:21: activity `billing` names `own.erase`, which is no row of the list; correct the name, or take it out"
    );
    assert!(told.contains(
        &"small: open part `backup` names `other.later`, which is no row of the list; correct the name, or take it out"
            .to_owned()
    ));
}

#[test]
fn several_registers_cover_together() {
    let second = REGISTER.replace("id = \"small\"", "id = \"second\"").replace("own.erase", "other.lost");
    let rows = parse_rows(LIST, "list.yaml").unwrap();
    let coverage = cover(&rows, &[register(REGISTER), register(&second)]);
    assert!(coverage.is_whole());
    assert_eq!(said(&coverage, "other.lost"), "served: decision billing");
    assert_eq!(said(&coverage, "own.breach"), "served: clock breach, clock breach");
    assert_eq!(coverage.by_part(), BTreeMap::from([("backup", 1), ("cases", 1)]));
}

#[test]
fn counts_add_up() {
    let coverage = covered(LIST, REGISTER);
    let all = coverage.count();
    assert_eq!(all, Count { served: 7, partly: 1, open: 1, unmapped: 1, attested_only: 1 });
    assert_eq!(all.rows(), coverage.rows.len());
    for counts in [coverage.by_kind(), coverage.by_source()] {
        assert_eq!(counts.values().map(Count::rows).sum::<usize>(), all.rows());
    }
    assert_eq!(coverage.by_source()["own"].rows(), 7);
    assert_eq!(coverage.by_kind()["control"].unmapped, 1);
    assert_eq!(coverage.by_means()[&Means::Attestation], 2);
    assert_eq!(coverage.by_means()[&Means::Lease], 1);
}
