//! What a change of the register changes: each kind of change, and what is true of all of them.

mod known;
mod property;

use std::sync::OnceLock;

use tidstro_govern::{Register, RegisterDiff, diff};

const TOWN: &str = include_str!("../../../../registers/town.toml");
/// What the town does not have: dossiers, sessions, duties.
const MORE: &str = include_str!("diff/base.toml");

fn parse(text: &str) -> Register {
    Register::parse(text, "register.toml").unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

fn base() -> String {
    format!("{TOWN}{MORE}")
}

/// The text with the first `from` after the table whose `id` is `of` made `to`.
#[track_caller]
fn edited(text: &str, of: &str, from: &str, to: &str) -> String {
    let table = text.find(&format!("id = \"{of}\"")).unwrap_or_else(|| panic!("no `{of}`"));
    let at = text[table..].find(from).unwrap_or_else(|| panic!("no `{from}` in `{of}`")) + table;
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

fn changes(diff: &RegisterDiff) -> Vec<String> {
    let words =
        |change: &tidstro_govern::Change| change.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    diff.changes.iter().map(words).collect()
}

/// Asserts every change of one edit.
#[track_caller]
fn check(of: &str, from: &str, to: &str, expected: &[&str]) {
    static BASE: OnceLock<Register> = OnceLock::new();
    let old = BASE.get_or_init(|| parse(&base()));
    let new = parse(&edited(&base(), of, from, to));
    let found = diff(old, &new);
    assert_eq!(changes(&found), expected, "`{from}` → `{to}` in `{of}`");
    assert_eq!(found.widens(), expected.iter().any(|line| line.starts_with("wider")));
}

#[test]
fn who_may_do_more_is_told_by_actor() {
    check(
        "billing",
        "consumption = \"P1M\"",
        "consumption = \"PT1H\"",
        &[
            "wider access activity `billing`, `staff:anna` on `consumption`: read, compute, export at P1M in building → read, compute, export at PT1H in building",
            "wider data activity `billing`: `consumption` at P1M → `consumption` at PT1H",
        ],
    );
    check(
        "network-operation",
        "\"PT1H\"",
        "\"P1D\"",
        &[
            "narrower access activity `network-operation`, `staff:sofie` on `consumption`: read, compute at PT1H in grid-area → read, compute at P1D in grid-area",
            "narrower data activity `network-operation`: `consumption` at PT1H → `consumption` at P1D",
        ],
    );
    check(
        "billing",
        "\"P1M\" }",
        "\"P1M\", finding = \"full\" }",
        &[
            "wider access activity `billing`, `staff:anna` on `finding`: now read, compute, export at full in building",
            "wider data activity `billing`: now `finding` at full",
        ],
    );
    check(
        "bookkeeping",
        "\"read\"]",
        "\"read\", \"print\"]",
        &[
            "wider access activity `bookkeeping`, `staff:karen` on `consumption`: store, read at P1Y in building → store, read, print at P1Y in building",
            "wider access activity `bookkeeping`, `staff:karen` on `identity`, `occupancy`: store, read at full in building → store, read, print at full in building",
            "wider operation activity `bookkeeping`: now print",
        ],
    );
    check(
        "network-operation",
        "[\"grid-area\"]",
        "[\"grid-area\", \"unassigned\"]",
        &[
            "wider access activity `network-operation`, `staff:sofie` on `consumption`: read, compute at PT1H in grid-area → read, compute at PT1H in grid-area, unassigned",
            "wider place activity `network-operation`: now unassigned",
        ],
    );
    check(
        "newsletter",
        "[\"subscription\"]",
        "[\"subscription\", \"ticket\"]",
        &[
            "wider access activity `newsletter`, `staff:mikkel` on `question`: collect, store, read at full in dossiers `subscription` → collect, store, read at full in dossiers `subscription`, dossiers `ticket`",
            "wider place activity `newsletter`: now ticket",
        ],
    );
    check(
        "billing",
        "[\"billing-clerk\"]",
        "[\"billing-clerk\", \"bookkeeper\"]",
        &[
            "wider access activity `billing`, `staff:karen` on `consumption`: now read, compute, export at P1M in building",
            "wider access activity `billing`, `staff:karen` on `contact`, `identity`, `occupancy`: now read, compute, export at full in building",
            "neutral role activity `billing`: now bookkeeper",
        ],
    );
    check(
        "staff:sofie",
        "id = \"staff:sofie\"",
        "id = \"staff:eva\"",
        &[
            "wider access activity `network-analysis`, `staff:eva` on `consumption`: now export at PT1H in grid-area",
            "wider access activity `network-operation`, `staff:eva` on `consumption`: now read, compute at PT1H in grid-area",
            "narrower access activity `network-analysis`, `staff:sofie` on `consumption`: no longer export at PT1H in grid-area",
            "narrower access activity `network-operation`, `staff:sofie` on `consumption`: no longer read, compute at PT1H in grid-area",
            "neutral actor actor `staff:eva`: now network-planner",
            "neutral actor actor `staff:sofie`: no longer network-planner",
        ],
    );
}

#[test]
fn recipients_and_countries() {
    check(
        "newsletter",
        "to = [\"mail\"]",
        "to = [\"mail\", \"hosting\"]",
        &["wider recipient activity `newsletter`: now hosting"],
    );
    check(
        "newsletter",
        "to = [\"mail\"]\n",
        "",
        &["narrower recipient activity `newsletter`: no longer mail"],
    );
    check("hosting", "\"DE\"", "\"AT\"", &["neutral country party `hosting`: DE → AT"]);
    check(
        "hosting",
        "country = \"DE\"",
        "country = \"US\"\ntransfer = { ground = \"adequacy\", cite = \"decision 2023/1795\" }",
        &[
            "wider country party `hosting`: DE → US",
            "wider country party `hosting`, transfer: now adequacy",
            "neutral text party `hosting`, ground of transfer: now decision 2023/1795",
        ],
    );
    check(
        "hosting",
        "HRB 00005",
        "HRB 00006",
        &["wider party party `hosting`, registration number: HRB 00005 → HRB 00006"],
    );
    check(
        "billing",
        "controller = \"kornmarken\"",
        "controller = \"byens-elnet\"",
        &["wider party activity `billing`: kornmarken → byens-elnet"],
    );
}

#[test]
fn retention_is_compared_by_its_ends() {
    check(
        "billing",
        "\"P5Y\"",
        "\"P6Y\"",
        &[
            "wider retention activity `billing`: occupancy-end + P6W + P5Y, then erase → occupancy-end + P6W + P6Y, then erase",
        ],
    );
    check(
        "billing",
        "\"P5Y\"",
        "\"P4Y\"",
        &[
            "narrower retention activity `billing`: occupancy-end + P6W + P5Y, then erase → occupancy-end + P6W + P4Y, then erase",
        ],
    );
    check("billing", "\"P5Y\"", "\"P60M\"", &[]);
    check("own-view", "\"P1Y\"", "\"P12M\"", &[]);
    check("billing", "[\"P6W\", \"P5Y\"]", "[\"P42D\", \"P5Y\"]", &[]);
    check(
        "billing",
        "[\"P6W\", \"P5Y\"]",
        "[\"P5Y\", \"P6W\"]",
        &[
            "wider retention activity `billing`: occupancy-end + P6W + P5Y, then erase → occupancy-end + P5Y + P6W, then erase",
        ],
    );
    check(
        "billing",
        "then = \"erase\" }",
        "then = \"erase\" }, { from = \"contract-end\", for = [\"P1D\"], then = \"erase\" }",
        &[
            "wider retention activity `billing`: occupancy-end + P6W + P5Y, then erase → occupancy-end + P6W + P5Y, then erase; or contract-end + P1D, then erase",
        ],
    );
    check(
        "billing",
        "then = \"erase\" }",
        "then = \"erase\" }, { from = \"occupancy-end\", for = [\"P1Y\"], then = \"erase\" }",
        &[],
    );
    check(
        "network-operation",
        "from = \"registration\"",
        "from = \"occupancy-end\"",
        &[
            "wider retention activity `network-operation`: registration + P3Y, then erase → occupancy-end + P3Y, then erase",
        ],
    );
    check(
        "own-view",
        "from = \"occupancy-end\"",
        "from = \"registration\"",
        &[
            "narrower retention activity `own-view`: occupancy-end + P1Y, then erase → registration + P1Y, then erase",
        ],
    );
    check(
        "network-operation",
        "for = [\"P3Y\"]",
        "end_of_year = true, for = [\"P3Y\"]",
        &[
            "wider retention activity `network-operation`: registration + P3Y, then erase → registration, end of the year + P3Y, then erase",
        ],
    );
}

#[test]
fn what_begins_and_stops_a_lease() {
    check(
        "newsletter",
        "cite = \"consent\" }",
        "cite = \"consent\" }, { gdpr = \"6(1)(f)\", cite = \"interest\" }",
        &[
            "wider begin activity `newsletter`: with `consent-given` → with the data",
            "wider basis activity `newsletter`: now 6(1)(f)",
        ],
    );
    check(
        "newsletter",
        "cite = \"consent\"",
        "cite = \"consent on the form\"",
        &["neutral text activity `newsletter`, ground of 6(1)(a): consent → consent on the form"],
    );
    check("security", "lock_after = \"P3M\"\n", "", &["wider lock activity `security`: after P3M → never"]);
    check("security", "\"P3M\"", "\"P2M\"", &["narrower lock activity `security`: after P3M → after P2M"]);
    check("security", "\"P3M\"", "\"P13W\"", &["wider lock activity `security`: after P3M → after P13W"]);
    check(
        "security",
        "begins = \"suspicion-raised\"\n",
        "",
        &["wider begin activity `security`: with `suspicion-raised` → with the data"],
    );
    check(
        "own-view",
        "own_only",
        "begins = \"consent-given\"\nown_only",
        &["narrower begin activity `own-view`: with the data → with `consent-given`"],
    );
    check(
        "security",
        "begins",
        "despite_restriction = \"safety\"\nbegins",
        &["wider restriction activity `security`: stops → goes on: safety"],
    );
}

#[test]
fn what_a_session_must_be_like() {
    check(
        "security",
        "factors = 2",
        "factors = 1",
        &["wider session activity `security`: a second factor → one factor"],
    );
    check(
        "billing",
        "to = [",
        "factors = 2\nto = [",
        &["narrower session activity `billing`: one factor → a second factor"],
    );
    check(
        "security",
        "\"18:00\"",
        "\"20:00\"",
        &[
            "wider session activity `security`: on days of `dk-working` from 07:00:00 to 18:00:00 → on days of `dk-working` from 07:00:00 to 20:00:00",
        ],
    );
    check(
        "security",
        "\"07:00\"",
        "\"09:00\"",
        &[
            "narrower session activity `security`: on days of `dk-working` from 07:00:00 to 18:00:00 → on days of `dk-working` from 09:00:00 to 18:00:00",
        ],
    );
    check(
        "security",
        "hours =",
        "#",
        &[
            "wider session activity `security`: on days of `dk-working` from 07:00:00 to 18:00:00 → at any hour",
        ],
    );
    check(
        "security",
        "\"2030-01-01\"",
        "\"2031-01-01\"",
        &["wider validity activity `security`: 2026-01-01..2030-01-01 → 2026-01-01..2031-01-01"],
    );
    check(
        "security",
        "\"2026-01-01\"",
        "\"2027-01-01\"",
        &["narrower validity activity `security`: 2026-01-01..2030-01-01 → 2027-01-01..2030-01-01"],
    );
}

#[test]
fn evidence_and_approval() {
    check("town", "\"P13M\"", "\"P6M\"", &["wider register the log of uses is kept: P13M → P6M"]);
    check("town", "\"P13M\"", "\"P20Y\"", &["wider register the log of uses is kept: P13M → P20Y"]);
    check(
        "town",
        "[\"data-protection-officer\"]",
        "[\"data-protection-officer\", \"bookkeeper\"]",
        &[
            "wider approver actors who approve: now staff:karen",
            "wider approver roles that approve: now bookkeeper",
        ],
    );
    check(
        "town",
        "approvers = [\"data-protection-officer\"]\n",
        "",
        &[
            "wider approver roles that approve: no longer data-protection-officer",
            "narrower approver actors who approve: no longer staff:dpo",
        ],
    );
    check(
        "town",
        "log_keep",
        "zone = \"Europe/Berlin\"\nlog_keep",
        &["wider register the zone: Europe/Copenhagen → Europe/Berlin"],
    );
    for (written, words) in [
        ("\"P4M\"", "wider register meters nobody has placed are kept: P3M → P4M"),
        ("\"P2M\"", "narrower register meters nobody has placed are kept: P3M → P2M"),
    ] {
        check("town", "unplaced_keep = \"P3M\"", &format!("unplaced_keep = {written}"), &[words]);
    }
    check(
        "town",
        "log_keep",
        "check_digits = \"any\"\nlog_keep",
        &["neutral register check digits of points and parties: strict → any"],
    );
    check(
        "town",
        "operator = \"tidsmaal\"",
        "operator = \"hosting\"",
        &["wider party the operator: tidsmaal → hosting"],
    );
}

#[test]
fn sessions_become_longer_or_shorter() {
    for (from, to, change) in [
        ("failures = 8", "failures = 9", "wider session failures until an account is locked: 8 → 9"),
        ("failures = 8", "failures = 7", "narrower session failures until an account is locked: 8 → 7"),
        ("idle_minutes = 30", "idle_minutes = 31", "wider session staff, minutes without use: 30 → 31"),
        (
            "absolute_minutes = 1440",
            "absolute_minutes = 720",
            "narrower session residents, minutes of a session: 1440 → 720",
        ),
        ("password_max_age = \"P1Y\"\n", "", "wider session age of a password: P1Y → any"),
        (
            "review_every = \"P6M\"",
            "review_every = \"P3M\"",
            "narrower session time between reviews of access: P6M → P3M",
        ),
        (
            "closed_after = \"P1Y\"",
            "closed_after = \"P2Y\"",
            "wider session residents, time until an account is closed: P1Y → P2Y",
        ),
        (
            "\"data-protection-officer\", \"key-keeper\"]\npassword",
            "\"data-protection-officer\"]\npassword",
            "wider session roles with two factors: no longer key-keeper",
        ),
    ] {
        check("town", from, to, &[change]);
    }
}

#[test]
fn a_log_in_there_was_not_is_wider() {
    let town = include_str!("../../../../registers/town.toml");
    let login = &town[town.find("[login]").unwrap()..];
    check("town", login, "", &["narrower session people log in: no longer by `access-control`"]);
}

#[test]
fn duties_become_weaker_or_stronger() {
    check(
        "breach",
        "PT48H",
        "PT72H",
        &["wider obligation obligation `breach`, clock: within PT48H, elapsed → within PT72H, elapsed"],
    );
    check(
        "breach",
        "PT48H",
        "P2D",
        &["neutral obligation obligation `breach`, clock: within PT48H, elapsed → within P2D, elapsed"],
    );
    check(
        "breach",
        ", \"breach.noted\"",
        "",
        &["wider obligation obligation `breach`, proof: no longer breach.noted"],
    );
    check(
        "breach",
        "breach.aware",
        "breach.seen",
        &["wider obligation obligation `breach`, when: breach.aware → breach.seen"],
    );
    check(
        "answer",
        ", extension = \"P2M\"",
        "",
        &[
            "narrower obligation obligation `answer`, clock: within P1M, legal, calendar dk-working, extended by P2M → within P1M, legal, calendar dk-working",
        ],
    );
    check(
        "answer",
        ", calendar = \"dk-working\"",
        ", roll = \"none\"",
        &[
            "narrower obligation obligation `answer`, clock: within P1M, legal, calendar dk-working, extended by P2M → within P1M, legal, not rolled, extended by P2M",
        ],
    );
    check(
        "answer",
        ", extension",
        ", pause = \"GDPR 12(6)\", extension",
        &[
            "wider obligation obligation `answer`, clock: within P1M, legal, calendar dk-working, extended by P2M → within P1M, legal, calendar dk-working, extended by P2M, pausing on GDPR 12(6)",
        ],
    );
    check(
        "new-processor",
        "\"P2M\"",
        "\"P1M\"",
        &[
            "wider obligation obligation `new-processor`, clock: before P2M, legal, not rolled → before P1M, legal, not rolled",
        ],
    );
    check(
        "new-processor",
        "clock =",
        "#",
        &["wider obligation obligation `new-processor`, clock: before P2M, legal, not rolled → no clock"],
    );
    check(
        "restore",
        "probe = \"leftovers\"",
        "attestation = \"bookkeeper\"",
        &["wider control control `restore`, proof: probe `leftovers` → attestation by `bookkeeper`"],
    );
    check("restore", "\"P3M\"", "\"P6M\"", &["wider control control `restore`, evidence: P3M → P6M"]);
    check("restore", "\"P3M\"", "\"P1M\"", &["narrower control control `restore`, evidence: P3M → P1M"]);
    check(
        "answer",
        "id = \"answer\"",
        "id = \"reply\"",
        &[
            "wider obligation obligation `answer`: no longer answer a request",
            "narrower obligation obligation `reply`: now answer a request",
        ],
    );
}

#[test]
fn categories_and_fields() {
    check(
        "trace",
        "special = true",
        "",
        &["wider category category `trace`: a special category → no special category"],
    );
    check(
        "question",
        "\"words\"",
        "\"words\", \"age-group\"",
        &["wider field category `question`: now age-group"],
    );
    check(
        "question",
        "subjects = [\"asker\"]",
        "subjects = [\"asker\", \"visitor\"]",
        &["wider subject category `question`: now visitor"],
    );
    check(
        "question",
        "columns = []",
        "columns = [\"visit.page\"]",
        &["wider category category `question`: now visit.page"],
    );
    check(
        "newsletter",
        "uses = [\"mail\"]",
        "uses = [\"mail\", \"words\"]",
        &["wider field activity `newsletter`: now words"],
    );
    check("newsletter", "uses = [\"mail\"]\n", "", &["wider field activity `newsletter`: mail → all fields"]);
    check(
        "newsletter",
        "excludes = [\"age\"]\n",
        "",
        &["wider field activity `newsletter`, excluded: no longer age"],
    );
}

#[test]
fn another_name_is_another_purpose() {
    check(
        "newsletter",
        "id = \"newsletter\"",
        "id = \"letter\"",
        &[
            "wider access activity `letter`, `staff:mikkel` on `question`: now collect, store, read at full in dossiers `subscription`",
            "wider purpose activity `letter`: now newsletter",
            "wider data activity `letter`: now `question` at full",
            "wider recipient activity `letter`: now mail",
            "wider retention activity `letter`: now consent-withdrawn + not a moment longer, then erase",
            "wider basis activity `letter`: now 6(1)(a) (consent)",
            "narrower access activity `newsletter`, `staff:mikkel` on `question`: no longer collect, store, read at full in dossiers `subscription`",
            "narrower purpose activity `newsletter`: no longer newsletter",
        ],
    );
}

#[test]
fn words_decide_nothing() {
    check(
        "restore",
        "text.en = \"restore",
        "text.en = \"bring back",
        &["neutral text control `restore`, en: restore from a backup → bring back from a backup"],
    );
    check(
        "town",
        "edition = \"2026-01\"",
        "edition = \"2026-02\"",
        &["neutral text the register, edition: 2026-01 → 2026-02"],
    );
    check(
        "hosting",
        "Serverhaus GmbH",
        "Serverhaus SE",
        &["neutral text party `hosting`, name: Serverhaus GmbH → Serverhaus SE"],
    );
    check(
        "web",
        "date = \"2026-01-01\"",
        "date = \"2026-02-01\"",
        &["neutral text notice `web`, date: 2026-01-01 → 2026-02-01"],
    );
    check(
        "billing",
        "to = [",
        "necessity = \"an account is owed\"\nto = [",
        &["neutral text activity `billing`, necessity: now an account is owed"],
    );
}

/// A rule that waits for its event keeps nothing further back, so that a window beside it still counts.
#[test]
fn a_window_beside_an_event_is_a_window() {
    let event = "then = \"erase\" }, { from = \"contract-end\", for = [\"P1M\"], then = \"erase\" }";
    let old = edited(&base(), "validation", "then = \"erase\" }", event);
    let new = edited(&old, "validation", "from = \"registration\"", "from = \"occupancy-end\"");
    let (old, new) = (parse(&old), parse(&new));
    assert!(changes(&diff(&old, &new))[0].starts_with("wider retention activity `validation`"));
    assert!(changes(&diff(&new, &old))[0].starts_with("narrower retention activity `validation`"));
}

/// Own data only is a matter of residents, so that it goes together with the roles.
#[test]
fn own_data_only() {
    let opened = edited(&base(), "own-view", "roles = [\"resident\"]", "roles = [\"bookkeeper\"]");
    let opened = edited(&opened, "own-view", "own_only = true\n", "");
    let found = diff(&parse(&base()), &parse(&opened));
    let lines = changes(&found);
    let says = |line: &str| lines.iter().any(|found| found == line);
    assert!(says("wider session activity `own-view`: own data only → data of others too"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("wider access activity `own-view`, `staff:karen`")));
    assert!(lines.iter().any(|line| line.starts_with("narrower access activity `own-view`, every resident")));
}

#[test]
fn the_first_approvers_of_a_register_need_no_approval() {
    let none = edited(&base(), "town", "approvers = [\"data-protection-officer\"]\n", "");
    let found = diff(&parse(&none), &parse(&base()));
    assert_eq!(found.changes.len(), 2);
    assert!(!found.widens(), "{found}");
}

#[test]
fn comments_white_space_and_order_are_no_change() {
    let old = base();
    let mut tables = Vec::<String>::new();
    for line in old.split_inclusive('\n') {
        match tables.last_mut() {
            Some(table) if !line.starts_with('[') => table.push_str(line),
            _ => tables.push(line.to_owned()),
        }
    }
    tables.reverse();
    let new = format!("# Turned.\n{}\n", tables.concat());
    let new =
        new.replace("do = [\"read\", \"compute\", \"export\"]", "do = [ \"export\", \"compute\",\"read\" ]");
    let (old, new) = (parse(&old), parse(&new));
    assert_ne!(old.hash(), new.hash());
    assert_eq!(changes(&diff(&old, &new)), [""; 0]);
}

#[test]
fn a_diff_names_both_registers_and_is_always_the_same() {
    let (old, new) = (parse(TOWN), parse(&base()));
    let found = diff(&old, &new);
    assert_eq!((found.old.hash, found.new.hash), (old.hash(), new.hash()));
    assert_eq!(found, diff(&old, &new));
    let mut sorted = found.changes.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, found.changes);
}
