//! Starting cargo from a task.
//!
//! What goes out: commands that run in the workspace's root and build outside the checkout. They must not
//! see what the running cargo told this program about itself: build scripts that watch those variables
//! would run again, and with them everything that depends on them.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Prefixes of variables that cargo sets for a program it runs, with the package it belongs to.
const OWN_VARIABLES: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// A cargo command in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let is_own = name.to_str().is_some_and(|name| OWN_VARIABLES.iter().any(|own| name.starts_with(own)));
        if is_own {
            command.env_remove(name);
        }
    }
    if let (None, Some(folder)) = (env::var_os("CARGO_TARGET_DIR"), target_folder()) {
        command.env("CARGO_TARGET_DIR", folder);
    }
    command
}

/// Whether a program is there and answers.
pub(crate) fn answers(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Below the user's cache folder, so that builds stay out of the checkout and are shared by all of them.
fn target_folder() -> Option<PathBuf> {
    cache_folder().map(|cache| cache.join("target"))
}

/// Where what is made for tasks lies, outside the checkout.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(cache.join("tidstro"))
}
