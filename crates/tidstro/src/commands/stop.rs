//! Being asked to stop: an interrupt from the keyboard, or the system's wish that the program ends.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the wish to stop.
pub(crate) struct Stop {
    #[cfg(unix)]
    wishes: [Signal; 2],
}

impl Stop {
    /// From now on such a wish does not end the program by itself.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, std::io::Error> {
        Ok(Self { wishes: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
    }

    /// Returns once somebody wants the program to stop.
    #[cfg(unix)]
    pub(crate) async fn asked(&mut self) {
        let [interrupt, terminate] = &mut self.wishes;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// From now on such a wish does not end the program by itself.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, std::io::Error> {
        Ok(Self {})
    }

    /// Returns once somebody wants the program to stop.
    #[cfg(not(unix))]
    pub(crate) async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
