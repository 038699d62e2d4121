//! On which line each part of a YAML text stands. `serde_yaml` keeps values without their places;
//! this is the same tree with the places only. It never fails: where it knows nothing, the line of
//! the nearest part around serves.

use std::collections::BTreeMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser};

/// Deeper parts take the line of the part around them.
const MAX_DEPTH: usize = 64;

/// The place of one value. An alias has the place of what it stands for.
#[derive(Debug)]
pub(super) struct Mark {
    /// Counted from 1.
    pub line: usize,
    /// A list's items; a mapping's first key, its value, its second key, and so on.
    pub children: Vec<Rc<Mark>>,
}

/// The places in the first document of a text; `None` if it holds no value.
pub(super) fn marks(text: &str) -> Option<Rc<Mark>> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line();
        match event {
            Event::Scalar(_, _, anchor, _) => builder.add(Mark { line, children: Vec::new() }, anchor),
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => builder.open(line, anchor),
            Event::SequenceEnd | Event::MappingEnd => builder.close(),
            Event::Alias(anchor) => builder.alias(line, anchor),
            Event::DocumentEnd => break,
            _ => {}
        }
        if builder.open.len() > MAX_DEPTH {
            break;
        }
    }
    while !builder.open.is_empty() {
        builder.close();
    }
    builder.root
}

#[derive(Default)]
struct Builder {
    open: Vec<(Mark, usize)>,
    anchors: BTreeMap<usize, Rc<Mark>>,
    root: Option<Rc<Mark>>,
}

impl Builder {
    fn open(&mut self, line: usize, anchor: usize) {
        self.open.push((Mark { line, children: Vec::new() }, anchor));
    }

    fn close(&mut self) {
        if let Some((mark, anchor)) = self.open.pop() {
            self.add(mark, anchor);
        }
    }

    /// Anchors are numbered from 1.
    fn add(&mut self, mark: Mark, anchor: usize) {
        let mark = Rc::new(mark);
        if anchor > 0 {
            self.anchors.insert(anchor, mark.clone());
        }
        self.attach(mark);
    }

    fn alias(&mut self, line: usize, anchor: usize) {
        let known = self.anchors.get(&anchor).cloned();
        self.attach(known.unwrap_or_else(|| Rc::new(Mark { line, children: Vec::new() })));
    }

    fn attach(&mut self, mark: Rc<Mark>) {
        match self.open.last_mut() {
            Some((parent, _)) => parent.children.push(mark),
            None => self.root = Some(mark),
        }
    }
}
