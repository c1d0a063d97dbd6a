//! Lets Tauri read `tauri.conf.json` at build time, and tells it our commands.
//!
//! The permission `every-command` is what the one window has beside hearing events. Because it is
//! there, Tauri asks for a permission for our own commands as well: a window or page without it is
//! refused.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[macro_use]
#[path = "../crates/commands/src/every_command.rs"]
mod every_command;

/// The names that a page calls.
macro_rules! names {
    ($($module:ident::$name:ident $takes:tt -> $answer:ty;)*) => { [$(stringify!($name)),*] };
}

fn main() -> Result<(), Box<dyn Error>> {
    let names = every_command!(names);
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder to write to")?;
    let file = Path::new(&folder).join("every-command.json");
    let permission = format!(
        r#"{{ "permission": [{{ "identifier": "every-command", "description": "Our own commands.",
             "commands": {{ "allow": {names:?} }} }}] }}"#
    );
    fs::write(&file, permission)?;
    let file: &'static str =
        file.into_os_string().into_string().map_err(|_| "a folder without a readable name")?.leak();
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern(file);
    Ok(tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?)
}
