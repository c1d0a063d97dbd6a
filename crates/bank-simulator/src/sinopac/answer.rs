//! Building the inner part of answers: member order as documented, members without value in the
//! chosen style.

use serde_json::{Map, Value};

use crate::switches::{AmountStyle, MemberStyle, Switches};

use super::bank::World;
use super::codes;
use super::ledger::Order;

/// The members of an answer or of a node in it.
pub(crate) struct Members {
    map: Map<String, Value>,
    style: MemberStyle,
    amounts: AmountStyle,
    empty_list: bool,
}

impl Members {
    pub(crate) fn new(switches: &Switches) -> Self {
        Self {
            map: Map::new(),
            style: switches.members,
            amounts: switches.amounts,
            empty_list: switches.empty_list,
        }
    }

    /// A member with a value.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.put(name, Value::from(value));
    }

    /// A member that may have no value.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<&str>) {
        match (value, self.style) {
            (Some(value), _) => self.text(name, value),
            (None, MemberStyle::Absent) => {}
            (None, MemberStyle::Null) => self.put(name, Value::Null),
            (None, MemberStyle::Empty) => self.text(name, ""),
        }
    }

    /// A member that the live service was seen to send empty, whatever the style, except null.
    pub(crate) fn blank(&mut self, name: &str) {
        match self.style {
            MemberStyle::Null => self.put(name, Value::Null),
            MemberStyle::Absent | MemberStyle::Empty => self.text(name, ""),
        }
    }

    /// An amount that is documented as a number.
    pub(crate) fn amount(&mut self, name: &str, value: i64) {
        match self.amounts {
            AmountStyle::Documented | AmountStyle::Number => self.put(name, Value::from(value)),
            AmountStyle::Text => self.text(name, &value.to_string()),
        }
    }

    /// An amount that is documented as text.
    pub(crate) fn amount_text(&mut self, name: &str, value: i64) {
        match self.amounts {
            AmountStyle::Documented | AmountStyle::Text => self.text(name, &value.to_string()),
            AmountStyle::Number => self.put(name, Value::from(value)),
        }
    }

    /// `Status` S with S0000.
    pub(crate) fn success(&mut self) {
        self.text("Status", "S");
        self.text("Description", &codes::description("S0000"));
    }

    pub(crate) fn node(&mut self, name: &str, node: Self) {
        self.put(name, Value::Object(node.done()));
    }

    pub(crate) fn list(&mut self, name: &str, rows: Vec<Map<String, Value>>) {
        if rows.is_empty() {
            match self.style {
                MemberStyle::Absent if !self.empty_list => {}
                MemberStyle::Null => self.put(name, Value::Null),
                MemberStyle::Absent | MemberStyle::Empty => self.put(name, Value::Array(Vec::new())),
            }
        } else {
            self.put(name, rows.into_iter().map(Value::Object).collect());
        }
    }

    pub(crate) fn done(self) -> Map<String, Value> {
        self.map
    }

    fn put(&mut self, name: &str, value: Value) {
        self.map.insert(name.to_owned(), value);
    }
}

/// The inner part of a business failure (also of the success codes S0001 and S0002, when asked for
/// by a fault). The bank's own toolkit verifies one of `OrderCreate` only when it has an amount, so
/// it carries 0.
pub(crate) fn failure(switches: &Switches, service: &str, shop_no: &str, code: &str) -> Map<String, Value> {
    let mut out = Members::new(switches);
    out.maybe("OrderNo", None);
    out.text("ShopNo", shop_no);
    out.maybe("TSNo", None);
    if service == "OrderCreate" && switches.failure_amount {
        out.amount("Amount", 0);
    }
    out.text("Status", if code.starts_with('S') { "S" } else { "F" });
    out.text("Description", &codes::description(code));
    out.done()
}

/// The address of a hosted page of an order.
pub(crate) fn page_url(base: &str, page: &str, order: &Order) -> String {
    format!("{base}/QPay.WebPaySite/Bridge/{page}?TD={}&TK={}", order.ts_no, order.ticket)
}

/// The `CardPayURL`: the page of the order, unless a switch says otherwise.
pub(crate) fn card_pay_url(world: &World<'_>, order: &Order) -> String {
    match world.switches.card_pay_url.as_str() {
        "" => page_url(world.base, "PayCard", order),
        other => other.to_owned(),
    }
}
