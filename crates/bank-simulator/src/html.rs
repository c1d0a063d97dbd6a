//! The frame of the hosted pages: plain HTML without scripts.

use crate::http::HttpAnswer;

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem;color:#222}\
h1{font-size:1.2rem;padding-bottom:.4rem}label{display:block;margin:.8rem 0 .2rem}\
input{font:inherit;padding:.3rem;width:4.5rem}.note{color:#b1181e}button{font:inherit;padding:.4rem 1.4rem;margin-top:1rem}\
dt{color:#666}dd{margin:0 0 .6rem}";

/// The bank that a page belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Brand {
    pub(crate) name: &'static str,
    pub(crate) colour: &'static str,
}

/// A page; `body` is HTML.
pub(crate) fn page(brand: Brand, status: u16, title: &str, body: &str) -> HttpAnswer {
    let title = escape(title);
    let Brand { name, colour } = brand;
    let html = format!(
        "<!DOCTYPE html><html lang=\"zh-Hant-TW\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}h1{{border-bottom:3px solid {colour}}}</style>\
         </head><body><h1>{name}（模擬）</h1><h2>{title}</h2>{body}</body></html>"
    );
    let mut answer = HttpAnswer::html(status, html);
    answer.headers.push(("Cache-Control".to_owned(), "no-store".to_owned()));
    answer
}

/// A page with one sentence.
pub(crate) fn message(brand: Brand, status: u16, title: &str, text: &str) -> HttpAnswer {
    page(brand, status, title, &format!("<p>{}</p>", escape(text)))
}

/// An input for so many digits.
pub(crate) fn digits(name: &str, size: u8, label: &str) -> String {
    format!(
        "<input name=\"{name}\" type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"{size}\" \
         aria-label=\"{label}\" required> "
    )
}

/// Text inside HTML, also inside a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
