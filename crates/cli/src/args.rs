//! The words of the command line (contract, "The command line counterfoil").

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use counterfoil_domain::LimitChange;

/// Counterfoil 存根: the back office of a shop, from a terminal.
#[derive(Debug, Parser)]
#[command(name = "counterfoil", version, max_term_width = 110)]
pub(crate) struct Cli {
    /// Folder of the shop's data; one folder is one shop
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where keys are kept: os, or file:PATH (plain text, for tests and demos)
    #[arg(long, global = true, default_value = "os", value_name = "os|file:PATH")]
    pub(crate) vault: String,
    /// One JSON value on standard output, nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The clock starts there and runs on; refused for production shops
    #[arg(long, global = true, value_name = "RFC3339")]
    pub(crate) at: Option<String>,
    /// Who acts; the PIN comes on standard input where people exist
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub(crate) person: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a shop, or prove its keys
    #[command(subcommand)]
    Shop(Shop),
    /// Sell: prints the account or the link, and ends
    Sell(Sell),
    /// Wait for the money of a payment
    Watch {
        /// The payment
        payment: String,
        /// How long, seconds
        #[arg(long = "for", value_name = "SECONDS")]
        for_secs: u32,
    },
    /// Cancel an unpaid account, or say that CTBC's page is closed; a card link runs out by itself
    Cancel {
        /// The payment
        payment: String,
    },
    /// Look at orders
    #[command(subcommand)]
    Orders(Orders),
    /// Run the workers: operations due, inquiries, sweep
    Work {
        /// Until nothing is due any more
        #[arg(long, conflicts_with = "for_secs", required_unless_present = "for_secs")]
        until_idle: bool,
        /// For so many seconds
        #[arg(long = "for", value_name = "SECONDS")]
        for_secs: Option<u32>,
    },
    /// Ask the bank about everything paid in a span of minutes
    Sweep {
        /// First minute
        #[arg(long, value_name = "RFC3339")]
        from: String,
        /// Last minute
        #[arg(long, value_name = "RFC3339")]
        to: String,
    },
    /// How far the bank has been asked
    Coverage,
    /// Read every page of the data file: minutes for millions of orders
    Check,
    /// What does not fit, and waits for a person
    #[command(subcommand)]
    Discrepancies(Discrepancies),
    /// Give money back
    #[command(subcommand)]
    Refund(Refund),
    /// Who works here
    #[command(subcommand)]
    People(People),
    /// Who bought: find, correct and erase
    #[command(subcommand)]
    Customers(Customers),
    /// The audit chain
    #[command(subcommand)]
    Audit(Audit),
}

/// Shops.
#[derive(Debug, Subcommand)]
pub(crate) enum Shop {
    /// Take a shop file: keys to the vault, the rest to the data file
    Add {
        /// The file
        #[arg(long, value_name = "shop.json")]
        file: PathBuf,
    },
    /// Prove the keys with a harmless question to the bank
    Check {
        /// The shop's name
        name: String,
    },
}

/// A sale.
#[derive(Debug, Args)]
pub(crate) struct Sell {
    /// sinopac-account, sinopac-card or ctbc-card
    #[arg(long)]
    pub(crate) rail: String,
    /// Whole dollars
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// What is sold; the payee's name when left out
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) description: Option<String>,
    /// Who buys; not sent to the bank
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) customer: Option<String>,
    /// Anything else about the order; not sent to the bank
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) note: Option<String>,
    /// YYYY-MM-DD for an account (today + 3), minutes for a card (10)
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) expires: Option<String>,
    /// A further payment of this order, when its last one ended or was never shown
    #[arg(long)]
    pub(crate) order: Option<String>,
}

/// Orders.
#[derive(Debug, Subcommand)]
pub(crate) enum Orders {
    /// Newest first
    List {
        /// all, unpaid, unpaid-ends-today, needs-me or paid
        #[arg(long, default_value = "all")]
        view: String,
        /// Which page
        #[command(flatten)]
        page: ListPage,
    },
    /// By words, amount, end of the account, or beginning of the bank's number; newest first
    Search {
        /// What to look for
        #[arg(allow_hyphen_values = true)]
        text: String,
        /// Which page
        #[command(flatten)]
        page: ListPage,
    },
    /// One order with its payments and what does not fit
    Show {
        /// The order
        order: String,
    },
}

