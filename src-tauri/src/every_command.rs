//! Every command of the window, once. A new command is one line here.
//!
//! Three read it: the handler (`lib.rs`), the build, which makes of it the one permission that the window has (`build.rs`), and the
//! tests of what a page may ask (`permission.rs`). So no command is built that is not allowed, and none is allowed that is not built.

/// Hands `module::function` of each to the macro of this name.
macro_rules! every_command {
    ($of:ident) => {
        $of![
            commands::shop,
            commands::health,
            commands::again,
            commands::newest,
            commands::orders,
            commands::order,
            commands::views,
            commands::coverage,
            commands::unseen,
            commands::seen,
            commands::sell,
            commands::payment,
            commands::leave,
            commands::cancel,
            commands::open_link,
            commands::erase_customer,
            settings::settings,
            settings::save_settings,
            settings::prove,
            settings::set_keys,
            settings::set_card_key,
            settings::add_bank,
            settings::add_shop,
            settings::open_demo,
            settings::demo
        ]
    };
}
