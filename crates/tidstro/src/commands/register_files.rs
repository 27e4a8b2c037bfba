//! Where a register is written: one file, or a folder that is read as one.
//!
//! What comes in: a path, or none. What goes out: names and texts in the order in which they are read.
//! Never: a file whose name does not end in `.toml`, or begins with a dot.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tidstro_govern::{Register, RegisterFile};

use super::holds_data;
use crate::args::Arguments;
use crate::fault::CommandFault;

/// The register of the demo town: what a new data folder begins with.
const TOWN_REGISTER: &str = include_str!("../../../../registers/town.toml");
/// The register of a data folder, as one file or as a folder.
const KEPT: [&str; 2] = ["register.toml", "register"];

/// The name and the text of a file.
pub(crate) type NamedText = (String, String);

/// The files as the register's parser takes them.
pub(crate) fn borrowed(files: &[NamedText]) -> Vec<RegisterFile<'_>> {
    files.iter().map(|(name, text)| RegisterFile { name, text }).collect()
}

/// Reads and checks a register.
pub(crate) fn parse(files: &[NamedText]) -> Result<Register, CommandFault> {
    Register::parse_files(&borrowed(files)).map_err(CommandFault::Register)
}

/// The register of a path.
pub(crate) fn register_at(path: &Path) -> Result<Register, CommandFault> {
    parse(&read(path)?)
}

/// The register to decide by, as [`in_use`] finds it.
pub(crate) fn register_in_use(arguments: &Arguments) -> Result<Register, CommandFault> {
    let files = in_use(arguments)?;
    let files = files.ok_or_else(|| CommandFault::NoRegister { folder: arguments.data.clone() })?;
    parse(&files)
}

/// The files of a register, with the names they are cited by.
pub(crate) fn read(path: &Path) -> Result<Vec<NamedText>, CommandFault> {
    if !path.is_dir() {
        return Ok(vec![read_one(path)?]);
    }
    let files = toml_files(path)?;
    if files.is_empty() {
        return Err(CommandFault::EmptyRegister { path: path.to_owned() });
    }
    files.iter().map(|file| read_one(file)).collect()
}

fn read_one(path: &Path) -> Result<NamedText, CommandFault> {
    let text = std::fs::read_to_string(path).map_err(unusable(path))?;
    Ok((path.display().to_string(), text))
}

/// The files of the folder itself whose names end in `.toml`, by name.
fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, CommandFault> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unusable(folder))? {
        let path = entry.map_err(unusable(folder))?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !is_hidden && path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unusable(path: &Path) -> impl Fn(std::io::Error) -> CommandFault + use<'_> {
    |source| CommandFault::File { path: path.to_owned(), source }
}

/// The register to decide by: the one named on the command line, the data folder's, or for a new folder
/// the town's. `None` for a folder that lost its copy: the one that decides there is in its database.
pub(crate) fn in_use(arguments: &Arguments) -> Result<Option<Vec<NamedText>>, CommandFault> {
    if let Some(path) = &arguments.register {
        return read(path).map(Some);
    }
    match kept_in(&arguments.data)? {
        Some(path) => read(&path).map(Some),
        None if holds_data(&arguments.data) => Ok(None),
        None => Ok(Some(vec![("register.toml".to_owned(), TOWN_REGISTER.to_owned())])),
    }
}

/// Where the data folder keeps its register, if it has one.
fn kept_in(data: &Path) -> Result<Option<PathBuf>, CommandFault> {
    let there = KEPT.map(|name| data.join(name)).into_iter().filter(|path| path.exists());
    match there.collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(CommandFault::TwoRegisters { folder: data.to_owned() }),
    }
}

/// Keeps a copy of the deciding register in a data folder that has none.
pub(crate) fn keep_if_missing(data: &Path, register: &Register) -> Result<(), CommandFault> {
    if kept_in(data)?.is_some() {
        return Ok(());
    }
    let Kept { new, path, .. } = write_aside(data, register)?;
    let kept = put_in_place(&new, &path);
    // Another program may have begun with the folder at the same moment: that one's is as good.
    if kept_in(data)?.is_some() { Ok(()) } else { kept }
}

/// Makes this register the data folder's, in the place of another. The new one is whole on the disk
/// before the old one goes.
pub(crate) fn keep(data: &Path, register: &Register) -> Result<(), CommandFault> {
    let Kept { new, path, other } = write_aside(data, register)?;
    if new.is_dir() {
        remove(&path)?;
    }
    put_in_place(&new, &path)?;
    remove(&other)
}

/// A register that is whole on the disk, and where it belongs.
struct Kept {
    new: PathBuf,
    path: PathBuf,
    /// Where a register of the other form would lie.
    other: PathBuf,
}

/// Writes a register under a name of this process's own: two that begin at once must not write into one file.
fn write_aside(data: &Path, register: &Register) -> Result<Kept, CommandFault> {
    let files: Vec<_> = register.files().collect();
    let [file_path, folder_path] = KEPT.map(|name| data.join(name));
    let new = data.join(format!(".register.{}", std::process::id()));
    remove(&new)?;
    if let [one] = files.as_slice() {
        write_durable(&new, one.text).map_err(unusable(&new))?;
        return Ok(Kept { new, path: file_path, other: folder_path });
    }
    std::fs::create_dir_all(&new).map_err(unusable(&new))?;
    for file in files {
        let path = new.join(Path::new(file.name).file_name().unwrap_or(file.name.as_ref()));
        write_durable(&path, file.text).map_err(unusable(&path))?;
    }
    Ok(Kept { new, path: folder_path, other: file_path })
}

fn write_durable(path: &Path, text: &str) -> Result<(), std::io::Error> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives what is whole its name, or leaves nothing of it.
fn put_in_place(new: &Path, path: &Path) -> Result<(), CommandFault> {
    let renamed = std::fs::rename(new, path).map_err(unusable(path));
    if renamed.is_err() {
        remove(new)?;
    }
    renamed
}

fn remove(path: &Path) -> Result<(), CommandFault> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(fault) if fault.kind() != ErrorKind::NotFound => Err(unusable(path)(fault)),
        _ => Ok(()),
    }
}

/// Whether a path is the data folder's own register.
pub(crate) fn is_kept(data: &Path, path: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let given = real(path);
    given.is_some() && KEPT.iter().any(|name| real(&data.join(name)) == given)
}
