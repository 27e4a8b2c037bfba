//! The access log on the disk: a file for each day, none older than fourteen days.
//!
//! What comes in: lines of accesses (`tidstro_web::Access`). What goes out: `access-2026-11-22.log` in a folder, days in UTC as in the
//! lines. Never: a line kept longer; whoever must look further back has the security events, which are of another purpose.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tidstro_web::Access;

/// How many days a file is kept after its own, so that no line is older than fourteen days.
const DAYS_KEPT: i64 = 13;

/// The log of accesses in a folder.
pub(crate) struct AccessFile {
    folder: PathBuf,
    open: Option<(Date, File)>,
}

impl AccessFile {
    /// A log in a folder, made if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self, io::Error> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), open: None })
    }

    /// Adds a line. With the first one of a day goes what is too old.
    ///
    /// # Errors
    /// What the system says; the access was answered all the same.
    pub(crate) fn write(&mut self, access: &Access) -> Result<(), io::Error> {
        let day = TimeZone::UTC.to_datetime(access.at).date();
        let file = match &mut self.open {
            Some((open, file)) if *open == day => file,
            _ => {
                self.remove_older(day)?;
                let path = self.folder.join(name(day));
                let file = OpenOptions::new().create(true).append(true).open(path)?;
                &mut self.open.insert((day, file)).1
            }
        };
        writeln!(file, "{}", access.line())
    }

    fn remove_older(&self, today: Date) -> Result<(), io::Error> {
        let oldest = today.checked_sub(DAYS_KEPT.days()).unwrap_or(Date::MIN);
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().and_then(day_of).is_some_and(|day| day < oldest) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn name(day: Date) -> String {
    format!("access-{day}.log")
}

/// The day of a file's name; of another file none.
fn day_of(name: &str) -> Option<Date> {
    name.strip_prefix("access-")?.strip_suffix(".log")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(at: &str) -> Access {
        Access { name: "/home".to_owned(), at: at.parse().unwrap(), bytes: Some(5), succeeded: true }
    }

    #[test]
    fn a_line_is_gone_after_fourteen_days() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("other.log"), "").unwrap();
        let mut log = AccessFile::in_folder(folder.path()).unwrap();
        log.write(&access("2026-11-01T00:00:00Z")).unwrap();
        log.write(&access("2026-11-14T23:59:59Z")).unwrap();
        assert!(folder.path().join("access-2026-11-01.log").exists());
        log.write(&access("2026-11-15T00:00:00Z")).unwrap();
        log.write(&access("2026-11-15T00:00:01Z")).unwrap();
        assert!(!folder.path().join("access-2026-11-01.log").exists());
        let last = fs::read_to_string(folder.path().join("access-2026-11-15.log")).unwrap();
        assert_eq!(last, "2026-11-15T00:00:00Z /home 5 ok\n2026-11-15T00:00:01Z /home 5 ok\n");
        assert!(folder.path().join("other.log").exists());
    }
}
