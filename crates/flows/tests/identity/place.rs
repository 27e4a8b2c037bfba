//! The town with people in it, and what they do at the door.

use jiff::{SignedDuration, Timestamp};
use tidstro_flows::Workspace;
use tidstro_flows::identity::{
    Activation, ActivationOutcome, Browser, By, Created, LogIn, LoggedIn, NewSession, Origin, TotpConfirmed,
    activate, begin_totp, confirm_totp, create_account, log_in,
};
use tidstro_identity::Totp;
use tidstro_model::{AccountNo, ActorId};
use tidstro_world::{Town, TownPlan};
use zeroize::Zeroizing;

use crate::common::{actor, given, open_by, register};

/// The town's register.
pub(crate) const REGISTER: &str = include_str!("../../../../registers/town.toml");
/// What everybody here chooses.
pub(crate) const PASSWORD: &str = "blåbærgrød med fløde";

pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) town: Town,
    pub(crate) workspace: Workspace,
    pub(crate) now: Timestamp,
}

/// A text that is a secret.
pub(crate) fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

pub(crate) fn browser() -> Browser {
    Browser::of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
}

/// A machine of a network of its own for each number.
pub(crate) fn origin(network: u8) -> Origin {
    Origin::of(std::net::IpAddr::from([192, 0, network, 7]))
}

pub(crate) fn admitted(answer: LoggedIn) -> NewSession {
    match answer {
        LoggedIn::In(session) => session,
        LoggedIn::Refused => panic!("refused"),
        LoggedIn::Slowed { until } => panic!("slowed until {until}"),
    }
}

impl Place {
    /// A town in which nobody has an account.
    pub(crate) async fn new() -> Self {
        Self::under(REGISTER).await
    }

    /// The same under another register.
    pub(crate) async fn under(register_text: &str) -> Self {
        let town = Town::build(&TownPlan::default());
        let folder = tempfile::tempdir().unwrap();
        let now = town.plan.first_day.at(9, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp();
        let files = [tidstro_govern::RegisterFile { name: "town.toml", text: register_text }];
        let workspace = open_by(folder.path(), Some(&files), now).await.unwrap();
        register(&workspace, town.master_data(), now).await;
        Self { folder, town, workspace, now }
    }

    /// Lets time pass.
    pub(crate) fn later(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// Ivan, who looks after access.
    pub(crate) fn ivan() -> By {
        By { actor: actor("staff:ivan"), factors: 2 }
    }

    /// Lise, who does so too.
    pub(crate) fn lise() -> By {
        By { actor: actor("staff:lise"), factors: 2 }
    }

    /// A resident of the first flat.
    pub(crate) async fn resident(&self) -> ActorId {
        let reference = Town::person_reference(self.town.flats[0].stays[0].tenant);
        tidstro_flows::resident_called(&self.workspace, &reference).await.unwrap().unwrap()
    }

    /// Makes an account and gives the code for it.
    pub(crate) async fn created(&self, whose: &ActorId) -> (AccountNo, Zeroizing<String>) {
        let created = create_account(&self.workspace, &Self::ivan(), whose.clone(), self.now).await.unwrap();
        match given(created) {
            Created::Created(account, letter) => (account, letter.code),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn activate(
        &self,
        code: &str,
        name: Option<&str>,
        password: Option<&str>,
    ) -> ActivationOutcome {
        let asked = Activation {
            code: secret(code),
            name: name.map(secret),
            password: password.map(secret),
            origin: origin(1),
            browser: browser(),
        };
        activate(&self.workspace, asked, self.now).await.unwrap()
    }

    /// A member of the staff with an account and a password, logged in.
    pub(crate) async fn staff(&self, name: &str) -> (AccountNo, NewSession) {
        let (account, code) = self.created(&actor(&format!("staff:{name}"))).await;
        match self.activate(&code, None, Some(PASSWORD)).await {
            ActivationOutcome::In(session) => (account, session),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str, network: u8) -> LoggedIn {
        let asked = LogIn {
            name: secret(name),
            password: secret(password),
            origin: origin(network),
            browser: browser(),
        };
        log_in(&self.workspace, asked, self.now).await.unwrap()
    }

    /// Sets an authenticator program up; gives the session, the program and the recovery codes.
    pub(crate) async fn enrol(&self, token: &str) -> (NewSession, Totp, Vec<Zeroizing<String>>) {
        let offer = begin_totp(&self.workspace, token, self.now).await.unwrap().unwrap();
        let totp = program(&offer.secret);
        let code = totp.code_at(self.now);
        match confirm_totp(&self.workspace, token, code, self.now).await.unwrap() {
            TotpConfirmed::Confirmed { session, recovery } => (*session, totp, recovery),
            TotpConfirmed::Wrong => panic!("wrong"),
        }
    }

    /// Every event of the log, one a line.
    pub(crate) async fn log(&self) -> String {
        let path = self.folder.path().join(format!("{}.bundle", self.now.as_millisecond()));
        tidstro_flows::export_log(&self.workspace, &path, self.now).await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        text
    }
}

/// The authenticator program of somebody who has typed this secret (RFC 4648, section 6).
pub(crate) fn program(secret: &str) -> Totp {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let values = secret.chars().map(|sign| alphabet.find(sign).unwrap());
    let bits: String = values.map(|value| format!("{value:05b}")).collect();
    let bytes: Vec<u8> =
        (0..20).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    Totp::of_bytes(bytes.try_into().unwrap())
}
