//! The contracts of a shop with its banks: takes a shop or one more bank, proves keys with a
//! harmless question, keeps them.
//!
//! Promise: keys are in the vault before the data file names their bank. A program that ends
//! between the two leaves a shop that works as before, and doing it once more heals it. What the
//! bank has refuted is not kept; what it could not be asked about is.

use counterfoil_banks::addresses::is_page;
use counterfoil_banks::ctbc;
use counterfoil_banks::proof::{Proof, Verdict};
use counterfoil_banks::sinopac::{self, SetUpError};
use counterfoil_commands::shop_file::{self, ShopFile, one_world};
use counterfoil_commands::{BanksTyped, Code, CommandError, Exit, ProofView};
use counterfoil_domain::{Actor, Bank, Right, Twd};
use counterfoil_engine::ports::{
    AuditLine, Change, Commit, CtbcKeys, KeyringFault, SinopacKeys, Store, Vault, VaultError,
};
use counterfoil_engine::shop::{Environment, ReturnAddress, ShopRecord};
use counterfoil_store::{Mode, SqliteStore};
use counterfoil_vault::{
    keep_audit_head, keep_ctbc, keep_sinopac, move_people, open_audit_files, open_ctbc, open_sinopac,
};
use secrecy::{ExposeSecret, SecretString};

use crate::clock::since_boot;
use crate::compose::{
    ctbc, ctbc_parts, ctbc_wire, open_error, open_reader, open_vault, sinopac, sinopac_parts, sinopac_wire,
    vault_entry,
};
use crate::composition::Composition;
use crate::record;
use crate::turns::{Takes, Turns};

/// CTBC's host has answered, and has sealed nothing: it may not know the MerID, and has no key to
/// answer with then.
const NOT_SEALED: &str = "no-envelope";

/// Takes a shop file: keys to the vault, the rest to a new data file. To the shop that is already
/// there it brings back the keys that the vault has lost, or a bank that it has no contract with,
/// and nothing else.
///
/// # Errors
/// The file's own fields, `shop-exists`, vault, data file.
pub fn add_shop(from: &Composition, json: &str, who: Actor) -> Result<ShopRecord, CommandError> {
    let now = from.clock.wall();
    let ShopFile { mut shop, sinopac, ctbc } = shop_file::parse(json, now)?;
    if let Some(settings) = shop.sinopac.as_mut().filter(|s| s.environment == Environment::Demo) {
        settings.base_url.clone_from(&from.demo_base);
    }
    let mut vault = open_vault(&from.vault)?;
    allowed(from, vault.as_ref(), &shop)?;
    usable(&shop, sinopac.as_ref(), ctbc.as_ref())?;
    let mut store = SqliteStore::open(&from.data, Mode::Maker).map_err(|error| open_error(&error))?;
    // a store without its key proves no one
    counterfoil_engine::allowed(&record::open_proved(from)?, who, Right::Keys, Twd::ZERO)?;
    let file = record::entry(&store)?;
    let (what, detail, shop, changes) = match store.shop()? {
        None => {
            if record::has_people_elsewhere(vault.as_ref(), &vault_entry(&shop))? {
                return Err(elsewhere());
            }
            other_keys(vault.as_ref(), (&shop, &file), sinopac.as_ref(), ctbc.as_ref())?;
            ("shop-add", "", shop.clone(), vec![Change::ShopAdded(shop)])
        }
        Some(old) if vault_entry(&old) == vault_entry(&shop) && lost_keys(vault.as_ref(), &old)? => {
            ("shop-keys", "", old, vec![])
        }
        Some(old) => {
            let exists = || CommandError::input(Code::ShopExists).with("name", old.name.clone());
            let with = joined(&old, &shop).filter(|_| old.name == shop.name).ok_or_else(exists)?;
            allowed(from, vault.as_ref(), &with)?;
            one_world(&with)?;
            other_keys(vault.as_ref(), (&with, &file), sinopac.as_ref(), ctbc.as_ref())?;
            move_keys(vault.as_mut(), &old, &with)?;
            let bank = Bank::ALL.into_iter().find(|bank| shop.has(*bank)).map_or("", Bank::name);
            ("bank-add", bank, with.clone(), vec![Change::ShopChanged(with)])
        }
    };
    keep(vault.as_mut(), &shop, sinopac, ctbc)?;
    record::link(from, vault.as_mut(), &mut store, &shop, now)?;
    let audit =
        AuditLine { at: now, who, what: what.into(), subject: shop.name.clone(), detail: detail.into() };
    store.commit(Commit { audit, guards: Vec::new(), changes })?;
    keep_audit_head(vault.as_mut(), &file, &store.audit_head()?)?;
    Ok(shop)
}