/// A page of a list.
#[derive(Debug, Args)]
pub(crate) struct ListPage {
    /// At most so many, 1-500
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
    /// The next page: the last order of the page before
    #[arg(long, value_name = "ORDER")]
    pub(crate) after: Option<String>,
    /// Only with a payment of sinopac-account, sinopac-card or ctbc-card
    #[arg(long)]
    pub(crate) rail: Option<String>,
    /// Only with a payment in this state: awaiting, paid, expired …
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only from this day on: 11/21, 2026-11-21, today
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Only up to this day
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
}

/// What does not fit.
#[derive(Debug, Subcommand)]
pub(crate) enum Discrepancies {
    /// Open ones, newest first
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
    },
    /// Close one: a person has settled it
    Close {
        /// The discrepancy
        discrepancy: String,
        /// What was found out and done
        #[arg(long, allow_hyphen_values = true)]
        reason: String,
    },
}

/// Refunds.
#[derive(Debug, Subcommand)]
pub(crate) enum Refund {
    /// Ask for one; prints what it waits for
    Request {
        /// The payment
        payment: String,
        /// Whole dollars
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// returned, duplicate, mistake, unavailable, or other with a note
        #[arg(long)]
        reason: String,
        /// In your own words
        #[arg(long, allow_hyphen_values = true)]
        note: Option<String>,
        /// One transaction of several under a CTBC number
        #[arg(long, default_value = "")]
        xid: String,
    },
    /// What to know before asking for one; nothing is sent
    Preview {
        /// The payment
        payment: String,
        /// Whole dollars
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// One transaction of several under a CTBC number
        #[arg(long, default_value = "")]
        xid: String,
    },
    /// Approve one that another person asked for
    Approve {
        /// The refund
        refund: String,
        /// The amount once more, to approve one's own in one-person mode
        #[arg(long, allow_hyphen_values = true)]
        amount: Option<String>,
    },
    /// Withdraw one: before a step was sent, or before the batch takes it
    Withdraw {
        /// The refund
        refund: String,
    },
    /// Give a person's word about one that needs it
    Decide {
        /// The refund
        refund: String,
        /// The bank confirms that it was done: its reference
        #[arg(long, value_name = "REFERENCE", group = "word")]
        done: Option<String>,
        /// The bank confirms that it was not done: who said so, and when
        #[arg(long, value_name = "WHO", group = "word")]
        not_done: Option<String>,
        /// Ask the bank on, and plan again
        #[arg(long, group = "word")]
        keep_asking: bool,
        /// The shop has transferred the money itself
        #[arg(long, group = "word")]
        by_hand: bool,
    },
    /// Book one that was made at the bank's back office
    Book {
        /// The payment
        payment: String,
        /// Whole dollars
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        /// What was found out and done
        #[arg(long, allow_hyphen_values = true)]
        reason: String,
        /// SinoPac's RefundNo
        #[arg(long)]
        refund_no: Option<String>,
        /// Take the last booking of this amount back
        #[arg(long)]
        undo: bool,
        /// One transaction of several under a CTBC number
        #[arg(long, default_value = "")]
        xid: String,
    },
    /// All, newest first
    List,
    /// One with its steps
    Show {
        /// The refund
        refund: String,
    },
}

