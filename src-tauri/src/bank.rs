//! The bank of the demo shop, inside the program: the bank simulator on a loopback port, with the computer's clock.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use counterfoil_bank_simulator::server::{self, Server};
use counterfoil_bank_simulator::{BankTime, Simulator, demo_shop};
use counterfoil_commands::{CommandError, Exit};
use serde_json::json;

/// A running bank and the shop file that fits it.
pub(crate) struct DemoBank {
    server: Server,
    /// As `shop add` takes it.
    pub(crate) shop_file: String,
}

impl DemoBank {
    /// Opens the bank on any free port and says its addresses on standard output, for whoever tries it out.
    pub(crate) async fn open() -> Result<Self, CommandError> {
        let shop = demo_shop();
        let failed = || CommandError::new("listener", Exit::Unknown).with("port", 0);
        let simulator = Simulator::new(&json!([shop]), now(), 1).map_err(|_| failed())?;
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = server::serve(any_port, simulator, 1).await.map_err(|_| failed())?;
        crate::say(&server.line().to_string());
        Ok(Self { server, shop_file: shop.to_string() })
    }

    /// What the shop calls as its bank.
    pub(crate) fn base(&self) -> String {
        self.server.sinopac_base()
    }

    /// The customer pays, whichever way the order waits for.
    pub(crate) fn pay(&self, bank_order_no: &str) -> Result<(), CommandError> {
        let paid = json!({ "shop": "demo", "order": bank_order_no });
        let done = self.server.with(|simulator| simulator.control("pay", &paid));
        let refused = |why| CommandError::new("not-allowed", Exit::NotAllowed).with("what", format!("{why}"));
        done.map(drop).map_err(refused)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition of the window: the real clock enters the demo bank here"
)]
fn now() -> BankTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    BankTime::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(0))
}
