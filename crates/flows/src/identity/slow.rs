//! Work that is slow on purpose: hashing passwords, beside the threads that serve others, a few at a time.

use tidstro_identity::{Cost, Password, PasswordHash};
use tidstro_store::{PasswordCheck, Store, StoreFault};
use tokio::sync::{OnceCell, Semaphore};
use zeroize::Zeroizing;

use crate::FlowFault;

/// What a hash costs.
pub(super) const COST: Cost = Cost::TODAY;
/// Hashes made at once, each with its 19 MiB: the rest wait, so that a flood of log-ins takes no more memory and leaves a core.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// What the passwords of nobody are checked against: the same for the life of the program.
static NOBODYS: OnceCell<PasswordHash> = OnceCell::const_new();

async fn slowly<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, FlowFault> {
    let _turn = AT_ONCE.acquire().await.map_err(|_| StoreFault::Stopped)?;
    Ok(tokio::task::spawn_blocking(job).await.map_err(|_| StoreFault::Stopped)?)
}

/// The hash that stands for accounts that are not there.
pub(super) async fn nobodys() -> Result<PasswordHash, FlowFault> {
    let made = NOBODYS
        .get_or_try_init(|| async { Ok::<_, FlowFault>(slowly(|| Store::nobodys_password(COST)).await??) });
    Ok(made.await?.clone())
}

/// Checks a password; makes its hash anew where it was made at another cost.
pub(super) async fn check(
    check: PasswordCheck,
    typed: Zeroizing<String>,
) -> Result<(PasswordCheck, Option<PasswordHash>), FlowFault> {
    let salt = Store::salt()?;
    let checked = slowly(move || {
        let check = check.checked(&typed);
        let rehash = check.needs_rehash(COST).then(|| PasswordHash::again(&typed, salt, COST).ok()).flatten();
        (check, rehash)
    });
    checked.await
}

/// The hash of a password somebody chose.
pub(super) async fn hash(password: Password) -> Result<PasswordHash, FlowFault> {
    let salt = Store::salt()?;
    let hash = slowly(move || PasswordHash::of(&password, salt, COST)).await?;
    Ok(hash.map_err(StoreFault::from)?)
}
