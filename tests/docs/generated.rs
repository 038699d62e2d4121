//! Parts of pages that are made from the code, between two comments.

use std::fs;
use std::sync::{Mutex, PoisonError};

use crate::root;

/// Set by `make docs`: what differs is written, not reported.
const WRITE: &str = "WRITE_DOCS";

/// Held while a page is read and written: parts of one page are held by several tests at once.
static TURN: Mutex<()> = Mutex::new(());

/// Fails unless the part `name` of a page of `docs/` is `text`.
pub fn hold(page: &str, name: &str, text: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join("docs").join(page);
    let document = fs::read_to_string(&path).unwrap();
    let (begin, end) =
        (format!("<!-- begin {name}: written by `make docs` -->\n"), format!("<!-- end {name} -->"));
    let (before, rest) = document.split_once(&begin).unwrap_or_else(|| panic!("{page} has no {begin}"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} has no {end}"));
    let expected = format!("\n{}\n\n", text.trim());
    if found == expected {
        return;
    }
    if std::env::var_os(WRITE).is_some() {
        return fs::write(&path, [before, &begin, &expected, &end, after].concat()).unwrap();
    }
    let line = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
    let line = line.unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
    panic!(
        "docs/{page} is not what the code says (part {name}, from its line {line}); run `make docs` and look at what \
         changed\n  it has:    {}\n  should be: {}",
        found.lines().nth(line).unwrap_or("nothing more"),
        expected.lines().nth(line).unwrap_or("nothing more")
    );
}
