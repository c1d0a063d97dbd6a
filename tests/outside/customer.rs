//! A customer with a browser and a card: walks through the bank's pages by their plain forms, as
//! far as the way back.

use std::collections::BTreeMap;

use super::http::{self, Answer};

/// The published test card of the bank's sandbox (sinopac.md 8), and its one-time password.
const CARD: [(&str, &str); 7] = [
    ("CardNo1", "4143"),
    ("CardNo2", "5200"),
    ("CardNo3", "0187"),
    ("CardNo4", "0127"),
    ("ExpireMM", "12"),
    ("ExpireYY", "35"),
    ("CVV2", "123"),
];
const OTP: (&str, &str) = ("OTP", "123456");

/// A form that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// What it already holds.
    pub fields: BTreeMap<String, String>,
}

/// A card that the other bank's simulator approves.
const CARD_AT_CTBC: [(&str, &str); 7] = [
    ("CardNo1", "4444"),
    ("CardNo2", "4444"),
    ("CardNo3", "4444"),
    ("CardNo4", "4444"),
    ("ExpireMM", "12"),
    ("ExpireYY", "35"),
    ("CVV2", "123"),
];

/// Opens the loopback page of a card sale at CTBC: the form that it posts.
///
/// # Panics
/// When the page holds no form.
pub fn card_page(link: &str) -> Form {
    card_form(&http::get(link), link)
}

/// The form of such a page that was fetched already.
///
/// # Panics
/// When the page holds no form.
pub fn card_form(page: &Answer, link: &str) -> Form {
    form(page, link)
}

/// Posts the form of such a page and pays. Gives the form with which the bank's last page sends the
/// browser back.
///
/// # Panics
/// When a page holds no form.
pub fn pay_at_ctbc(page: &Form) -> Form {
    let card = form(&page.send(&[]), &page.action);
    let password = form(&card.send(&CARD_AT_CTBC), &card.action);
    form(&password.send(&[OTP]), &password.action)
}

/// Pays by card. Gives the form with which the bank's last page sends the browser back to the shop.
///
/// # Panics
/// When a page holds no form.
pub fn pay_by_card(link: &str) -> Form {
    let card = form(&http::get(link), link);
    let password = form(&card.send(&CARD), &card.action);
    form(&password.send(&[OTP]), &password.action)
}

/// Tries a card that the bank declines. Gives the same last form; the link lives on.
///
/// # Panics
/// When a page holds no form.
pub fn decline_card(link: &str) -> Form {
    let card = form(&http::get(link), link);
    let mut other = CARD;
    other[3].1 = "0135";
    let password = form(&card.send(&other), &card.action);
    form(&password.send(&[OTP]), &password.action)
}

impl Form {
    /// Sends it with these fields filled in.
    pub fn send(&self, filled: &[(&str, &str)]) -> Answer {
        let mut fields: BTreeMap<&str, &str> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(filled.iter().copied());
        http::post_form(&self.action, fields)
    }
}

/// The form of a page that was found at this address.
fn form(page: &Answer, at: &str) -> Form {
    let none = || panic!("{at}: {} without a form: {}", page.status, page.body);
    let start = page.body.find("<form").unwrap_or_else(none);
    let text = &page.body[start..];
    let mut fields = BTreeMap::new();
    for input in text.split("<input").skip(1) {
        let input = input.split('>').next().unwrap_or_default();
        if let (Some(name), Some(value)) = (member(input, "name"), member(input, "value")) {
            fields.insert(name, value);
        }
    }
    let action =
        member(text.split('>').next().unwrap_or_default(), "action").unwrap_or_else(|| at.to_owned());
    let action = if action.starts_with('/') { origin(at).to_owned() + &action } else { action };
    Form { action, fields }
}

/// `http://127.0.0.1:80/a` -> `http://127.0.0.1:80`.
fn origin(url: &str) -> &str {
    let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    &url[..end]
}

fn member(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_from_its_page() {
        let page = |body: &str| Answer { status: 200, body: body.into() };
        let found = form(
            &page(
                "<p>x</p><form method=\"post\" action=\"/a?b=1&amp;c=2\"><input name=\"N\" required><input type=\"hidden\" \
                 name=\"T\" value=\"1&lt;2\"></form>",
            ),
            "http://127.0.0.1:80/page",
        );
        assert_eq!(found.action, "http://127.0.0.1:80/a?b=1&c=2");
        assert_eq!(found.fields, BTreeMap::from([("T".into(), "1<2".into())]));
        assert_eq!(
            form(&page("<form action=\"http://127.0.0.1:81/r\">"), "http://127.0.0.1:80/").action,
            "http://127.0.0.1:81/r"
        );
    }
}
