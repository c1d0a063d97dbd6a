//! B20: a sign-in under a name that does not exist, against one with a wrong PIN.
//!
//! Near 1, the time of an answer does not tell which names exist. Each side goes the whole way of a
//! sign-in: data file, vault, tries and hash.

use std::path::Path;
use std::time::Duration;

use counterfoil_domain::Role;
use counterfoil_shop::{
    Actor, Clock, Composition, SecretString, VaultChoice, add_shop, compose, new_pin, sign_in,
};
use counterfoil_tests::world::shop_json;
use serde_json::Value;

use crate::machine;
use crate::rounds::{Goal, Outcome, Plan, in_turn, now};

const PIN: &str = "27495810";
const NAME: &str = "林";
/// Wrong PINs between two right ones: one less than what locks.
const IN_A_ROW: u32 = 4;
/// In a round.
const PIECES: u32 = 6;

/// B20.
pub(crate) fn bench(plan: Plan) -> Result<Vec<Outcome>, String> {
    let folder = machine::folder()?;
    let keys = folder.path().join("keys");
    let shop = Composition {
        data: folder.path().join("shop"),
        vault: VaultChoice::File(keys.clone()),
        clock: Clock::System,
        demo_base: None,
    };
    let failed = |error: counterfoil_commands::CommandError| error.code.name().to_owned();
    add_shop(&shop, &shop_json().to_string(), Actor::Owner).map_err(failed)?;
    let pin = new_pin(&shop, Role::Owner, &SecretString::from(PIN)).map_err(failed)?;
    let mut desk = compose(&shop).map_err(failed)?;
    desk.add_person(NAME, Role::Owner.name(), pin, Actor::Owner).map_err(failed)?;
    drop(desk);
    let wrong = SecretString::from("64027193");
    let refused = |name: &str| {
        let began = now();
        let code = sign_in(&shop, name, &wrong).err().map(|error| error.code.name());
        if code == Some("pin-wrong") { Ok(began.elapsed()) } else { Err(format!("{name}: {code:?}")) }
    };
    let mut unknown = 0;
    let mut of_no_one = |times: u32| {
        let each = |_| {
            unknown += 1;
            refused(&format!("nobody {unknown}"))
        };
        let spent = (0..times).map(each).sum::<Result<Duration, String>>()?;
        forget_tries(&keys)?;
        Ok(spent)
    };
    let of_someone = |times: u32| {
        let spent = (0..times).map(|_| refused(NAME)).sum::<Result<Duration, String>>();
        sign_in(&shop, NAME, &SecretString::from(PIN)).map_err(failed)?;
        spent
    };
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        rounds.push(in_turn(PIECES, IN_A_ROW, &mut of_no_one, of_someone)?);
    }
    let outcome = Outcome::of("a wrong PIN", "sign-ins/s", &rounds)?;
    Ok(vec![outcome.aiming(Goal::Near(0.1))])
}

/// Names of no one are counted together, and nothing but time forgets them: out of the vault's own
/// file.
fn forget_tries(keys: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(keys).map_err(|why| why.to_string())?;
    let mut all: Value = serde_json::from_str(&text).map_err(|why| why.to_string())?;
    for of_shop in all.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        of_shop.as_object_mut().map(|secrets| secrets.remove("people.tries"));
    }
    std::fs::write(keys, all.to_string()).map_err(|why| why.to_string())
}
