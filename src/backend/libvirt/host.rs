//! What a host says of itself.

use virt::connect::Connect;

use super::error::from_virt;
use super::ffi;
use crate::model::{Bytes, Failure, HostFacts};

/// Asks a host what it is: eight calls, none of which waits for a guest.
///
/// # Errors
///
/// libvirt's, when it does not even tell its capabilities.
pub(crate) fn describe(connect: &Connect) -> Result<HostFacts, Failure> {
    let capabilities = connect.capabilities().map_err(|error| from_virt(&error))?;
    let mut facts = from_capabilities(&capabilities);
    facts.hostname = connect.hostname().unwrap_or_default();
    facts.driver = connect.driver_type().unwrap_or_default();
    facts.uri = connect.uri().unwrap_or_default();
    facts.libvirt_version = version(connect);
    facts.hypervisor_version = connect.hyp_version().map_or(0, u64::from);
    if let Ok(node) = connect.node_info() {
        if facts.cpu_model.is_empty() {
            facts.cpu_model.clone_from(&node.model);
        }
        if facts.arch.is_empty() {
            facts.arch = node.model;
        }
        facts.cpus = node.cpus;
        facts.mhz = node.mhz;
        facts.topology = [node.nodes, node.sockets, node.cores, node.threads];
        facts.memory = Bytes::from_kib(node.memory);
    }
    // In a container `virNodeGetInfo` counts what the container may have, while free memory is the
    // whole computer's: taken from one call, both fit each other.
    if let Ok(memory) = ffi::memory(connect)
        && memory.total > Bytes(0)
    {
        facts.memory = memory.total;
    }
    Ok(facts)
}

/// The parts that stand in the capabilities; empty where they do not.
fn from_capabilities(xml: &str) -> HostFacts {
    let mut facts = HostFacts {
        hostname: String::new(),
        host_uuid: String::new(),
        driver: String::new(),
        arch: String::new(),
        cpu_model: String::new(),
        cpus: 0,
        mhz: 0,
        topology: [0; 4],
        memory: Bytes(0),
        libvirt_version: 0,
        hypervisor_version: 0,
        migration_transports: Vec::new(),
        uri: String::new(),
    };
    let Ok(document) = roxmltree::Document::parse(xml) else { return facts };
    let Some(host) = document.root_element().children().find(|node| node.has_tag_name("host"))
    else {
        return facts;
    };
    let text = |path: &[&str]| {
        let found = path
            .iter()
            .try_fold(host, |node, name| node.children().find(|child| child.has_tag_name(*name)));
        found.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
    };
    facts.host_uuid = text(&["uuid"]);
    facts.arch = text(&["cpu", "arch"]);
    facts.cpu_model = text(&["cpu", "model"]);
    facts.migration_transports = host
        .descendants()
        .filter(|node| node.has_tag_name("uri_transport"))
        .filter_map(|node| node.text())
        .map(|scheme| scheme.trim().to_owned())
        .collect();
    facts
}

/// The version of the host's libvirt; 0 where it does not tell.
pub(crate) fn version(connect: &Connect) -> u64 {
    connect.lib_version().map_or(0, u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_say_who_the_host_is() {
        let facts = from_capabilities(
            "<capabilities><host><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>\
             <cpu><arch>x86_64</arch><model>EPYC-Rome</model></cpu>\
             <migration_features><live/><uri_transports><uri_transport>tcp</uri_transport>\
             <uri_transport>rdma</uri_transport></uri_transports></migration_features></host>\
             </capabilities>",
        );
        assert_eq!(facts.host_uuid, "6695eb01-f6a4-8304-79aa-97f2502e193f");
        assert_eq!((facts.arch.as_str(), facts.cpu_model.as_str()), ("x86_64", "EPYC-Rome"));
        assert_eq!(facts.migration_transports, ["tcp", "rdma"]);
    }

    #[test]
    fn nonsense_says_nothing() {
        assert_eq!(from_capabilities("<capab").host_uuid, "");
    }
}
