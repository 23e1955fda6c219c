//! The rules. Where HOUSE and this file disagree, one of them is to be changed in a step of its own.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::source::{Mention, Source};

/// Which layers each layer may know besides itself; what is not listed (`lib`, `main`) may know all.
/// `ui/app` may know `lab` too: its menu starts and stops it; `ui/labels/lab.rs` words its errors.
const LAYERS: [(&str, &[&str]); 12] = [
    ("model", &[]),
    ("migration", &["model"]),
    ("storage", &["model"]),
    ("xml", &["model", "migration"]),
    ("backend", &["model", "migration", "storage", "xml", "config"]),
    ("lab", &["model", "config"]),
    ("journal", &["model", "migration"]),
    (
        "ui",
        &[
            "model",
            "migration",
            "storage",
            "xml",
            "backend",
            "journal",
            "settings",
            "i18n",
            "config",
        ],
    ),
    ("settings", &["model", "config"]),
    ("i18n", &["config"]),
    ("logging", &["config"]),
    ("config", &[]),
];

const ABOVE_XML: [&str; 4] = ["model", "migration", "storage", "xml"];
const TOOLKIT: [&str; 7] = ["adw", "gdk", "gio", "glib", "gtk", "pango", "relm4"];
/// What is impure in the standard library.
const WORLD: [&str; 8] =
    ["env", "fs", "net", "process", "thread", "Instant", "SystemTime", "UnixStream"];
/// Parts of `std::net` that only read texts.
const ADDRESSES: [&str; 3] = ["IpAddr", "Ipv4Addr", "Ipv6Addr"];
const UNSAFE: [&str; 2] = ["backend/libvirt/ffi/", "ui/widgets/accessible.rs"];
const ROOMS: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];
const HOLLOW: [&str; 3] = ["handle_", "process_", "do_"];
const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
const MESSAGES: [&str; 4] = ["Input", "Output", "Command", "Msg"];
const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const VIEW_LINES: usize = 150;
const ARM_LINES: usize = 5;
const VARIANTS: usize = 12;

/// Everything in a file that breaks a rule, as `src/file:line: what`.
pub(crate) fn broken_in(source: &Source) -> Vec<String> {
    let mut broken = Broken { source, said: Vec::new() };
    for mention in &source.mentions {
        broken.layer(mention);
        broken.foreign(mention);
        broken.window(mention);
    }
    broken.words();
    broken.size();
    broken.visit_file(&source.items);
    broken.said
}

struct Broken<'a> {
    source: &'a Source,
    said: Vec<String>,
}

