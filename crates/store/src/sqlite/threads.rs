//! One writer thread and a pool of reader threads, each with its own connection and opened keys.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::StoreFault;
use crate::db::Connection;
use crate::personal::Writing;
use crate::place::Place;
use crate::seal::{MasterKey, Vault};

type WriteJob = Box<dyn FnOnce(&mut Writing) + Send>;
type ReadJob = Box<dyn FnOnce(&mut Reading) + Send>;

/// What a reading job works with.
pub(crate) struct Reading {
    pub(crate) db: Connection,
    pub(crate) vault: Vault,
}

/// Reader threads. Two serve the walk; the portal's load decides the final number.
const READERS: usize = 2;

/// The running threads. They end when this is dropped, after the jobs already given.
pub(crate) struct Threads {
    writes: Option<mpsc::Sender<WriteJob>>,
    reads: Option<mpsc::Sender<ReadJob>>,
    /// The readers, then the writer: the writer ends last, so that the last connection to close can
    /// write the log back into the file.
    handles: Vec<JoinHandle<()>>,
    /// Jobs handed to the writer so far, and those of them that are done.
    given: AtomicU64,
    done: Arc<AtomicU64>,
}

/// How much the writer has been given to do since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writes {
    /// Jobs handed to it.
    pub given: u64,
    /// Jobs it has ended.
    pub done: u64,
}

impl Threads {
    pub(crate) fn start(place: &Place, master: &MasterKey, mut writing: Writing) -> Result<Self, StoreFault> {
        let (writes, write_jobs) = mpsc::channel::<WriteJob>();
        let (reads, read_jobs) = mpsc::channel::<ReadJob>();
        let read_jobs = Arc::new(Mutex::new(read_jobs));
        let mut handles = Vec::with_capacity(READERS + 1);
        for _ in 0..READERS {
            let (db, keys) = place.open_for_reading()?;
            let mut reading = Reading { db, vault: Vault::open(keys, master)? };
            let jobs = Arc::clone(&read_jobs);
            handles.push(std::thread::spawn(move || {
                while let Some(job) = next_job(&jobs) {
                    job(&mut reading);
                    // An idle thread must not hold a key that is destroyed meanwhile.
                    reading.vault.close_keys();
                }
            }));
        }
        handles.push(std::thread::spawn(move || {
            for job in write_jobs {
                job(&mut writing);
            }
        }));
        let (given, done) = (AtomicU64::new(0), Arc::default());
        Ok(Self { writes: Some(writes), reads: Some(reads), handles, given, done })
    }

    /// Runs a job on the writer thread.
    pub(crate) async fn write<T, J>(&self, job: J) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        J: FnOnce(&mut Writing) -> Result<T, StoreFault> + Send + 'static,
    {
        self.begin_write(job)?.await
    }

    /// Hands a job to the writer thread and returns at once; awaiting the answer waits for it.
    pub(crate) fn begin_write<T, J>(
        &self,
        job: J,
    ) -> Result<impl Future<Output = Result<T, StoreFault>> + Send + use<T, J>, StoreFault>
    where
        T: Send + 'static,
        J: FnOnce(&mut Writing) -> Result<T, StoreFault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let done = Arc::clone(&self.done);
        let job: WriteJob = Box::new(move |writing| {
            let outcome = job(writing);
            done.fetch_add(1, Ordering::Relaxed);
            // The asker may have gone; the work stands all the same.
            let _ = answer.send(outcome);
        });
        self.given.fetch_add(1, Ordering::Relaxed);
        self.writes.as_ref().ok_or(StoreFault::Stopped)?.send(job).map_err(|_| StoreFault::Stopped)?;
        Ok(async move { answered.await.map_err(|_| StoreFault::Stopped)? })
    }

    /// How much the writer was given, and has done.
    pub(crate) fn writes(&self) -> Writes {
        let done = self.done.load(Ordering::Relaxed);
        Writes { given: self.given.load(Ordering::Relaxed), done }
    }

    /// Runs a job on one of the reader threads.
    pub(crate) async fn read<T, J>(&self, job: J) -> Result<T, StoreFault>
    where
        T: Send + 'static,
        J: FnOnce(&mut Reading) -> Result<T, StoreFault> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: ReadJob = Box::new(move |reading| {
            let _ = answer.send(job(reading));
        });
        self.reads.as_ref().ok_or(StoreFault::Stopped)?.send(job).map_err(|_| StoreFault::Stopped)?;
        answered.await.map_err(|_| StoreFault::Stopped)?
    }
}

fn next_job(jobs: &Mutex<mpsc::Receiver<ReadJob>>) -> Option<ReadJob> {
    jobs.lock().ok()?.recv().ok()
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.reads = None;
        let writer = self.handles.pop();
        for handle in self.handles.drain(..) {
            let _ = handle.join();
        }
        self.writes = None;
        if let Some(handle) = writer {
            // A panicking job has already been reported to its asker as `Stopped`.
            let _ = handle.join();
        }
    }
}
