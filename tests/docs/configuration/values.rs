//! Works out expressions that stand for settings: bounds, defaults, tables of words.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use syn::visit::{self, Visit};
use syn::{BinOp, Block, Expr, ExprStruct, Lit, Member, Stmt};

use super::code::Code;

/// Names nested in names at most: what shadows itself would never end.
const DEEPEST: usize = 16;

/// What a function knows by name while it reads.
pub struct Scope {
    /// The file it stands in.
    pub file: usize,
    /// What it was called with.
    pub arguments: HashMap<String, At>,
    /// What it names itself.
    pub names: HashMap<String, Expr>,
}

/// An expression where it stands.
#[derive(Clone)]
pub struct At {
    /// The expression.
    pub expr: Expr,
    /// Where.
    pub scope: Rc<Scope>,
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Whole(i128),
    Number(f64),
    Text(String),
    Truth(bool),
    Time(Duration),
    /// So many in a time.
    Rate(i128, Duration),
    /// From the first to the last, both included.
    Range(Box<Value>, Box<Value>),
    List(Vec<Value>),
    /// Some other path, such as an enum's variant.
    Path(String),
}

impl Scope {
    /// The scope of what stands outside of functions.
    pub fn of_file(file: usize) -> Rc<Self> {
        Rc::new(Self { file, arguments: HashMap::new(), names: HashMap::new() })
    }

    /// What a name stands for.
    pub fn named(self: &Rc<Self>, name: &str) -> Option<At> {
        let own = self.names.get(name).map(|expr| At { expr: expr.clone(), scope: Rc::clone(self) });
        own.or_else(|| self.arguments.get(name).cloned())
    }
}

impl At {
    /// Another expression at the same place.
    pub fn with(&self, expr: &Expr) -> Self {
        Self { expr: expr.clone(), scope: Rc::clone(&self.scope) }
    }
}

impl Code {
    /// What an expression comes to; `None` if that is not known before the daemon runs.
    pub fn value(&self, at: &At) -> Option<Value> {
        self.worth(at, DEEPEST)
    }

