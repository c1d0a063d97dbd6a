//! Faults: what goes wrong with chosen requests, in the order of the fault requests.
//!
//! Promises that exactly `count` matching requests use up a fault, and that a fault which needs
//! something not there yet (an older answer to replay) waits. The `tamper` of each bank defines how
//! a fault looks on the wire.

use serde_json::{Value, json};

use crate::ctbc;

/// The kinds of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The request never arrives: nothing is done, the connection closes.
    DropBefore,
    /// The bank acts, then the connection closes without an answer.
    DropAfter,
    /// The bank acts and answers late, in real seconds.
    Delay(u64),
    /// An HTML page with this status.
    Html(u16),
    /// One digit of the sign, or of the MAC, is wrong.
    WrongSign,
    /// The MAC is missing.
    NoMac,
    /// The nonce in the answer is another one.
    WrongNonce,
    /// The body ends in the middle, with a fitting length.
    Truncated,
    /// The body stops in the middle; after so many real seconds the connection closes.
    Cut(u64),
    /// An older answer about another order of the shop is sent.
    Replay,
    /// One dollar more, properly sealed.
    UnequalAmount,
    /// Another order number, properly sealed.
    UnequalOrder,
    /// Another shop number, properly sealed.
    UnequalShop,
    /// A code that no list has, properly sealed.
    UnlistedCode,
    /// Fifty megabytes follow.
    BigBody,
    /// A byte order mark precedes the body.
    Bom,
    /// The envelope repeats a member.
    DuplicateKeys,
    /// The content repeats a member, properly sealed.
    DuplicateKeysInside,
    /// The text inside is Big5, properly sealed.
    WrongCharset,
    /// One bit of this byte of the cipher text is turned.
    Flip(usize),
    /// A listed code, without acting.
    Code(String),
}

/// A fault that waits for its requests.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The kind as it was asked for.
    pub(crate) name: String,
    pub(crate) kind: FaultKind,
    bank: Option<String>,
    service: String,
    order: Option<String>,
    left: u64,
    pub(crate) acts: bool,
}

/// Where on the way a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// A request of SinoPac's API.
    Sinopac,
    /// A request of CTBC's API.
    NewPos,
    /// The form that opens CTBC's card page; must be named.
    Page,
    /// CTBC's reply through the browser; must be named.
    Reply,
}

/// What is known of a request before anything is done with it.
pub(crate) struct Target<'a> {
    pub(crate) leg: Leg,
    pub(crate) service: &'a str,
    /// The `Command` of SinoPac's `OrderMaintain`; `R2` is R with a RefundToken.
    pub(crate) command: Option<&'a str>,
    pub(crate) order: Option<&'a str>,
    /// An older answer about another order is at hand.
    pub(crate) can_replay: bool,
}

