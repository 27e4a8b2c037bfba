//! Pushes in pieces: segments and blocks that come in lines of their own.
//!
//! What comes in: pieces with who delivered them and when. What goes out: whole pushes, with what the caller gave beside each
//! piece. Pieces of one sender follow each other in order, as on the link; one that was lost loses the push. Bounded in
//! number, size and time. Nothing is decrypted here.

use jiff::{SignedDuration, Timestamp};

use crate::{Envelope, Framing, Refusal, SystemTitle, envelope};

/// Pushes that may be open at once.
const OPEN_MAX: usize = 256;
/// Pieces of one push.
const PIECES_MAX: usize = 64;
/// Bytes of one push, frames included.
const BYTES_MAX: usize = 64 * 1024;
/// The longest a push may take from its first piece to its last.
const TIME_MAX: SignedDuration = SignedDuration::from_mins(10);

/// A piece as it was received.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Who delivered it: a gateway or channel, which has one push after the other.
    pub sender: &'a str,
    /// Its framing.
    pub framing: Framing,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// When it was received.
    pub at: Timestamp,
}

/// What became of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined<T> {
    /// A whole push: the bytes of all its pieces, and what was given beside each, in order.
    Whole {
        /// Who sent it; `None` for what is sent in the clear.
        title: Option<SystemTitle>,
        /// Its frames.
        bytes: Vec<u8>,
        /// What is the same in every reception of the push.
        as_sent: Vec<u8>,
        /// What was given beside its pieces.
        tags: Vec<T>,
    },
    /// Others are missing.
    Waiting {
        /// Who sent it, where the first piece says so.
        title: Option<SystemTitle>,
        /// How many pieces there are now.
        count: usize,
    },
    /// It can be no part of a push.
    Refused(Refusal),
}

/// Pushes whose pieces are coming in. `T` is what the caller keeps beside each piece.
#[derive(Debug, Clone)]
pub struct Pieces<T> {
    open: Vec<Open<T>>,
}

#[derive(Debug, Clone)]
struct Open<T> {
    sender: String,
    framing: Framing,
    title: Option<SystemTitle>,
    begun: Timestamp,
    bytes: Vec<u8>,
    tags: Vec<T>,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { open: Vec::new() }
    }
}

impl<T> Pieces<T> {
    /// Whose push a piece belongs to, before it is added: its own title, or that of the push it goes on with.
    #[must_use]
    pub fn title_of(&self, piece: &Piece<'_>) -> Option<SystemTitle> {
        match envelope(piece.bytes, piece.framing).ok()? {
            Envelope::Whole { title, .. } | Envelope::Begins { title } => title,
            Envelope::Continues => self.open.get(self.place(piece)?)?.title,
        }
    }

    /// Adds a piece. A whole push passes through.
    pub fn add(&mut self, piece: &Piece<'_>, tag: T) -> Joined<T> {
        self.open.retain(|open| piece.at.duration_since(open.begun).abs() <= TIME_MAX);
        match envelope(piece.bytes, piece.framing) {
            Ok(Envelope::Whole { title, as_sent }) => {
                Joined::Whole { title, bytes: piece.bytes.to_vec(), as_sent, tags: vec![tag] }
            }
            Ok(Envelope::Begins { title }) => self.begin(piece, title, tag),
            Ok(Envelope::Continues) => self.go_on(piece, tag),
            Err(refusal) => Joined::Refused(refusal),
        }
    }

    /// How many pushes are open.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    fn place(&self, piece: &Piece<'_>) -> Option<usize> {
        self.open.iter().position(|open| open.sender == piece.sender && open.framing == piece.framing)
    }

    /// A first piece ends what the sender left open.
    fn begin(&mut self, piece: &Piece<'_>, title: Option<SystemTitle>, tag: T) -> Joined<T> {
        if let Some(at) = self.place(piece) {
            self.open.remove(at);
        }
        if self.open.len() == OPEN_MAX {
            self.open.remove(0);
        }
        self.open.push(Open {
            sender: piece.sender.to_owned(),
            framing: piece.framing,
            title,
            begun: piece.at,
            bytes: piece.bytes.to_vec(),
            tags: vec![tag],
        });
        Joined::Waiting { title, count: 1 }
    }

    fn go_on(&mut self, piece: &Piece<'_>, tag: T) -> Joined<T> {
        let Some(at) = self.place(piece) else {
            return Joined::Refused(Refusal::BeginningMissing { offset: 0 });
        };
        let mut open = self.open.remove(at);
        open.bytes.extend_from_slice(piece.bytes);
        open.tags.push(tag);
        match envelope(&open.bytes, open.framing) {
            Ok(Envelope::Whole { as_sent, .. }) => {
                Joined::Whole { title: open.title, bytes: open.bytes, as_sent, tags: open.tags }
            }
            Ok(Envelope::Begins { .. }) if open.tags.len() < PIECES_MAX && open.bytes.len() < BYTES_MAX => {
                let waiting = Joined::Waiting { title: open.title, count: open.tags.len() };
                self.open.push(open);
                waiting
            }
            Ok(_) => Joined::Refused(Refusal::MessageIncomplete { offset: 0 }),
            Err(refusal) => Joined::Refused(refusal),
        }
    }
}
