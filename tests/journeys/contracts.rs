//! The contracts of a shop with its banks: proved, kept, added; by the command line and as the
//! window does it. The bank is a process of its own.

use counterfoil_commands::{
    BanksTyped, Code, CommandError, PollingView, ProofView, SellRequest, SettingsChange, ShopTyped,
};
use counterfoil_domain::{Actor, Bank as Of};
use counterfoil_engine::ports::{CtbcKeys, SinopacKeys, Store as _, Vault as _};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_shop::{
    Clock, Composition, VaultChoice, add_shop, compose, prove_and_add_shop, prove_and_keep_bank,
    prove_and_keep_card_key, prove_and_keep_keys, prove_bank,
};
use counterfoil_tests::outside::programs::{Bank, Ended, Shop};
use counterfoil_vault::FileVault;
use serde_json::{Value, json};

const CHECK: [&str; 3] = ["shop", "check", "demo"];

/// No key of the bank simulator. The last character of the right one is 4; with a 5 there it would
/// be the same key, because DES does not look at the lowest bit of a character.
const WRONG_KEY: &str = "123456789012345678901238";

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn without(mut file: Value, bank: &str) -> Value {
    file.as_object_mut().unwrap().remove(bank);
    file
}

fn code(ended: &Ended) -> (i32, &str) {
    (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default())
}

/// One shop of the demo environment at the bank, in a folder of its own: what is typed in the
/// window has no address in it.
struct Place {
    from: Composition,
    bank: Bank,
    _folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let (bank, folder) = (Bank::open(), tempfile::tempdir().unwrap());
        let base = bank.shop_file()["sinopac"]["base_url"].as_str().unwrap().to_owned();
        let from = Composition {
            data: folder.path().join("shop"),
            vault: VaultChoice::File(folder.path().join("keys")),
            clock: Clock::System,
            demo_base: Some(base),
        };
        Self { from, bank, _folder: folder }
    }

    /// Adds the shop with these banks.
    fn with(banks: &[&str]) -> Self {
        let place = Self::new();
        let mut file = place.file();
        for other in ["sinopac", "ctbc"].into_iter().filter(|bank| !banks.contains(bank)) {
            file = without(file, other);
        }
        add_shop(&place.from, &file.to_string(), Actor::Owner).unwrap();
        place
    }

    fn file(&self) -> Value {
        let mut file = self.bank.shop_file();
        for bank in ["sinopac", "ctbc"] {
            file[bank]["environment"] = "demo".into();
            file[bank].as_object_mut().unwrap().remove("base_url");
        }
        file
    }

    /// What the window would send of a bank.
    fn typed(&self, bank: &str, change: impl Fn(&mut Value)) -> BanksTyped {
        let part = self.file()[bank].clone();
        let keys: &[&str] = if bank == "ctbc" { &["mac_key"] } else { &["key_id", "a1", "a2", "b1", "b2"] };
        let numbers: &[&str] =
            if bank == "ctbc" { &["mer_id", "merchant_id", "terminal_id"] } else { &["shop_no"] };
        let mut typed =
            json!({ "environment": "demo", "return_url": "loopback", "loopback_port": 0, "keys": {} });
        for name in keys {
            typed["keys"][name] = part[name].clone();
        }
        for name in numbers {
            typed[name] = part[name].clone();
        }
        change(&mut typed);
        serde_json::from_value(json!({ bank: typed })).unwrap()
    }

    fn shop(&self) -> ShopRecord {
        counterfoil_shop::open_reader(&self.from.data).unwrap().shop().unwrap().unwrap()
    }

    fn key(text: &str) -> CtbcKeys {
        CtbcKeys { mac_key: text.into() }
    }

    fn proved(&self, bank: Of) -> bool {
        let proof = wait(prove_bank(&self.from, &self.shop(), bank)).unwrap();
        counterfoil_shop::proof_view(bank, &proof, true).ok
    }

    /// Vault first, then the data file, as the window does it.
    fn add_bank(&self, typed: BanksTyped) -> ProofView {
        let (proof, with) = wait(prove_and_keep_bank(&self.from, &self.shop(), typed)).unwrap();
        assert_eq!(with.is_some(), proof.kept);
        if let Some(with) = with {
            compose(&self.from).unwrap().add_bank(with, Actor::Owner).unwrap();
        }
        proof
    }

    fn allow_ctbc(&self, ips: &Value) {
        self.bank.control("shops", &json!({ "bank": "ctbc", "shop": "10000", "allow_ips": ips }));
    }
}

