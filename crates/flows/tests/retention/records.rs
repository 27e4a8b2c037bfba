//! Dossiers: one test for each period of the sources, from the last second kept to the first one gone.

use tidstro_flows::{
    DossierAsk, SubjectAsk, Workspace, add_record, open_dossier, record_lease_event, show_records,
};
use tidstro_govern::{LeaseEvent, LeaseEventKind, Matter, Recorded};
use tidstro_model::{ActivityId, CategoryId, DossierKind, DossierNo, MasterData, Person};

use crate::common::{actor, given, register};
use crate::store::{Folder, at};

const CLERK: &str = "staff:clerk";
/// When every dossier is opened: a winter's noon in UTC.
const OPENED: &str = "2025-01-15T12:00:00Z";

/// A register whose every activity works on dossiers of its own kind, with one category of records.
fn register_of(activities: &[(&str, &str, &str)]) -> String {
    let mut kinds: Vec<_> = activities.iter().map(|(_, kind, _)| format!("\"{kind}\"")).collect();
    kinds.dedup();
    let kinds = kinds.join(", ");
    let mut text = format!("{HEAD}{}{}", erasing(&kinds), naming(&kinds));
    for (id, kind, rest) in activities {
        text.push_str(&activity(
            id,
            &format!("\"{kind}\""),
            "[\"collect\", \"store\", \"read\", \"correct\", \"restrict\"]",
            "clerk",
            rest,
        ));
    }
    text
}

fn activity(id: &str, kinds: &str, does: &str, role: &str, rest: &str) -> String {
    let basis =
        if rest.contains("basis") { "" } else { "basis = [{ gdpr = \"6(1)(e)\", cite = \"the task\" }]\n" };
    let all = "data = { identity = \"full\", contact = \"full\", choices = \"full\", kept-aside = \"full\", entry = \"full\", note = \"full\" }\n";
    let data = if rest.contains("data =") { "" } else { all };
    format!(
        "[[activity]]\nid = \"{id}\"\ntext = {{ da = \"x\", de = \"x\", en = \"x\" }}\ncontroller = \"office\"\n{basis}\
         subjects = [\"person\"]\ndossiers = [{kinds}]\n\
         {data}do = {does}\nroles = [\"{role}\"]\n{rest}\n\n"
    )
}

fn erasing(kinds: &str) -> String {
    activity("retention", kinds, "[\"erase\"]", "retention-job", AT_ONCE)
}

/// Names are taken in for the others to keep.
fn naming(kinds: &str) -> String {
    activity("master-data", kinds, "[\"collect\", \"store\"]", "registrar", AT_ONCE)
}

const AT_ONCE: &str = "keep = [{ from = \"registration\", at_once = true, then = \"erase\" }]";

const HEAD: &str = r#"
[register]
id = "records"
edition = "1"
operator = "office"
parts = ["dossiers"]
approvers = ["data-protection-officer"]

[[party]]
id = "office"
name = "The Office"
kind = "controller"
country = "DE"

[[category]]
id = "identity"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = ["subject.sealed_name"]
finest = "full"

[[category]]
id = "contact"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = ["subject.sealed_contact"]
finest = "full"

[[category]]
id = "choices"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = ["subject_event.kind"]
finest = "full"

[[category]]
id = "kept-aside"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = ["event_aside.sealed"]
finest = "full"

[[category]]
id = "entry"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = []
finest = "full"

[[category]]
id = "note"
subjects = ["person"]
text = { da = "x", de = "x", en = "x" }
columns = []
finest = "full"

[[role]]
id = "clerk"
text = { da = "x", de = "x", en = "x" }

[[role]]
id = "registrar"
text = { da = "x", de = "x", en = "x" }

[[role]]
id = "retention-job"
text = { da = "x", de = "x", en = "x" }

[[role]]
id = "data-protection-officer"
text = { da = "x", de = "x", en = "x" }

[[actor]]
id = "staff:clerk"
roles = ["clerk"]

[[actor]]
id = "staff:dpo"
roles = ["data-protection-officer"]

[[actor]]
id = "job:ingest"
roles = ["registrar"]

