//! What pools a host can set up (`virConnectGetStoragePoolCapabilities`).

use roxmltree::Node;

use super::check::{XmlProblem, parse};
use super::tree::{attribute, child, children, said};
use crate::model::storage::{PoolKind, PoolKindOffer, PoolOffer};

/// Reads what a host tells.
///
/// # Errors
///
/// When the text is no XML.
pub fn parse_pool_offer(xml: &str) -> Result<PoolOffer, XmlProblem> {
    let document = parse(xml)?;
    let mut offer = PoolOffer { told: true, ..PoolOffer::default() };
    for node in children(document.root_element(), "pool") {
        let kind = PoolKind::from_word(&attribute(node, "type"));
        if kind == PoolKind::Other {
            continue;
        }
        let volumes = child(node, "volOptions");
        let usual = volumes
            .and_then(|node| child(node, "defaultFormat"))
            .and_then(|node| said(attribute(node, "type")));
        let told = PoolKindOffer {
            supported: node.attribute("supported") == Some("yes"),
            source_formats: values(child(node, "poolOptions"), "sourceFormatType"),
            volume_formats: values(volumes, "targetFormatType"),
            default_volume_format: usual,
        };
        offer.kinds.insert(kind, told);
    }
    Ok(offer)
}

fn values(options: Option<Node<'_, '_>>, name: &str) -> Vec<String> {
    let Some(options) = options else { return Vec::new() };
    let wanted = children(options, "enum").find(|node| node.attribute("name") == Some(name));
    let values = wanted.into_iter().flat_map(|node| children(node, "value"));
    values.filter_map(|node| node.text().map(str::to_owned)).collect()
}
