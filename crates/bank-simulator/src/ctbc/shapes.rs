//! Paths of NewPos, and which members each operation takes (ctbc.md 5.3): the full shape, and the
//! short one with LID-M.

use super::codes::Code;
use super::message::Fields;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Cap,
    CapRev,
    Reversal,
    Refund,
    RefundRev,
    Inquiry,
    InquiryByLidm,
    /// A path of the paper that is not built.
    Other(&'static str),
}

use Operation::{Cap, CapRev, Inquiry, InquiryByLidm, Other, Refund, RefundRev, Reversal};

const PATHS: &[(&str, Operation)] = &[
    ("/NewPos/Cap", Cap),
    ("/NewPos/CapRev", CapRev),
    ("/NewPos/Reversal", Reversal),
    ("/NewPos/Refund", Refund),
    ("/NewPos/RefundRev", RefundRev),
    ("/NewQuery/Inquiry", Inquiry),
    ("/NewQuery/InquiryByLidm", InquiryByLidm),
    ("/NewPos/Auth", Other("Auth")),
    ("/NewPos/Installment", Other("Installment")),
    ("/NewPos/Redeem", Other("Redeem")),
    ("/NewPos/BatchClose", Other("BatchClose")),
    ("/NewPos/CCPRedeem", Other("CCPRedeem")),
    ("/NewPos/InquiryCCPRedeemPoint", Other("InquiryCCPRedeemPoint")),
    ("/NewQuery/SettleQuery", Other("SettleQuery")),
    ("/NewQuery/InquiryForWebiodata", Other("InquiryForWebiodata")),
];

impl Operation {
    /// The operation of an exact path.
    pub(crate) fn at(path: &str) -> Option<Self> {
        PATHS.iter().find(|row| row.0 == path).map(|row| row.1)
    }

    /// The last part of its path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Cap => "Cap",
            CapRev => "CapRev",
            Reversal => "Reversal",
            Refund => "Refund",
            RefundRev => "RefundRev",
            Inquiry => "Inquiry",
            InquiryByLidm => "InquiryByLidm",
            Other(name) => name,
        }
    }

    /// `SSL-TYPE`.
    pub(crate) fn ssl_type(self) -> &'static str {
        match self {
            Cap => "SSL_CAP",
            CapRev => "SSL_CAPREV",
            Reversal => "SSL_AUTHREV",
            Refund => "SSL_CRED",
            RefundRev => "SSL_CREDREV",
            Inquiry => "SSL_INQUIRY",
            InquiryByLidm => "SSL_InquiryByLidm",
            Other(_) => "",
        }
    }

    /// It reads and writes nothing.
    pub(crate) fn asks_only(self) -> bool {
        matches!(self, Inquiry | InquiryByLidm)
    }

    /// The member with the amount to be set; empty for a question.
    pub(crate) fn amount_member(self) -> &'static str {
        match self {
            Cap => "CapAmt",
            CapRev => "CapRevAmt",
            Reversal => "AuthNewAmt",
            Refund => "CredAmt",
            RefundRev => "CredRevAmt",
            Inquiry | InquiryByLidm | Other(_) => "",
        }
    }

    /// The members of a batch line, in the full shape.
    pub(crate) fn batch_members(self) -> Option<(&'static str, &'static str)> {
        match self {
            CapRev => Some(("BatchID", "BatchSeq")),
            Refund => Some(("CapBatchID", "CapBatchSeq")),
            RefundRev => Some(("CredBatchID", "CredBatchSeq")),
            Cap | Reversal | Inquiry | InquiryByLidm | Other(_) => None,
        }
    }

    /// The full shape has TermSeq.
    pub(crate) fn has_term_seq(self) -> bool {
        matches!(self, Cap | CapRev | Reversal)
    }

    /// Checks that every member of one of the shapes is there (9/ng) and no other (9/nw), and that
    /// `SSL-TYPE` fits the path (9/nt). Gives the member it is about.
    pub(crate) fn check(self, fields: &Fields) -> Result<(), (Code, String)> {
        let (required, optional) = self.members(fields.get("SSL-TYPE").is_some());
        if let Some(missing) = required.iter().find(|name| fields.text(name).is_empty()) {
            return Err((Code("9", "ng"), (*missing).to_owned()));
        }
        let known = |name: &&str| required.contains(name) || optional.contains(name);
        if let Some(more) = fields.names().find(|name| !known(name)) {
            return Err((Code("9", "nw"), more.to_owned()));
        }
        if fields.get("SSL-TYPE").is_some_and(|kind| kind != self.ssl_type()) {
            return Err((Code("9", "nt"), "SSL-TYPE".to_owned()));
        }
        Ok(())
    }

    /// Required and optional members.
    fn members(self, full: bool) -> (Vec<&'static str>, &'static [&'static str]) {
        let mut required = vec!["MERID", "VERSION", "SwRevision"];
        if self.asks_only() {
            required.push("LID-M");
        } else {
            required.extend(["AuthCode", "XID", "OrgAmt", self.amount_member()]);
            required.push(if full { "AuthRRPID" } else { "LID-M" });
            if full && self.has_term_seq() {
                required.push("TermSeq");
            }
            if let Some((id, seq)) = self.batch_members().filter(|_| full) {
                required.extend([id, seq]);
            }
        }
        if self == Inquiry {
            required.extend(["PurchAmt", "RECUR_NUM", "TX_ATTRIBUTE"]);
        }
        let optional: &[&str] = match self {
            Inquiry => &["SSL-TYPE", "PRODCODE", "XID", "PAN"],
            InquiryByLidm => &["SSL-TYPE", "TxType", "TxID", "Tx_ATTRIBUTE"],
            Cap | CapRev | Reversal | Refund | RefundRev | Other(_) => &["SSL-TYPE"],
        };
        (required, optional)
    }
}