fn sells(place: &Place, rail: &str, id: u8) -> bool {
    let order = format!("00000000-0000-4000-8000-0000000000{id:02}");
    let request = json!({ "order": order, "rail": rail, "amount": "300" });
    let request: SellRequest = serde_json::from_value(request).unwrap();
    // the page of a card sale is bound at once
    wait(async { compose(&place.from).unwrap().begin_sale(&request, Actor::Owner).is_ok() })
}

#[test]
fn shop_check_names_ctbc_and_its_way_out_in_both_languages() {
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = without(bank.shop_file(), "sinopac");
    assert_eq!(shop.add_file(&file).status, 0);
    assert_eq!(shop.run(&CHECK).said["ctbc"]["verdict"], "proved");
    bank.control("shops", &json!({ "bank": "ctbc", "shop": "10000", "allow_ips": ["192.0.2.1"] }));
    let refused = shop.run(&CHECK);
    assert_eq!(code(&refused), (3, "ctbc-address-not-listed"));
    let message = refused.said["error"]["message"].as_str().unwrap();
    for words in
        ["9/nz", "星期一送件，星期六生效", "兩週", "filed on Monday, it works on Saturday", "two weeks"]
    {
        assert!(message.contains(words), "{words}: {message}");
    }
    bank.control("shops", &json!({ "bank": "ctbc", "shop": "10000", "allow_ips": null }));
    for (field, value, wanted) in [
        ("mac_key", WRONG_KEY, "ctbc-mac-key-wrong"),
        ("mer_id", "77777", "ctbc-not-sealed"),
        ("base_url", "http://127.0.0.1:1", "ctbc-key-unproved"),
    ] {
        let right = std::mem::replace(&mut file["ctbc"][field], value.into());
        let other = Shop::in_folder(tempfile::tempdir().unwrap());
        assert_eq!(other.add_file(&file).status, 0);
        let refused = other.run(&CHECK);
        assert_eq!(code(&refused).1, wanted, "{refused:?}");
        let named = if field == "mac_key" { "ctbc.mac_key" } else { "" };
        assert_eq!(refused.said["error"]["values"]["fields"], named, "no more than the answer tells");
        let message = refused.said["error"]["message"].as_str().unwrap();
        assert!(message.contains("設定 › 中信") && message.contains("Settings › CTBC"), "{message}");
        assert!(!message.contains(WRONG_KEY));
        file["ctbc"][field] = right;
    }
}

#[test]
fn a_mac_key_that_the_bank_refutes_is_not_kept_and_the_old_one_stays() {
    let place = Place::with(&["sinopac", "ctbc"]);
    let keep = |key: &str| {
        wait(prove_and_keep_card_key(&place.from, &place.shop(), "10000", Place::key(key))).unwrap().0
    };
    for (key, fields) in [(WRONG_KEY, "mac_key"), ("short", "mac_key")] {
        let proof = keep(key);
        assert_eq!((proof.ok, proof.kept, proof.fields.as_slice()), (false, false, &[fields.to_owned()][..]));
        assert!(!format!("{proof:?}").contains(key), "no key is repeated");
        assert!(place.proved(Of::Ctbc));
    }
    let right = place.file()["ctbc"]["mac_key"].as_str().unwrap().to_owned();
    let proof = keep(&format!(" {right} "));
    assert_eq!((proof.ok, proof.kept, proof.bank), (true, true, Of::Ctbc));
    assert!(place.proved(Of::Ctbc) && place.proved(Of::Sinopac));
}

#[test]
fn a_mac_key_that_the_bank_cannot_judge_today_is_kept_unproved() {
    let place = Place::with(&["ctbc"]);
    let keep = |key: &str| {
        wait(prove_and_keep_card_key(&place.from, &place.shop(), "10000", Place::key(key))).unwrap().0
    };
    let right = place.file()["ctbc"]["mac_key"].as_str().unwrap().to_owned();
    place.bank.control("fault", &json!({ "kind": "drop-before", "bank": "ctbc", "match": "*", "count": 1 }));
    let proof = keep(WRONG_KEY);
    assert_eq!((proof.ok, proof.kept), (false, true));
    assert_eq!(proof.failure.unwrap().code, Code::CtbcKeyUnproved);
    assert!(!place.proved(Of::Ctbc), "what was kept is what was typed");
    place.allow_ctbc(&json!(["192.0.2.1"]));
    let proof = keep(&right);
    assert_eq!((proof.ok, proof.kept), (false, true));
    assert_eq!(proof.failure.unwrap().code, Code::CtbcAddressNotListed);
    place.allow_ctbc(&Value::Null);
    assert!(place.proved(Of::Ctbc));
}

