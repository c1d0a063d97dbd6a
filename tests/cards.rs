//! What a customer does with a card at CTBC.

use counterfoil_bank_simulator::HttpRequest;
use counterfoil_domain::PaymentId;
use counterfoil_engine::ports::CardForm;
use serde_json::Value;

use crate::world::World;

impl World {
    /// The browser posts a form to the bank. Gives the status of the page that comes.
    pub fn post_form(&self, form: &CardForm) -> u16 {
        let request = HttpRequest {
            method: "POST".into(),
            path: "/mauth/SSLAuthUI.jsp".into(),
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            body: format!("merID={}&URLEnc={}", form.mer_id, form.url_enc).into_bytes(),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        self.bank.lock().unwrap().handle(&request).status
    }

    /// The form of a sale is handed out and posted: the customer sees the bank's page.
    pub fn open_page(&mut self, payment: PaymentId) {
        let form = self.hand_out(payment).expect("a form");
        assert_eq!(self.post_form(&form), 200);
    }

    /// A control call about a card sale at CTBC.
    pub fn card_control(&self, call: &str, payment: PaymentId, more: &Value) -> Value {
        let mut args = more.clone();
        args["bank"] = "ctbc".into();
        args["shop"] = "10000".into();
        args["order"] = self.payment(payment).bank_order_no.to_string().into();
        self.control(call, &args)
    }
}
