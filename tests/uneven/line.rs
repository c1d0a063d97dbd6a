//! The line between the shop and its banks: what becomes of each call.

use counterfoil_domain::{Bank, BankAnswer};
use counterfoil_engine::ports::{BankReply, BankRequest, Fuse, Said};
use counterfoil_engine::{BankCall, Ticket};

use super::Days;
use super::refunds::Way;

/// A bank call takes this long, both ways together.
const CALL_MS: i64 = 120;
/// The adapter's own total deadline.
const DEADLINE_MS: i64 = 30_000;

/// A call that has left.
pub(super) struct Call {
    pub(super) back_at: i64,
    bank: Bank,
    /// By how much the Date of its answer is off.
    date_off_ms: Option<i64>,
    ticket: Ticket,
    reply: BankReply,
}

/// A write that has been claimed and not sent yet.
pub(super) struct Sender {
    pub(super) at: i64,
    pub(super) call: BankCall,
}

impl Days {
    /// The engine has handed out a call.
    pub(super) fn leaves(&mut self, call: BankCall) {
        let way = self.way_of(&call.request);
        match way {
            Way::DiesBefore => return self.dies(),
            Way::Late(by) => return self.senders.push(Sender { at: self.now + by, call }),
            Way::Sleeps => {
                let asleep = 1_000 + self.dice.below(3_600_000).cast_signed();
                self.pass(self.now + asleep, false);
            }
            Way::Well | Way::DiesAfter | Way::Spoilt(_) | Way::Hangs => {}
        }
        self.sends(call, way);
        if way == Way::DiesAfter {
            self.dies();
        }
    }

    /// Its bytes leave, if it is young still.
    fn sends(&mut self, call: BankCall, way: Way) {
        let BankCall { ticket, bank, request, is_write, leaves, has_nonce, .. } = call;
        let young = !is_write || leaves.in_time(self.world.clocks());
        let hangs = self.hangs[&bank] || way == Way::Hangs;
        let fate = if hangs { self.dice.below(3) } else { 9 };
        let mut op = None;
        if young && (fate != 0 || !is_write) {
            self.judge.asked(bank, self.now, is_write, &request);
        }
        if let (BankRequest::Write(write), true) = (&request, young) {
            op = self.judge.write_leaves(self.now, write);
            if let Way::Spoilt(kind) = way {
                self.spoil(kind, bank, write);
            }
        }
        // it never arrives; it arrives and its answer is lost; its answer is late; or all is well
        let fuse = Fuse::new(move || young).with_nonce(has_nonce);
        let reply = if fate == 0 { None } else { Some(self.world.call_while(bank, request.clone(), fuse)) };
        if let (BankRequest::Write(write), Some(op)) = (&request, op.filter(|_| reply.is_some()))
            && self.world.acted()
        {
            self.judge.bank_took(self.now, op, write);
        }
        let lost = |code: &str| BankReply {
            said: if is_write {
                Said::Write { meaning: BankAnswer::Unknown, issued: None, unequal: None, token: None }
            } else {
                Said::Silent
            },
            bank_now: None,
            heard: None,
            code: code.into(),
            transcript: String::new(),
        };
        let (reply, way) = match (reply, fate) {
            (Some(reply), 2) => (reply, 1_000 + self.dice.below(27_000).cast_signed()),
            (Some(reply), 9) => (reply, CALL_MS),
            (Some(_) | None, _) => (lost("timeout"), DEADLINE_MS),
        };
        let now = self.true_time();
        self.judge.answered(bank, now, &request, &reply);
        let date_off_ms = reply.heard.map(|date| date.ms_since(now));
        self.calls.push(Call { back_at: self.now + way, bank, date_off_ms, ticket, reply });
    }

    pub(super) fn bring_back(&mut self) {
        let now = self.now;
        let (due, still): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.senders).into_iter().partition(|sender| sender.at <= now);
        self.senders = still;
        for sender in due {
            self.sends(sender.call, Way::Well);
        }
        let (back, still): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.calls).into_iter().partition(|call| call.back_at <= now);
        self.calls = still;
        for call in back {
            let clocks = self.world.clocks();
            let taken = self.world.engine().answered(clocks, call.ticket, &call.reply);
            if self.did(taken).is_none() {
                return;
            }
            if let Some(off_ms) = call.date_off_ms {
                self.judge.named(call.bank, now, off_ms);
            }
            self.take_commits();
        }
    }
}