/// A MerID that could not be proved at set-up, because the address was not registered yet.
#[test]
fn a_mer_id_is_corrected_with_its_key_until_the_first_sale() {
    for banks in [&["ctbc"][..], &["sinopac", "ctbc"]] {
        let place = Place::new();
        place.allow_ctbc(&json!(["192.0.2.1"]));
        let mut file = place.file();
        for other in ["sinopac"].into_iter().filter(|bank| !banks.contains(bank)) {
            file = without(file, other);
        }
        file["ctbc"]["mer_id"] = "77777".into();
        add_shop(&place.from, &file.to_string(), Actor::Owner).unwrap();
        place.allow_ctbc(&Value::Null);
        assert!(!place.proved(Of::Ctbc));
        let right = place.file()["ctbc"]["mac_key"].as_str().unwrap().to_owned();
        let correct = |mer_id: &str| {
            let mut desk = compose(&place.from).unwrap();
            let (from, shop) = desk.parts_for_keys(Of::Ctbc, mer_id, Actor::Owner)?;
            let (proof, with) = wait(prove_and_keep_card_key(&from, &shop, mer_id, Place::key(&right)))?;
            if let Some(with) = with {
                desk.keys_replaced_with(Of::Ctbc, &with, Actor::Owner)?;
            }
            Ok::<_, CommandError>(proof.kept)
        };
        assert_eq!(correct("8220000000001").unwrap_err().code, Code::ShopField);
        assert!(!correct("66666").unwrap(), "one more that the bank does not know");
        assert!(correct(" 10000 ").unwrap());
        assert!(place.proved(Of::Ctbc));
        assert_eq!(place.shop().ctbc.unwrap().mer_id, "10000");
        // a key alone is replaced as before, also after a sale; the number is not
        assert!(sells(&place, "ctbc-card", 1));
        assert!(correct("10000").unwrap());
        assert_eq!(correct("10001").unwrap_err().code, Code::MerIdInUse);
        assert_eq!(place.shop().ctbc.unwrap().mer_id, "10000");
    }
}

/// A ShopNo that could not be proved at set-up: the shop keeps the other bank's key.
#[test]
fn a_shop_no_is_corrected_with_its_keys_until_the_first_sale() {
    for banks in [&["sinopac"][..], &["sinopac", "ctbc"]] {
        let place = Place::new();
        let mut file = place.file();
        for other in ["ctbc"].into_iter().filter(|bank| !banks.contains(bank)) {
            file = without(file, other);
        }
        let right = file["sinopac"]["shop_no"].as_str().unwrap().to_owned();
        file["sinopac"]["shop_no"] = "NA9999_999".into();
        add_shop(&place.from, &file.to_string(), Actor::Owner).unwrap();
        assert!(!place.proved(Of::Sinopac));
        let key = |name: &str| file["sinopac"][name].as_str().unwrap().into();
        let correct = |shop_no: &str| {
            let mut desk = compose(&place.from).unwrap();
            let (from, shop) = desk.parts_for_keys(Of::Sinopac, shop_no, Actor::Owner)?;
            let [key_id, a1, a2, b1, b2] = ["key_id", "a1", "a2", "b1", "b2"].map(key);
            let keys = SinopacKeys { key_id, a1, a2, b1, b2 };
            let (proof, with) = wait(prove_and_keep_keys(&from, &shop, shop_no, keys))?;
            if let Some(with) = with {
                desk.keys_replaced_with(Of::Sinopac, &with, Actor::Owner)?;
            }
            Ok::<_, CommandError>(proof.kept)
        };
        assert_eq!(correct("no number").unwrap_err().code, Code::ShopField);
        assert!(!correct("NA9999_998").unwrap(), "one more that the bank does not know");
        assert!(correct(&format!(" {right} ")).unwrap());
        assert_eq!(place.shop().sinopac.unwrap().shop_no, right);
        for bank in Of::ALL.into_iter().filter(|bank| place.shop().has(*bank)) {
            assert!(place.proved(bank), "{bank:?}");
        }
        // the keys alone are replaced as before, also after a sale; the number is not
        assert!(sells(&place, "sinopac-account", 1));
        assert!(correct(&right).unwrap());
        assert_eq!(correct("NA9999_998").unwrap_err().code, Code::ShopNoInUse);
    }
}

