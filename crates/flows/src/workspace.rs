//! An opened data folder: the store, the register that decides, the zone of its local days.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tidstro_calendar::Zone;
use tidstro_govern::{Ask, Operation, Register, RegisterFile, Target};
use tidstro_metering::Rules;
use tidstro_model::{ActivityId, ActorId, CategoryId, DayRange, PointNo, Resolution};
use tidstro_store::{Decided, MasterKey, Store, StoreFault};

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
    pub(crate) rules: Arc<Rules>,
}

impl Workspace {
    /// Opens a data folder, or makes it with a new master key.
    ///
    /// # Errors
    /// [`FlowFault`]: a register that does not hold together, a folder that cannot be used, a database
    /// of a newer schema, a master key that is missing or does not fit, a register that widens what the
    /// running one allows and that nobody approved, limits of validation that do not hold together.
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
        let rules = rules_in(opening.folder)?;
        let store = Store::open(opening.folder, Arc::new(register), zone, &master, now).await?;
        if let Some(rules) = &rules {
            store.judge_by(Arc::clone(rules)).await?;
        }
        Ok(Self { store, rules: rules.unwrap_or_else(|| Arc::new(Rules::shipped().clone())) })
    }

    /// The limits of validation: those of `rules.toml` in the data folder, or the shipped ones.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
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

/// The file of a data folder that has the limits of validation.
const RULES_FILE: &str = "rules.toml";

/// The limits of validation that a folder has of its own.
fn rules_in(folder: &Path) -> Result<Option<Arc<Rules>>, FlowFault> {
    let path = folder.join(RULES_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FlowFault::Folder { path, source }),
    };
    Rules::parse(&text).map(|rules| Some(Arc::new(rules))).map_err(|faults| FlowFault::rules(path, &faults))
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
            let (key, text) = MasterKey::random()?;
            write_secret(&path, &text).map_err(unusable)?;
            Ok(key)
        }
        Err(fault) => Err(unusable(fault)),
    }
}

/// Writes a file only this user can read, durable before anything is sealed with it.
fn write_secret(path: &PathBuf, text: &str) -> Result<(), std::io::Error> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
