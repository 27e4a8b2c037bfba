//! The world's meters behind real sockets.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tidstro_world::meter_server::{MeterPlan, MeterServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A meter that listens, until this is dropped.
pub(crate) struct Host {
    pub(crate) meter: Arc<Mutex<MeterServer>>,
    pub(crate) address: String,
    listening: JoinHandle<()>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Tells the meters' true time.
pub(crate) type TrueTime = Arc<dyn Fn() -> Timestamp + Send + Sync>;

impl Host {
    pub(crate) async fn start(plan: MeterPlan, now: TrueTime) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let meter = Arc::new(Mutex::new(MeterServer::new(plan)));
        let listening = tokio::spawn(listen(listener, Arc::clone(&meter), now));
        Self { meter, address, listening }
    }

    pub(crate) fn connections(&self) -> usize {
        self.meter.lock().unwrap().connections()
    }

    pub(crate) fn repeated_counters(&self) -> u32 {
        self.meter.lock().unwrap().repeated_counters()
    }

    pub(crate) fn plan(&self) -> MeterPlan {
        self.meter.lock().unwrap().plan().clone()
    }
}

async fn listen(listener: TcpListener, meter: Arc<Mutex<MeterServer>>, now: TrueTime) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&meter), Arc::clone(&now)));
    }
}

async fn serve(mut stream: TcpStream, meter: Arc<Mutex<MeterServer>>, now: TrueTime) {
    let mut session = meter.lock().unwrap().connect();
    let mut buffer = [0; 2048];
    while let Ok(len) = stream.read(&mut buffer).await
        && len > 0
    {
        let reaction = session.receive(&mut meter.lock().unwrap(), &buffer[..len], now());
        if reaction.is_too_late {
            // What waits for the meter has a limit of its own, after which it hangs up.
            while matches!(stream.read(&mut buffer).await, Ok(len) if len > 0) {}
        }
        if reaction.hangs_up || stream.write_all(&reaction.bytes).await.is_err() {
            return;
        }
    }
}
