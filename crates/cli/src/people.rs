//! `people`: who works here.

use counterfoil_commands::{CommandError, Exit, checked_person, people_rows};
use counterfoil_domain::{Actor, LimitChange, PersonId};
use counterfoil_engine::ports::Store;
use counterfoil_shop::{Composition, compose_or_paused, new_pin, open_proved, other_pin, recovered_pin};
use serde_json::{Value, json};

use crate::acting::line;
use crate::args::People;
use crate::looking::bank_time;

/// Does one of the commands about people. Keys of banks are not needed for any of them.
///
/// # Errors
/// As the verbs of the desk.
pub(crate) async fn people(
    from: &Composition,
    command: &People,
    who: Actor,
) -> Result<(Value, Exit), CommandError> {
    let view = match command {
        People::List => {
            let store = open_proved(from)?;
            let at = bank_time(&store, from.clock.wall())?;
            let one_person = store.shop()?.is_some_and(|shop| shop.one_person);
            json!({ "people": people_rows(&store, at)?, "one_person": one_person })
        }
        People::Add { name, role } => {
            let role_of = checked_person(PersonId::from_bytes([0; 16]), name, role)?.role;
            let mut desk = compose_or_paused(from)?;
            let pin = new_pin(from, role_of, &line()?)?;
            if !desk.engine().shop().is_practice() {
                desk.wait_for_time_passed(None).await?;
            }
            json!(desk.add_person(name, role, pin, who)?)
        }
        People::Limits { name, ask, approve } => {
            let kept = |limit: &Option<LimitChange>| limit.unwrap_or(LimitChange::Kept);
            json!(compose_or_paused(from)?.limit_person(name, (kept(ask), kept(approve)), who)?)
        }
        People::Retire { name } => json!(compose_or_paused(from)?.retire_person(name, who)?),
        People::Pin { name } => {
            let mut desk = compose_or_paused(from)?;
            let pin = other_pin(from, desk.person(name)?, &line()?, who)?;
            desk.wait_for_time_passed(None).await?;
            json!(desk.set_pin(pin, who)?)
        }
        People::Recover { name } => {
            let mut desk = compose_or_paused(from)?;
            let pin = recovered_pin(from, desk.person(name)?, &line()?)?;
            desk.wait_for_time_passed(None).await?;
            json!(desk.recover_person(pin)?)
        }
        People::OnePerson { switch } => {
            let mut desk = compose_or_paused(from)?;
            desk.set_one_person(switch == "on", who)?;
            json!({ "one_person": desk.engine().shop().one_person })
        }
    };
    Ok((view, Exit::Done))
}
