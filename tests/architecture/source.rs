//! A source file as tokens: what it mentions, and where.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One file below `src/`.
pub(crate) struct Source {
    /// Its path below `src/`, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its items.
    pub(crate) items: syn::File,
    /// Every path mentioned, made absolute where it is of this crate: `crate`, layer, module ….
    pub(crate) mentions: Vec<Mention>,
    /// Every identifier and keyword.
    pub(crate) words: Vec<(String, usize)>,
    /// Every string literal that is no comment.
    pub(crate) strings: Vec<(String, usize)>,
}

/// A path mentioned at a line.
#[derive(Debug, PartialEq)]
pub(crate) struct Mention {
    /// Its segments.
    pub(crate) path: Vec<String>,
    /// The line, from 1.
    pub(crate) line: usize,
    /// Whether a module of tests says it.
    pub(crate) tested: bool,
}

/// Where a reader of tokens is.
#[derive(Clone)]
struct Place {
    module: Vec<String>,
    tested: bool,
}

/// All files below `src/`.
pub(crate) fn read_all(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let below = path.strip_prefix(root).unwrap();
                sources.push(Source::parse(below.to_str().unwrap(), &text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

impl Source {
    /// Reads one file.
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let items = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            items,
            mentions: Vec::new(),
            words: Vec::new(),
            strings: Vec::new(),
        };
        source.read(tokens, &Place { module: module(path), tested: false });
        source
    }

    /// The first folder, or the file where there is none: `model`, `ui`, `main`.
    pub(crate) fn layer(&self) -> &str {
        self.segment(0)
    }

    /// A part of the path without `.rs`; empty past the end.
    pub(crate) fn segment(&self, index: usize) -> &str {
        let segment = self.path.split('/').nth(index).unwrap_or("");
        segment.strip_suffix(".rs").unwrap_or(segment)
    }

    fn read(&mut self, tokens: TokenStream, place: &Place) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            match token {
                TokenTree::Group(group) => {
                    if !is_doc(&tokens[..index], group.stream()) {
                        self.read(group.stream(), &inside(place, &tokens[..index]));
                    }
                }
                TokenTree::Ident(word) => {
                    self.words.push((word.to_string(), word.span().start().line));
                    let begins = index < 2 || !is_colons(&tokens[..index]);
                    if begins {
                        self.read_path(&tokens[index..], Vec::new(), place);
                    }
                }
                TokenTree::Literal(literal) => {
                    self.strings.push((literal.to_string(), literal.span().start().line));
                }
                TokenTree::Punct(_) => {}
            }
            index += 1;
        }
    }

    /// Reads `a::b::{c, d::e}` at the beginning of `tokens`, and notes each path in it.
    fn read_path(&mut self, tokens: &[TokenTree], mut path: Vec<String>, place: &Place) {
        let mut rest = tokens;
        let mut line = 0;
        loop {
            match rest {
                [TokenTree::Ident(word), after @ ..] => {
                    path.push(word.to_string());
                    line = word.span().start().line;
                    rest = after;
                }
                [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| is_punct(token, ',')) {
                        self.read_path(branch, path.clone(), place);
                    }
                    return;
                }
                _ => break,
            }
            match rest {
                [first, second, after @ ..] if is_punct(first, ':') && is_punct(second, ':') => {
                    rest = after;
                }
                _ => break,
            }
        }
        if path.len() > 1 {
            let path = absolute(&path, &place.module);
            self.mentions.push(Mention { path, line, tested: place.tested });
        }
    }
}

/// `crate::a::b` for what `super` and `self` mean in this module; else the path as it is.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let up = path.iter().take_while(|segment| *segment == "super").count();
    let own = usize::from(path.first().is_some_and(|first| first == "self"));
    if up == 0 && own == 0 {
        return path.to_vec();
    }
    let kept = module.len().saturating_sub(up);
    let base = std::iter::once("crate".to_owned()).chain(module[..kept].iter().cloned());
    base.chain(path[up + own..].iter().cloned()).collect()
}

/// The module a file is.
fn module(path: &str) -> Vec<String> {
    let mut module: Vec<String> =
        path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// The place inside a bracket that comes after these tokens: one deeper when they are `mod name`,
/// and tested when `#[cfg(test)]` stands before that.
fn inside(place: &Place, before: &[TokenTree]) -> Place {
    let mut inner = place.clone();
    if let [earlier @ .., TokenTree::Ident(keyword), TokenTree::Ident(name)] = before
        && keyword == "mod"
    {
        inner.module.push(name.to_string());
        let attribute = earlier.last().map(ToString::to_string).unwrap_or_default();
        inner.tested |= attribute.replace(' ', "") == "[cfg(test)]";
    }
    inner
}

/// Whether a bracket after these tokens is a doc comment.
fn is_doc(before: &[TokenTree], inside: TokenStream) -> bool {
    let attribute = before.last().is_some_and(|token| is_punct(token, '#') || is_punct(token, '!'));
    let first = inside.into_iter().next();
    attribute && matches!(first, Some(TokenTree::Ident(word)) if word == "doc")
}

fn is_colons(before: &[TokenTree]) -> bool {
    matches!(before, [.., first, second] if is_punct(first, ':') && is_punct(second, ':'))
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
