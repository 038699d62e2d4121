//! What the functions that read keys are handed: names, closures, tables, and what those stand for.

use std::collections::HashMap;
use std::rc::Rc;

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, ExprClosure, ExprMethodCall, Pat, Stmt};

use super::code::Code;
use super::values::{At, Scope, named_in};

/// The closure or the argument that a name stands for; a name may be that of a function, too.
pub fn stands_for(at: &At) -> Option<At> {
    let name = match &at.expr {
        Expr::Path(path) => path.path.get_ident()?.to_string(),
        _ => return None,
    };
    match at.scope.names.get(&name) {
        Some(closure @ Expr::Closure(_)) => Some(at.with(closure)),
        Some(_) => None,
        None => at.scope.arguments.get(&name).cloned(),
    }
}

/// The same, or the expression itself.
pub fn known(at: &At) -> At {
    match &at.expr {
        Expr::Reference(inner) => known(&at.with(&inner.expr)),
        _ => stands_for(at).unwrap_or_else(|| at.clone()),
    }
}

/// What reads the mapping: the reader itself, or what it hands an item's mapping to.
pub fn section_reader(code: &Code, reader: &At, is_section: bool) -> Option<At> {
    if is_section {
        return Some(reader.clone());
    }
    hands(code, reader, "section")
}

/// What a reader of items hands to a method of `Item`: to `section`, or to `value`.
pub fn hands(code: &Code, reader: &At, method: &str) -> Option<At> {
    struct Hands<'a>(&'a Code, &'a str, Rc<Scope>, Option<At>);
    impl<'ast> Visit<'ast> for Hands<'_> {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            if call.method == self.1
                && let Some(reader) = call.args.first()
            {
                let at = At { expr: reader.clone(), scope: Rc::clone(&self.2) };
                self.3.get_or_insert_with(|| known(&at));
            }
            visit::visit_expr_method_call(self, call);
        }
        fn visit_expr_call(&mut self, call: &'ast ExprCall) {
            if let Expr::Path(callee) = &*call.func {
                let at = At { expr: Expr::Path(callee.clone()), scope: Rc::clone(&self.2) };
                let found = known(&at);
                let is_closure = matches!(found.expr, Expr::Closure(_));
                let function = self.0.function(&self.0.callee(self.2.file, &callee.path));
                let found = match (is_closure, function) {
                    (true, _) => hands(self.0, &found, self.1),
                    (false, Some((file, function))) if callee.path.segments.len() == 1 => {
                        let scope =
                            Scope { file, arguments: HashMap::new(), names: named_in(&function.block) };
                        let mut inner = Hands(self.0, self.1, Rc::new(scope), None);
                        inner.visit_block(&function.block);
                        inner.3
                    }
                    _ => None,
                };
                self.3 = self.3.take().or(found);
            }
            visit::visit_expr_call(self, call);
        }
    }
    let Expr::Closure(closure) = &reader.expr else { return None };
    let mut hands = Hands(code, method, Rc::clone(&reader.scope), None);
    hands.visit_expr(&closure.body);
    hands.3
}

/// The body of a closure as a block.
pub fn body(closure: &ExprClosure) -> Block {
    match &*closure.body {
        Expr::Block(block) => block.block.clone(),
        expr => Block { brace_token: Default::default(), stmts: vec![Stmt::Expr(expr.clone(), None)] },
    }
}

/// The name that a pattern gives, if it gives one.
pub fn pattern(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => self::pattern(&typed.pat),
        _ => None,
    }
}

/// The names that a tuple's pattern gives.
pub fn names_of(pattern: &Pat) -> Option<Vec<String>> {
    let Pat::Tuple(tuple) = pattern else { return None };
    tuple.elems.iter().map(self::pattern).collect()
}

/// The entries of a table of tuples.
pub fn rows(code: &Code, table: &At) -> Option<Vec<Vec<At>>> {
    let Expr::Path(path) = &table.expr else { return None };
    let (file, expr) = code.constant(&code.resolve(table.scope.file, &path.path))?;
    let Expr::Array(array) = expr else { return None };
    let scope = Scope::of_file(file);
    let row = |expr: &Expr| match expr {
        Expr::Tuple(tuple) => {
            Some(tuple.elems.iter().map(|expr| At { expr: expr.clone(), scope: Rc::clone(&scope) }).collect())
        }
        _ => None,
    };
    array.elems.iter().map(row).collect()
}

/// The key that a constant of `secret_keys!` is made for.
pub fn secret_key(code: &Code, keys: &At) -> String {
    let keys = known(keys);
    let Expr::Path(path) = &keys.expr else { panic!("the keys of a secret are not a constant") };
    let name = code.resolve(keys.scope.file, &path.path);
    code.secret_key(&name).unwrap_or_else(|| panic!("no secret_keys!({})", name.join("::")))
}
