//! The files of one month while they are written.
//!
//! Series come in; files `part-N` with row groups of a bounded size lie in a folder that is not the final one. A file that
//! is done is durable.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

use super::ExportFault;
use super::columns::Rows;

/// Rows of a row group: what lies in memory, about 30 MB; and what a reader can skip by the least and greatest value.
const GROUP_ROWS: usize = 131_072;
/// Rows of a file: one that a reader's thread takes in seconds.
const FILE_ROWS: u64 = 64 * GROUP_ROWS as u64;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wrote {
    pub(super) files: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// The files of one month.
pub(super) struct MonthFile<R> {
    /// Where they lie until all are done.
    folder: PathBuf,
    properties: WriterPropertiesPtr,
    rows: R,
    current: Option<Part>,
    wrote: Wrote,
}

/// The file that is written now.
struct Part {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
    rows: u64,
}

impl<R: Rows> MonthFile<R> {
    /// A month without files. `notes` go into each file, for whoever finds it.
    pub(super) fn new(folder: PathBuf, notes: Vec<(&str, String)>) -> Self {
        let note = |(name, value): (&str, String)| KeyValue::new(format!("tidstro.{name}"), value);
        let properties = WriterProperties::builder()
            .set_created_by(concat!("tidstro ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(notes.into_iter().map(note).collect()))
            .build();
        Self {
            folder,
            properties: Arc::new(properties),
            rows: R::new(),
            current: None,
            wrote: Wrote::default(),
        }
    }

    /// Lets rows be added: those of one series.
    ///
    /// # Errors
    /// [`ExportFault`] if a value does not fit, or the file cannot be written.
    pub(super) fn add(
        &mut self,
        add: impl FnOnce(&mut R) -> Result<(), ExportFault>,
    ) -> Result<(), ExportFault> {
        add(&mut self.rows)?;
        if self.rows.len() >= GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Writes what is left and makes it durable. Gives the folder, and what was written into it.
    ///
    /// # Errors
    /// [`ExportFault`] if the file cannot be written.
    pub(super) fn finish(mut self) -> Result<(PathBuf, Wrote), ExportFault> {
        self.flush()?;
        self.close()?;
        Ok((self.folder, self.wrote))
    }

    /// Writes the rows there are as one row group.
    fn flush(&mut self) -> Result<(), ExportFault> {
        let count = self.rows.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows, R::new());
        let part = self.part()?;
        part.write(&rows).map_err(|source| ExportFault::Parquet { path: part.path.clone(), source })?;
        part.rows += count;
        let is_full = part.rows >= FILE_ROWS;
        self.wrote.rows += count;
        if is_full { self.close() } else { Ok(()) }
    }

    /// The file that is written now; a new one if there is none.
    fn part(&mut self) -> Result<&mut Part, ExportFault> {
        match &mut self.current {
            Some(part) => Ok(part),
            empty => {
                let path = self.folder.join(format!("part-{}.unfinished", self.wrote.files));
                Ok(empty.insert(Part::create(path, R::TABLE, &self.properties)?))
            }
        }
    }

    fn close(&mut self) -> Result<(), ExportFault> {
        let Some(part) = self.current.take() else { return Ok(()) };
        self.wrote.bytes += part.close()?;
        self.wrote.files += 1;
        Ok(())
    }
}

impl Part {
    fn create(path: PathBuf, table: &str, properties: &WriterPropertiesPtr) -> Result<Self, ExportFault> {
        let file = create(&path).map_err(|source| ExportFault::Folder { path: path.clone(), source })?;
        let schema = parse_message_type(table).map(TypePtr::new);
        let writer = schema.and_then(|schema| {
            SerializedFileWriter::new(BufWriter::new(file), schema, Arc::clone(properties))
        });
        let writer = writer.map_err(|source| ExportFault::Parquet { path: path.clone(), source })?;
        Ok(Self { path, writer, rows: 0 })
    }

    fn write(&mut self, rows: &impl Rows) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in rows.columns() {
            let to = group.next_column()?;
            let to = to.ok_or_else(|| ParquetError::General("the table has fewer columns".to_owned()))?;
            column.write(to)?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes the footer and waits for the disk. Gives the bytes of the file.
    fn close(self) -> Result<u64, ExportFault> {
        let Self { path, writer, .. } = self;
        let file =
            writer.into_inner().map_err(|source| ExportFault::Parquet { path: path.clone(), source })?;
        let durable = || {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            file.sync_all()?;
            Ok(file.metadata()?.len())
        };
        durable().map_err(|source| ExportFault::Folder { path, source })
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create_new(path)
}