/// Who works here.
#[derive(Debug, Subcommand)]
pub(crate) enum People {
    /// Add a person; the new PIN comes on standard input. The first person is an owner
    Add {
        /// What the person is called here
        #[arg(long, allow_hyphen_values = true)]
        name: String,
        /// clerk, accountant or owner
        #[arg(long)]
        role: String,
    },
    /// All, in the order in which they were added
    List,
    /// Set the largest refund to ask for and to approve
    Limits {
        /// The person
        name: String,
        /// Whole dollars, or `role` for what the role may
        #[arg(long, allow_hyphen_values = true, value_parser = limit)]
        ask: Option<LimitChange>,
        /// Whole dollars, or `role` for what the role may
        #[arg(long, allow_hyphen_values = true, value_parser = limit)]
        approve: Option<LimitChange>,
    },
    /// Retire a person: they act no more, and what they did stays theirs
    Retire {
        /// The person
        name: String,
    },
    /// Set a PIN: one's own, or as an owner another person's
    Pin {
        /// The person
        name: String,
    },
    /// Replace an owner's lost PIN from this computer's account; everyone sees it for 30 days
    Recover {
        /// The owner
        name: String,
    },
    /// Let one person alone approve a refund, slowly
    OnePerson {
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        switch: String,
    },
}

/// Who bought.
#[derive(Debug, Subcommand)]
pub(crate) enum Customers {
    /// Those whose name or note holds a text, with their orders
    Find {
        /// What to look for
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Put the right name in the place of a wrong one, which is erased
    Correct {
        /// An order of the customer
        order: String,
        /// The right name; as it is when left out
        #[arg(long, allow_hyphen_values = true)]
        name: Option<String>,
        /// The right note; as it is when left out
        #[arg(long, allow_hyphen_values = true)]
        note: Option<String>,
    },
    /// Forget who bought; orders and books stay
    Erase {
        /// The customer
        #[arg(required_unless_present_any = ["name", "order"], conflicts_with_all = ["name", "order"])]
        customer: Option<String>,
        /// What was typed about an order, and its customer where it has one
        #[arg(long, conflicts_with = "name")]
        order: Option<String>,
        /// Everyone of this name, in any width, case, spacing and order of its words
        #[arg(long, allow_hyphen_values = true)]
        name: Option<String>,
    },
    /// Erase customers by themselves so many days after the end of their orders
    Retention {
        /// 1-3650; 0 never
        days: u16,
    },
}

/// The audit chain.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Walk it from the first row, and compare it with the rows that it speaks of
    Verify {
        /// The head that an export or the Audit screen showed, at least its first 16 digits
        #[arg(long, value_name = "HEX", requires = "count", value_parser = head)]
        head: Option<String>,
        /// How many rows the record had then
        #[arg(long, value_name = "ROWS", requires = "head")]
        count: Option<u64>,
    },
    /// As an owner, accept that the file was put back or copied, or has another key: it goes on
    Accept,
    /// Its rows, newest first
    List {
        /// Which rows
        #[command(flatten)]
        rows: AuditRows,
        /// At most so many, 1-500
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// The next page: the last row of the page before
        #[arg(long, value_name = "ROW")]
        before: Option<u64>,
    },
    /// All of these rows as CSV
    Export {
        /// Which rows
        #[command(flatten)]
        rows: AuditRows,
        /// The file
        #[arg(long, value_name = "FILE.csv")]
        out: PathBuf,
    },
}

/// Rows of the audit.
#[derive(Debug, Args)]
pub(crate) struct AuditRows {
    /// Only from this day on: 11/21, 2026-11-21, today
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Only up to this day
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// Only by this person, or by engine or browser
    #[arg(long)]
    pub(crate) who: Option<String>,
    /// Only with this verb: sell, answer, erase-customer …
    #[arg(long)]
    pub(crate) what: Option<String>,
}

/// A head as printed, in full or its beginning.
fn head(typed: &str) -> Result<String, String> {
    let typed = typed.to_ascii_lowercase();
    let is_hex = typed.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hex && (16..=64).contains(&typed.len()) {
        Ok(typed)
    } else {
        Err("not 16 to 64 hex digits".to_owned())
    }
}

/// A limit as typed.
fn limit(typed: &str) -> Result<LimitChange, String> {
    if typed == "role" {
        return Ok(LimitChange::Role);
    }
    typed.parse().map(|dollars| LimitChange::to(Some(dollars))).map_err(|_| "not whole dollars".to_owned())
}
