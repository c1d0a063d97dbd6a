//! Customers by name: finds them, and shows names in full or masked.

use counterfoil_domain::customer::{CustomerField, check_customer, masked};
use counterfoil_domain::{Actor, Customer, CustomerId, LookIn, Moment, Right, Search, Twd};
use counterfoil_engine::ports::{Page, Store};
use counterfoil_engine::{Buyer, EngineError, allowed};
use serde::Serialize;
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;

/// Customers of one search; the rest is counted.
const FOUND_MAX: usize = 500;

/// Whether a view shows who bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As they were typed.
    Full,
    /// Enough to recognize one at the counter: 王○明. Notes are left out.
    Masked,
}

impl Names {
    /// What an actor sees: everything who may, everyone else what a clerk sees.
    ///
    /// # Errors
    /// Of the store.
    pub fn seen_by<S: Store>(store: &S, who: Actor) -> Result<Self, CommandError> {
        match allowed(store, who, Right::SeeCustomers, Twd::ZERO) {
            Ok(()) => Ok(Self::Full),
            Err(EngineError::Denied(_)) => Ok(Self::Masked),
            Err(error) => Err(error.into()),
        }
    }

    /// A name as this view shows it.
    pub fn name(self, name: &str) -> String {
        match self {
            Self::Full => name.to_owned(),
            Self::Masked => masked(name),
        }
    }

    /// What people typed about something else, which may hold the customer's name.
    pub fn text(self, text: &str, customer: Option<&Customer>) -> String {
        match self {
            Self::Masked => customer.map_or_else(|| text.to_owned(), |customer| customer.hidden_in(text)),
            Self::Full => text.to_owned(),
        }
    }

    /// A note as this view shows it.
    pub fn note(self, note: &str) -> String {
        match self {
            Self::Full => note.to_owned(),
            Self::Masked => String::new(),
        }
    }
}

/// A customer with the orders that name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CustomerRowView {
    /// The id.
    pub customer: String,
    /// As it was typed.
    pub name: String,
    /// Likewise.
    pub note: String,
    /// Orders, newest first.
    pub orders: Vec<String>,
}

/// What a search for customers found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomersFound {
    /// At most 500.
    pub customers: Vec<CustomerRowView>,
    /// How many more there are.
    pub more: usize,
    /// Other orders whose description holds the words that were typed, newest first, at most 500:
    /// each is erased by itself.
    pub descriptions: Vec<String>,
}

/// All customers whose name or note holds what was typed, in any width, case and spacing.
///
/// # Errors
/// Of the store.
pub fn customers_found<S: Store>(store: &S, typed: &str) -> Result<CustomersFound, CommandError> {
    let mut found = CustomersFound { customers: Vec::new(), more: 0, descriptions: Vec::new() };
    each_customer(store, |customer| {
        if !customer.is_found_by(typed) {
            return Ok(());
        }
        if found.customers.len() >= FOUND_MAX {
            found.more += 1;
            return Ok(());
        }
        let mut orders = store.orders_of_customer(customer.id)?;
        orders.sort_unstable_by_key(|order| std::cmp::Reverse((order.created_at, *order.id.as_bytes())));
        let orders = orders.iter().map(|order| order.id.to_string()).collect();
        let Customer { id, name, note, .. } = customer;
        found.customers.push(CustomerRowView { customer: id.to_string(), name, note, orders });
        Ok(())
    })?;
    found.descriptions = descriptions(store, typed, &found.customers)?;
    Ok(found)
}

/// Orders that are none of these customers', by the words of their descriptions.
fn descriptions<S: Store>(
    store: &S,
    typed: &str,
    customers: &[CustomerRowView],
) -> Result<Vec<String>, CommandError> {
    let Some(Search { phrases, .. }) = Search::read(typed, Moment::from_millis(0).day()) else {
        return Ok(Vec::new());
    };
    let words = Search { phrases, look_in: LookIn::Descriptions, ..Search::default() };
    if words.phrases.is_empty() {
        return Ok(Vec::new());
    }
    let limit = u32::try_from(FOUND_MAX).unwrap_or(u32::MAX);
    let found = store.search(&words, Page { limit, ..Page::default() })?;
    let orders = found.into_iter().map(|(order, _)| order.id.to_string());
    Ok(orders.filter(|order| !customers.iter().any(|one| one.orders.contains(order))).collect())
}

