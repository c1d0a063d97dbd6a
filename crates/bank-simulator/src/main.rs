//! `bank-simulator`: the simulator as a process of its own. Prints one JSON line with its
//! addresses, then serves.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use counterfoil_bank_simulator::{BankTime, Doors, Simulator, server};

/// Pretends to be SinoPac and CTBC on this computer; see the README for the control calls.
#[derive(Parser)]
#[command(name = "bank-simulator", version)]
struct Arguments {
    /// Loopback address and port; port 0 = any.
    #[arg(long, value_name = "127.0.0.1:PORT")]
    listen: SocketAddr,
    /// A JSON array of shop files.
    #[arg(long, value_name = "FILE")]
    shops: PathBuf,
    /// Where the bank's clock starts; without it, now.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    at: Option<BankTime>,
    /// Seconds of bank time in one real second.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    speed: u32,
    /// One seed gives one history.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // nothing is left to do when standard error is closed
            let _written = writeln!(std::io::stderr(), "bank-simulator: {text}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let file =
        std::fs::read(&arguments.shops).map_err(|why| format!("{}: {why}", arguments.shops.display()))?;
    let shops =
        serde_json::from_slice(&file).map_err(|why| format!("{}: {why}", arguments.shops.display()))?;
    let at = arguments.at.unwrap_or_else(now);
    let simulator = Simulator::new(&shops, at, arguments.seed).map_err(|why| why.to_string())?;
    let server = server::serve(arguments.listen, simulator, arguments.speed, Doors::WithControl)
        .await
        .map_err(|why| why.to_string())?;
    writeln!(std::io::stdout(), "{}", server.line()).map_err(|why| why.to_string())?;
    tokio::signal::ctrl_c().await.map_err(|why| why.to_string())?;
    server.shutdown();
    Ok(())
}

fn time(text: &str) -> Result<BankTime, String> {
    BankTime::from_rfc3339(text).ok_or_else(|| "not an RFC 3339 time".to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary is a composition: the real clock enters here, once"
)]
fn now() -> BankTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    BankTime::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(0))
}
