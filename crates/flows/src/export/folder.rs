//! The folder that an export fills.
//!
//! Months come in; `area=…/month=…` goes out, each month by one renaming, so that a reader sees a whole month or none. Until
//! then it lies in `.unfinished`, which the next export removes if this one was cut short.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tidstro_model::DayRange;

use super::ExportFault;
use super::columns::Rows;
use super::month_file::{MonthFile, Wrote};
use super::months::month_name;

/// What is not yet whole.
const UNFINISHED: &str = ".unfinished";
/// Held while somebody exports into the folder; the system gives it free when the process ends, however it ends.
const LOCK: &str = ".lock";

/// A folder that nobody else exports into.
pub(super) struct ExportFolder {
    root: PathBuf,
    /// The final folder of the area.
    area: PathBuf,
    /// Names of months with files, which are durable in `.unfinished`.
    whole: Vec<String>,
    wrote: Wrote,
    _lock: File,
}

impl ExportFolder {
    /// Makes the folder if it is not there, and removes what an export left that was cut short.
    ///
    /// # Errors
    /// [`ExportFault::MonthThere`], [`ExportFault::InUse`], [`ExportFault::Folder`].
    pub(super) fn open(root: &Path, area: &str, months: &[DayRange]) -> Result<Self, ExportFault> {
        let lock = locked(root)?;
        let area = root.join(format!("area={}", escaped(area)));
        for month in months {
            let path = area.join(month_name(month.start()));
            if path.exists() {
                return Err(ExportFault::MonthThere { path });
            }
        }
        let folder =
            Self { root: root.to_owned(), area, whole: Vec::new(), wrote: Wrote::default(), _lock: lock };
        folder.remove_unfinished()?;
        Ok(folder)
    }

    /// The files of a month, to be written.
    pub(super) fn month<R: Rows>(&self, day: Date, notes: Vec<(&str, String)>) -> MonthFile<R> {
        MonthFile::new(self.unfinished().join(month_name(day)), notes)
    }

    /// Keeps the files of a month, durable, until all are published.
    ///
    /// # Errors
    /// [`ExportFault`] if what is left cannot be written.
    pub(super) fn keep<R: Rows>(&mut self, month: MonthFile<R>) -> Result<(), ExportFault> {
        let (folder, wrote) = month.finish()?;
        let name = folder.file_name().filter(|_| wrote.files > 0);
        self.whole.extend(name.map(|name| name.to_string_lossy().into_owned()));
        self.wrote.files += wrote.files;
        self.wrote.rows += wrote.rows;
        self.wrote.bytes += wrote.bytes;
        Ok(())
    }

    /// What is kept so far.
    pub(super) const fn kept(&self) -> Wrote {
        self.wrote
    }

    /// Gives every file its final name and every month its final folder. Durable when this returns.
    ///
    /// # Errors
    /// [`ExportFault::Folder`]: the months before the one it names are there, each whole.
    pub(super) fn publish(self) -> Result<(), ExportFault> {
        for name in &self.whole {
            self.publish_month(name)
                .map_err(|source| ExportFault::Folder { path: self.area.join(name), source })?;
        }
        self.remove_unfinished()
    }

    fn publish_month(&self, name: &str) -> std::io::Result<()> {
        let month = self.unfinished().join(name);
        for entry in std::fs::read_dir(&month)? {
            let path = entry?.path();
            std::fs::rename(&path, path.with_extension("parquet"))?;
        }
        sync(&month)?;
        std::fs::create_dir_all(&self.area)?;
        std::fs::rename(&month, self.area.join(name))?;
        sync(&self.area)?;
        sync(&self.root)
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join(UNFINISHED)
    }

    fn remove_unfinished(&self) -> Result<(), ExportFault> {
        let path = self.unfinished();
        match std::fs::remove_dir_all(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(ExportFault::Folder { path, source })
            }
            _ => Ok(()),
        }
    }
}

impl Drop for ExportFolder {
    /// Values of people must not stay behind an export that failed. One that was killed leaves this to the next.
    fn drop(&mut self) {
        let _ = self.remove_unfinished();
    }
}

/// Makes the folder and takes its lock.
fn locked(root: &Path) -> Result<File, ExportFault> {
    let path = &root.join(LOCK);
    let unusable = |source| ExportFault::Folder { path: path.clone(), source };
    std::fs::create_dir_all(root).map_err(unusable)?;
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let lock = options.open(path).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(ExportFault::InUse { path: root.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// A rename is durable once its folder is.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A name as part of a path in the style of Hive: letters, digits, `-`, `_` and `.` as they are, every other byte as `%XX`.
fn escaped(name: &str) -> String {
    let letter = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    name.bytes().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn march() -> Vec<DayRange> {
        vec![DayRange::new(date(2025, 3, 1), date(2025, 4, 1)).unwrap()]
    }

    #[test]
    fn names_are_safe_in_a_path() {
        assert_eq!(escaped("543"), "543");
        assert_eq!(escaped("Kornmarken 12"), "Kornmarken%2012");
        assert_eq!(escaped("../a=b/å"), "..%2Fa%3Db%2F%C3%A5");
    }

    #[test]
    fn two_exports_do_not_share_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let first = ExportFolder::open(root.path(), "543", &march()).unwrap();
        let second = ExportFolder::open(root.path(), "740", &march());
        assert!(matches!(second, Err(ExportFault::InUse { .. })));
        drop(first);
        assert!(ExportFolder::open(root.path(), "740", &march()).is_ok());
    }

    #[test]
    fn a_month_that_is_there_is_not_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let there = root.path().join("area=543/month=2025-03");
        std::fs::create_dir_all(&there).unwrap();
        match ExportFolder::open(root.path(), "543", &march()) {
            Err(ExportFault::MonthThere { path }) => assert_eq!(path, there),
            _ => panic!("the month was not noticed"),
        }
        assert!(ExportFolder::open(root.path(), "740", &march()).is_ok());
    }

    #[test]
    fn what_a_killed_export_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let left = root.path().join(".unfinished/month=2025-02");
        std::fs::create_dir_all(&left).unwrap();
        std::fs::write(left.join("part-0.unfinished"), "half").unwrap();
        let folder = ExportFolder::open(root.path(), "543", &march()).unwrap();
        assert!(!left.exists());
        folder.publish().unwrap();
        assert!(!root.path().join("area=543").exists(), "a month without rows has no folder");
    }
}
