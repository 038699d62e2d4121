//! Follows the functions that read the configuration, and notes every key that they ask for.

use std::collections::HashMap;
use std::rc::Rc;

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, ExprClosure, ExprForLoop, ExprMethodCall, ItemFn, Pat, Type};

use super::code::Code;
use super::readers::{body, known, names_of, pattern, rows, secret_key, section_reader};
use super::values::{At, Scope, Value, named_in, parameter};

/// Methods of `Section` that read a key: where among their arguments the default and the reader stand.
const READS: [(&str, Option<usize>, Option<usize>); 13] = [
    ("value", None, Some(1)),
    ("value_or", Some(1), Some(2)),
    ("required", None, Some(2)),
    ("child", None, Some(1)),
    ("child_or_empty", None, Some(1)),
    ("required_child", None, Some(2)),
    ("list", None, Some(1)),
    ("required_list", None, Some(2)),
    ("required_items", None, Some(2)),
    ("pairs", None, Some(1)),
    ("named_items", None, Some(1)),
    ("file", None, None),
    ("required_file", None, None),
];

/// How a file is asked for in whose stead an environment variable may be named.
pub const SECRET: &str = "secret_file";

/// A function, or a closure, that reads keys of one mapping.
#[derive(Clone)]
pub struct Frame {
    /// Its body.
    pub body: Rc<Block>,
    /// What it knows.
    pub scope: Rc<Scope>,
}

/// A key that is asked for.
#[derive(Clone)]
pub struct Read {
    /// As it is written in the file.
    pub key: String,
    /// How it is asked for: a method of `Section`.
    pub method: &'static str,
    /// What reads the value, and where that stands.
    pub reader: Option<At>,
    /// The default, where the method takes one.
    pub default: Option<At>,
    /// What reads the mapping around it, from the innermost on.
    pub frames: Vec<Frame>,
    /// The keys of the mappings, or of the mappings in a list, that it holds.
    pub inside: Vec<Read>,
}

/// Every key that a function asks its section for, in the order in which it asks.
pub fn keys(code: &Code, function: (usize, &ItemFn)) -> Vec<Read> {
    let mut walk = Walk { code, keys: Vec::new(), frames: Vec::new(), section: String::new() };
    walk.enter(function, HashMap::new());
    walk.keys
}

/// One mapping under way.
struct Walk<'c> {
    code: &'c Code,
    keys: Vec<Read>,
    /// From the outermost on.
    frames: Vec<Frame>,
    /// What the section is called in the innermost.
    section: String,
}

