//! Calls of `gettext` and its kin in a source file.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One call.
#[derive(Debug, PartialEq)]
pub(crate) struct Text {
    /// What tells equal texts apart.
    pub(crate) context: Option<String>,
    /// The text, and its plural where there is one; or why xgettext could not read it.
    pub(crate) parts: Result<Vec<String>, String>,
    /// The line, from 1.
    pub(crate) line: usize,
}

impl Text {
    /// What the catalogue knows it by.
    pub(crate) fn key(&self) -> (Option<String>, String) {
        let text = self.parts.as_ref().ok().and_then(|parts| parts.first().cloned());
        (self.context.clone(), text.unwrap_or_default())
    }
}

/// All calls in a source, also those within macros.
pub(crate) fn texts(source: &str) -> Vec<Text> {
    let mut found = Vec::new();
    read(source.parse().unwrap(), &mut found);
    found
}

fn read(tokens: TokenStream, found: &mut Vec<Text>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        if let (TokenTree::Ident(name), Some(TokenTree::Group(group))) =
            (token, tokens.get(index + 1))
            && group.delimiter() == Delimiter::Parenthesis
        {
            let defined = index > 0 && tokens[index - 1].to_string() == "fn";
            if let (Some(shape), false) = (shape(&name.to_string()), defined) {
                found.push(call(group, shape, name.span().start().line));
            }
        }
        if let TokenTree::Group(group) = token {
            read(group.stream(), found);
        }
    }
}

/// Whether the first argument is a context, and how many texts there are.
fn shape(name: &str) -> Option<(bool, usize)> {
    match name {
        "gettext" | "gettext_f" => Some((false, 1)),
        "ngettext" | "ngettext_f" => Some((false, 2)),
        "pgettext" => Some((true, 1)),
        _ => None,
    }
}

fn call(arguments: &Group, (context, count): (bool, usize), line: usize) -> Text {
    let tokens: Vec<_> = arguments.stream().into_iter().collect();
    let mut arguments =
        tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    let mut next = || plain(arguments.next().unwrap_or_default());
    let context = context.then(&mut next).and_then(Result::ok);
    let parts = (0..count).map(|_| next()).collect();
    Text { context, parts, line }
}

/// The text of a literal that xgettext reads right.
fn plain(argument: &[TokenTree]) -> Result<String, String> {
    let [TokenTree::Literal(literal)] = argument else {
        return Err("a text to translate is one plain literal".to_owned());
    };
    let written = literal.to_string();
    let odd = ["\n", "\\u", "\\x"].iter().any(|odd| written.contains(odd));
    if !written.starts_with('"') || odd {
        return Err(format!("{written}: plain, in one line, and without escaped letters"));
    }
    let text = syn::parse_str::<syn::LitStr>(&written).map_err(|error| error.to_string())?.value();
    if text.is_empty() {
        return Err("the empty text means the catalogue's own heading".to_owned());
    }
    Ok(text)
}
