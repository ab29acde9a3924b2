//! A walk as one page: code on one side, goals on the other. No other file is needed, nothing is loaded, and it prints.

use crate::page::{Page, escape};
use leanwright_contract::{GoalParts, Mark, Walk, WalkStep};

const STYLE: &str = include_str!("walk_page.css");
const SCRIPT: &str = include_str!("walk_page.js");

/// The page, as a whole HTML document.
pub fn walk_page(walk: &Walk) -> String {
    let title = escape(&walk.declaration);
    let place = escape(&format!("{}:{}", walk.file, walk.range.start.line + 1));
    let panels: String = walk.steps.iter().enumerate().map(|(index, step)| panel(index, step)).collect();
    let body = format!(
        "<header><h1><code>{title}</code><small>{place}</small></h1>\n\
         <nav aria-label=\"Tactics\"><button type=\"button\">Back</button><output></output>\
         <button type=\"button\">Forward</button></nav></header>\n\
         <main>\n<pre id=\"code\"><code>{}</code></pre>\n\
         <div id=\"goals\" aria-live=\"polite\">\n{panels}</div>\n</main>\n\
         <footer><kbd>←</kbd> <kbd>→</kbd> one tactic back or forward, <kbd>Home</kbd> <kbd>End</kbd> first or last; \
         + new, − gone, ~ changed</footer>\n",
        code(walk)
    );
    Page { title: &title, style: STYLE, body: &body, script: SCRIPT }.html()
}

/// The source with an element around each tactic; those of one that holds others are inside of its own.
fn code(walk: &Walk) -> String {
    let mut html = String::new();
    let mut at = 0;
    let mut open: Vec<usize> = Vec::new();
    let text = |from: usize, to: usize| escape(walk.source.get(from..to).unwrap_or_default());
    for (index, step) in walk.steps.iter().enumerate() {
        let [start, end] = step.span;
        while let Some(close) = open.pop_if(|close| *close <= start) {
            html.push_str(&format!("{}</span>", text(at, close.max(at))));
            at = close.max(at);
        }
        html.push_str(&text(at, start.max(at)));
        at = start.max(at);
        html.push_str(&format!("<span class=\"step\" data-step=\"{index}\" tabindex=\"0\">"));
        open.push(end);
    }
    while let Some(close) = open.pop() {
        html.push_str(&format!("{}</span>", text(at, close.max(at))));
        at = close.max(at);
    }
    html + &text(at, walk.source.len())
}

fn panel(index: usize, step: &WalkStep) -> String {
    let hidden = if index == 0 { "" } else { " hidden" };
    let first = step.text.lines().next().unwrap_or_default();
    let dots = if step.text.lines().nth(1).is_some() { " …" } else { "" };
    format!(
        "<section{hidden}>\n<h2><code>{}{dots}</code></h2>\n<h3>Before</h3>\n{}<h3>After</h3>\n{}</section>\n",
        escape(first),
        goals(&step.before),
        goals(&step.after)
    )
}

fn goals(goals: &[GoalParts]) -> String {
    if goals.is_empty() {
        return "<p class=\"done\">No goals ✓</p>\n".to_owned();
    }
    goals.iter().map(goal).collect()
}

fn goal(goal: &GoalParts) -> String {
    let mut html = "<div class=\"goal\">".to_owned();
    if let Some(case) = &goal.case {
        html.push_str(&format!("<div class=\"case\">case {}</div>", escape(case)));
    }
    for one in &goal.hypotheses {
        let value = one.value.as_ref().map(|value| format!(" := {value}")).unwrap_or_default();
        let text = format!("{} : {}{value}", one.names.join(" "), one.type_);
        html.push_str(&format!("<div{}>{}</div>", class("", one.mark), escape(&text)));
    }
    html.push_str(&format!("<div{}>⊢ {}</div></div>\n", class("target", goal.mark), escape(&goal.target)));
    html
}

/// Colour, sign and words: a mark is never a colour alone.
fn class(base: &str, mark: Mark) -> String {
    let (name, words) = match mark {
        Mark::Same => ("", ""),
        Mark::New => ("new", "new"),
        Mark::Gone => ("gone", "gone after this"),
        Mark::Changed => ("changed", "changed"),
    };
    let classes = [base, name].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let class = if classes.is_empty() { String::new() } else { format!(" class=\"{classes}\"") };
    let title = if words.is_empty() { String::new() } else { format!(" title=\"{words}\"") };
    format!("{class}{title}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk_text::tests::sample;

    #[test]
    fn the_code_is_whole_and_nothing_of_it_is_markup() {
        let walk = sample();
        let page = walk_page(&walk);
        assert!(page.contains("exact &lt;p&gt; &amp; q") && !page.contains("<p> & q"));
        assert!(page.contains("<div class=\"new\" title=\"new\">h : a &lt; b</div>"), "{page}");
        assert!(page.contains("<div class=\"target changed\" title=\"changed\">⊢ a &lt; b → c</div>"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://"), "nothing is loaded");
        let code = code(&walk);
        let mut inside = false;
        let plain: String = code
            .chars()
            .filter(|character| {
                let tag = inside || *character == '<';
                inside = tag && *character != '>';
                !tag
            })
            .collect();
        assert_eq!(plain, escape(&walk.source));
        assert_eq!(code.matches("<span").count(), code.matches("</span>").count());
    }

    #[test]
    fn a_tactic_that_holds_others_is_around_them() {
        let mut walk = sample();
        walk.source = "by\n  · a\n    b\n  c".into();
        let step = |span: [usize; 2]| WalkStep { span, ..walk.steps[0].clone() };
        let spans = [[5, 15], [8, 9], [14, 15], [18, 19]];
        walk.steps = spans.into_iter().map(step).collect();
        let shape =
            code(&walk).replace(" class=\"step\" data-step=", "").replace(" tabindex=\"0\"", "").replace('"', "");
        assert_eq!(shape, "by\n  <span0>· <span1>a</span>\n    <span2>b</span></span>\n  <span3>c</span>");
    }
}