/// What an erasure by name looked at, and what still holds the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasedByName {
    /// The fields in which the name was looked for.
    pub fields: [&'static str; 1],
    /// What made no other name of it.
    pub alike: [&'static str; 6],
    /// What did: a person looks for those.
    pub not_alike: [&'static str; 2],
    /// Customers whose name or note still holds what was typed, at most 500.
    pub customers: Vec<String>,
    /// Orders whose description still does, at most 500.
    pub descriptions: Vec<String>,
}

/// What is told after the customers of a name were erased.
///
/// # Errors
/// Of the store.
pub fn erased_by_name<S: Store>(store: &S, name: &str) -> Result<ErasedByName, CommandError> {
    let CustomersFound { customers, descriptions, .. } = customers_found(store, name)?;
    Ok(ErasedByName {
        fields: ["customer-name"],
        alike: ["width", "case", "blanks", "dots", "hyphens", "order-of-words"],
        not_alike: ["simplified-traditional", "other-characters"],
        customers: customers.into_iter().map(|one| one.customer).collect(),
        descriptions,
    })
}

/// All customers of this name, in any width, case, spacing and order of its words.
///
/// # Errors
/// Of the store.
pub fn customers_named<S: Store>(store: &S, name: &str) -> Result<Vec<String>, CommandError> {
    let mut named = Vec::new();
    each_customer(store, |customer| {
        if customer.is_named(name) {
            named.push(customer.id.to_string());
        }
        Ok(())
    })?;
    Ok(named)
}

fn each_customer<S: Store>(
    store: &S,
    mut take: impl FnMut(Customer) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let mut after = None;
    loop {
        let page = store.customers(after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        page.into_iter().try_for_each(&mut take)?;
    }
}

/// Reads a customer's id.
///
/// # Errors
/// `not-found`.
pub fn customer_id<S: Store>(store: &S, text: &str) -> Result<CustomerId, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "customer");
    let id = CustomerId::parse(text).ok_or_else(missing)?;
    store.customer(id)?.map(|customer| customer.id).ok_or_else(missing)
}

/// Checks a name and a note that were typed.
///
/// # Errors
/// `customer-too-long`, `customer-control`, and the same of the note.
pub fn checked_buyer(name: &str, note: &str) -> Result<Buyer, CommandError> {
    let name = check_customer(CustomerField::Name, name)?;
    Ok(Buyer { name, note: check_customer(CustomerField::Note, note)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_name_keeps_its_ends_only() {
        for (name, shown) in [
            ("王小明", "王○明"),
            ("歐陽小明", "歐○○明"),
            ("王明", "王○"),
            ("王", "○"),
            ("", ""),
            ("John Smith", "J○○ S○○"),
            ("Åsa Ö", "Å○○ ○"),
            ("林小姐 0912345678", "林○姐 ○○"),
            ("林小姐0912345678", "林○○○○○○○○○○○○"),
            ("A1", "A○"),
        ] {
            assert_eq!(masked(name), shown);
            assert_eq!((Names::Full.name(name), Names::Masked.name(name)), (name.to_owned(), masked(name)));
        }
        let known = Customer {
            id: CustomerId::from_bytes([1; 16]),
            name: "王小明".into(),
            note: String::new(),
            salt: [0; 16],
        };
        let text = |names: Names, text: &str| names.text(text, Some(&known));
        assert_eq!(text(Names::Masked, "王小明的蛋糕"), "王○○○○糕");
        assert_eq!(text(Names::Full, "王小明的蛋糕"), "王小明的蛋糕");
        assert_eq!(
            (text(Names::Masked, "茶葉"), Names::Masked.text("王", None)),
            ("茶葉".into(), "王".into())
        );
        assert_eq!(
            (Names::Full.note("外送"), Names::Masked.note("外送")),
            ("外送".to_owned(), String::new())
        );
    }
}