[[actor]]
id = "job:retention"
roles = ["retention-job"]

"#;

/// One person with one dossier that holds one record.
pub(crate) struct Affair {
    pub(crate) folder: Folder,
    pub(crate) dossier: DossierNo,
    pub(crate) activity: String,
}

impl Affair {
    pub(crate) async fn new(activities: &[(&str, &str, &str)]) -> Self {
        let (activity, kind, _) = activities[0];
        let folder = Folder::new(&register_of(activities));
        let workspace = folder.open(OPENED).await;
        let person = Person {
            reference: "person-1".to_owned(),
            name: "Nobody".to_owned(),
            contact: "nobody@example.org".to_owned(),
        };
        register(&workspace, MasterData { people: vec![person], ..MasterData::default() }, at(OPENED)).await;
        let (asked, kind) = (asked(activity), DossierKind::parse(kind).unwrap());
        let dossier = open_dossier(&workspace, &asked, Some("person-1"), kind, at(OPENED)).await.unwrap();
        let dossier = given(dossier);
        let text = "what was written".to_owned();
        given(add_record(&workspace, &asked, dossier, text, at(OPENED)).await.unwrap());
        Self { folder, dossier, activity: activity.to_owned() }
    }

    pub(crate) async fn event(&self, kind: LeaseEventKind, when: &str) {
        let workspace = self.folder.open(when).await;
        let asked = SubjectAsk {
            actor: actor(CLERK),
            purpose: ActivityId::parse(&self.activity).unwrap(),
            reference: "person-1".to_owned(),
            factors: 1,
        };
        let matter = Some(Matter::Dossier(self.dossier));
        let event = LeaseEvent { at: at(when), kind, matter, activity: None, days: None };
        let recorded = given(record_lease_event(&workspace, &asked, event, at(when)).await.unwrap());
        assert!(matches!(recorded, Recorded::Kept(_)), "{recorded:?}");
    }

    /// How many records the purpose reads, or why none.
    pub(crate) async fn read(&self, workspace: &Workspace, now: &str) -> Result<usize, &'static str> {
        match show_records(workspace, &asked(&self.activity), self.dossier, at(now)).await.unwrap() {
            tidstro_flows::Answer::Given(records) => Ok(records.len()),
            tidstro_flows::Answer::Refused(refuse) => Err(refuse.rule.code()),
        }
    }

    /// Kept to the last second before `gone`, erased from then on, here and in a backup taken before.
    async fn goes_at(&self, gone: &str, before: &str) {
        let early = self.folder.preview(before).await;
        assert!(early.is_empty(), "at {before}: {:?}", early.counts);
        let readable = self.read(&self.folder.open(before).await, before).await;
        let backup = self.folder.backup();
        let certificate = self.folder.erase(gone).await;
        assert!(certificate.contains("erase entry: 1 parts of 1 subjects"), "{certificate}");
        assert!(certificate.contains("erase identity: 1 parts of 1 subjects"), "{certificate}");
        assert!(!certificate.contains("written") && !certificate.contains("Nobody"), "{certificate}");
        let workspace = self.folder.open(gone).await;
        assert_eq!(self.read(&workspace, gone).await, Err("no-live-lease"));
        let restored = self.folder.restored(backup.path(), before).await;
        let reopened = self.read(&restored, before).await;
        assert_eq!(reopened, readable.map(|_| 0), "the backup gives nothing, at {before}");
    }
}

fn asked(activity: &str) -> DossierAsk {
    DossierAsk {
        actor: actor(CLERK),
        purpose: ActivityId::parse(activity).unwrap(),
        category: CategoryId::parse("entry").unwrap(),
    }
}

fn keep(rule: &str) -> String {
    format!("keep = [{{ {rule}, then = \"erase\" }}]")
}

#[tokio::test]
async fn web_logs_go_after_14_days() {
    let rule = keep("from = \"registration\", at_most = \"P14D\"");
    let affair = Affair::new(&[("web-log", "visit", &rule)]).await;
    affair.goes_at("2025-01-29T12:00:00Z", "2025-01-29T11:59:59Z").await;
}

