//! An opened data folder: the store, the register that decides, the zone of its local days.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_govern::{Ask, Operation, Register, RegisterFile, Target};
use tidstro_identity::Breached;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, PointNo, Resolution};
use tidstro_store::{Decided, MasterKey, RulesFile, Store, StoreFault};

pub use tidstro_store::is_on_server;

use crate::FlowFault;

/// How to open a data folder.
pub struct Opening<'a> {
    /// The folder, made if it is not there; or the URL of a PostgreSQL database (`postgres://…`).
    pub folder: &'a Path,
    /// The files of the register; `None` for the one that decides in the folder already.
    pub register: Option<&'a [RegisterFile<'a>]>,
    /// The master key as 64 hexadecimal digits; `None` for the file `master.key` in the folder. Must be given for a server:
    /// the master key never lies beside what it opens.
    pub master_key: Option<&'a str>,
}

/// An opened data folder.
pub struct Workspace {
    pub(crate) store: Store,
    has_rules_aside: bool,
    breached: Breached,
}

impl Workspace {
    /// Opens a data folder, or makes it with a new master key.
    ///
    /// # Errors
    /// [`FlowFault`]: a register that does not hold together, a folder that cannot be used, a database
    /// of a newer schema, a master key that is missing or does not fit, a register that widens what the
    /// running one allows and that nobody approved, rules of a file of the folder that do not hold together.
    pub async fn open(opening: &Opening<'_>, now: Timestamp) -> Result<Self, FlowFault> {
        let register = match opening.register {
            Some(files) => Register::parse_files(files).map_err(FlowFault::Register)?,
            None => Store::running_register(opening.folder)?.ok_or(StoreFault::NoRegister)?,
        };
        let master = match opening.master_key {
            Some(text) => MasterKey::parse(text)?,
            None if is_on_server(opening.folder) => return Err(FlowFault::MasterKeyNotGiven),
            None => master_key_in(opening.folder)?,
        };
        let zone = register.zone().clone();
        let rules = if is_on_server(opening.folder) { None } else { rules_beside(opening.folder)? };
        let store = Store::open(opening.folder, Arc::new(register), zone, &master, now).await?;
        let has_rules_aside = match rules {
            Some(file) => is_aside(&store, file, now).await?,
            None => false,
        };
        Ok(Self { store, has_rules_aside, breached: Breached::none() })
    }

    /// Whether a file `rules.toml` lies in the data folder that never judged, and is not read: rules are taken in.
    #[must_use]
    pub const fn has_rules_aside(&self) -> bool {
        self.has_rules_aside
    }

    /// Passwords that others know, which nobody may choose from now on.
    pub fn refuse_passwords(&mut self, breached: Breached) {
        self.breached = breached;
    }

    pub(crate) const fn breached(&self) -> &Breached {
        &self.breached
    }

    /// The register that decides.
    #[must_use]
    pub fn register(&self) -> &Register {
        self.store.register()
    }

    /// The zone of local days.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        self.store.zone()
    }

    /// A name of this data folder's own, which tells nothing else: for a broker that keeps messages for it.
    ///
    /// # Errors
    /// [`FlowFault`] if the store fails.
    pub async fn own_name(&self) -> Result<String, FlowFault> {
        Ok(self.store.own_name().await?)
    }

    /// Asks the gate for a permit over everything.
    pub(crate) async fn permit_everything(
        &self,
        actor: &ActorId,
        purpose: &str,
        operation: Operation,
        (category, resolution): (&str, Resolution),
        now: Timestamp,
    ) -> Result<Decided, FlowFault> {
        let ask = Ask {
            actor: actor.clone(),
            purpose: ActivityId::parse(purpose)?,
            operation,
            category: CategoryId::parse(category)?,
            target: Target::Everything,
            days: DayRange::always(),
            resolution,
            recipient: None,
            factors: 1,
        };
        Ok(self.store.permit(ask, now).await?)
    }

    /// The target of a point's identifier. An identifier nobody has becomes a point that does not
    /// exist: the gate decides about it like about any other, so that an answer does not tell.
    pub(crate) async fn point_target(&self, own_id: &str) -> Result<Target, FlowFault> {
        let point = self.store.named_point(own_id.to_owned()).await?;
        Ok(Target::Point(point.unwrap_or(PointNo::new(0))))
    }
}

/// The file of a data folder in which earlier builds looked for rules.
const RULES_FILE: &str = "rules.toml";

/// The rules that lie beside the data.
fn rules_beside(folder: &Path) -> Result<Option<RulesFile>, FlowFault> {
    let path = folder.join(RULES_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FlowFault::Folder { path, source }),
    };
    RulesFile::parse(text).map(Some).map_err(|faults| FlowFault::rules(path, &faults))
}

/// Takes rules that lie beside the data in, once, as the first ones; of later ones tells whether they never judged.
async fn is_aside(store: &Store, file: RulesFile, now: Timestamp) -> Result<bool, FlowFault> {
    let hash = file.hash();
    store.take_in_first_rules(file, now).await?;
    Ok(!store.rules_history().await?.iter().any(|version| version.hash == hash))
}

/// Reads the master key of a folder; makes one for a folder that has no data yet.
fn master_key_in(folder: &Path) -> Result<MasterKey, FlowFault> {
    let path = folder.join("master.key");
    let unusable = |source| FlowFault::Folder { path: path.clone(), source };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(MasterKey::parse(&text)?),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
            if folder.join("keys.sqlite").exists() {
                return Err(FlowFault::MasterKeyMissing { path });
            }
            std::fs::create_dir_all(folder).map_err(unusable)?;
            let (_, text) = MasterKey::random()?;
            write_secret(&path, &text).map_err(unusable)?;
            // Another program may have made one meanwhile: that one stays.
            Ok(MasterKey::parse(&std::fs::read_to_string(&path).map_err(unusable)?)?)
        }
        Err(fault) => Err(unusable(fault)),
    }
}

/// Writes a file only this user can read, durable before anything is sealed with it: whole under its name or not at all. One
/// that is there stays.
fn write_secret(path: &Path, text: &str) -> Result<(), std::io::Error> {
    let part = path.with_extension(format!("key.{}", std::process::id()));
    let written = write_part(&part, text).and_then(|()| std::fs::hard_link(&part, path));
    // What is left of one that is not whole is no key.
    let _ = std::fs::remove_file(&part);
    written.or_else(|fault| {
        if fault.kind() == std::io::ErrorKind::AlreadyExists && path.exists() { Ok(()) } else { Err(fault) }
    })
}

fn write_part(path: &Path, text: &str) -> Result<(), std::io::Error> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