/// What the adapters of the banks would refuse at every start is refused here, before anything is
/// written. The address of a demo bank is known only while it runs.
fn usable(
    shop: &ShopRecord,
    sinopac: Option<&SinopacKeys>,
    ctbc: Option<&CtbcKeys>,
) -> Result<(), CommandError> {
    let field = |bank: Bank, name: &str, why: &str| {
        let field = format!("{}.{name}", bank.name());
        CommandError::input(Code::ShopField).with("field", field).with("why", why)
    };
    if let (Some(settings), Some(keys)) = (&shop.sinopac, sinopac) {
        page(Bank::Sinopac, &settings.return_address)?;
        match sinopac::shop::check(settings, keys) {
            Err(SetUpError::BaseUrl) if settings.environment == Environment::Demo => {}
            Err(bad @ SetUpError::Key(_)) => {
                return Err(field(Bank::Sinopac, bad.field(), "16 個十六進位字 / 16 hex digits"));
            }
            Err(bad @ SetUpError::KeyId) => {
                let why = "英數符號，不可空白 / visible ASCII characters, not empty";
                return Err(field(Bank::Sinopac, bad.field(), why));
            }
            Err(bad @ SetUpError::BaseUrl) => {
                return Err(field(Bank::Sinopac, bad.field(), "http://127.0.0.1:PORT/…"));
            }
            Ok(_) => {}
        }
    }
    if let (Some(settings), Some(keys)) = (&shop.ctbc, ctbc) {
        page(Bank::Ctbc, &settings.return_address)?;
        match ctbc::shop::check(settings, keys) {
            Err(ctbc::SetUpError::BaseUrl) if settings.environment == Environment::Demo => {}
            Err(bad) => return Err(field(Bank::Ctbc, bad.field(), &bad.to_string())),
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Where a browser goes back to.
fn page(bank: Bank, address: &ReturnAddress) -> Result<(), CommandError> {
    match address {
        ReturnAddress::Page { url } if !is_page(url) => {
            let field = format!("{}.return_url", bank.name());
            let why = "loopback, https://…";
            Err(CommandError::input(Code::ShopField).with("field", field).with("why", why))
        }
        ReturnAddress::Page { .. } | ReturnAddress::Loopback { .. } => Ok(()),
    }
}

/// Proves the keys of a shop at one of its banks with one harmless question.
///
/// # Errors
/// Vault, or settings that cannot be used.
pub async fn prove_bank(from: &Composition, shop: &ShopRecord, bank: Bank) -> Result<Proof, CommandError> {
    match bank {
        Bank::Sinopac => {
            let (settings, keys, net) = sinopac_parts(from, shop)?;
            turn(from, shop, bank).await;
            Ok(sinopac::prove::prove(&settings, &keys, net).await)
        }
        Bank::Ctbc => {
            let (settings, keys, net) = ctbc_parts(from, shop)?;
            turn(from, shop, bank).await;
            Ok(ctbc::prove::prove(&settings, &keys, net).await)
        }
    }
}

/// A shop that is open beside this asks its bank too. A person waits for this question.
async fn turn(from: &Composition, shop: &ShopRecord, bank: Bank) {
    Turns::at(from, shop, bank).wait(Takes::First, since_boot).await;
}

/// Proves keys that were typed for a shop that is open with the ShopNo that they belong to, and
/// keeps them unless the bank says that one is wrong. The record with the ShopNo is for the desk to
/// write.
///
/// # Errors
/// `rail-absent`, `shop-field`, vault, or settings that cannot be used.
pub async fn prove_and_keep_keys(
    from: &Composition,
    shop: &ShopRecord,
    shop_no: &str,
    keys: SinopacKeys,
) -> Result<(ProofView, Option<ShopRecord>), CommandError> {
    let mut with = shop.clone();
    let absent = || CommandError::input(Code::RailAbsent).with("rail", "sinopac-account");
    with.sinopac.as_mut().ok_or_else(absent)?.shop_no = shop_file::shop_no(shop_no)?;
    let (settings, net) = sinopac_wire(from, &with)?;
    turn(from, &with, Bank::Sinopac).await;
    let proof = sinopac::prove::prove(&settings, &keys, net).await;
    let kept = may_be_kept(&proof);
    if kept {
        let mut vault = open_vault(&from.vault)?;
        move_keys(vault.as_mut(), shop, &with)?;
        keep(vault.as_mut(), &with, Some(keys), None)?;
    }
    Ok((proof_view(Bank::Sinopac, &proof, kept), kept.then_some(with)))
}

/// The same with the key of CTBC and the MerID that it belongs to: they prove each other. Another
/// MerID, which the bank may not know, is not kept.
///
/// # Errors
/// As above.
pub async fn prove_and_keep_card_key(
    from: &Composition,
    shop: &ShopRecord,
    mer_id: &str,
    keys: CtbcKeys,
) -> Result<(ProofView, Option<ShopRecord>), CommandError> {
    let mut with = shop.clone();
    let settings =
        with.ctbc.as_mut().ok_or_else(|| CommandError::input(Code::RailAbsent).with("rail", "ctbc-card"))?;
    settings.mer_id = shop_file::mer_id(mer_id)?;
    let (settings, net) = ctbc_wire(from, &with)?;
    turn(from, &with, Bank::Ctbc).await;
    let proof = ctbc::prove::prove(&settings, &keys, net).await;
    let kept = may_be_kept(&proof) && (with == *shop || proof.code != NOT_SEALED);
    if kept {
        keep(open_vault(&from.vault)?.as_mut(), &with, None, Some(keys))?;
    }
    Ok((proof_view(Bank::Ctbc, &proof, kept), kept.then_some(with)))
}

/// Proves the keys of a shop file, and adds the shop unless a bank says that one is wrong.
///
/// # Errors
/// As [`add_shop`].
pub async fn prove_and_add_shop(
    from: &Composition,
    file: &SecretString,
    who: Actor,
) -> Result<ProofView, CommandError> {
    let json = file.expose_secret();
    let parsed = shop_file::parse(json, from.clock.wall())?;
    let proof = prove_file(from, &parsed).await?;
    if proof.kept {
        add_shop(from, json, who)?;
    }
    Ok(proof)
}

/// Proves the keys of a bank that was typed for a shop that is open, and keeps them unless that
/// bank says that one is wrong. The record with the bank is for the desk to write.
///
/// # Errors
/// What was typed, `bank-exists`, vault.
pub async fn prove_and_keep_bank(
    from: &Composition,
    shop: &ShopRecord,
    typed: BanksTyped,
) -> Result<(ProofView, Option<ShopRecord>), CommandError> {
    let file = typed.into_shop_file(&shop.name, &shop.payee_name);
    let file = shop_file::parse(file.expose_secret(), from.clock.wall())?;
    let exists = || CommandError::input(Code::BankExists).with("name", shop.name.clone());
    let with = joined(shop, &file.shop).ok_or_else(exists)?;
    one_world(&with)?;
    allowed(from, open_vault(&from.vault)?.as_ref(), &with)?;
    let proof = prove_file(from, &file).await?;
    if !proof.kept {
        return Ok((proof, None));
    }
    let mut vault = open_vault(&from.vault)?;
    let ours = record::entry(&open_reader(&from.data)?)?;
    other_keys(vault.as_ref(), (&with, &ours), file.sinopac.as_ref(), file.ctbc.as_ref())?;
    move_keys(vault.as_mut(), shop, &with)?;
    keep(vault.as_mut(), &with, file.sinopac, file.ctbc)?;
    Ok((proof, Some(with)))
}

/// What is wrong with the keys of a shop at a bank, without asking the bank; `None`: they are there
/// and of their form.
pub(crate) fn keys_trouble(from: &Composition, shop: &ShopRecord, bank: Bank) -> Option<CommandError> {
    match bank {
        Bank::Sinopac => sinopac(from, shop).err(),
        Bank::Ctbc => ctbc(from, shop).err(),
    }
}

/// A proof as a screen shows it.
pub fn proof_view(bank: Bank, proof: &Proof, kept: bool) -> ProofView {
    let failure = proof_failure(bank, proof);
    ProofView {
        bank,
        ok: failure.is_none(),
        kept,
        fields: proof.fields.iter().map(|field| (*field).to_owned()).collect(),
        failure: failure.map(Into::into),
    }
}

/// Why keys are not proved; `None`: they are.
pub fn proof_failure(bank: Bank, proof: &Proof) -> Option<CommandError> {
    let (code, exit) = match (bank, proof.verdict) {
        (Bank::Sinopac | Bank::Ctbc, Verdict::Good) => return None,
        (Bank::Sinopac, Verdict::Wrong) => (Code::KeysWrong, Exit::Declined),
        (Bank::Sinopac, Verdict::Exchanged) => (Code::KeysExchanged, Exit::Declined),
        (Bank::Sinopac, Verdict::AddressNotListed) => (Code::AddressNotListed, Exit::Declined),
        (Bank::Sinopac, Verdict::Unclear) => (Code::KeysUnproved, Exit::Unknown),
        (Bank::Ctbc, Verdict::Wrong | Verdict::Exchanged) => (wrong_at_ctbc(&proof.fields), Exit::Declined),
        (Bank::Ctbc, Verdict::AddressNotListed) => (Code::CtbcAddressNotListed, Exit::Declined),
        (Bank::Ctbc, Verdict::Unclear) if proof.code == NOT_SEALED => (Code::CtbcNotSealed, Exit::Unknown),
        (Bank::Ctbc, Verdict::Unclear) => (Code::CtbcKeyUnproved, Exit::Unknown),
    };
    let fields: Vec<String> = proof.fields.iter().map(|field| format!("{}.{field}", bank.name())).collect();
    let error = CommandError::new(code, exit).with("fields", fields.join(", "));
    Some(error.with("code", proof.code.clone()))
}

/// CTBC's answer tells the three apart; what has a wrong form is none of them.
fn wrong_at_ctbc(fields: &[&'static str]) -> Code {
    match fields {
        ["mac_key"] => Code::CtbcMacKeyWrong,
        ["mer_id"] => Code::CtbcMerIdWrong,
        ["base_url"] => Code::CtbcBaseUrlWrong,
        _ => Code::CtbcWrong,
    }
}

/// Asks every bank of a file. Reports the first refusal, else the first bank with unproved keys.
async fn prove_file(from: &Composition, file: &ShopFile) -> Result<ProofView, CommandError> {
    let mut proved = Vec::new();
    if let Some(keys) = &file.sinopac {
        let (settings, net) = sinopac_wire(from, &file.shop)?;
        turn(from, &file.shop, Bank::Sinopac).await;
        proved.push((Bank::Sinopac, sinopac::prove::prove(&settings, keys, net).await));
    }
    if let Some(keys) = &file.ctbc {
        let (settings, net) = ctbc_wire(from, &file.shop)?;
        turn(from, &file.shop, Bank::Ctbc).await;
        proved.push((Bank::Ctbc, ctbc::prove::prove(&settings, keys, net).await));
    }
    // a MerID that may be unknown is not taken in
    let refused = proved.iter().position(|(_, proof)| !may_be_kept(proof) || proof.code == NOT_SEALED);
    let told = refused.or_else(|| proved.iter().position(|(_, proof)| proof.verdict != Verdict::Good));
    let (bank, proof) = proved
        .get(told.unwrap_or(0))
        .ok_or_else(|| CommandError::input(Code::RailAbsent).with("rail", "sinopac, ctbc"))?;
    Ok(proof_view(*bank, proof, refused.is_none()))
}

/// What was not refuted is kept: the bank may be away today.
fn may_be_kept(proof: &Proof) -> bool {
    match proof.verdict {
        Verdict::Good | Verdict::AddressNotListed | Verdict::Unclear => true,
        Verdict::Wrong | Verdict::Exchanged => false,
    }
}

/// A chosen clock and a plain vault are for practice.
fn allowed(from: &Composition, vault: &dyn Vault, shop: &ShopRecord) -> Result<(), CommandError> {
    if shop.is_production() && from.clock.is_chosen() {
        return Err(CommandError::new(Code::ClockRefused, Exit::NotAllowed));
    }
    if shop.is_production() && vault.is_plain_text() {
        return Err(VaultError::PlainText.into());
    }
    Ok(())
}

/// A shop with the banks of another record beside its own; `None` when it has one of them already.
fn joined(shop: &ShopRecord, more: &ShopRecord) -> Option<ShopRecord> {
    if Bank::ALL.into_iter().any(|bank| shop.has(bank) && more.has(bank)) {
        return None;
    }
    let sinopac = shop.sinopac.clone().or_else(|| more.sinopac.clone());
    let ctbc = shop.ctbc.clone().or_else(|| more.ctbc.clone());
    Some(ShopRecord { sinopac, ctbc, ..shop.clone() })
}

/// A shop's banks decide where its keys are: those of a shop with CTBC alone move once it has
/// SinoPac too. The old place keeps its copy, for the data file that still names it. A key lost
/// there does not hold up the others.
fn move_keys(vault: &mut dyn Vault, old: &ShopRecord, new: &ShopRecord) -> Result<(), CommandError> {
    if vault_entry(old) == vault_entry(new) {
        return Ok(());
    }
    move_people(vault, &vault_entry(old), &vault_entry(new))?;
    if !old.has(Bank::Ctbc) {
        return Ok(());
    }
    match open_ctbc(vault, &vault_entry(old)) {
        Ok(keys) => Ok(keep_ctbc(vault, &vault_entry(new), keys)?),
        Err(error) if is_lost(&error) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn keep(
    vault: &mut dyn Vault,
    shop: &ShopRecord,
    sinopac: Option<SinopacKeys>,
    ctbc: Option<CtbcKeys>,
) -> Result<(), CommandError> {
    if let Some(keys) = sinopac {
        keep_sinopac(vault, &vault_entry(shop), keys)?;
    }
    if let Some(keys) = ctbc {
        keep_ctbc(vault, &vault_entry(shop), keys)?;
    }
    Ok(())
}

/// Refuses keys that would replace those with which another data file sells. The same ones change
/// nothing.
fn other_keys(
    vault: &dyn Vault,
    (shop, ours): (&ShopRecord, &str),
    sinopac: Option<&SinopacKeys>,
    ctbc: Option<&CtbcKeys>,
) -> Result<(), CommandError> {
    let differ = |ours: &SecretString, kept: &SecretString| ours.expose_secret() != kept.expose_secret();
    let entry = vault_entry(shop);
    if open_audit_files(vault, &entry)?.iter().all(|file| file == ours) {
        return Ok(());
    }
    if let (Some(ours), Some(kept)) = (sinopac, known(open_sinopac(vault, &entry))?) {
        let SinopacKeys { key_id, a1, a2, b1, b2 } = &kept;
        let pairs = [(&ours.key_id, key_id), (&ours.a1, a1), (&ours.a2, a2), (&ours.b1, b1), (&ours.b2, b2)];
        if pairs.iter().any(|(ours, kept)| differ(ours, kept)) {
            return Err(elsewhere());
        }
    }
    match (ctbc, known(open_ctbc(vault, &entry))?) {
        (Some(ours), Some(kept)) if differ(&ours.mac_key, &kept.mac_key) => Err(elsewhere()),
        (Some(_) | None, _) => Ok(()),
    }
}

fn elsewhere() -> CommandError {
    CommandError::new(Code::ShopElsewhere, Exit::NotAllowed)
}

/// Keys where the vault has them.
fn known<T>(opened: Result<T, VaultError>) -> Result<Option<T>, VaultError> {
    match opened {
        Err(error) if is_lost(&error) => Ok(None),
        opened => opened.map(Some),
    }
}

/// Whether the vault has lost keys of a shop, for example with a recreated system keyring, or holds
/// what is none.
fn lost_keys(vault: &dyn Vault, shop: &ShopRecord) -> Result<bool, VaultError> {
    let is_bad = |error: CommandError| {
        let field = error.values.get("field").and_then(|field| field.as_str()).unwrap_or_default();
        !field.ends_with("_url")
    };
    let ctbc = || {
        let keys = open_ctbc(vault, &vault_entry(shop))?;
        Ok(usable(shop, None, Some(&keys)).is_err_and(is_bad))
    };
    let sinopac = || {
        let keys = open_sinopac(vault, &vault_entry(shop))?;
        Ok(usable(shop, Some(&keys), None).is_err_and(is_bad))
    };
    let lost = |opened: Result<bool, VaultError>| match opened {
        Err(error) if is_lost(&error) => Ok(true),
        opened => opened,
    };
    Ok(shop.has(Bank::Ctbc) && lost(ctbc())? || shop.has(Bank::Sinopac) && lost(sinopac())?)
}

/// Whether a key is missing, or is none of ours; typing it again brings it back.
fn is_lost(error: &VaultError) -> bool {
    matches!(error, VaultError::Missing(_) | VaultError::Keyring(KeyringFault::Unreadable(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_commands::text::{Language, sentence, sentences};

    /// `prove` names each of these fields, and the address of the network as a verdict of its own.
    #[test]
    fn every_verdict_about_ctbc_has_its_own_words_and_names_the_place_to_mend_it() {
        let rows: [(Verdict, &[&'static str], &str, &str); 8] = [
            (Verdict::Wrong, &["mac_key"], "bad-mac", "更換中信金鑰"),
            (Verdict::Wrong, &["mer_id"], "9/ns", "網站特店編號"),
            (Verdict::Wrong, &["base_url"], "http-404", "位址"),
            (Verdict::Wrong, &["merchant_id"], "form", "ctbc.merchant_id"),
            (Verdict::Wrong, &["return_url"], "form", "ctbc.return_url"),
            (Verdict::AddressNotListed, &[], "9/nz", "星期一送件，星期六生效"),
            (Verdict::Unclear, &[], "timeout", "檢查設定"),
            (Verdict::Unclear, &[], "no-envelope", "網站特店編號"),
        ];
        for (verdict, fields, code, words) in rows {
            let proof = Proof { verdict, fields: fields.to_vec(), code: code.to_owned() };
            let failure = proof_failure(Bank::Ctbc, &proof).unwrap();
            assert!(
                Language::ALL.iter().all(|l| sentences(*l).contains_key(failure.code.name())),
                "{failure:?}"
            );
            let [zh, en] = Language::ALL.map(|language| sentence(language, failure.code, &failure.values));
            assert!(zh.contains(words) && zh.contains(code) && zh.contains("中信"), "{zh}");
            assert!(en.contains(code) && en.contains("CTBC"), "{en}");
            assert!(!zh.contains("永豐") && !en.contains("SinoPac"), "{zh} {en}");
            assert!(!zh.contains('{') && !en.contains('{'), "{zh} {en}");
        }
    }
}
