//! One log-in for each member of the demo's staff, and for its first resident.
//!
//! What comes in: a demo's folder in which nobody has an account. What goes out: accounts, and their passwords on the screen. The
//! passwords follow from the town's seed, so that whoever knows it knows them: they exist in the folder of a demo only, and are made
//! only where nobody had an account before. Never: such a password in a folder that somebody uses.

use std::io::Write;

use sha2::{Digest, Sha256};
use tidstro_flows::identity::{
    Activation, ActivationOutcome, Browser, By, Created, NewSession, Origin, TotpConfirmed, activate,
    begin_totp, confirm_totp, create_account, list_accounts,
};
use tidstro_flows::{Answer, Workspace, resident_called};
use tidstro_model::ActorId;
use tidstro_world::Town;
use zeroize::Zeroizing;

use super::super::now;
use crate::fault::CommandFault;
use crate::show::Table;

/// The mail address the demo's resident logs in with: nobody has it (RFC 2606).
const RESIDENT: &str = "beboer@example.org";

/// Makes the accounts and writes how to log in to them; nothing where somebody has an account already.
pub(super) async fn write(
    out: &mut impl Write,
    workspace: &Workspace,
    town: &Town,
) -> Result<(), CommandFault> {
    let by = By { actor: ActorId::parse("staff:ivan")?, factors: 2 };
    let is_demo = workspace.register().id() == "town" && workspace.register().login().is_some();
    if !is_demo {
        return Ok(());
    }
    match list_accounts(workspace, &by, now()).await? {
        Answer::Given(accounts) if accounts.is_empty() => {}
        _ => return Ok(()),
    }
    let mut table = Table::new(&["log in as", "password", "roles", "authenticator secret"]);
    for (actor, name) in holders(workspace, town).await? {
        if let Some(row) = log_in_row(workspace, (&by, &actor, &name), town.plan.seed).await? {
            table.row(row);
        }
    }
    writeln!(
        out,
        "\nlog-ins of this demo (anybody can make them from its seed: never use them for anything else)\n"
    )?;
    write!(out, "{table}")?;
    Ok(())
}

/// Everybody who gets an account, and the name they log in with.
async fn holders(workspace: &Workspace, town: &Town) -> Result<Vec<(ActorId, String)>, CommandFault> {
    let staff = workspace.register().actors().filter_map(|actor| {
        let name = actor.id.as_str().strip_prefix("staff:")?;
        Some((actor.id.clone(), name.to_owned()))
    });
    let mut holders: Vec<_> = staff.collect();
    if let Some(stay) = town.flats.first().and_then(|flat| flat.stays.last()) {
        let resident = resident_called(workspace, &Town::person_reference(stay.tenant)).await?;
        holders.extend(resident.map(|resident| (resident, RESIDENT.to_owned())));
    }
    Ok(holders)
}

async fn log_in_row(
    workspace: &Workspace,
    (by, actor, name): (&By, &ActorId, &str),
    seed: u64,
) -> Result<Option<Vec<String>>, CommandFault> {
    let created = create_account(workspace, by, actor.clone(), now()).await?;
    let Answer::Given(Created::Created(_, letter)) = created else { return Ok(None) };
    let password = password(seed, actor);
    let asked = Activation {
        code: letter.code,
        name: Some(Zeroizing::new(name.to_owned())),
        password: Some(Zeroizing::new(password.clone())),
        origin: Origin::local(),
        browser: Browser::of(""),
    };
    let ActivationOutcome::In(session) = activate(workspace, asked, now()).await? else { return Ok(None) };
    let roles: Vec<String> = session.session.roles().iter().map(ToString::to_string).collect();
    let secret = second_factor(workspace, &session).await?;
    Ok(Some(vec![name.to_owned(), password, roles.join(", "), secret]))
}

/// Sets an authenticator program up for who needs one.
async fn second_factor(workspace: &Workspace, session: &NewSession) -> Result<String, CommandFault> {
    if session.session.may_work() {
        return Ok("-".to_owned());
    }
    let Some(offer) = begin_totp(workspace, &session.token, now()).await? else { return Ok("-".to_owned()) };
    let at = now();
    let code = offer.code_at(at);
    Ok(match confirm_totp(workspace, &session.token, code, at).await? {
        TotpConfirmed::Confirmed { .. } => offer.secret.as_str().to_owned(),
        TotpConfirmed::Wrong => "-".to_owned(),
    })
}

/// Four groups of four letters and digits. Deterministic on purpose, see above.
fn password(seed: u64, actor: &ActorId) -> String {
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let hash = Sha256::new().chain_update(b"tidstro demo log-in").chain_update(seed.to_be_bytes());
    let hash = hash.chain_update(actor.as_str().as_bytes()).finalize();
    let sign = |byte: &u8| SIGNS.get(usize::from(byte & 31)).map_or('x', |sign| char::from(*sign));
    let signs: Vec<char> = hash.iter().take(16).map(sign).collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
