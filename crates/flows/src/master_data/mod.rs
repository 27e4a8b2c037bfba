//! Registering master data: buildings, metering points, devices, people, occupancies, suppliers. From files and to files.

mod children;
mod export;
mod import;
mod people;
mod row_index;
mod rows;
mod source;
mod words;

pub use children::{Childless, virtual_without_children};
pub use export::{MasterExport, export_master_data};
pub use import::{
    MASTER_PIECE_ROWS, MasterChangeLine, MasterFileLine, MasterImportHow, MasterImportReport, MasterLine,
    RefusedLine, import_master_data, import_master_files,
};

pub use people::{PeopleAsk, export_people};
pub use source::{MasterSource, ReadAgain};

use jiff::Timestamp;
use tidstro_govern::Operation;
use tidstro_model::{ActorId, MasterData, Resolution};

use crate::answer::granted;
use crate::{Answer, FlowFault, Workspace};

/// Adds what is not there yet; the same data twice add nothing. Returns the number of new rows.
///
/// # Errors
/// [`FlowFault::Store`] for a name that is not in the data, or two occupancies that share days;
/// nothing is kept then.
pub async fn register_master_data(
    workspace: &Workspace,
    actor: &ActorId,
    data: MasterData,
    now: Timestamp,
) -> Result<Answer<u64>, FlowFault> {
    let asked = workspace
        .permit_everything(actor, "master-data", Operation::Store, ("identity", Resolution::Raw), now)
        .await?;
    let permit = granted!(asked);
    Ok(Answer::Given(workspace.store.register_master(&permit, data, now).await?))
}