impl Fault {
    /// From `{kind, bank?, match, order?, count, seconds?, acts?}`; the error names the member that
    /// is wrong.
    pub(crate) fn read(args: &Value) -> Result<Self, &'static str> {
        let name = args.get("kind").and_then(Value::as_str).ok_or("kind")?;
        let (word, detail) = name.split_once(':').unwrap_or((name, ""));
        let kind = match (word, detail) {
            ("drop-before", "") => FaultKind::DropBefore,
            ("drop-after", "") => FaultKind::DropAfter,
            ("delay", "") => FaultKind::Delay(args.get("seconds").and_then(Value::as_u64).ok_or("seconds")?),
            ("delay", seconds) => FaultKind::Delay(seconds.parse().map_err(|_| "kind")?),
            ("html-200", "") => FaultKind::Html(200),
            ("html-500", "") => FaultKind::Html(500),
            ("html-502", "") => FaultKind::Html(502),
            ("html-503", "") => FaultKind::Html(503),
            ("wrong-sign" | "wrong-mac", "") => FaultKind::WrongSign,
            ("no-mac", "") => FaultKind::NoMac,
            ("wrong-nonce", "") => FaultKind::WrongNonce,
            ("truncated", "") => FaultKind::Truncated,
            ("cut", "") => FaultKind::Cut(0),
            ("hang", "") => FaultKind::Cut(args.get("seconds").and_then(Value::as_u64).ok_or("seconds")?),
            ("hang", seconds) => FaultKind::Cut(seconds.parse().map_err(|_| "kind")?),
            ("replay", "") => FaultKind::Replay,
            ("unequal-amount", "") => FaultKind::UnequalAmount,
            ("unequal-order", "") => FaultKind::UnequalOrder,
            ("unequal-shop", "") => FaultKind::UnequalShop,
            ("unlisted-code", "") => FaultKind::UnlistedCode,
            ("big-body", "") => FaultKind::BigBody,
            ("bom", "") => FaultKind::Bom,
            ("duplicate-keys", "") => FaultKind::DuplicateKeys,
            ("duplicate-keys-inside", "") => FaultKind::DuplicateKeysInside,
            ("wrong-charset", "") => FaultKind::WrongCharset,
            ("flip", byte) => FaultKind::Flip(byte.parse().map_err(|_| "kind")?),
            ("code", code) if code.contains('/') => {
                FaultKind::Code(ctbc::Code::find(code).ok_or("kind")?.joined())
            }
            ("code", code) if code.len() == 5 && code.is_ascii() => FaultKind::Code(code.to_owned()),
            _ => return Err("kind"),
        };
        let acts = match args.get("acts") {
            None | Some(Value::Null) => !matches!(kind, FaultKind::Html(_) | FaultKind::Code(_)),
            Some(acts) => acts.as_bool().ok_or("acts")?,
        };
        let text = |name: &'static str| match args.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_str().map(|text| Some(text.to_owned())).ok_or(name),
        };
        let left = match args.get("count") {
            None | Some(Value::Null) => 1,
            Some(count) => count.as_u64().filter(|count| *count > 0).ok_or("count")?,
        };
        let service = text("match")?.unwrap_or_else(|| "*".to_owned());
        let (bank, order) = (text("bank")?, text("order")?);
        Ok(Self { name: name.to_owned(), kind, bank, service, order, left, acts })
    }

    /// What is left of it, for `/control/faults`.
    pub(crate) fn show(&self) -> Value {
        json!({
            "kind": self.name,
            "bank": self.bank,
            "match": self.service,
            "order": self.order,
            "left": self.left,
            "acts": self.acts,
        })
    }

    fn fits(&self, target: &Target<'_>) -> bool {
        let (bank, named) = match target.leg {
            Leg::Sinopac => ("sinopac", false),
            Leg::NewPos => ("ctbc", false),
            Leg::Page | Leg::Reply => ("ctbc", true),
        };
        let bank = self.bank.is_none() || self.bank.as_deref() == Some(bank);
        let exactly = target.command.is_some_and(|command| {
            self.service.split_once(':').is_some_and(|parts| parts == (target.service, command))
        });
        let service = (self.service == "*" && !named) || self.service == target.service || exactly;
        let order = self.order.is_none() || self.order.as_deref() == target.order;
        let replay = self.kind != FaultKind::Replay || target.can_replay;
        bank && service && order && replay && self.possible(target)
    }

    /// The kind means something on this leg.
    fn possible(&self, target: &Target<'_>) -> bool {
        let pair = matches!(&self.kind, FaultKind::Code(code) if code.contains('/'));
        let code = matches!(self.kind, FaultKind::Code(_));
        match target.leg {
            Leg::Sinopac => {
                self.kind != FaultKind::NoMac && !pair && (target.service != "Nonce" || !self.of_the_seal())
            }
            Leg::NewPos => self.kind != FaultKind::WrongNonce && pair == code,
            Leg::Page => pair == code && ctbc::page_takes(self),
            Leg::Reply => pair == code && ctbc::reply_takes(self),
        }
    }

    fn of_the_seal(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::WrongSign
                | FaultKind::NoMac
                | FaultKind::WrongNonce
                | FaultKind::UnequalAmount
                | FaultKind::UnequalOrder
                | FaultKind::UnequalShop
                | FaultKind::UnlistedCode
                | FaultKind::DuplicateKeysInside
                | FaultKind::WrongCharset
                | FaultKind::Flip(_)
        )
    }
}

