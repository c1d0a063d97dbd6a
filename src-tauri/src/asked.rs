//! The functions that Tauri calls, one for each command in the list. Each calls its namesake.

use counterfoil_commands::{
    AuditAsked, AuditExported, AuditPage, AuditView, Bank, BanksTyped, BookingTyped, CardKeyTyped,
    CoverageNow, DecisionTyped, DemoAction, Failure, FilterTyped, ForeignRowView, HealthView, KeysTyped,
    OrderInFull, OrderRowView, PaymentView, PersonView, PinTyped, ProofView, RefundPreview, RefundRequest,
    RefundRoom, RefundRowView, RefundsView, Role, SellRequest, SettingsChange, SettingsView, ShopNow,
    ShopTyped, View, ViewCount, WhoView, every_command,
};
use tauri::State;

use crate::counter::Counter;

macro_rules! asked {
    ($($module:ident::$name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)*) => { $(
        #[tauri::command]
        pub(crate) async fn $name(counter: State<'_, Counter>, $($arg: $type),*) -> Result<$answer, Failure> {
            crate::$module::$name(&counter, $($arg),*).await
        }
    )* };
}
every_command!(asked);
