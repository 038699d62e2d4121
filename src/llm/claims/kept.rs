//! What is left of a text when sentences are struck: no empty items of lists, no gaps.

use super::split::Paragraph;

/// The text with the sentences for which `stands` says so; it is given how many items of a list follow, too.
pub(super) fn text(
    text: &str,
    paragraphs: &[Paragraph],
    mut stands: impl FnMut(&str, usize) -> bool,
) -> String {
    let mut kept = String::with_capacity(text.len());
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let items = paragraphs[index + 1..].iter();
        let items =
            || items.clone().skip_while(|next| next.sentences.is_empty()).take_while(|next| next.is_item);
        let standing: Vec<&str> = paragraph
            .sentences
            .iter()
            .map(|range| &text[range.clone()])
            .filter(|sentence| {
                let count = if sentence.ends_with(':') { items().count() } else { 0 };
                stands(sentence, count)
            })
            .collect();
        push(&mut kept, text, paragraph, &standing);
    }
    kept.truncate(kept.trim_end().len());
    kept
}

fn push(kept: &mut String, text: &str, paragraph: &Paragraph, standing: &[&str]) {
    if paragraph.sentences.is_empty() {
        // One empty line is enough where what stood between two is gone.
        if !kept.is_empty() && !kept.ends_with("\n\n") {
            kept.push('\n');
        }
    } else if !standing.is_empty() {
        kept.push_str(&text[paragraph.mark.clone()]);
        kept.push_str(&standing.join(" "));
        kept.push('\n');
    }
}
