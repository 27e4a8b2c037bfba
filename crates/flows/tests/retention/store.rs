//! A data folder under a register, with the steps of a retention run.

use std::path::Path;

use jiff::Timestamp;
use tidstro_flows::{
    Opening, RetentionOutcome, RetentionPreview, Workspace, approve_retention, preview_retention,
    retention_leftovers, run_retention, verify_log,
};
use tidstro_govern::{RegisterFile, verify_certificate};

use crate::common::{actor, given};

pub(crate) const JOB: &str = "job:retention";
pub(crate) const APPROVER: &str = "staff:dpo";

/// A data folder. It is opened anew for each use, as a command does.
pub(crate) struct Folder {
    pub(crate) register: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new(register: &str) -> Self {
        Self { register: register.to_owned(), folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn open(&self, now: &str) -> Workspace {
        self.open_in(self.folder.path(), now).await
    }

    async fn open_in(&self, folder: &Path, now: &str) -> Workspace {
        let files = [RegisterFile { text: &self.register, name: "register" }];
        let opening = Opening { folder, register: Some(&files), master_key: None };
        Workspace::open(&opening, at(now)).await.unwrap()
    }

    pub(crate) async fn preview(&self, now: &str) -> RetentionPreview {
        let workspace = self.open(now).await;
        given(preview_retention(&workspace, &actor(JOB), at(now)).await.unwrap())
    }

    /// Preview, approval and run; the text of the certificate.
    pub(crate) async fn erase(&self, now: &str) -> String {
        let workspace = self.open(now).await;
        let preview = given(preview_retention(&workspace, &actor(JOB), at(now)).await.unwrap());
        assert!(!preview.is_empty(), "there is something to erase at {now}");
        let approved =
            approve_retention(&workspace, &actor(APPROVER), preview.number, at(now)).await.unwrap();
        assert_eq!(approved, RetentionOutcome::Approved);
        let certificate = match self.run(&workspace, preview.number, now).await {
            RetentionOutcome::Erased { certificate, .. } => certificate,
            other => panic!("{other:?}"),
        };
        let text = verify_certificate(&certificate, None).unwrap();
        self.is_settled(&workspace, now).await;
        text
    }

    pub(crate) async fn run(&self, workspace: &Workspace, number: u64, now: &str) -> RetentionOutcome {
        given(run_retention(workspace, &actor(JOB), number, at(now), |_, _| ()).await.unwrap())
    }

    /// What is true after every run: nothing is left, a second look finds nothing, a second run changes
    /// nothing and issues nothing, the log holds.
    async fn is_settled(&self, workspace: &Workspace, now: &str) {
        assert_eq!(retention_leftovers(workspace, at(now)).await.unwrap(), 0);
        let again = given(preview_retention(workspace, &actor(JOB), at(now)).await.unwrap());
        assert!(again.is_empty(), "{:?}", again.counts);
        approve_retention(workspace, &actor(APPROVER), again.number, at(now)).await.unwrap();
        assert_eq!(self.run(workspace, again.number, now).await, RetentionOutcome::Nothing);
        verify_log(workspace).await.unwrap();
    }

    /// A copy of the data, as a backup program takes it: everything but the keys.
    pub(crate) fn backup(&self) -> tempfile::TempDir {
        Self::backup_of(self.folder.path())
    }

    /// The same of any folder.
    pub(crate) fn backup_of(folder: &Path) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for file in ["tidstro.sqlite", "tidstro.sqlite-wal"] {
            let from = folder.join(file);
            if from.exists() {
                std::fs::copy(from, copy.path().join(file)).unwrap();
            }
        }
        copy
    }

    /// The backup opened with the keys of today.
    pub(crate) async fn restored(&self, backup: &Path, now: &str) -> Workspace {
        for file in ["keys.sqlite", "master.key"] {
            std::fs::copy(self.folder.path().join(file), backup.join(file)).unwrap();
        }
        self.open_in(backup, now).await
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
