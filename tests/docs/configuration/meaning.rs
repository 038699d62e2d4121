//! What a key means and what it is without being written: from where its value ends up.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, Lit, Member};

use super::code::Code;
use super::values::{At, Value, struct_literals};
use super::walk::{Frame, Read};

/// The field that a key's value ends up in.
pub struct Field {
    /// The documentation of the field.
    pub doc: String,
    /// What fills it.
    pub filled: At,
}

/// Where the value of a key ends up, if that is a field with a name.
pub fn field(code: &Code, read: &Read) -> Option<Field> {
    read.frames.iter().enumerate().find_map(|(distance, frame)| {
        let carriers = carriers(frame, &read.key);
        let literals = struct_literals(&frame.body);
        let fields =
            literals.iter().flat_map(|literal| literal.fields.iter().map(move |field| (literal, field)));
        let mut found: Vec<_> = fields
            .filter(|(_, field)| {
                is_called(&field.member, &read.key)
                    || distance == 0 && holds(&field.expr, &read.key, &carriers)
            })
            .collect();
        found.sort_by_key(|(_, field)| !is_called(&field.member, &read.key));
        found.into_iter().find_map(|(literal, field)| {
            let Member::Named(name) = &field.member else { return None };
            let doc = code.field(&code.resolve(frame.scope.file, &literal.path), &name.to_string())?;
            Some(Field { doc, filled: At { expr: field.expr.clone(), scope: frame.scope.clone() } })
        })
    })
}

/// What stands in for a key that is not written.
pub fn default(code: &Code, read: &Read) -> Option<Value> {
    if let Some(default) = &read.default {
        return code.value(default);
    }
    let own = read.frames.iter().take(1).find_map(|frame| {
        let mut fallback = Fallback { key: &read.key, carriers: carriers(frame, &read.key), found: None };
        fallback.visit_block(&frame.body);
        Some(At { expr: fallback.found?, scope: frame.scope.clone() })
    });
    let filled = || {
        let filled = field(code, read)?.filled;
        let mut fallback =
            Fallback { key: &read.key, carriers: BTreeSet::from([read.key.clone()]), found: None };
        fallback.visit_expr(&filled.expr);
        Some(filled.with(&fallback.found?))
    };
    code.value(&own.or_else(filled)?)
}

/// The variables that hold what a key holds.
fn carriers(frame: &Frame, key: &str) -> BTreeSet<String> {
    let none = BTreeSet::new();
    let held = frame
        .scope
        .names
        .iter()
        .filter(|(_, expr)| holds(expr, key, &none) && !matches!(expr, Expr::Closure(_)));
    held.map(|(name, _)| name.clone()).collect()
}

/// Whether an expression reads the key, or names what holds it.
fn holds(expr: &Expr, key: &str, carriers: &BTreeSet<String>) -> bool {
    struct Holds<'a>(&'a str, &'a BTreeSet<String>, bool);
    impl<'ast> Visit<'ast> for Holds<'_> {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            let test = ["is_written", "has", "is_list", "fault"].contains(&call.method.to_string().as_str());
            let is_key = call.args.first().is_some_and(|first| is_text(first, self.0));
            self.2 |= is_key && !test;
            visit::visit_expr_method_call(self, call);
        }
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            self.2 |= call.args.iter().any(|argument| is_text(argument, self.0));
            visit::visit_expr_call(self, call);
        }
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            self.2 |= path.path.get_ident().is_some_and(|name| self.1.contains(&name.to_string()));
        }
    }
    let mut holds = Holds(key, carriers, false);
    holds.visit_expr(expr);
    holds.2
}

fn is_text(expr: &Expr, text: &str) -> bool {
    matches!(expr, Expr::Lit(literal) if matches!(&literal.lit, Lit::Str(found) if found.value() == text))
}

fn is_called(member: &Member, name: &str) -> bool {
    matches!(member, Member::Named(member) if member == name)
}

/// Looks for `….unwrap_or(default)` behind what holds a key.
struct Fallback<'a> {
    key: &'a str,
    carriers: BTreeSet<String>,
    found: Option<Expr>,
}

impl<'ast> Visit<'ast> for Fallback<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let falls_back =
            ["unwrap_or", "unwrap_or_else", "map_or"].contains(&call.method.to_string().as_str());
        if falls_back && holds(&call.receiver, self.key, &self.carriers) {
            self.found.get_or_insert_with(|| call.args[0].clone());
        }
        visit::visit_expr_method_call(self, call);
    }
}
