//! Small steps through a parsed XML text.

use roxmltree::Node;

/// The first child element of that name.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The element reached by these names, one below the other.
pub(super) fn below<'a, 'input>(node: Node<'a, 'input>, path: &[&str]) -> Option<Node<'a, 'input>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

/// All child elements of that name.
pub(super) fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

/// An attribute; empty where there is none.
pub(super) fn attribute(node: Node<'_, '_>, name: &str) -> String {
    node.attribute(name).unwrap_or_default().to_owned()
}

/// The text of the element reached by these names; empty where there is none.
pub(super) fn text(node: Node<'_, '_>, path: &[&str]) -> String {
    let found = below(node, path).and_then(|node| node.text());
    found.unwrap_or_default().trim().to_owned()
}

/// A text that says something.
pub(super) fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// An amount with a unit as libvirt writes it, in bytes; without a unit it is `usual`.
pub(super) fn amount(node: Node<'_, '_>, usual: u64) -> Option<u64> {
    let number: u64 = node.text()?.trim().parse().ok()?;
    Some(number.saturating_mul(unit(node.attribute("unit")).unwrap_or(usual)))
}

/// How many bytes a unit of libvirt's has.
pub(super) fn unit(name: Option<&str>) -> Option<u64> {
    Some(match name? {
        "b" | "bytes" => 1,
        "KB" => 1_000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    })
}