impl Broken<'_> {
    fn say(&mut self, line: usize, what: &str) {
        self.said.push(format!("src/{}:{line}: {what}", self.source.path));
    }

    fn layer(&mut self, mention: &Mention) {
        let [first, other, ..] = mention.path.as_slice() else { return };
        let layer = self.source.layer();
        let known = LAYERS.iter().find(|(name, _)| *name == layer);
        let exists = LAYERS.iter().any(|(name, _)| name == other);
        if let Some((_, known)) = known
            && first == "crate"
            && exists
            && other != layer
            && !known.contains(&other.as_str())
            && !(other == "lab"
                && ["ui/app/", "ui/labels/lab.rs"]
                    .iter()
                    .any(|path| self.source.path.starts_with(path)))
        {
            self.say(mention.line, &format!("{layer} must not know {other}"));
        }
    }

    fn foreign(&mut self, mention: &Mention) {
        let [first, second, ..] = mention.path.as_slice() else { return };
        let (path, layer, name) = (&self.source.path, self.source.layer(), first.as_str());
        let below_ui = LAYERS[..6].iter().any(|(below, _)| *below == layer);
        let misplaced = match name {
            "virt" | "virt_sys" => !path.starts_with("backend/libvirt/"),
            "roxmltree" => layer != "xml" && layer != "backend",
            "std" => {
                let impure = |segment: &String| WORLD.contains(&segment.as_str());
                let address = |segment: &String| ADDRESSES.contains(&segment.as_str());
                ABOVE_XML.contains(&layer)
                    && mention.path.iter().any(impure)
                    && !mention.path.last().is_some_and(address)
            }
            _ if TOOLKIT.contains(&name) => below_ui,
            _ => layer == "model" && dependencies().any(|dependency| dependency == name),
        };
        if misplaced && !mention.tested {
            self.say(mention.line, &format!("{name}::{second} has no place here"));
        }
    }

    fn window(&mut self, mention: &Mention) {
        let [first, layer, other, ..] = mention.path.as_slice() else { return };
        let own = self.source.segment(1);
        let shared = ["labels", "widgets", "views", "enabled"].contains(&other.as_str());
        let module = other.starts_with(char::is_lowercase);
        if (first.as_str(), layer.as_str()) == ("crate", "ui")
            && self.source.layer() == "ui"
            && !["app", "mod", other].contains(&own)
            && module
            && !shared
        {
            self.say(mention.line, &format!("{own} must not know another window, {other}"));
        }
    }

    fn words(&mut self) {
        let source = self.source;
        let libvirts_own = source.path.starts_with("backend/libvirt") || source.layer() == "xml";
        if let Some(room) = source.path.split(['/', '.']).find(|room| ROOMS.contains(room)) {
            self.say(1, &format!("{room} is no word for a room"));
        }
        let is_unsafe = UNSAFE.iter().any(|place| source.path.starts_with(place));
        for (index, (word, line)) in source.words.iter().enumerate() {
            let after = source.words.get(index + 1).map_or("", |(after, _)| after.as_str());
            let before = index.checked_sub(1).map_or("", |before| source.words[before].0.as_str());
            match word.as_str() {
                "unsafe" if !is_unsafe => self.say(*line, "unsafe has its two places elsewhere"),
                "mod" if ROOMS.contains(&after) => {
                    self.say(*line, &format!("{after} is no word for a room"));
                }
                "fn" if HOLLOW.iter().any(|hollow| after.starts_with(hollow)) => {
                    self.say(*line, &format!("{after} begins with a hollow word"));
                }
                // `url::Host::Domain` is a domain of names.
                _ if word.contains("Domain") && !libvirts_own && before != "Host" => {
                    self.say(*line, &format!("{word}: domain is libvirt's word for a guest"));
                }
                _ => {}
            }
        }
        for (text, line) in &source.strings {
            let mut words = text.split(|character: char| !character.is_alphanumeric());
            let named = words.any(|word| matches!(word, "domain" | "Domain" | "domains"));
            if source.layer() == "ui" && named {
                self.say(*line, "the user's word for a domain is guest");
            }
        }
    }

    fn size(&mut self) {
        let lines = self.source.text.lines().count();
        let tests = self.source.items.items.iter().filter(|item| is_test(attributes(item)));
        let tested: usize = tests.map(lines_of).sum();
        if lines - tested > FILE_LINES {
            self.say(1, &format!("{} lines, at most {FILE_LINES} without tests", lines - tested));
        }
    }

    fn function(&mut self, name: &syn::Ident, block: &syn::Block, from: usize) {
        let lines = block.span().end().line + 1 - from;
        if lines > FUNCTION_LINES {
            self.say(from, &format!("{name} has {lines} lines, at most {FUNCTION_LINES}"));
        }
        let updates = name == "update" || name == "update_cmd" || name == "update_with_view";
        if updates && self.source.layer() == "ui" {
            Arms(self).visit_block(block);
        }
    }
}

impl<'ast> Visit<'ast> for Broken<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident, &item.block, item.sig.span().start().line);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig.ident, &item.block, item.sig.span().start().line);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let (name, count) = (item.ident.to_string(), item.variants.len());
        let message = MESSAGES.iter().any(|suffix| name.ends_with(suffix));
        if message && self.source.layer() == "ui" && count > VARIANTS {
            let line = item.ident.span().start().line;
            self.say(line, &format!("{name} has {count} variants, at most {VARIANTS}"));
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let line = call.span().start().line;
        let lines = lines_of(call);
        if PRINTING.iter().any(|name| call.path.is_ident(name)) {
            self.say(line, "what is to be told goes to the log, or is written on purpose");
        }
        if call.path.is_ident("view") && lines > VIEW_LINES {
            self.say(line, &format!("view! has {lines} lines, at most {VIEW_LINES}"));
        }
    }
}

/// Looks at the arms of the outermost `match` of an `update`.
struct Arms<'a, 'b>(&'a mut Broken<'b>);

impl<'ast> Visit<'ast> for Arms<'_, '_> {
    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let lines = lines_of(&arm.body);
        if lines > ARM_LINES {
            let line = arm.span().start().line;
            self.0.say(line, &format!("an update arm has {lines} lines, at most {ARM_LINES}"));
        }
    }
}

fn lines_of(item: &impl Spanned) -> usize {
    let span = item.span();
    span.end().line + 1 - span.start().line
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string().starts_with("test")
        }
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::NameValue(_) => false,
    })
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        _ => &[],
    }
}

/// The crates this one stands on, as they are written in paths.
fn dependencies() -> impl Iterator<Item = String> {
    let manifest = include_str!("../../Cargo.toml");
    let after = manifest.split("[dependencies]\n").nth(1).unwrap_or("");
    let section = after.split("\n[").next().unwrap_or("");
    section.lines().filter_map(|line| Some(line.split_once(" =")?.0.replace('-', "_")))
}
