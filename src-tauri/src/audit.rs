//! The commands of the audit record. Nothing is checked or decided here.

use std::ops::ControlFlow;

use counterfoil_commands::{
    AuditAsked, AuditExported, AuditPage, AuditView, Code, CommandError, Exit, Failure, PinTyped,
};
use counterfoil_shop::{Desk, Right};

use tauri::Emitter as _;

use crate::counter::Counter;
use crate::refunds::by_pin;
use crate::settings::apart;

/// A page of the record that ends before row `before`, of what the filter leaves.
pub(crate) async fn audit(
    counter: &Counter,
    filter: AuditAsked,
    before: Option<u64>,
) -> Result<AuditPage, Failure> {
    counter.ask_as(move |desk, who| desk.audit(&filter, before, who)).await
}

/// Writes the rows that the filter leaves to a file in the shop's folder, beside the desk.
pub(crate) async fn audit_export(counter: &Counter, filter: AuditAsked) -> Result<AuditExported, Failure> {
    let parts = |desk: &mut Desk, who| {
        desk.allowed(who, Right::ExportAudit)?;
        Ok((desk.parts().0, desk.bank_time()))
    };
    let (from, now) = counter.ask_as(parts).await?;
    let wanted = move || async move { counterfoil_shop::export_audit(&from, &filter, now, None) };
    apart(wanted).await
}

/// Walks the whole record beside the desk; the event `verifying` tells how far it is.
pub(crate) async fn audit_verify(counter: &Counter) -> Result<AuditView, Failure> {
    let parts = |desk: &mut Desk, who| desk.allowed(who, Right::ExportAudit).map(|()| desk.parts());
    let (from, _) = counter.ask_as(parts).await?;
    let app = counter.app();
    apart(move || async move {
        let mut tell = |rows: u64| {
            let _window_closed = app.emit("verifying", rows);
            ControlFlow::Continue(())
        };
        let stopped = || CommandError::new(Code::Storage, Exit::Storage);
        counterfoil_shop::verify_audit(&from, None, &mut tell)?.ok_or_else(stopped)
    })
    .await
}

/// Accepts a data file that was put back or copied, with the PIN of the owner at the counter.
pub(crate) async fn audit_accept(counter: &Counter, pin: PinTyped) -> Result<(), Failure> {
    let who = by_pin(counter, Right::Keys, pin).await?;
    counter.ask(move |desk| desk.accept_record(who).map(drop)).await
}
