//! The demo shop's bank, inside the program: the bank simulator on a loopback port, and its
//! customer.
//!
//! Its clock and the shop's are the computer's clock, moved ahead by the same amount.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use counterfoil_bank_simulator::server::{self, Server};
use counterfoil_bank_simulator::{BankTime, Doors, Simulator, demo_shop};
use counterfoil_commands::{Code, CommandError, Exit, Rail};
use serde_json::{Value, json};

/// A running bank and the shop file that fits it.
pub(crate) struct DemoBank {
    server: Server,
    /// As `shop add` takes it.
    pub(crate) shop_file: String,
    /// How far its clock was moved on, for the shop's.
    pub(crate) ahead_ms: Arc<AtomicI64>,
}

impl DemoBank {
    /// Opens the bank on any free port and says its addresses on standard output, for whoever tries
    /// it out. It takes no commands over HTTP: a page in the shop's browser could send them too.
    pub(crate) async fn open() -> Result<Self, CommandError> {
        let shop = demo_shop();
        let failed = || CommandError::new(Code::Listener, Exit::Unknown).with("port", 0);
        let mut simulator = Simulator::new(&json!([shop]), now(), 1).map_err(|_| failed())?;
        // how a refund of an account ends is chosen by its amount, not left to chance
        simulator.control("switch", &json!({ "refund_digits": "amount" })).map_err(|_| failed())?;
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = server::serve(any_port, simulator, 1, Doors::BanksOnly).await.map_err(|_| failed())?;
        crate::say(&server.line().to_string());
        Ok(Self { server, shop_file: shop.to_string(), ahead_ms: Arc::default() })
    }

    /// What the shop calls as its bank.
    pub(crate) fn base(&self) -> String {
        self.server.sinopac_base()
    }

    /// The customer pays, whichever way the order waits for.
    pub(crate) fn pay(&self, rail: Rail, bank_order_no: &str) -> Result<(), CommandError> {
        self.control("pay", &json!({ "bank": rail.bank().name(), "shop": "demo", "order": bank_order_no }))
    }

    /// The customer's card is declined.
    pub(crate) fn decline(&self, rail: Rail, bank_order_no: &str) -> Result<(), CommandError> {
        self.control(
            "decline",
            &json!({ "bank": rail.bank().name(), "shop": "demo", "order": bank_order_no }),
        )
    }

    /// The bank acts on the next sale, and its answer is lost on the way.
    pub(crate) fn lose_answer(&self) -> Result<(), CommandError> {
        self.control("fault", &json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1 }))
    }

    /// Time passes, at the bank and in the shop.
    pub(crate) fn advance(&self, seconds: i64) -> Result<(), CommandError> {
        self.control("advance", &json!({ "seconds": seconds }))?;
        self.ahead_ms.fetch_add(seconds.saturating_mul(1000), Ordering::Relaxed);
        Ok(())
    }

    fn control(&self, name: &str, what: &Value) -> Result<(), CommandError> {
        let done = self.server.with(|simulator| simulator.control(name, what));
        let refused =
            |why| CommandError::new(Code::NotAllowed, Exit::NotAllowed).with("what", format!("{why}"));
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
