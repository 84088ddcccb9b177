//! Every mutant that the changed lines allow, with the operators that mutation tools agree on.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use proc_macro2::Span;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, BinOp, Block, Expr, ExprBinary, ExprLit, ExprMacro, ExprRepeat, ExprUnary,
    ImplItem, Item, ItemImpl, Lit, Macro, Pat, Signature, StmtMacro, Token, TraitItem, UnOp,
};

use crate::changed::Changed;
use crate::source::{Source, conditional};
use crate::values;

/// One small change of the code.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// File, function, what is changed; the same as long as that code says the same.
    pub name: String,
    /// The place of the file among the sources.
    pub file: usize,
    pub line: usize,
    pub form: Form,
}

/// How a mutant stands in the text.
#[derive(Debug, Clone)]
pub enum Form {
    /// Instead of the expression with these bytes.
    Instead(Range<usize>, String),
    /// A statement before the first of a body, returning this.
    Return(usize, String),
    /// A guard that closes an arm, after its pattern.
    Closed(usize),
}

/// Lists the mutants of all sources, in the order of the text.
pub fn list(sources: &[Source], changed: &Changed) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let mut finder = Finder {
            source,
            file,
            changed,
            scope: Vec::new(),
            found: Vec::new(),
        };
        finder.visit_file(&source.parsed);
        found.append(&mut finder.found);
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in &mut found {
        let times = seen.entry(mutant.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            mutant.name.push_str(&format!(" #{times}"));
        }
    }
    found
}

struct Finder<'a> {
    source: &'a Source,
    file: usize,
    changed: &'a Changed,
    scope: Vec<String>,
    found: Vec<Mutant>,
}