/// The one key does not wait for the other.
#[test]
fn a_shop_no_is_corrected_also_while_the_key_of_the_other_bank_is_lost() {
    let place = Place::new();
    let mut file = place.file();
    let right = file["sinopac"]["shop_no"].as_str().unwrap().to_owned();
    file["sinopac"]["shop_no"] = "NA9999_999".into();
    add_shop(&place.from, &file.to_string(), Actor::Owner).unwrap();
    let VaultChoice::File(path) = &place.from.vault else { panic!("a file") };
    FileVault::open(path).unwrap().delete("demo demo NA9999_999", "ctbc.mac_key").unwrap();
    let [key_id, a1, a2, b1, b2] =
        ["key_id", "a1", "a2", "b1", "b2"].map(|name| file["sinopac"][name].as_str().unwrap().into());
    let keys = SinopacKeys { key_id, a1, a2, b1, b2 };
    let (proof, with) = wait(prove_and_keep_keys(&place.from, &place.shop(), &right, keys)).unwrap();
    assert_eq!((proof.ok, with.unwrap().sinopac.unwrap().shop_no), (true, right));
}

#[test]
fn ctbc_is_added_to_an_open_shop_and_sells_at_once() {
    let place = Place::with(&["sinopac"]);
    assert!(!sells(&place, "ctbc-card", 1));
    let wrong = place.add_bank(place.typed("ctbc", |typed| typed["keys"]["mac_key"] = WRONG_KEY.into()));
    assert_eq!((wrong.kept, wrong.fields.as_slice()), (false, &["mac_key".to_owned()][..]));
    // an unknown MerID is answered without a seal; it could not be corrected later
    let unknown = place.add_bank(place.typed("ctbc", |typed| typed["mer_id"] = "77777".into()));
    assert_eq!((unknown.kept, unknown.failure.unwrap().code), (false, Code::CtbcNotSealed));
    assert!(!place.shop().has(Of::Ctbc), "nothing was written");
    let proof = place.add_bank(place.typed("ctbc", |_| {}));
    assert_eq!((proof.ok, proof.kept, proof.bank), (true, true, Of::Ctbc));
    assert!(sells(&place, "ctbc-card", 1) && sells(&place, "sinopac-account", 2));
    assert!(place.proved(Of::Sinopac) && place.proved(Of::Ctbc));
    assert!(
        counterfoil_shop::verify_audit(&place.from, None, &mut |_| std::ops::ControlFlow::Continue(()))
            .unwrap()
            .unwrap()
            .ok
    );
}

#[test]
fn sinopac_is_added_to_a_shop_with_ctbc_alone_which_keeps_its_key() {
    let place = Place::with(&["ctbc"]);
    assert!(sells(&place, "ctbc-card", 1));
    let proof = place.add_bank(place.typed("sinopac", |_| {}));
    assert_eq!((proof.ok, proof.kept), (true, true));
    assert!(place.proved(Of::Sinopac) && place.proved(Of::Ctbc));
    assert!(sells(&place, "ctbc-card", 2) && sells(&place, "sinopac-account", 3));
}

#[test]
fn an_end_between_vault_and_data_file_leaves_the_shop_as_it_was() {
    for (first, second) in [("sinopac", "ctbc"), ("ctbc", "sinopac")] {
        let place = Place::with(&[first]);
        let before = place.shop();
        let kept = wait(prove_and_keep_bank(&place.from, &before, place.typed(second, |_| {}))).unwrap();
        assert!(kept.1.is_some());
        // the program ends here
        assert_eq!(place.shop(), before);
        let bank = if first == "ctbc" { Of::Ctbc } else { Of::Sinopac };
        assert!(place.proved(bank) && compose(&place.from).is_ok(), "{first}");
        assert!(place.add_bank(place.typed(second, |_| {})).ok, "once more heals it");
        assert!(place.proved(Of::Sinopac) && place.proved(Of::Ctbc));
    }
}

#[test]
fn a_bank_that_is_there_or_of_another_world_is_not_added() {
    let place = Place::with(&["sinopac"]);
    let refused = |typed| wait(prove_and_keep_bank(&place.from, &place.shop(), typed)).err().unwrap();
    assert_eq!(refused(place.typed("sinopac", |_| {})).code, Code::BankExists);
    let real = refused(place.typed("ctbc", |typed| typed["environment"] = "production".into()));
    assert_eq!((real.code, &real.values["field"]), (Code::ShopField, &"ctbc.environment".into()));
}