/// The faults that wait, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The first fault that fits, counted down.
    pub(crate) fn take(&mut self, target: &Target<'_>) -> Option<Fault> {
        let at = self.0.iter().position(|fault| fault.fits(target))?;
        let fault = self.0.get_mut(at)?;
        fault.left -= 1;
        let taken = fault.clone();
        if fault.left == 0 {
            self.0.remove(at);
        }
        Some(taken)
    }

    /// True when some fault waits for a certain order or command, so that these must be known
    /// early.
    pub(crate) fn want_orders(&self) -> bool {
        let looks_inside = |fault: &Fault| {
            fault.order.is_some() || fault.service.contains(':') || fault.kind == FaultKind::Replay
        };
        self.0.iter().any(looks_inside)
    }

    pub(crate) fn show(&self) -> Value {
        self.0.iter().map(Fault::show).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target<'a>(service: &'a str, order: Option<&'a str>) -> Target<'a> {
        Target { leg: Leg::Sinopac, service, command: None, order, can_replay: false }
    }

    #[test]
    fn a_fault_is_spent_by_the_requests_it_fits() {
        let mut faults = Faults::default();
        faults.add(
            Fault::read(&json!({"kind": "drop-after", "match": "OrderQuery", "order": "A", "count": 2}))
                .unwrap(),
        );
        assert!(faults.want_orders());
        assert!(faults.take(&target("OrderCreate", Some("A"))).is_none());
        assert!(faults.take(&target("OrderQuery", Some("B"))).is_none());
        assert!(faults.take(&target("OrderQuery", Some("A"))).is_some());
        assert!(faults.take(&target("OrderQuery", Some("A"))).is_some());
        assert!(faults.take(&target("OrderQuery", Some("A"))).is_none());
        assert_eq!(faults.show(), json!([]));
    }

    #[test]
    fn a_fault_may_wait_for_a_command() {
        let mut faults = Faults::default();
        faults.add(Fault::read(&json!({"kind": "bom", "match": "OrderMaintain:R2"})).unwrap());
        assert!(faults.want_orders());
        let of = |command| Target { command, ..target("OrderMaintain", None) };
        for command in [None, Some("R"), Some("C")] {
            assert!(faults.take(&of(command)).is_none(), "{command:?}");
        }
        assert!(faults.take(&Target { command: Some("R2"), ..target("OrderQuery", None) }).is_none());
        assert!(faults.take(&of(Some("R2"))).is_some());
    }

    #[test]
    fn a_fault_of_the_seal_waits_for_a_sealed_answer() {
        let mut faults = Faults::default();
        faults.add(Fault::read(&json!({"kind": "wrong-sign"})).unwrap());
        faults.add(Fault::read(&json!({"kind": "replay"})).unwrap());
        assert!(faults.take(&target("Nonce", None)).is_none());
        assert_eq!(faults.take(&target("OrderQuery", None)).unwrap().kind, FaultKind::WrongSign);
        assert!(faults.take(&target("OrderQuery", None)).is_none());
        let ready = Target { can_replay: true, ..target("OrderQuery", None) };
        assert_eq!(faults.take(&ready).unwrap().kind, FaultKind::Replay);
    }

    #[test]
    fn wrong_orders_for_faults_name_the_member() {
        for (args, member) in [
            (json!({}), "kind"),
            (json!({"kind": "explode"}), "kind"),
            (json!({"kind": "flip:x"}), "kind"),
            (json!({"kind": "code:E1"}), "kind"),
            (json!({"kind": "delay"}), "seconds"),
            (json!({"kind": "bom", "count": 0}), "count"),
            (json!({"kind": "bom", "match": 1}), "match"),
            (json!({"kind": "bom", "acts": 1}), "acts"),
        ] {
            assert_eq!(Fault::read(&args).err(), Some(member), "{args}");
        }
    }
}
