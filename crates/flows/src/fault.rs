//! What can go wrong in a use.

use std::path::PathBuf;

use tidstro_govern::RegisterFaults;
use tidstro_govern::log::BundleFault;
use tidstro_metering::FaultInRules;
use tidstro_model::ActorId;
use tidstro_store::StoreFault;

/// Why a use could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum FlowFault {
    /// The store could not do its part.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The register does not hold together; the line of each fault is named.
    #[error("{0}")]
    Register(RegisterFaults),
    /// Limits of validation that do not hold together; each fault with its line.
    #[error("`{path}`: {faults}")]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong, one a line.
        faults: String,
    },
    /// Reading the input failed.
    #[error(
        "reading `{name}` failed after line {line}: {source}; what was acknowledged is kept, run it again"
    )]
    Input {
        /// Name of the input.
        name: String,
        /// The last line read.
        line: u64,
        /// What the system said.
        source: std::io::Error,
    },
    /// Lines are looked for in something else than a file of intervals.
    #[error(
        "`{name}` is no file of intervals; lines are found in files that begin with the header `metering_point;start;…`"
    )]
    NoIntervals {
        /// Name of the input.
        name: String,
    },
    /// A broker cannot be listened to.
    #[error(transparent)]
    Mqtt(#[from] crate::MqttFault),
    /// A file of the data folder cannot be used.
    #[error("`{path}`: {source}; check that the folder exists and that this user may write to it")]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A database on a server is opened without a master key.
    #[error(
        "a database on a server keeps no master key; give it as 64 hexadecimal digits in the variable TIDSTRO_MASTER_KEY"
    )]
    MasterKeyNotGiven,
    /// The keys are there but the master key is not.
    #[error(
        "`{path}` is missing but the folder holds sealed data; put the master key back or give it in the environment"
    )]
    MasterKeyMissing {
        /// Where the master key is looked for.
        path: PathBuf,
    },
    /// An area that does not exist.
    #[error("no building or grid area is called `{name}`; `series list` shows the areas in your scope")]
    UnknownArea {
        /// The name as given.
        name: String,
    },
    /// A standard load profile nobody stated.
    #[error("no profile is called `{name}`; take in its shares with `master import`")]
    UnknownProfile {
        /// The name as given.
        name: String,
    },
    /// An estimation by profile without one.
    #[error(
        "the method `profile` needs the name of a profile; add `--profile NAME`, or `profile` to the classes of the rules"
    )]
    NoProfile,
    /// The register has no category the program asks by.
    #[error("the register has no category for {of}; give their columns a category")]
    NoCategory {
        /// What is asked for.
        of: &'static str,
    },
    /// Days that begin nowhere.
    #[error("no first day; name one with `--from`")]
    NoFirstDay,
    /// A market deadline cannot be counted.
    #[error(transparent)]
    Deadline(#[from] tidstro_calendar::ClockFault),
    /// A range of days ends before it begins.
    #[error(transparent)]
    Days(#[from] tidstro_model::RangeFault),
    /// An export cannot be made.
    #[error(transparent)]
    Export(#[from] crate::ExportFault),
    /// A clock cannot be counted.
    #[error("{0}; correct the clock in the register")]
    Count(#[from] tidstro_govern::CountFault),
    /// A bundle of the log does not hold.
    #[error("`{name}`: {fault}")]
    Bundle {
        /// Name of the bundle.
        name: String,
        /// What does not hold.
        fault: BundleFault,
    },
    /// Somebody the register does not name.
    #[error("`{actor}` is no actor of the register; name one with `--actor`, or write it into the register")]
    UnknownActor {
        /// Who.
        actor: ActorId,
    },
    /// A person that master data do not have.
    #[error("nobody in the master data is called `{name}`; add the person first")]
    UnknownReference {
        /// The reference as given.
        name: String,
    },
    /// Nothing in the register may erase a category.
    #[error(
        "no activity of the register erases category `{category}` and does nothing else; add one with `do = [\"erase\"]`"
    )]
    NotErasable {
        /// The category.
        category: tidstro_model::CategoryId,
    },
    /// A name the program itself uses is not one.
    #[error(transparent)]
    Name(#[from] tidstro_model::NameFault),
    /// More local days than one ask covers.
    #[error("{days} local days are too many for one ask, at most {most} are settled at once; ask for fewer")]
    TooManyDays {
        /// Days asked for.
        days: i32,
        /// The most at once.
        most: i32,
    },
    /// A sum of values does not fit.
    #[error("a sum does not fit in 64 bits; ask for fewer days or one series")]
    TooLarge,
}

impl FlowFault {
    /// Every fault of a rules file.
    #[must_use]
    pub fn rules(path: PathBuf, faults: &[FaultInRules]) -> Self {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Self::Rules { path, faults: faults.join("\n") }
    }
}
