//! A wire to a server, to be cut.
//!
//! What comes in: what a program sends to the server. What goes out: the same, until a message that the test names; then
//! both ends find their connection broken, as they do when a network or a machine fails. Whoever connects again is let
//! through. Messages are told apart as PostgreSQL's protocol 3.0 has them ("Message Formats"); nothing is ever changed or
//! made up.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{Cluster, ClusterFault};

/// How long the server may take to answer a message before the wire is cut without an answer: some messages have none.
const ANSWER_MAX: Duration = Duration::from_millis(200);

/// Where a wire is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// In front of a message of the program, counted from 1 since the cut was asked for: the server never sees it.
    Before(u64),
    /// Behind a message: the server does what it says, and the program hears nothing of it.
    Behind(u64),
    /// As [`Cut::Before`], at the first message that has this text in it.
    BeforeSaying(&'static str),
    /// As [`Cut::Behind`], at the first message that has this text in it.
    BehindSaying(&'static str),
}

impl Cut {
    fn is_at(&self, number: u64, message: &[u8]) -> bool {
        match self {
            Self::Before(at) | Self::Behind(at) => *at == number,
            Self::BeforeSaying(text) | Self::BehindSaying(text) => {
                message.windows(text.len()).any(|part| part == text.as_bytes())
            }
        }
    }

    const fn is_behind(&self) -> bool {
        matches!(self, Self::Behind(_) | Self::BehindSaying(_))
    }
}

/// A listener in front of a server.
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    server: PathBuf,
    cut: Mutex<Option<Cut>>,
    /// Messages since the cut was asked for.
    messages: AtomicU64,
    cuts: AtomicU64,
    /// Whether nobody is let through after the next cut.
    is_for_good: AtomicBool,
    /// Whether nobody is let through.
    is_down: AtomicBool,
    is_over: AtomicBool,
}

impl Wire {
    /// Lays a wire to a server.
    ///
    /// # Errors
    /// [`ClusterFault::Io`] if this machine gives no port.
    pub fn to(cluster: &Cluster) -> Result<Self, ClusterFault> {
        let made = |source| ClusterFault::Io { what: "a port of a wire", source };
        let listener = TcpListener::bind("127.0.0.1:0").map_err(made)?;
        let address = listener.local_addr().map_err(made)?;
        let shared = Arc::new(Shared {
            server: cluster.socket(),
            cut: Mutex::new(None),
            messages: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            is_for_good: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let listening = Arc::clone(&shared);
        std::thread::spawn(move || listen(&listener, &listening));
        Ok(Self { address, shared })
    }

    /// The way to a database of the server over this wire.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let database = url.rsplit('/').next().unwrap_or_default();
        format!("postgres://{}@{}/{database}", crate::SUPERUSER, self.address)
    }

    /// Cuts the wire once, there; counts messages from now on.
    pub fn cut(&self, cut: Cut) {
        let mut asked = self.shared.cut.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.messages.store(0, Ordering::SeqCst);
        *asked = Some(cut);
    }

    /// As [`Wire::cut`], and nobody is let through afterwards until [`Wire::mend`].
    pub fn cut_for_good(&self, cut: Cut) {
        self.shared.is_for_good.store(true, Ordering::SeqCst);
        self.cut(cut);
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.shared.is_for_good.store(false, Ordering::SeqCst);
        self.shared.is_down.store(false, Ordering::SeqCst);
    }

    /// Messages since the last [`Wire::cut`].
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.shared.messages.load(Ordering::SeqCst)
    }

    /// How often the wire was cut.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // So that the listener looks.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    /// Counts a message; the cut if it is to be made here.
    fn passes(&self, message: &[u8]) -> Option<Cut> {
        let mut asked = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.messages.fetch_add(1, Ordering::SeqCst) + 1;
        let cut = asked.take_if(|cut| cut.is_at(number, message));
        if cut.is_some() {
            self.is_down.store(self.is_for_good.load(Ordering::SeqCst), Ordering::SeqCst);
            self.cuts.fetch_add(1, Ordering::SeqCst);
        }
        cut
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for program in listener.incoming().flatten() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        if shared.is_down.load(Ordering::SeqCst) {
            continue;
        }
        // Where there is no server, the program's connection ends at once.
        if let Ok(server) = UnixStream::connect(&shared.server) {
            join(program, server, shared);
        }
    }
}

/// Carries both ways until one end is closed or the wire is cut.
fn join(program: TcpStream, server: UnixStream, shared: &Arc<Shared>) {
    let (Ok(from_program), Ok(to_server)) = (program.try_clone(), server.try_clone()) else { return };
    let is_mute = Arc::new(AtomicBool::new(false));
    let (answered, answer) = channel();
    let (shared, is_mute_above) = (Arc::clone(shared), Arc::clone(&is_mute));
    std::thread::spawn(move || {
        let above = Above { shared: &shared, is_mute: &is_mute_above, answer: &answer };
        // Whatever ends it ends the connection.
        let _ = above.carry(&from_program, &to_server);
        let _ = from_program.shutdown(Shutdown::Both);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let _ = carry_back(&server, &program, &is_mute, &answered);
        let _ = program.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
}

/// What carries messages to the server.
struct Above<'a> {
    shared: &'a Shared,
    /// Set when nothing more is carried back.
    is_mute: &'a AtomicBool,
    answer: &'a Receiver<()>,
}

impl Above<'_> {
    fn carry(&self, mut from: &TcpStream, mut to: &UnixStream) -> std::io::Result<()> {
        // The first message has no letter in front of its length.
        let mut head = 0;
        loop {
            let message = message(&mut from, head)?;
            head = 1;
            match self.shared.passes(&message) {
                None => to.write_all(&message)?,
                Some(cut) if cut.is_behind() => {
                    self.is_mute.store(true, Ordering::SeqCst);
                    to.write_all(&message)?;
                    let _ = self.answer.recv_timeout(ANSWER_MAX);
                    return Ok(());
                }
                Some(_) => return Ok(()),
            }
        }
    }
}

/// A whole message: letters, a length that counts itself, and what it says.
fn message(from: &mut impl Read, letters: usize) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; letters + 4];
    from.read_exact(&mut message)?;
    let length = message.iter().skip(letters).fold(0, |length, byte| length << 8 | usize::from(*byte));
    let said = length.saturating_sub(4) as u64;
    if from.take(said).read_to_end(&mut message)? as u64 == said {
        Ok(message)
    } else {
        Err(std::io::ErrorKind::UnexpectedEof.into())
    }
}

fn carry_back(
    mut from: &UnixStream,
    mut to: &TcpStream,
    is_mute: &AtomicBool,
    answered: &Sender<()>,
) -> std::io::Result<()> {
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        if is_mute.load(Ordering::SeqCst) {
            let _ = answered.send(());
        } else if let Some(said) = piece.get(..read) {
            to.write_all(said)?;
        }
    }
}
