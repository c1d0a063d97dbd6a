//! Lets Tauri read `tauri.conf.json` at build time.
fn main() {
    tauri_build::build();
}