const CONFIRMING: (&str, &str, &str) = (
    "confirming",
    "newsletter",
    "keep = [{ from = \"registration\", at_most = \"PT24H\", then = \"erase\" }]",
);
const NEWSLETTER: (&str, &str, &str) = (
    "newsletter",
    "newsletter",
    "basis = [{ gdpr = \"6(1)(a)\", cite = \"consent\" }]\n\
     keep = [{ from = \"consent-withdrawn\", at_once = true, then = \"erase\" }]",
);

#[tokio::test]
async fn an_unconfirmed_newsletter_goes_after_24_hours() {
    let affair = Affair::new(&[CONFIRMING, NEWSLETTER]).await;
    affair.goes_at("2025-01-16T12:00:00Z", "2025-01-16T11:59:59Z").await;
}

#[tokio::test]
async fn a_newsletter_goes_at_once_when_consent_is_withdrawn() {
    let mut affair = Affair::new(&[CONFIRMING, NEWSLETTER]).await;
    affair.event(LeaseEventKind::ConsentGiven, "2025-01-15T13:00:00Z").await;
    affair.activity = "newsletter".to_owned();
    assert!(affair.folder.preview("2029-01-15T12:00:00Z").await.is_empty(), "consent has no end of its own");
    affair.event(LeaseEventKind::ConsentWithdrawn, "2029-02-01T08:00:00Z").await;
    affair.goes_at("2029-02-01T08:00:00Z", "2029-02-01T07:59:59Z").await;
}

#[tokio::test]
async fn proceedings_go_10_years_after_the_end_of_the_year() {
    let rule = keep("from = \"case-closed\", end_of_year = true, for = [\"P10Y\"]");
    let affair = Affair::new(&[("emissions-trading", "proceeding", &rule)]).await;
    affair.event(LeaseEventKind::CaseClosed, "2025-03-10T09:00:00Z").await;
    affair.goes_at("2035-12-31T23:00:00Z", "2035-12-31T22:59:59Z").await;
}

#[tokio::test]
async fn projects_go_10_years_after_their_end_and_20_with_a_dispute() {
    for (years, gone, before) in [
        ("P10Y", "2035-06-30T22:00:00Z", "2035-06-30T21:59:59Z"),
        ("P20Y", "2045-06-30T22:00:00Z", "2045-06-30T21:59:59Z"),
    ] {
        let rule = keep(&format!("from = \"project-end\", for = [\"{years}\"]"));
        let affair = Affair::new(&[("upstream-reductions", "project", &rule)]).await;
        affair.event(LeaseEventKind::ProjectEnd, "2025-06-30T10:00:00Z").await;
        affair.goes_at(gone, before).await;
    }
}

#[tokio::test]
async fn what_a_mechanism_needed_goes_with_it() {
    let rule = keep("from = \"mechanism-end\", at_once = true");
    let affair = Affair::new(&[("mechanism", "project", &rule)]).await;
    affair.event(LeaseEventKind::MechanismEnd, "2025-06-30T10:00:00Z").await;
    affair.goes_at("2025-06-30T10:00:00Z", "2025-06-30T09:59:59Z").await;
}

#[tokio::test]
async fn security_data_are_locked_after_3_months_and_go_after_18() {
    let rule = keep("from = \"registration\", at_most = \"P18M\"") + "\nlock_after = \"P3M\"";
    let affair = Affair::new(&[("security-log", "security-event", &rule)]).await;
    let workspace = affair.folder.open("2025-04-15T21:59:59Z").await;
    assert_eq!(affair.read(&workspace, "2025-04-15T21:59:59Z").await, Ok(1), "open for three months");
    assert_eq!(affair.read(&workspace, "2025-04-15T22:00:00Z").await, Err("locked"));
    drop(workspace);
    affair.goes_at("2026-07-15T22:00:00Z", "2026-07-15T21:59:59Z").await;
}

#[tokio::test]
async fn notes_on_waivers_go_after_12_months() {
    let rule = keep("from = \"registration\", for = [\"P12M\"]");
    let affair = Affair::new(&[("waiver", "waiver-note", &rule)]).await;
    affair.goes_at("2026-01-15T23:00:00Z", "2026-01-15T22:59:59Z").await;
}
