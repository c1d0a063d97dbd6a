//! The commands of the window: module in `src-tauri/src`, name, arguments, answer.
//!
//! To add one: a line here, its function in `src-tauri/src/commands.rs`, `people.rs`, `refunds.rs`
//! or `settings.rs`, then `cargo xtask bindings`. The shell makes the functions that Tauri calls
//! from this list, its build makes the window's one permission, and the bindings write `Commands`
//! for the screens.

/// Passes the list to the macro of this name.
#[macro_export]
macro_rules! every_command {
    ($of:ident) => {
        $of! {
            commands::shop() -> ShopNow;
            commands::health() -> HealthView;
            commands::again() -> ();
            commands::speak(language: String) -> ();
            commands::newest() -> Vec<OrderRowView>;
            commands::orders(view: View, typed: String, filter: FilterTyped, after: Option<String>) -> Vec<OrderRowView>;
            commands::foreign_found(view: View, typed: String) -> Vec<ForeignRowView>;
            commands::order(order: String) -> OrderInFull;
            commands::views() -> Vec<ViewCount>;
            commands::coverage() -> CoverageNow;
            commands::unseen() -> Vec<PaymentView>;
            commands::seen(payment: String) -> ();
            commands::sell(request: SellRequest) -> PaymentView;
            commands::sale_nears(typed: bool) -> ();
            commands::payment(payment: String) -> PaymentView;
            commands::leave(payment: String) -> ();
            commands::cancel(payment: String) -> PaymentView;
            commands::open_link(payment: String) -> ();
            commands::erase_customer(order: String) -> OrderInFull;
            commands::correct_customer(order: String, name: String, note: String) -> OrderInFull;
            refunds::refund_room(payment: String, xid: String) -> RefundRoom;
            refunds::refund_preview(payment: String, xid: String, amount: String) -> RefundPreview;
            refunds::request_refund(request: RefundRequest) -> RefundRowView;
            refunds::refunds() -> RefundsView;
            refunds::refund(refund: String) -> RefundRowView;
            refunds::approve_refund(refund: String, amount: Option<String>, pin: PinTyped) -> RefundRowView;
            refunds::withdraw_refund(refund: String) -> RefundRowView;
            refunds::decide_refund(refund: String, decision: DecisionTyped) -> RefundRowView;
            refunds::book_refund(booking: BookingTyped) -> RefundsView;
            refunds::close_discrepancy(discrepancy: String, reason: String) -> RefundsView;
            audit::audit(filter: AuditAsked, before: Option<u64>) -> AuditPage;
            audit::audit_export(filter: AuditAsked) -> AuditExported;
            audit::audit_verify() -> AuditView;
            audit::audit_accept(pin: PinTyped) -> ();
            people::people() -> Vec<PersonView>;
            people::who() -> WhoView;
            people::sign_in(name: String, pin: PinTyped) -> WhoView;
            people::sign_out() -> WhoView;
            people::pin_wait(name: String) -> i64;
            people::still_here() -> ();
            people::add_person(name: String, role: Role, pin: PinTyped) -> PersonView;
            people::limit_person(person: String, ask: Option<i64>, approve: Option<i64>) -> PersonView;
            people::retire_person(person: String) -> PersonView;
            people::set_pin(person: String, pin: PinTyped) -> PersonView;
            settings::settings() -> SettingsView;
            settings::save_settings(change: SettingsChange) -> SettingsView;
            settings::prove(bank: Bank) -> ProofView;
            settings::set_keys(shop_no: String, keys: KeysTyped) -> ProofView;
            settings::set_card_key(mer_id: String, keys: CardKeyTyped) -> ProofView;
            settings::add_bank(banks: BanksTyped) -> ProofView;
            settings::add_shop(shop: ShopTyped) -> ProofView;
            closing::close_window() -> ();
            closing::quit(sure: bool) -> ();
            settings::open_demo() -> ();
            settings::demo(action: DemoAction, payment: Option<String>) -> ();
        }
    };
}
