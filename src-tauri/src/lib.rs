//! SHELL: shows. The only Rust that knows Tauri.
//!
//! Opens the one window on the built screens, with one thread behind it that runs the shop. The
//! crates below hold the rules; this one decides nothing. Promise: the window shows our own screens
//! and nothing else, and gets views, never keys. It opens out of sight and is shown once its page
//! hears keys, so that no digit is lost and nothing flashes.

mod asked;
mod audit;
mod bank;
mod beside;
mod closing;
mod commands;
mod counter;
mod front;
mod login;
mod notify;
mod options;
mod people;
#[cfg(test)]
mod permission;
mod place;
mod refunds;
mod settings;
mod tray;
mod words;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser as _;
use clap::error::ErrorKind;
use counterfoil_commands::terminal::plain;
use tauri::ipc::Invoke;
use tauri::webview::PageLoadEvent;
use tauri::window::Color;
use tauri::{AppHandle, Context, Manager as _, Runtime, Theme, Url, Webview, WebviewWindow, WindowEvent};

use crate::closing::Closing;
use crate::counter::Counter;
use crate::front::Front;
use crate::options::Options;
use crate::place::Keeper;

/// The window before its screens, by day and where the system is dark.
const PAPER: Color = Color(0xf5, 0xf3, 0xee, 0xff);
const DARK_PAPER: Color = Color(0x11, 0x15, 0x1b, 0xff);
/// The window itself, which its theme paints.
const CLEAR: Color = Color(0, 0, 0, 0);

/// The label of the one window.
pub(crate) const MAIN: &str = "main";

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    counterfoil_shop::no_dumps();
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            say(&error.render().to_string());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            complain(&error.render().to_string());
            return ExitCode::from(2);
        }
    };
    let builder = tauri::Builder::default();
    #[cfg(not(target_os = "linux"))]
    let builder = only_one(builder, &options);
    let Ok(front) = first_of(&options) else { return ExitCode::SUCCESS };
    let aside = AtomicBool::new(options.hidden);
    let opened = builder
        .plugin(only_our_screens())
        .invoke_handler(handler())
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                closing::asked(window, api);
            }
        })
        .on_page_load(move |view, load| {
            // the first page only: later the window is where the person has put it
            if load.event() == PageLoadEvent::Finished && !aside.swap(true, Ordering::Relaxed) {
                to_the_front(view.app_handle());
            }
        })
        .setup(move |app| {
            let place = Keeper::new(&options.folder()?, options.demo);
            if let Some(window) = app.get_webview_window(MAIN) {
                place.restore(&window);
                without_graphics_card(&window);
                on_paper(&window);
            }
            app.manage(place);
            app.manage(Closing::default());
            if let Some(front) = front {
                front.serve(app.handle())?;
            }
            app.manage(words::Spoken::default());
            notify::open(app.handle())?;
            tray::open(app.handle());
            if options.hidden {
                closing::aside(app.handle());
            }
            app.manage(Counter::open(options, app.handle().clone())?);
            Ok(())
        })
        .build(context());
    match opened {
        Ok(app) => {
            app.run(went_on);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("the window could not be opened: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The second start of a shop whose window is open ends here, and its window comes to the front.
/// Nothing: other starts do not find this one.
fn first_of(options: &Options) -> Result<Option<Front>, OpenAlready> {
    // there the system knows the program, and brings it to the front
    if cfg!(not(target_os = "linux")) && options.is_plain() {
        return Ok(None);
    }
    let Ok(folder) = options.folder() else { return Ok(None) };
    let file = front::file(&folder, options.demo);
    if front::is_open(&file, options.hidden) { Err(OpenAlready) } else { Ok(Front::open(&file).ok()) }
}

/// The window of this shop is open.
struct OpenAlready;

/// One window of the program as a person opens it, by the way that the system has for that.
#[cfg(not(target_os = "linux"))]
fn only_one(builder: tauri::Builder<tauri::Wry>, options: &Options) -> tauri::Builder<tauri::Wry> {
    if !options.is_plain() {
        return builder;
    }
    let front = |app: &AppHandle, options: Vec<String>, _: String| {
        // a sign-in to the computer while it is open brings nothing to the front
        if !options.iter().any(|option| option == options::HIDDEN) {
            to_the_front(app);
        }
    };
    // before everything else: a second program ends here
    builder.plugin(tauri_plugin_single_instance::Builder::new().callback(front).build())
}

/// What was built in: `tauri.conf.json`, the screens, and what a page may ask.
fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// What answers a page; of any runtime, so that a test can call it on a pretended one.
fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    macro_rules! handler {
        ($($module:ident::$name:ident $takes:tt -> $answer:ty;)*) => { tauri::generate_handler![$(asked::$name),*] };
    }
    counterfoil_commands::every_command!(handler)
}

/// Shows the window to the person, wherever it was, as far as the desktop lets us. False: there is
/// none any more.
pub(crate) fn to_the_front(app: &AppHandle) -> bool {
    let Some(window) = app.get_webview_window(MAIN) else { return false };
    window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()).is_ok()
}

/// Until the screens are painted the window has the colour of paper (`--paper` in
/// `ui/src/tokens.css`), so that nothing flashes. A Linux desktop may be dark by its theme alone,
/// which only the window knows: there the page lets it through.
fn on_paper(window: &WebviewWindow) {
    let _as_it_comes = match window.theme() {
        Ok(Theme::Dark) => window.set_background_color(Some(DARK_PAPER)),
        Ok(_) | Err(_) if cfg!(target_os = "linux") => {
            let page: &Webview = window.as_ref();
            page.set_background_color(Some(CLEAR))
        }
        Ok(_) | Err(_) => window.set_background_color(Some(PAPER)),
    };
}

/// The web view of Linux paints by itself: a page of words and lines needs no graphics card, and
/// with it a picture of every part of the page is held beside the page, more with every scroll
/// (`docs/decisions/0012`).
#[cfg(target_os = "linux")]
fn without_graphics_card(window: &WebviewWindow) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};
    let _as_it_was_before = window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    });
}

#[cfg(not(target_os = "linux"))]
fn without_graphics_card(_: &WebviewWindow) {}

/// On a Mac a person opens a program that has no window left from the Dock.
#[cfg(target_os = "macos")]
#[expect(clippy::needless_pass_by_value, reason = "the shape that Tauri calls")]
fn went_on(app: &AppHandle, event: tauri::RunEvent) {
    if let tauri::RunEvent::Reopen { .. } = event {
        to_the_front(app);
    }
}

#[cfg(not(target_os = "macos"))]
fn went_on(_: &AppHandle, _: tauri::RunEvent) {}

/// No page but ours is ever loaded, whatever a script asks for; a link opens in the person's own
/// browser.
fn only_our_screens<R: Runtime>() -> tauri::plugin::TauriPlugin<R> {
    tauri::plugin::Builder::new("only-our-screens").on_navigation(|_, url| is_our_page(url)).build()
}

fn is_our_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        // Windows has no schemes of its own in its web view
        ("http", Some("tauri.localhost")) => cfg!(windows),
        (_, _) => false,
    }
}

/// Writes to standard output; a closed one is no error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{}", plain(line.trim_end()));
}

/// Writes to standard error: without a window, only the terminal can report why none opened.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "counterfoil: {}", plain(line.trim_end()));
}
