//! What all pages share: the frame, the look, and the escaping. A page is one file; nothing is loaded and nothing runs but
//! the page's own script, which its policy names by digest.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

const SHARED_STYLE: &str = include_str!("page.css");

/// A page in parts. All of them are HTML already.
pub(crate) struct Page<'a> {
    pub title: &'a str,
    pub style: &'a str,
    /// Between `<body>` and the script.
    pub body: &'a str,
    pub script: &'a str,
}

impl Page<'_> {
    /// The whole document.
    pub fn html(&self) -> String {
        let style = format!("\n{SHARED_STYLE}{}", self.style);
        let script = format!("\n{}", self.script);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}\">\n\
             <title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n{}<script>{script}</script>\n</body>\n</html>\n",
            digest(&style),
            digest(&script),
            self.title,
            self.body,
        )
    }
}

/// A source expression of a Content-Security-Policy that allows exactly this text.
fn digest(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Text that can stand anywhere in a page.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
