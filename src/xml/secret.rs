//! A secret's XML. Its value is never in it.

use super::write::Element;
use crate::model::storage::{SecretDefinition, SecretUsage};

/// A secret's XML: kept on disk at the host, its value never told again.
#[must_use]
pub fn build_secret(secret: &SecretDefinition) -> String {
    let (kind, name) = match &secret.usage {
        SecretUsage::Volume(_) => ("volume", "volume"),
        SecretUsage::Ceph(_) => ("ceph", "name"),
        SecretUsage::Iscsi(_) => ("iscsi", "target"),
    };
    let usage = Element::new("usage")
        .with("type", kind)
        .child(Element::new(name).text(secret.usage.name()));
    let description = secret.description.as_str();
    Element::new("secret")
        .with("ephemeral", "no")
        .with("private", "yes")
        .child(Element::new("uuid").text(secret.uuid.to_string()))
        .child_text("description", (!description.is_empty()).then_some(description))
        .child(usage)
        .into_xml()
}
