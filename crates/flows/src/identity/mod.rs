//! Who somebody is: accounts, log-in, sessions, second factors, tokens of other programs, reviews of access.
//!
//! What comes in: what was typed, a cookie, or what an administrator wants. What goes out: plain answers a page can be made of, and
//! secrets once, when they are made. Logging in needs no permit; looking after the access of others asks the gate. Never: another
//! answer, or a quicker one, for an account that does not exist; an address or a name in the log.
//!
//! One file per use; `origin` is where somebody comes from and with what, `slow` where passwords are hashed.

mod account;
mod activate;
mod devices;
mod log_in;
mod machine;
mod mail;
mod origin;
mod password;
mod recovery;
mod review;
mod session;
mod slow;
mod step_up;
mod totp;

use jiff::Timestamp;
use tidstro_govern::{Ask, Operation, Target};
use tidstro_model::{ActorId, DayRange, Resolution};
use tidstro_store::{Decided, StoreFault};

pub use account::{
    Accounts, close_account, create_account, expire_access, issue_letter, list_accounts, lock_account,
    unlock_account,
};
pub(crate) use activate::is_address;
pub use activate::{Activation, ActivationOutcome, activate};
pub use devices::{devices, log_out_device, log_out_everywhere};
pub use log_in::{LogIn, LoggedIn, log_in, log_in_totp};
pub use machine::{issue_token, list_tokens, machine_of, withdraw_token};
pub use mail::{
    MailAsk, MailAsked, ask_address_check, ask_mail, log_in_by_code, log_in_by_link, prove_address,
};
pub use origin::{Browser, Origin};
pub use password::{PasswordChange, change_password};
pub use recovery::{approve_recovery, ask_recovery};
pub use review::{AccessReview, begin_review, decide_review, newest_review};
pub use session::{NewSession, Session, log_out, session_of};
pub use step_up::{Proof, step_up};
pub use tidstro_identity::{Breached, BreachedFault, CodeFault, PasswordFault, PasswordRules};
pub use tidstro_store::{
    AccountLine, AccountState, Closed, Created, Device, IssuedToken, Letter, Machine, MailSecrets, Need,
    NewToken, Recovery, RecoveryApproval, RecoveryNo, ReviewDecision, ReviewLine, ReviewNo, SessionNo,
    TokenLine, TokenNo, TotpOffer,
};
pub use totp::{TotpConfirmed, begin_totp, confirm_totp, offered_totp};

use crate::{FlowFault, Workspace};

/// Who looks after the access of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: ActorId,
    /// How many factors their session has proved: 1 or 2.
    pub factors: u8,
}

/// Asks the gate for one operation on all accounts, for the purpose that the register's log-in names.
async fn over_accounts(
    workspace: &Workspace,
    by: &By,
    operation: Operation,
    now: Timestamp,
) -> Result<Decided, FlowFault> {
    let register = workspace.register();
    let login = register.login().ok_or(StoreFault::NobodyLogsIn)?;
    let category = register.account_category().ok_or(StoreFault::NobodyLogsIn)?;
    let ask = Ask {
        actor: by.actor.clone(),
        purpose: login.purpose.clone(),
        operation,
        category: category.clone(),
        target: Target::Everything,
        days: DayRange::always(),
        resolution: Resolution::Raw,
        recipient: None,
        factors: by.factors,
    };
    Ok(workspace.store.permit(ask, now).await?)
}
