//! The sources of the crate, and where the names in them lead.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Fields, Item, ItemFn, Lit, Meta, Type, UseTree};

/// A path from the crate's root: `["http_client", "config", "Config"]`.
pub type Name = Vec<String>;

/// One file under `src`.
pub struct File {
    module: Name,
    items: Vec<Item>,
    uses: HashMap<String, Name>,
}

/// Every file under `src`, read.
pub struct Code(Vec<File>);

impl Code {
    /// Reads everything under `src`.
    pub fn read(src: &Path) -> Self {
        let mut files = Vec::new();
        gather(src, &mut files);
        files.sort();
        Self(files.iter().map(|file| File::read(src, file)).collect())
    }

    /// What a path in a file means, from the crate's root.
    pub fn resolve(&self, file: usize, path: &syn::Path) -> Name {
        let parts: Name = path.segments.iter().map(|part| part.ident.to_string()).collect();
        let file = &self.0[file];
        match file.uses.get(&parts[0]) {
            Some(used) => [used.as_slice(), &parts[1..]].concat(),
            None => absolute(&file.module, &parts),
        }
    }

    /// The same of a function, whose name may be that of a module as well.
    pub fn callee(&self, file: usize, path: &syn::Path) -> Name {
        let own = path.get_ident().map(|name| [self.0[file].module.as_slice(), &[name.to_string()]].concat());
        let is_here = |name: &Name| {
            self.0[file]
                .items
                .iter()
                .any(|item| matches!(item, Item::Fn(function) if function.sig.ident == name[name.len() - 1]))
        };
        own.filter(is_here).unwrap_or_else(|| self.resolve(file, path))
    }

    /// The item `name` of a kind: in its module, or in a part of it that is passed on.
    fn item<'a, T>(
        &'a self,
        name: &[String],
        of: impl Fn(&'a Item) -> Option<T> + Copy,
    ) -> Option<(usize, T)> {
        let module = &name[..name.len() - 1];
        let of_file = |file: usize| Some((file, self.0[file].items.iter().find_map(of)?));
        let exact = || (0..self.0.len()).filter(|file| self.0[*file].module == module);
        if let Some(found) = exact().find_map(of_file) {
            return Some(found);
        }
        let passed_on = exact().find_map(|file| self.0[file].uses.get(&name[name.len() - 1]));
        match passed_on.filter(|origin| *origin != name) {
            Some(origin) => self.item(origin, of),
            None => {
                (0..self.0.len()).filter(|file| self.0[*file].module.starts_with(module)).find_map(of_file)
            }
        }
    }

    /// A function.
    pub fn function(&self, name: &[String]) -> Option<(usize, &ItemFn)> {
        let last = name.last()?;
        self.item(name, |item| match item {
            Item::Fn(function) if function.sig.ident == last => Some(function),
            _ => None,
        })
    }

    /// The value of a constant, also of one that belongs to a type.
    pub fn constant(&self, name: &[String]) -> Option<(usize, &Expr)> {
        let last = name.last()?;
        let own = self.item(name, |item| match item {
            Item::Const(constant) if constant.ident == last => Some(&*constant.expr),
            _ => None,
        });
        own.or_else(|| {
            self.of_type(&name[..name.len() - 1], |item| match item {
                syn::ImplItem::Const(constant) if constant.ident == last => Some(&constant.expr),
                _ => None,
            })
        })
    }

    /// The key that a constant is made for by `secret_keys!(NAME, "key")`.
    pub fn secret_key(&self, name: &[String]) -> Option<String> {
        let last = name.last()?;
        let (_, key) = self.item(name, |item| match item {
            Item::Macro(call) if call.mac.path.is_ident("secret_keys") => {
                let text = call.mac.tokens.to_string();
                let (name, key) = text.split_once(',')?;
                (name.trim() == last).then(|| key.trim().trim_matches('"').to_owned())
            }
            _ => None,
        })?;
        Some(key)
    }

    /// The body of a function that belongs to a type.
    pub fn method(&self, of: &[String], name: &str) -> Option<(usize, &syn::Block)> {
        self.of_type(of, |item| match item {
            syn::ImplItem::Fn(function) if function.sig.ident == name => Some(&function.block),
            _ => None,
        })
    }

    fn of_type<'a, T>(
        &'a self,
        of: &[String],
        pick: impl Fn(&'a syn::ImplItem) -> Option<T> + Copy,
    ) -> Option<(usize, T)> {
        let last = of.last()?;
        self.item(of, |item| match item {
            Item::Impl(block) if is_named(&block.self_ty, last) => block.items.iter().find_map(pick),
            _ => None,
        })
    }

    /// What the field of a structure, or of an enum's variant, is documented to be.
    pub fn field(&self, of: &[String], field: &str) -> Option<String> {
        let last = of.last()?;
        let own = self.item(of, |item| match item {
            Item::Struct(item) if item.ident == last => Some(&item.fields),
            _ => None,
        });
        let variant = || {
            let (variant, of) = of.split_last()?;
            let name = of.last()?;
            let (file, variants) = self.item(of, |item| match item {
                Item::Enum(item) if item.ident == name => Some(&item.variants),
                _ => None,
            })?;
            Some((file, &variants.iter().find(|one| one.ident == variant)?.fields))
        };
        let (_, fields) = own.or_else(variant)?;
        doc_of(fields, field)
    }
}

impl File {
    fn read(src: &Path, path: &Path) -> Self {
        let place = path.strip_prefix(src).unwrap().with_extension("");
        let mut module: Name = place.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
            module.pop();
        }
        let items = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap().items;
        let mut uses = HashMap::new();
        for item in &items {
            if let Item::Use(item) = item {
                gather_uses(&module, Vec::new(), &item.tree, &mut uses);
            }
        }
        Self { module, items, uses }
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_for_tests = path.file_stem().is_some_and(|name| name == "tests");
        if is_for_tests {
            continue;
        }
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn gather_uses(module: &[String], before: Name, tree: &UseTree, uses: &mut HashMap<String, Name>) {
    let with = |part: &syn::Ident| [before.as_slice(), &[part.to_string()]].concat();
    match tree {
        UseTree::Path(path) => gather_uses(module, with(&path.ident), &path.tree, uses),
        UseTree::Name(name) if name.ident == "self" => {
            uses.insert(before.last().cloned().unwrap_or_default(), absolute(module, &before));
        }
        UseTree::Name(name) => {
            drop(uses.insert(name.ident.to_string(), absolute(module, &with(&name.ident))))
        }
        UseTree::Rename(name) => {
            uses.insert(name.rename.to_string(), absolute(module, &with(&name.ident)));
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| gather_uses(module, before.clone(), tree, uses));
        }
        UseTree::Glob(_) => {}
    }
}

fn absolute(module: &[String], parts: &[String]) -> Name {
    let mut place = if parts[0] == "crate" { Vec::new() } else { module.to_vec() };
    for part in parts {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => drop(place.pop()),
            name => place.push(name.to_owned()),
        }
    }
    place
}

fn is_named(of: &Type, name: &str) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

fn doc_of(fields: &Fields, name: &str) -> Option<String> {
    let found = fields.iter().find(|field| field.ident.as_ref().is_some_and(|ident| ident == name))?;
    Some(doc(&found.attrs))
}

/// A doc comment as one paragraph.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let text = lines.filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    text.collect::<Vec<_>>().join(" ").trim().to_owned()
}