impl Finder<'_> {
    fn text(&self, span: Span) -> &str {
        &self.source.text[span.byte_range()]
    }

    /// The text of a span on one line, shortened.
    fn brief(&self, span: Span) -> String {
        let words: Vec<&str> = self.text(span).split_whitespace().collect();
        let line = words.join(" ");
        if line.chars().count() <= 90 {
            return line;
        }
        let letters: Vec<char> = line.chars().collect();
        let start: String = letters[..55].iter().collect();
        let end: String = letters[letters.len() - 30..].iter().collect();
        format!("{start} … {end}")
    }

    fn add(&mut self, span: Span, what: &str, form: Form) {
        let lines = span.start().line..=span.end().line;
        self.add_lines(&lines, what, form);
    }

    fn add_lines(&mut self, lines: &RangeInclusive<usize>, what: &str, form: Form) {
        if self.scope.is_empty() || !self.changed.meets(&self.source.path, lines) {
            return;
        }
        let path = self.source.path.display();
        self.found.push(Mutant {
            name: format!("{path} {}: {what}", self.scope.join("::")),
            file: self.file,
            line: *lines.start(),
            form,
        });
    }

    fn instead(&mut self, span: Span, what: &str, text: String) {
        self.add(span, what, Form::Instead(span.byte_range(), text));
    }

    /// Enters a function unless it is evaluated while compiling or compiled for tests alone.
    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        if conditional(attributes) || signature.constness.is_some() {
            return;
        }
        self.scope.push(signature.ident.to_string());
        if signature.ident != "default" && !block.stmts.is_empty() {
            let said = self
                .text(block.span())
                .trim_matches(['{', '}', ' ', '\n'])
                .to_owned();
            let at = block.brace_token.span.open().byte_range().end;
            for value in values::returned(&signature.output) {
                if value != said {
                    let what = format!("returns {}", if value.is_empty() { "()" } else { &value });
                    self.add(block.span(), &what, Form::Return(at, value));
                }
            }
        }
        visit::visit_block(self, block);
        self.scope.pop();
    }

    fn binary(&mut self, node: &ExprBinary) {
        if !matches!(node.op, BinOp::And(_)) || !holds_let(node) {
            let op = self.text(node.op.span()).to_owned();
            for other in instead_of(&op) {
                let text = format!(
                    "({}) {other} ({})",
                    self.text(node.left.span()),
                    self.text(node.right.span())
                );
                let what = format!("`{other}` for `{op}` in `{}`", self.brief(node.span()));
                self.instead(node.span(), &what, text);
            }
        }
        if compares(&node.op) {
            let whole = self.brief(node.span());
            let mut literals = Vec::new();
            gather(&node.left, &mut literals);
            gather(&node.right, &mut literals);
            for (span, literal) in literals {
                let Ok(number) = literal.base10_parse::<u128>() else {
                    continue;
                };
                let near = [number.checked_add(1), number.checked_sub(1)];
                for near in near.into_iter().flatten() {
                    let what = format!("{near} for {number} in `{whole}`");
                    self.instead(span, &what, format!("{near}{}", literal.suffix()));
                }
            }
        }
    }

    /// Enters the macros whose inside is a list of expressions.
    fn inside(&mut self, node: &Macro) {
        let name = node.path.segments.last().map(|last| last.ident.to_string());
        match name.as_deref() {
            Some("vec" | "format" | "write" | "writeln" | "debug_assert") => {
                let list = Punctuated::<Expr, Token![,]>::parse_terminated;
                if let Ok(parts) = list.parse2(node.tokens.clone()) {
                    parts.iter().for_each(|part| self.visit_expr(part));
                }
            }
            Some("matches") => {
                let parts = |input: syn::parse::ParseStream<'_>| {
                    let value: Expr = input.parse()?;
                    input.parse::<Token![,]>()?;
                    Pat::parse_multi_with_leading_vert(input)?;
                    let guard = if input.peek(Token![if]) {
                        input.parse::<Token![if]>()?;
                        Some(input.parse::<Expr>()?)
                    } else {
                        None
                    };
                    input.parse::<Option<Token![,]>>()?;
                    Ok((value, guard))
                };
                if let Ok((value, guard)) = parts.parse2(node.tokens.clone()) {
                    self.visit_expr(&value);
                    if let Some(guard) = guard {
                        self.guard(&guard);
                        self.visit_expr(&guard);
                    }
                }
            }
            _ => {}
        }
    }

    fn guard(&mut self, guard: &Expr) {
        if matches!(guard, Expr::Let(_)) || matches!(guard, Expr::Binary(node) if holds_let(node)) {
            return;
        }
        for value in ["true", "false"] {
            let what = format!("guard {value} for `{}`", self.brief(guard.span()));
            self.instead(guard.span(), &what, value.to_owned());
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(function) => self.function(&function.attrs, &function.sig, &function.block),
            Item::Impl(block) if !conditional(&block.attrs) => self.visit_item_impl(block),
            Item::Trait(block) if !conditional(&block.attrs) => {
                self.scope.push(block.ident.to_string());
                for item in &block.items {
                    if let TraitItem::Fn(function) = item
                        && let Some(body) = &function.default
                    {
                        self.function(&function.attrs, &function.sig, body);
                    }
                }
                self.scope.pop();
            }
            Item::Mod(module) if !conditional(&module.attrs) => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(|item| self.visit_item(item));
            }
            _ => {}
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let mut scope = self.brief(block.self_ty.span());
        if let Some((_, path, _)) = &block.trait_ {
            scope = format!("<{scope} as {}>", self.brief(path.span()));
        }
        self.scope.push(scope);
        for item in &block.items {
            if let ImplItem::Fn(function) = item {
                self.function(&function.attrs, &function.sig, &function.block);
            }
        }
        self.scope.pop();
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        self.binary(node);
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        if matches!(node.op, UnOp::Not(_) | UnOp::Neg(_)) {
            let what = format!("without sign `{}`", self.brief(node.span()));
            let text = self.text(node.expr.span()).to_owned();
            self.instead(node.span(), &what, text);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        let last = node.arms.last();
        let rest = last.is_some_and(|arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none());
        if let (true, Some((_, arms))) = (rest, node.arms.split_last()) {
            for arm in arms.iter().filter(|arm| arm.guard.is_none()) {
                let what = format!("without arm `{}`", self.brief(arm.pat.span()));
                let at = arm.pat.span().byte_range().end;
                self.add(arm.span(), &what, Form::Closed(at));
            }
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        if let Some((_, guard)) = &node.guard {
            self.guard(guard);
        }
        visit::visit_arm(self, node);
    }

    fn visit_expr_macro(&mut self, node: &'ast ExprMacro) {
        self.inside(&node.mac);
    }

    fn visit_stmt_macro(&mut self, node: &'ast StmtMacro) {
        self.inside(&node.mac);
    }

    fn visit_expr_repeat(&mut self, node: &'ast ExprRepeat) {
        self.visit_expr(&node.expr);
    }

    // What is evaluated while compiling, and what is no expression.
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_path(&mut self, _: &'ast syn::Path) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn instead_of(op: &str) -> &'static [&'static str] {
    match op {
        "<" => &["<=", "==", ">"],
        "<=" => &["<", ">"],
        ">" => &[">=", "==", "<"],
        ">=" => &[">", "<"],
        "==" => &["!="],
        "!=" => &["=="],
        "+" => &["-", "*"],
        "-" => &["+", "/"],
        "*" => &["+", "/"],
        "/" => &["%", "*"],
        "%" => &["/", "+"],
        "&&" => &["||"],
        "||" => &["&&"],
        "&" => &["|", "^"],
        "|" => &["&", "^"],
        "^" => &["&", "|"],
        "<<" => &[">>"],
        ">>" => &["<<"],
        "+=" => &["-=", "*="],
        "-=" => &["+=", "/="],
        "*=" => &["+=", "/="],
        "/=" => &["%=", "*="],
        "%=" => &["/=", "+="],
        "&=" => &["|=", "^="],
        "|=" => &["&=", "^="],
        "^=" => &["&=", "|="],
        _ => &[],
    }
}

fn compares(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Lt(_) | BinOp::Le(_) | BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Ge(_) | BinOp::Gt(_)
    )
}

/// Says whether a chain of `&&` binds something, so that it is no plain value.
fn holds_let(node: &ExprBinary) -> bool {
    [&node.left, &node.right]
        .into_iter()
        .any(|side| match &**side {
            Expr::Let(_) => true,
            Expr::Binary(inner) => matches!(inner.op, BinOp::And(_)) && holds_let(inner),
            _ => false,
        })
}

/// Gathers the whole numbers that a side of a comparison is made of.
fn gather<'e>(side: &'e Expr, into: &mut Vec<(Span, &'e syn::LitInt)>) {
    match side {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => into.push((side.span(), number)),
        Expr::Paren(inner) => gather(&inner.expr, into),
        Expr::Reference(inner) => gather(&inner.expr, into),
        Expr::Cast(inner) => gather(&inner.expr, into),
        Expr::Binary(inner)
            if matches!(
                inner.op,
                BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Rem(_)
            ) =>
        {
            gather(&inner.left, into);
            gather(&inner.right, into);
        }
        _ => {}
    }
}
