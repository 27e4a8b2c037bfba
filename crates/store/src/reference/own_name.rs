//! A name a store has for others, such as a broker that keeps messages for it.

use std::fmt::Write as _;

use crate::{Store, StoreFault};

impl Store {
    /// A name of this store's own: the same at every start and after a restore, another store's never. 15 hexadecimal
    /// digits; it tells nothing else.
    ///
    /// # Errors
    /// [`StoreFault`] if the store has stopped.
    pub async fn own_name(&self) -> Result<String, StoreFault> {
        let hash = self.threads.read(|reading| Ok(reading.vault.commit("own name", b""))).await?;
        let mut name = String::new();
        for byte in hash.iter().take(8) {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        name.truncate(15);
        Ok(name)
    }
}
