//! Records for people: text, Markdown, and pages that need nothing but a browser. Pure: strings in, strings out.
//!
//! Everything that comes out of a file or out of Lean is escaped: a proof must not be able to put markup into a page.

mod certificate_page;
mod certificate_text;
mod context_markdown;
mod page;
mod walk_page;
mod walk_text;

pub use certificate_page::{certificate_page, offer_page};
pub use certificate_text::certificate_text;
pub use context_markdown::context_markdown;
pub use walk_page::walk_page;
pub use walk_text::walk_text;
