//! The commands about people, and who is at the counter. Nothing is checked or decided here.
//!
//! A PIN is hashed on a thread of its own, because it takes a while and the keyring may ask a
//! person. PINs come in here and never go out.

use counterfoil_commands::{Code, CommandError, Exit, Failure, PersonView, PinTyped, Role, WhoView};
use counterfoil_shop::{Actor, Desk, LimitChange, Right, new_pin, other_pin};

use crate::counter::{Counter, FRESH_MINS};
use crate::settings::apart;

/// All people. A locked screen lists their names, so that one of them can sign in.
pub(crate) async fn people(counter: &Counter) -> Result<Vec<PersonView>, Failure> {
    counter.ask(|desk| desk.people()).await
}

/// Who is at the counter.
pub(crate) async fn who(counter: &Counter) -> Result<WhoView, Failure> {
    counter.ask_as(|desk, who| desk.who(who)).await
}

/// Signs a person in, in the place of whoever was. After a wrong PIN whoever was stays.
pub(crate) async fn sign_in(counter: &Counter, name: String, pin: PinTyped) -> Result<WhoView, Failure> {
    let (from, _) = counter.ask(|desk| Ok(desk.parts())).await?;
    let typed = name.clone();
    let done =
        apart(move || async move { Ok(counterfoil_shop::sign_in(&from, &typed, &pin.into())) }).await?;
    let done = counter.ask(move |desk| {
        desk.signed_in(&name, &done);
        done
    });
    counter.seat(Some(done.await?));
    who(counter).await
}

/// No one is at the counter any more.
pub(crate) async fn sign_out(counter: &Counter) -> Result<WhoView, Failure> {
    let left = |desk: &mut Desk, who| {
        desk.signed_out(who);
        Ok(())
    };
    counter.ask_as(left).await?;
    counter.seat(None);
    who(counter).await
}

/// Seconds until a PIN is looked at again under this name; 0: now.
pub(crate) async fn pin_wait(counter: &Counter, name: String) -> Result<i64, Failure> {
    let (from, _) = counter.ask(|desk| Ok(desk.parts())).await?;
    apart(move || async move { counterfoil_shop::pin_wait_s(&from, &name) }).await
}

/// Whoever has signed in has pressed a key or touched something.
pub(crate) async fn still_here(counter: &Counter) -> Result<(), Failure> {
    counter.still_here().await
}

/// Adds a person with a PIN.
pub(crate) async fn add_person(
    counter: &Counter,
    name: String,
    role: Role,
    pin: PinTyped,
) -> Result<PersonView, Failure> {
    // whoever began it also ends it, whoever has signed in meanwhile
    let parts = |desk: &mut Desk, who| desk.allowed(who, Right::People).map(|()| (desk.parts().0, who));
    let (from, who) = counter.ask_as(parts).await?;
    let pin = apart(move || async move { new_pin(&from, role, &pin.into()) }).await?;
    counter.ask(move |desk| desk.add_person(&name, role.name(), pin, who)).await
}

/// Sets both limits, whole dollars; without one, what the role may.
pub(crate) async fn limit_person(
    counter: &Counter,
    person: String,
    ask: Option<i64>,
    approve: Option<i64>,
) -> Result<PersonView, Failure> {
    let limits = (LimitChange::to(ask), LimitChange::to(approve));
    counter.ask_as(move |desk, who| desk.limit_person(&person, limits, who)).await
}

/// Retires a person.
pub(crate) async fn retire_person(counter: &Counter, person: String) -> Result<PersonView, Failure> {
    counter.ask_as(move |desk, who| desk.retire_person(&person, who)).await
}

/// Sets a PIN: as an owner another person's, or one's own within minutes of signing in with it.
pub(crate) async fn set_pin(counter: &Counter, person: String, pin: PinTyped) -> Result<PersonView, Failure> {
    let parts = move |desk: &mut Desk, who| {
        let id = desk.person(&person)?;
        desk.may_set_pin(id, who)?;
        Ok((desk.parts().0, id, who))
    };
    let (from, id, who) = counter.ask_as(parts).await?;
    if who == Actor::Person(id) && !counter.has_just_signed_in() {
        let again = CommandError::new(Code::PinSignInAgain, Exit::NotAllowed);
        return Err(again.with("minutes", FRESH_MINS).into());
    }
    let pin = apart(move || async move { other_pin(&from, id, &pin.into(), who) }).await?;
    counter.ask(move |desk| desk.set_pin(pin, who)).await
}
