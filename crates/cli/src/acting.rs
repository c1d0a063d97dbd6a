//! Who acts, and the PINs on standard input: the first line is the acting person's, the next one
//! that of the person it is about.

use std::io::BufRead as _;

use counterfoil_commands::{Code, CommandError, Exit};
use counterfoil_domain::Actor;
use counterfoil_shop::{Composition, compose_or_paused, has_people, leave_wrong_pin, sign_in};

use crate::args::{Audit, Cli, Command, People, Shop};

/// Longer lines are no PIN.
const LINE_BYTES_MAX: u64 = 256;

/// Who acts: the owner until the shop has people, then whoever `--as` names; without it the engine,
/// for what needs no name.
///
/// # Errors
/// `locked`, `not-allowed`, `pin-…`, the vault, or the data file.
pub(crate) fn actor(cli: &Cli, from: &Composition) -> Result<Actor, CommandError> {
    let people = match has_people(from) {
        // nothing tells who they are: names stay masked, and the record can be looked at
        Err(why)
            if (why.exit == Exit::Vault || why.code == Code::RecordPeopleGone)
                && cli.person.is_none()
                && needs_no_name(&cli.command) =>
        {
            return Ok(Actor::Engine);
        }
        known => known?,
    };
    match cli.person.as_deref() {
        Some(name) if people => {
            let done = sign_in(from, name, &line()?);
            // the vault has counted the try, and beside an open window keeps its line
            if let Err(why) = &done
                && why.code == Code::PinWrong
            {
                match compose_or_paused(from) {
                    Ok(mut desk) => desk.signed_in(name, &done),
                    Err(_) => drop(leave_wrong_pin(from, name, why)),
                }
            }
            done
        }
        None if people && needs_no_name(&cli.command) => Ok(Actor::Engine),
        None if people => Err(CommandError::new(Code::Locked, Exit::NotAllowed)),
        None | Some("owner") => Ok(Actor::Owner),
        Some(_) => Err(CommandError::new(Code::NotAllowed, Exit::NotAllowed).with("what", "--as")),
    }
}

/// Done by the engine, or looked at with customers' names masked.
fn needs_no_name(command: &Command) -> bool {
    match command {
        Command::Shop(Shop::Check { .. })
        | Command::Watch { .. }
        | Command::Orders(_)
        | Command::Work { .. }
        | Command::Sweep { .. }
        | Command::Coverage
        | Command::Check
        // the way back for who cannot sign in
        | Command::People(People::Recover { .. })
        | Command::Audit(Audit::Verify { .. }) => true,
        Command::Shop(Shop::Add { .. })
        | Command::Sell(_)
        | Command::Cancel { .. }
        | Command::Discrepancies(_)
        | Command::Refund(_)
        | Command::Customers(_)
        | Command::Audit(Audit::Accept | Audit::List { .. } | Audit::Export { .. })
        | Command::People(
            People::Add { .. }
            | People::List
            | People::Limits { .. }
            | People::Retire { .. }
            | People::Pin { .. }
            | People::OnePerson { .. },
        ) => false,
    }
}

/// The next line of standard input, without its end; empty when there is none.
///
/// # Errors
/// `pin-missing` when it cannot be read.
pub(crate) fn line() -> Result<counterfoil_shop::SecretString, CommandError> {
    let mut text = String::new();
    let mut input = std::io::Read::take(std::io::stdin().lock(), LINE_BYTES_MAX);
    input.read_line(&mut text).map_err(|_| CommandError::input(Code::PinMissing))?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text.into())
}