#[test]
fn a_new_shop_may_have_either_bank_or_both_and_one_refusal_adds_none() {
    let both = |place: &Place, change: &dyn Fn(&mut Value)| -> ShopTyped {
        let file = place.file();
        let mut banks = json!({});
        for (bank, keys) in [("sinopac", &["key_id", "a1", "a2", "b1", "b2"][..]), ("ctbc", &["mac_key"])] {
            let mut part = file[bank].clone();
            let part = part.as_object_mut().unwrap();
            part.retain(|name, _| {
                !["batch", "flags", "auto_billing", "account_limit"].contains(&name.as_str())
            });
            let keys: serde_json::Map<_, _> =
                keys.iter().map(|name| ((*name).to_owned(), part.remove(*name).unwrap())).collect();
            part.insert("keys".to_owned(), keys.into());
            part.insert("loopback_port".to_owned(), 0.into());
            banks[bank] = Value::Object(part.clone());
        }
        change(&mut banks);
        serde_json::from_value(json!({ "name": "demo", "payee_name": "禾日茶行", "banks": banks })).unwrap()
    };
    for (has, change) in [
        ([true, true], (&|_: &mut Value| {}) as &dyn Fn(&mut Value)),
        ([false, true], &|banks| banks["sinopac"] = Value::Null),
        ([true, false], &|banks| banks["ctbc"] = Value::Null),
    ] {
        let place = Place::new();
        let proof =
            wait(prove_and_add_shop(&place.from, &both(&place, change).into_shop_file(), Actor::Owner))
                .unwrap();
        assert!(proof.ok && proof.kept, "{proof:?}");
        assert_eq!(Of::ALL.map(|bank| place.shop().has(bank)), has);
    }
    let place = Place::new();
    let wrong = both(&place, &|banks| banks["ctbc"]["keys"]["mac_key"] = WRONG_KEY.into());
    let proof = wait(prove_and_add_shop(&place.from, &wrong.into_shop_file(), Actor::Owner)).unwrap();
    assert_eq!((proof.bank, proof.ok, proof.kept), (Of::Ctbc, false, false));
    assert!(!counterfoil_shop::has_shop(&place.from.data), "SinoPac alone is not what was asked for");
}

#[test]
fn shop_add_takes_a_file_with_the_other_bank_for_a_shop_that_is_there() {
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let file = bank.shop_file();
    assert_eq!(shop.add_file(&without(file.clone(), "sinopac")).status, 0);
    let mut other = without(file.clone(), "ctbc");
    other["name"] = "another".into();
    assert_eq!(code(&shop.add_file(&other)), (2, "shop-exists"));
    assert_eq!(shop.add_file(&without(file.clone(), "ctbc")).status, 0);
    let checked = shop.run(&CHECK);
    assert_eq!(
        (&checked.said["sinopac"]["verdict"], &checked.said["ctbc"]["verdict"]),
        (&"proved".into(), &"proved".into())
    );
    let sold = shop.run(&["sell", "--rail", "ctbc-card", "--amount", "300"]);
    assert_eq!((sold.status, &sold.said["state"]), (0, &"awaiting".into()));
    assert_eq!(code(&shop.add_file(&without(file, "sinopac"))), (2, "shop-exists"));
    let audit = shop.run(&["audit", "verify"]);
    assert_eq!(audit.said["ok"], true);
}

#[test]
fn what_was_changed_of_ctbc_is_kept_and_what_makes_the_shop_is_not_touched() {
    let place = Place::with(&["sinopac", "ctbc"]);
    let before = place.shop();
    let change: SettingsChange = serde_json::from_value(json!({
        "payee_name": "demo", "sinopac": null,
        "polling": PollingView::from(before.polling),
        "ctbc": {
            "merchant_id": "8220000000001", "terminal_id": "90000002", "return_url": "https://shop.example/thanks",
            "loopback_port": 0, "reply_mac": "require", "refund_remainder": false,
            "batch": { "start": "21:30", "minutes": 90, "margin_minutes": 5, "weekdays": [1, 2, 3, 4, 5, 6],
                "holidays": ["2026/1/1"], "extra_workdays": [], "no_batch_on_public_holidays": false }
        }
    }))
    .unwrap();
    let mut desk = compose(&place.from).unwrap();
    desk.save_settings(&change, Actor::Owner).unwrap();
    drop(desk);
    let after = place.shop();
    assert_eq!(after.sinopac, before.sinopac);
    let (old, new) = (before.ctbc.unwrap(), after.ctbc.unwrap());
    assert_eq!((&new.mer_id, new.environment), (&old.mer_id, old.environment));
    assert_eq!((new.terminal_id.as_str(), new.refund_remainder), ("90000002", false));
    let batch = serde_json::to_value(&new.batch).unwrap();
    assert_eq!((&batch["start"], &batch["holidays"]), (&"21:30".into(), &json!(["2026-01-01"])));
    assert!(place.proved(Of::Ctbc));
}