    fn worth(&self, at: &At, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let of = |expr: &Expr| self.worth(&at.with(expr), depth);
        match &at.expr {
            Expr::Lit(literal) => literal_value(&literal.lit),
            Expr::Paren(inner) => of(&inner.expr),
            Expr::Reference(inner) => of(&inner.expr),
            Expr::Cast(inner) => of(&inner.expr),
            Expr::Try(inner) => of(&inner.expr),
            Expr::Closure(inner) => of(&inner.body),
            Expr::Block(inner) => of(tail(&inner.block)?),
            Expr::Unary(inner) => match (&inner.op, of(&inner.expr)?) {
                (syn::UnOp::Neg(_), Value::Whole(number)) => Some(Value::Whole(-number)),
                (syn::UnOp::Deref(_), value) => Some(value),
                _ => None,
            },
            Expr::Binary(pair) => binary(&pair.op, of(&pair.left)?, of(&pair.right)?),
            Expr::Range(range) => {
                let (first, last) = (of(range.start.as_ref()?)?, of(range.end.as_ref()?)?);
                Some(Value::Range(first.into(), last.into()))
            }
            Expr::Array(array) => Some(Value::List(array.elems.iter().map(of).collect::<Option<_>>()?)),
            Expr::Path(path) => self.path(at, &path.path, depth),
            Expr::Field(field) => self.field_value(&at.with(&field.base), &field.member, depth),
            Expr::Call(call) => self.call(at, call, depth),
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "expect" | "to_owned" | "to_vec" | "into" | "clone" => of(&call.receiver),
                _ => None,
            },
            Expr::Macro(call) if call.mac.path.is_ident("vec") => {
                let items = call
                    .mac
                    .parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated);
                Some(Value::List(items.ok()?.iter().map(of).collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    fn path(&self, at: &At, path: &syn::Path, depth: usize) -> Option<Value> {
        if let Some(name) = path.get_ident()
            && let Some(named) = at.scope.named(&name.to_string())
        {
            return self.worth(&named, depth);
        }
        let name = self.resolve(at.scope.file, path);
        if let Some((file, expr)) = self.constant(&name) {
            return self.worth(&At { expr: expr.clone(), scope: Scope::of_file(file) }, depth);
        }
        match &name[name.len().saturating_sub(2)..] {
            [of, zero] if of == "Duration" && zero == "ZERO" => Some(Value::Time(Duration::ZERO)),
            [of, word] if of.starts_with(char::is_uppercase) => Some(Value::Path(format!("{of}::{word}"))),
            _ => None,
        }
    }

    fn call(&self, at: &At, call: &syn::ExprCall, depth: usize) -> Option<Value> {
        let Expr::Path(callee) = &*call.func else { return None };
        let arguments = || call.args.iter().map(|expr| self.worth(&at.with(expr), depth));
        let name = self.resolve(at.scope.file, &callee.path);
        let last_two = name[name.len().saturating_sub(2)..].join("::");
        let numbers = || arguments().collect::<Option<Vec<_>>>();
        match (last_two.as_str(), numbers().as_deref()) {
            ("Duration::from_secs", Some([Value::Whole(n)])) => {
                Some(Value::Time(Duration::from_secs(*n as u64)))
            }
            ("Duration::from_millis", Some([Value::Whole(n)])) => {
                Some(Value::Time(Duration::from_millis(*n as u64)))
            }
            ("Rate::new", Some([Value::Whole(count), Value::Time(per)])) => Some(Value::Rate(*count, *per)),
            ("Vec::new" | "BTreeMap::new", _) => Some(Value::List(Vec::new())),
            (some, Some([value])) if some.ends_with("::Some") => Some(value.clone()),
            ("PathBuf::from", Some([value])) => Some(value.clone()),
            _ => self.worth(&self.entered(at, call, &name)?, depth),
        }
    }

    /// What a function of ours, or a closure, ends with, where it is called.
    fn entered(&self, at: &At, call: &syn::ExprCall, name: &[String]) -> Option<At> {
        if let Some(closure) = at.scope.named(name.last()?) {
            return Some(closure);
        }
        let (file, function) = self.function(name)?;
        let parameters = function.sig.inputs.iter().map(parameter);
        let given = call.args.iter().map(|expr| at.with(expr));
        let arguments = parameters.zip(given).filter_map(|(name, at)| Some((name?, at))).collect();
        let scope = Rc::new(Scope { file, arguments, names: named_in(&function.block) });
        Some(At { expr: tail(&function.block)?.clone(), scope })
    }

    /// `defaults.timeout`, where `defaults` is made by a function of its type.
    fn field_value(&self, base: &At, member: &Member, depth: usize) -> Option<Value> {
        let Member::Named(member) = member else { return None };
        let made = match &base.expr {
            Expr::Path(path) => base.scope.named(&path.path.get_ident()?.to_string())?,
            _ => base.clone(),
        };
        let Expr::Call(call) = &made.expr else { return None };
        let Expr::Path(callee) = &*call.func else { return None };
        let mut of = self.resolve(made.scope.file, &callee.path);
        let maker = of.pop()?;
        let (file, body) = self.method(&of, &maker)?;
        let scope = Scope::of_file(file);
        let literal = struct_literals(body).into_iter().next()?;
        let field = literal
            .fields
            .iter()
            .find(|field| matches!(&field.member, Member::Named(name) if name == member))?;
        self.worth(&At { expr: field.expr.clone(), scope }, depth)
    }
}

fn literal_value(literal: &Lit) -> Option<Value> {
    Some(match literal {
        Lit::Int(number) => Value::Whole(number.base10_parse().ok()?),
        Lit::Float(number) => Value::Number(number.base10_parse().ok()?),
        Lit::Str(text) => Value::Text(text.value()),
        Lit::Bool(truth) => Value::Truth(truth.value),
        _ => return None,
    })
}

fn binary(operator: &BinOp, left: Value, right: Value) -> Option<Value> {
    let (Value::Whole(left), Value::Whole(right)) = (left, right) else { return None };
    Some(Value::Whole(match operator {
        BinOp::Add(_) => left + right,
        BinOp::Sub(_) => left - right,
        BinOp::Mul(_) => left * right,
        BinOp::Shl(_) => left << right,
        _ => return None,
    }))
}

/// The name of a parameter.
pub fn parameter(input: &syn::FnArg) -> Option<String> {
    let syn::FnArg::Typed(typed) = input else { return None };
    let syn::Pat::Ident(pattern) = &*typed.pat else { return None };
    Some(pattern.ident.to_string())
}

/// The expression that a block ends with.
pub fn tail(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(expr, None) => Some(expr),
        _ => None,
    }
}

/// What `let` names in a block and in what it holds; of a name that is given twice, the first.
pub fn named_in(block: &Block) -> HashMap<String, Expr> {
    struct Lets(HashMap<String, Expr>);
    impl<'ast> Visit<'ast> for Lets {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            let pattern = match &local.pat {
                syn::Pat::Type(typed) => &*typed.pat,
                pattern => pattern,
            };
            if let (syn::Pat::Ident(name), Some(init)) = (pattern, &local.init) {
                self.0.entry(name.ident.to_string()).or_insert_with(|| (*init.expr).clone());
            }
            visit::visit_local(self, local);
        }
    }
    let mut lets = Lets(HashMap::new());
    lets.visit_block(block);
    lets.0
}

/// Every structure that is written out in a block.
pub fn struct_literals(block: &Block) -> Vec<&ExprStruct> {
    struct Literals<'ast>(Vec<&'ast ExprStruct>);
    impl<'ast> Visit<'ast> for Literals<'ast> {
        fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
            self.0.push(literal);
            visit::visit_expr_struct(self, literal);
        }
    }
    let mut literals = Literals(Vec::new());
    literals.visit_block(block);
    literals.0
}
