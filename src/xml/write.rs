//! Writing XML: elements with attributes and text, escaped so that any name survives.

use std::fmt::Write as _;

/// One element to be written.
#[derive(Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    children: Vec<Element>,
}

impl Element {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), text: None, children: Vec::new() }
    }

    /// With an attribute.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// With an attribute, where there is a value.
    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a text.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// With a child.
    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// With children.
    pub(super) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// With a child that holds a text, where there is one.
    pub(super) fn child_text(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.child(Self::new(name).text(text)),
            None => self,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.text.is_none() && self.children.is_empty()
    }

    /// The whole text, indented as libvirt does.
    pub(super) fn into_xml(self) -> String {
        let mut xml = String::new();
        self.write(&mut xml, 0);
        xml
    }

    fn write(&self, xml: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        // Writing to a string does not fail.
        let _ = write!(xml, "{indent}<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = write!(xml, " {name}='{}'", escaped(value));
        }
        match &self.text {
            Some(text) => {
                let _ = writeln!(xml, ">{}</{}>", escaped(text), self.name);
            }
            None if self.children.is_empty() => xml.push_str("/>\n"),
            None => {
                xml.push_str(">\n");
                for child in &self.children {
                    child.write(xml, depth + 1);
                }
                let _ = writeln!(xml, "{indent}</{}>", self.name);
            }
        }
    }
}

/// A text as it may stand in an element or between single quotes. Line breaks and tabs would become
/// spaces there.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_survives() {
        let name = " a'b\"<c>&amp;\n\t🎈 ";
        let xml = Element::new("pool")
            .with("name", name)
            .child(Element::new("name").text(name))
            .child(Element::new("source"))
            .into_xml();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("name"), Some(name));
        assert_eq!(root.first_element_child().unwrap().text(), Some(name));
        assert!(xml.contains("\n  <source/>\n</pool>\n"), "{xml}");
    }
}
