//! The pages of the door, each with what a browser may do on it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use counterfoil_engine::ports::CardForm;
use sha2::{Digest, Sha256};

/// Of the pages without a form.
const STYLE: &str = concat!(
    "body{font:1.25rem/1.6 system-ui,'Microsoft JhengHei UI','PingFang TC',sans-serif;margin:20vh auto;",
    "max-width:30rem;padding:0 1rem;text-align:center}"
);

/// The only script there is. The bank charges a number that it gets twice once more, so nothing
/// that could post again stays: no form and no key, neither while the bank is slow nor on a page
/// that Back has restored as it was.
const POST_IT: &str = concat!(
    "const form=document.forms[0],[going,used]=document.querySelectorAll('p');",
    "addEventListener('pageshow',shown=>{if(shown.persisted){going.hidden=true;used.hidden=false}});",
    "going.hidden=false;form.submit();form.remove()"
);

/// The page that everybody gets, and its policy: the same whatever was asked. It knows nothing
/// about any payment.
pub(super) fn thanks() -> (String, String) {
    plain(
        "謝謝",
        "謝謝您。付款結果請看店家的畫面，這個視窗可以關閉了。",
        "Thank you. The shop's screen shows the result; you can close this window.",
    )
}

/// Of a card page that has no form to give: it was opened before, or its sale is over.
pub(super) fn used() -> (String, String) {
    plain(
        "已經用過",
        "這一頁已經開過，不會再送出。付款結果請看店家的畫面；要再付款，請店家重新開一頁。",
        "This page was opened before and sends nothing more. The shop's screen shows the result; \
         to pay again, ask the shop for a new page.",
    )
}

fn plain(title: &str, zh: &str, en: &str) -> (String, String) {
    let page = format!(
        "<!doctype html><html lang=\"zh-Hant\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style><p>{zh}</p><p lang=\"en\">{en}</p></html>"
    );
    // the only style that the policy allows, by its digest
    let style = digest(STYLE);
    (page, policy(&format!("style-src 'sha256-{style}'; form-action 'none'")))
}

/// The page that takes a browser to the bank: one form of two fields that posts itself once. It has
/// a button only where no script runs.
pub(super) fn form(form: &CardForm) -> (String, String) {
    let CardForm { action, mer_id, url_enc } = form;
    let page = format!(
        "<!doctype html><html lang=\"zh-Hant\"><meta charset=\"utf-8\"><title>刷卡</title>\
         <form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"merID\" value=\"{}\">\
         <input type=\"hidden\" name=\"URLEnc\" value=\"{}\">\
         <noscript><button type=\"submit\">前往銀行刷卡頁 Go to the bank's page</button></noscript></form>\
         <p hidden>正在前往銀行刷卡頁，請稍候。 Going to the bank's page, please wait.</p>\
         <p hidden>這一頁已經用過，不會再送出。付款結果請看店家的畫面。 \
         This page is used up and sends nothing more. The shop's screen shows the result.</p>\
         <script>{POST_IT}</script></html>",
        attribute(action),
        attribute(mer_id),
        attribute(url_enc)
    );
    let bank = url::Url::parse(action)
        .map_or_else(|_| "'none'".to_owned(), |url| url.origin().ascii_serialization());
    let script = digest(POST_IT);
    (page, policy(&format!("script-src 'sha256-{script}'; form-action {bank}")))
}

fn policy(rest: &str) -> String {
    format!("default-src 'none'; {rest}; frame-ancestors 'none'; base-uri 'none'")
}

fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// Text escaped for double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card_form() -> CardForm {
        CardForm {
            action: "https://testepos.ctbcbank.com/mauth/SSLAuthUI.jsp".to_owned(),
            mer_id: "10000".to_owned(),
            url_enc: "0A1B\"<".to_owned(),
        }
    }

    /// That a browser posts it, and once: `tests/window/once.rs`.
    #[test]
    fn nothing_that_could_post_again_stays_on_the_page() {
        let (page, policy) = form(&card_form());
        let script = page.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
        assert!(policy.contains(&format!("script-src 'sha256-{}'", digest(script))), "it may run");
        assert_eq!((script.matches("submit()").count(), page.matches("<form ").count()), (1, 1));
        assert!(script.ends_with("form.submit();form.remove()"), "posted once, then there is no form");
        let key = page.split_once("<noscript>").unwrap().1.split_once("</noscript></form>").unwrap().0;
        assert!(key.starts_with("<button") && page.matches("<button").count() == 1, "only without script");
        assert!(page.contains("value=\"0A1B&quot;&lt;\""));
        assert!(policy.contains("form-action https://testepos.ctbcbank.com;"));
    }
}
