//! Reads one Rust file: what it names, and which constructs it uses outside its tests.
//!
//! It works on syntax alone: an alias such as `use std::time::Instant as Clock` escapes it, and text
//! inside macros is searched rather than parsed.

use std::sync::LazyLock;

use regex::Regex;
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, UseTree};

/// What a file names and does, its test code left out.
#[derive(Debug, Default)]
pub struct Source {
    /// The file's place in the crate, for example `["detect", "band"]`; empty for the root.
    pub module: Vec<String>,
    /// Everything of ours that it names, from the crate's root: `["journal", "Permit"]`.
    pub ours: Vec<Vec<String>>,
    /// Every other path that it names, as written: `["tokio", "time", "sleep"]`.
    pub others: Vec<Vec<String>>,
    /// Names of the macros it calls.
    pub macros: Vec<String>,
    /// Names of the methods it calls.
    pub methods: Vec<String>,
    /// Whether it holds an `async fn`, an `async` block or an `.await`.
    pub is_async: bool,
    /// Modules in files of their own that exist for tests only.
    pub test_modules: Vec<String>,
}

impl Source {
    /// Reads a file that stands at `module`.
    pub fn parse(module: &[&str], text: &str) -> syn::Result<Self> {
        let module = module.iter().map(|part| (*part).to_owned()).collect();
        let mut source = Self { module, ..Self::default() };
        source.visit_file(&syn::parse_file(text)?);
        Ok(source)
    }

    fn add(&mut self, path: Vec<String>) {
        match self.absolute(&path) {
            Some(ours) if !ours.is_empty() => self.ours.push(ours),
            Some(_) => {}
            None => self.others.push(path),
        }
    }

    /// The path from the crate's root, or `None` if it does not begin with `crate`, `self` or `super`.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut place = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => self.module.clone(),
            _ => return None,
        };
        for part in path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(place.pop()),
                name => place.push(name.to_owned()),
            }
        }
        Some(place)
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |part: String| before.iter().cloned().chain([part]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.add(with(name.ident.to_string())),
            UseTree::Rename(rename) => self.add(with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add(with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            if let Item::Mod(module) = item
                && module.content.is_none()
            {
                self.test_modules.push(module.ident.to_string());
            }
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        static GAPS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s*(::|\.)\s*").expect("it is valid"));
        static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\w+(?:::\w+)+").expect("it is valid"));
        static METHOD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\.(\w+)").expect("it is valid"));
        if let Some(name) = call.path.segments.last() {
            self.macros.push(name.ident.to_string());
        }
        let text = call.tokens.to_string();
        let text = GAPS.replace_all(&text, "$1");
        for path in PATH.find_iter(&text) {
            self.add(path.as_str().split("::").map(str::to_owned).collect());
        }
        for method in METHOD.captures_iter(&text) {
            self.is_async |= &method[1] == "await";
            self.methods.push(method[1].to_owned());
        }
        visit::visit_macro(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.methods.push(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.is_async |= signature.asyncness.is_some();
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.is_async = true;
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        self.is_async = true;
        visit::visit_expr_await(self, expr);
    }
}

/// The attributes of a file's tests that hide failures, as written: `ignore`, `should_panic`.
pub fn hidden_tests(file: &File) -> Vec<String> {
    struct Attributes(Vec<String>);
    impl<'ast> Visit<'ast> for Attributes {
        fn visit_attribute(&mut self, attribute: &'ast Attribute) {
            let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
            if ["ignore", "should_panic"].contains(&name.as_str()) {
                self.0.push(name);
            }
        }
    }
    let mut attributes = Attributes(Vec::new());
    attributes.visit_file(file);
    attributes.0
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test") || condition.starts_with("all(test")
        }
        meta => meta.path().segments.last().is_some_and(|name| name.ident == "test"),
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
