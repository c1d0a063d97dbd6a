//! Every command of the window, once. A new command is one line here.
//!
//! Three read it: the handler (`lib.rs`), the build, which makes of it the one permission that the window has (`build.rs`), and the
//! tests of what a page may ask (`permission.rs`). So no command is built that is not allowed, and none is allowed that is not built.

/// Hands `module::function` of each to the macro of this name.
macro_rules! every_command {
    ($of:ident) => {
        $of![
            commands::shop,
            commands::newest,
            commands::orders,
            commands::order,
            commands::coverage,
            commands::cancel,
            commands::sell,
            commands::payment,
            commands::open_link,
            commands::demo_pay
        ]
    };
}
