//! The way back from the bank's page: one listener per port, one path per payment.

use std::collections::BTreeMap;

use counterfoil_commands::CommandError;
use counterfoil_domain::PaymentId;
use counterfoil_engine::ReturnSpot;
use counterfoil_engine::shop::ShopRecord;
use secrecy::SecretString;

use crate::compose::random_hex;

pub(crate) struct Door {
    payments: BTreeMap<String, PaymentId>,
}

impl Door {
    pub(crate) fn new(_shop: &ShopRecord, _demo_base: Option<&str>) -> Self {
        Self { payments: BTreeMap::new() }
    }

    pub(crate) fn new_spot(&mut self, port: u16) -> Result<ReturnSpot, CommandError> {
        Ok(ReturnSpot { port: Some(port), path: Some(random_hex()) })
    }

    pub(crate) fn listen_for(&mut self, path: String, payment: PaymentId) {
        self.payments.insert(path, payment);
    }

    pub(crate) fn reopen(&mut self, _port: u16) {}

    pub(crate) async fn token(&mut self) -> (PaymentId, SecretString) {
        std::future::pending().await
    }
}
