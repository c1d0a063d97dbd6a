//! The commands of the settings, and of the customer that can be played in the demo shop. Nothing
//! is checked or decided here.
//!
//! Keyring and bank are asked on threads of their own: one may ask a person, the other takes its
//! time, and the shop goes on. Keys come in here and never go out.

use std::future::Future;

use counterfoil_commands::{
    BanksTyped, CardKeyTyped, Code, CommandError, DemoAction, Exit, Failure, KeysTyped, ProofView,
    SettingsChange, SettingsView, ShopTyped,
};
use counterfoil_shop::{
    Actor, Bank, Composition, Desk, Right, ShopRecord, proof_view, prove_and_add_shop, prove_and_keep_bank,
    prove_and_keep_card_key, prove_and_keep_keys, prove_bank,
};

use crate::counter::Counter;
use crate::login;

/// Beyond the end, and beyond the ten minutes in which a card page may still bring money in time;
/// both count whole minutes.
const AFTER_EXPIRY_S: i64 = 13 * 60;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;

/// What the settings need away from the desk, for who may change them.
async fn parts(counter: &Counter) -> Result<(Composition, ShopRecord), Failure> {
    counter.ask_as(|desk, who| desk.allowed(who, Right::Settings).map(|()| desk.parts())).await
}

/// The settings of the shop, and whether its keys are there.
pub(crate) async fn settings(counter: &Counter) -> Result<SettingsView, Failure> {
    let (from, shop) = parts(counter).await?;
    let can_add = counter.place_for_a_shop().is_ok();
    let view = apart(move || async move { Ok(counterfoil_shop::settings(&from, &shop, can_add)) }).await?;
    let start_at_login = counter.may_start_at_login().then(|| login::is_on(&counter.app())).flatten();
    Ok(SettingsView { start_at_login, ..view })
}

/// Takes settings; they hold from now on.
pub(crate) async fn save_settings(
    counter: &Counter,
    change: SettingsChange,
) -> Result<SettingsView, Failure> {
    let start_at_login = change.start_at_login.filter(|_| counter.may_start_at_login());
    let saved = move |desk: &mut Desk, who| desk.save_settings(&change, who).map(|()| who);
    let who = counter.ask_as(saved).await?;
    if let Some(on) = start_at_login.filter(|on| login::is_on(&counter.app()) != Some(*on)) {
        login::set(&counter.app(), on)?;
        counter.ask(move |desk| desk.note_start_at_login(on, who)).await?;
    }
    settings(counter).await
}

/// Proves the keys of a bank that are kept.
pub(crate) async fn prove(counter: &Counter, bank: Bank) -> Result<ProofView, Failure> {
    let (from, shop) = parts(counter).await?;
    apart(move || async move { Ok(proof_view(bank, &prove_bank(&from, &shop, bank).await?, true)) }).await
}

/// Proves other keys, and keeps them unless the bank says that one is wrong.
pub(crate) async fn set_keys(
    counter: &Counter,
    shop_no: String,
    keys: KeysTyped,
) -> Result<ProofView, Failure> {
    replace(counter, Bank::Sinopac, shop_no, move |from, shop, shop_no| async move {
        prove_and_keep_keys(&from, &shop, &shop_no, keys.into()).await
    })
    .await
}

/// The same with the key of CTBC.
pub(crate) async fn set_card_key(
    counter: &Counter,
    mer_id: String,
    keys: CardKeyTyped,
) -> Result<ProofView, Failure> {
    replace(counter, Bank::Ctbc, mer_id, move |from, shop, mer_id| async move {
        prove_and_keep_card_key(&from, &shop, &mer_id, keys.into()).await
    })
    .await
}

/// Has keys proved and kept that were typed with the number that they belong to; the shop goes on
/// with them.
async fn replace<F>(
    counter: &Counter,
    bank: Bank,
    number: String,
    keep: impl FnOnce(Composition, ShopRecord, String) -> F + Send + 'static,
) -> Result<ProofView, Failure>
where
    F: Future<Output = Result<(ProofView, Option<ShopRecord>), CommandError>>,
{
    let typed = number.clone();
    // whoever began it also ends it, whoever has signed in meanwhile
    let parts = move |desk: &mut Desk, who| Ok((desk.parts_for_keys(bank, &typed, who)?, who));
    let ((from, shop), who) = counter.ask_as(parts).await?;
    let (proof, with) = apart(move || keep(from, shop, number)).await?;
    if let Some(with) = with {
        counter.ask(move |desk| desk.keys_replaced_with(bank, &with, who)).await?;
    }
    Ok(proof)
}

/// Adds a bank to the shop that is open, unless that bank says that a key is wrong.
pub(crate) async fn add_bank(counter: &Counter, banks: BanksTyped) -> Result<ProofView, Failure> {
    let parts = |desk: &mut Desk, who| desk.allowed(who, Right::Keys).map(|()| (desk.parts(), who));
    let ((from, shop), who) = counter.ask_as(parts).await?;
    let (proof, with) = apart(move || async move { prove_and_keep_bank(&from, &shop, banks).await }).await?;
    if let Some(with) = with {
        counter.ask(move |desk| desk.add_bank(with, who)).await?;
    }
    Ok(proof)
}

/// Adds a shop of one's own and opens it, unless the bank says that a key is wrong.
pub(crate) async fn add_shop(counter: &Counter, shop: ShopTyped) -> Result<ProofView, Failure> {
    counter.ask_as(|desk, who| desk.allowed(who, Right::Keys)).await?;
    let from = counter.place_for_a_shop()?;
    let file = shop.into_shop_file();
    let proof = apart(move || async move { prove_and_add_shop(&from, &file, Actor::Owner).await }).await?;
    if proof.kept {
        counter.open_added().await;
    }
    Ok(proof)
}

/// Opens the demo shop beside a shop of one's own, which goes on.
pub(crate) async fn open_demo(counter: &Counter) -> Result<(), Failure> {
    counter.look(|_| Ok(())).await?;
    Ok(counter.open_demo()?)
}

/// In the demo shop: what a customer, the network or time does.
pub(crate) async fn demo(
    counter: &Counter,
    action: DemoAction,
    payment: Option<String>,
) -> Result<(), Failure> {
    let bank = counter.demo_bank()?;
    let of_payment = async || {
        let missing = || CommandError::input(Code::NotFound).with("what", "payment");
        let id = payment.clone().ok_or_else(missing)?;
        counter.ask(move |desk| Ok((desk.payment(&id)?, desk.left_s(&id)?))).await
    };
    match action {
        DemoAction::Pay => {
            let (view, _) = of_payment().await?;
            bank.pay(view.rail, &view.bank_order_no)?;
        }
        DemoAction::Decline => {
            let (view, _) = of_payment().await?;
            bank.decline(view.rail, &view.bank_order_no)?;
        }
        DemoAction::Expire => bank.advance(of_payment().await?.1 + AFTER_EXPIRY_S)?,
        DemoAction::LoseAnswer => bank.lose_answer()?,
        DemoAction::Hour => bank.advance(HOUR_S)?,
        DemoAction::Day => bank.advance(DAY_S)?,
    }
    // time has moved: the desk looks again at what is due
    counter.ask(|_| Ok(())).await
}

/// Does something that may take long away from the desk.
pub(crate) async fn apart<T, F>(work: impl FnOnce() -> F + Send + 'static) -> Result<T, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, CommandError>>,
{
    let done = tauri::async_runtime::spawn_blocking(move || tauri::async_runtime::block_on(work())).await;
    done.map_err(|_| CommandError::new(Code::VaultUnavailable, Exit::Vault))?.map_err(Failure::from)
}