impl Walk<'_> {
    fn scope(&self) -> &Rc<Scope> {
        &self.frames.last().expect("a function was entered").scope
    }

    fn at(&self, expr: &Expr) -> At {
        At { expr: expr.clone(), scope: Rc::clone(self.scope()) }
    }

    /// Follows a function that is handed the section.
    fn enter(&mut self, (file, function): (usize, &ItemFn), arguments: HashMap<String, At>) {
        let takes_section = |input: &&syn::FnArg| {
            matches!(input, syn::FnArg::Typed(typed) if matches!(&*typed.ty, Type::Reference(to)
                if matches!(&*to.elem, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Section"))))
        };
        let Some(name) = function.sig.inputs.iter().find(takes_section).and_then(parameter) else { return };
        let scope = Rc::new(Scope { file, arguments, names: named_in(&function.block) });
        self.through(name, Frame { body: Rc::new((*function.block).clone()), scope });
    }

    fn through(&mut self, name: String, frame: Frame) {
        let before = std::mem::replace(&mut self.section, name);
        let body = Rc::clone(&frame.body);
        self.frames.push(frame);
        self.visit_block(&body);
        self.frames.pop();
        self.section = before;
    }

    fn is_section(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Path(path) if path.path.is_ident(&self.section))
    }

    fn note(&mut self, key: &str, method: &'static str, reader: Option<At>, default: Option<At>) {
        let holds_keys = !matches!(
            method,
            SECRET | "value" | "value_or" | "required" | "file" | "required_file" | "pairs"
        );
        let inside = match &reader {
            Some(reader) if holds_keys => self.inside(reader, method.contains("child")),
            _ => Vec::new(),
        };
        let frames = self.frames.iter().rev().cloned().collect();
        self.keys.push(Read { key: key.to_owned(), method, reader, default, frames, inside });
    }

    /// The keys of the mapping that `reader` reads; of a list, that of each item.
    fn inside(&self, reader: &At, is_section: bool) -> Vec<Read> {
        let mut walk = Walk { code: self.code, keys: Vec::new(), frames: Vec::new(), section: String::new() };
        match section_reader(self.code, reader, is_section) {
            Some(At { expr: Expr::Closure(closure), scope }) => {
                let Some(name) = closure.inputs.first().and_then(pattern) else { return Vec::new() };
                walk.through(name, Frame { body: Rc::new(body(&closure)), scope });
            }
            Some(At { expr: Expr::Path(path), scope }) => {
                let name = self.code.callee(scope.file, &path.path);
                let found = self.code.function(&name);
                walk.enter(
                    found.unwrap_or_else(|| panic!("no function {}", name.join("::"))),
                    HashMap::new(),
                );
            }
            _ => {}
        }
        walk.keys
    }

    /// `section.value("key", …)`.
    fn read(&mut self, call: &ExprMethodCall) {
        let method = call.method.to_string();
        let Some((method, default, reader)) = READS.into_iter().find(|(name, ..)| *name == method) else {
            return;
        };
        let argument = |index: usize| call.args.iter().nth(index).map(|expr| self.at(expr));
        let Some(Value::Text(key)) = argument(0).and_then(|at| self.code.value(&at)) else {
            panic!("a key of {method} is not known before it is read; teach the generator");
        };
        let reader = reader.and_then(argument).map(|at| known(&at));
        self.note(&key, method, reader, default.and_then(argument));
    }

    /// `secret(section, &PASSWORD)`, `PASSWORD.place(section)`: a file, or an environment variable.
    fn secret(&mut self, keys: &Expr, is_required: bool) {
        let at = self.at(keys);
        let key = secret_key(self.code, &at);
        self.note(&format!("{key}_file"), if is_required { SECRET } else { "file" }, None, None);
        self.note(&format!("{key}_env"), "value", None, None);
    }

    /// Once for each entry of a table whose entries a pattern takes apart.
    fn each(&mut self, table: &Expr, pattern: &Pat, body: &Block) -> bool {
        let Some((rows, names)) = rows(self.code, &self.at(table)).zip(names_of(pattern)) else {
            return false;
        };
        for row in rows {
            let mut arguments = self.scope().arguments.clone();
            arguments.extend(names.iter().cloned().zip(row));
            let mut own = self.scope().names.clone();
            own.retain(|name, _| !names.contains(name));
            let scope = Rc::new(Scope { file: self.scope().file, arguments, names: own });
            let section = self.section.clone();
            self.through(section, Frame { body: Rc::new(body.clone()), scope });
        }
        true
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        // What is named as the section is another one.
        if !closure.inputs.iter().any(|input| pattern(input).is_some_and(|name| name == self.section)) {
            visit::visit_expr_closure(self, closure);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if self.is_section(&call.receiver) {
            self.read(call);
        } else if call.method == "place" && call.args.iter().any(|argument| self.is_section(argument)) {
            self.secret(&call.receiver, false);
        } else if call.method == "map"
            && let Some(Expr::Closure(closure)) = call.args.first()
            && matches!(&*call.receiver, Expr::Path(_))
            && closure
                .inputs
                .first()
                .is_some_and(|pattern| self.each(&call.receiver, pattern, &body(closure)))
        {
            return;
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_for_loop(&mut self, each: &'ast ExprForLoop) {
        if !self.each(&each.expr, &each.pat, &each.body) {
            visit::visit_expr_for_loop(self, each);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        visit::visit_expr_call(self, call);
        let Expr::Path(callee) = &*call.func else { return };
        if !call.args.iter().any(|argument| self.is_section(argument)) {
            return;
        }
        let name = self.code.callee(self.scope().file, &callee.path);
        if name.ends_with(&["secrets".to_owned(), "secret".to_owned()]) {
            return self.secret(&call.args[1], true);
        }
        let Some((file, function)) = self.code.function(&name) else { return };
        let given = call.args.iter().map(|expr| known(&self.at(expr)));
        let parameters = function.sig.inputs.iter().map(parameter);
        let arguments = parameters.zip(given).filter_map(|(name, at)| Some((name?, at))).collect();
        self.enter((file, function), arguments);
    }
}
