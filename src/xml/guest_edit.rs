//! Changes to a guest's XML: cut out of the text as it stands, never written anew from our own
//! structures.

use std::ops::Range;

use roxmltree::{Document, Node};

use super::tree::{child, children};

/// The drive of this name as it stands in the text, without its medium; `None` where there is no
/// such drive.
#[must_use]
pub fn drive_without_medium(xml: &str, target: &str) -> Option<String> {
    let (drive, media) = drive_and_media(xml, target)?;
    let inside = |medium: Range<usize>| medium.start - drive.start..medium.end - drive.start;
    let media = media.into_iter().map(|medium| (inside(medium), String::new()));
    Some(edited(xml.get(drive.clone())?, media.collect()))
}

/// The guest without the medium in the drive of this name; `None` where there is no such drive.
#[must_use]
pub fn without_medium(xml: &str, target: &str) -> Option<String> {
    let (_, media) = drive_and_media(xml, target)?;
    Some(edited(xml, media.into_iter().map(|medium| (medium, String::new())).collect()))
}

/// Where a drive stands in the text, and what says which medium is in it.
fn drive_and_media(xml: &str, target: &str) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let document = Document::parse(xml).ok()?;
    let devices = child(document.root_element(), "devices")?;
    let drive = children(devices, "disk").find(|disk| {
        matches!(disk.attribute("device"), Some("cdrom" | "floppy"))
            && child(*disk, "target").and_then(|node| node.attribute("dev")) == Some(target)
    })?;
    let tells =
        |node: &Node<'_, '_>| node.has_tag_name("source") || node.has_tag_name("backingStore");
    let media = drive.children().filter(tells).map(|node| node.range());
    Some((drive.range(), media.collect()))
}

/// The guest with another processor; `None` where the text is no XML.
#[must_use]
pub fn with_cpu(xml: &str, cpu: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let root = document.root_element();
    let place = match child(root, "cpu") {
        Some(own) => own.range(),
        None => {
            let devices = child(root, "devices")?.range().start;
            devices..devices
        }
    };
    Some(edited(xml, vec![(place, cpu.trim().to_owned())]))
}

/// The guest with consoles that take a free port of the host.
#[must_use]
pub fn console_on_free_port(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let mut edits = Vec::new();
    for console in consoles(&document)? {
        let fixed = console.attribute("autoport") != Some("yes");
        for (name, value) in [("port", "-1"), ("tlsPort", "-1"), ("autoport", "yes")] {
            if let Some(attribute) = console.attribute_node(name).filter(|_| fixed) {
                edits.push((attribute.range_value(), value.to_owned()));
            }
        }
        if let Some(port) = console.attribute_node("port").filter(|_| fixed)
            && !console.has_attribute("autoport")
        {
            let end = port.range().end;
            edits.push((end..end, " autoport='yes'".to_owned()));
        }
    }
    Some(edited(xml, edits))
}

/// The guest with consoles that listen on all addresses of the host.
#[must_use]
pub fn console_on_all_addresses(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let mut edits = Vec::new();
    for console in consoles(&document)? {
        let listens = children(console, "listen")
            .filter(|listen| listen.attribute("type") == Some("address"))
            .filter_map(|listen| listen.attribute_node("address"));
        let addresses = console.attribute_node("listen").into_iter().chain(listens);
        edits.extend(addresses.map(|address| (address.range_value(), "0.0.0.0".to_owned())));
    }
    Some(edited(xml, edits))
}

fn consoles<'a, 'input: 'a>(
    document: &'a Document<'input>,
) -> Option<impl Iterator<Item = Node<'a, 'input>>> {
    Some(children(child(document.root_element(), "devices")?, "graphics"))
}

/// The text with these places replaced; they do not overlap.
fn edited(xml: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = xml.to_owned();
    for (place, new) in edits {
        text.replace_range(place, &new);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_processor_takes_the_place_of_the_old_one() {
        let cpu = "<cpu mode='custom'><model>Westmere</model></cpu>\n";
        let with = |old: &str| {
            let xml = format!("<domain><name>a</name>{old}<devices/></domain>");
            with_cpu(&xml, cpu).unwrap()
        };
        let expected = format!("<domain><name>a</name>{}<devices/></domain>", cpu.trim());
        assert_eq!(with("<cpu mode='host-model'/>"), expected);
        assert_eq!(with(""), expected);
        assert_eq!(with_cpu("<domain>", cpu), None);
    }

    #[test]
    fn consoles_take_a_free_port_and_all_addresses() {
        let fixed = "<domain><devices><graphics type='vnc' port='5901' autoport='no' listen='10.0.0.7'>\
            <listen type='address' address='10.0.0.7'/></graphics>\
            <graphics type='spice' port='5902'/><video/></devices></domain>";
        let free = console_on_free_port(fixed).unwrap();
        assert!(free.contains("port='-1' autoport='yes' listen='10.0.0.7'"), "{free}");
        assert!(free.contains("<graphics type='spice' port='-1' autoport='yes'/>"), "{free}");
        let all = console_on_all_addresses(fixed).unwrap();
        assert_eq!(all, fixed.replace("10.0.0.7", "0.0.0.0"));
        let own = "<domain><devices><graphics port='-1' autoport='yes'/></devices></domain>";
        assert_eq!(console_on_free_port(own).as_deref(), Some(own));
    }

    const GUEST: &str = "<domain><devices><disk device='disk'><source file='/a'/>\
        <target dev='vda'/></disk><disk type='file' device='cdrom'><driver name='qemu'/>\
        <source file='/iso'/><backingStore/><target dev='sda' bus='sata'/><readonly/></disk>\
        </devices></domain>";

    #[test]
    fn only_the_medium_goes() {
        assert_eq!(
            drive_without_medium(GUEST, "sda").as_deref(),
            Some(
                "<disk type='file' device='cdrom'><driver name='qemu'/>\
                 <target dev='sda' bus='sata'/><readonly/></disk>"
            )
        );
    }

    #[test]
    fn the_guest_keeps_all_else() {
        let empty = without_medium(GUEST, "sda").unwrap();
        assert_eq!(empty, GUEST.replace("<source file='/iso'/><backingStore/>", ""));
        assert_eq!(without_medium(GUEST, "vda"), None);
    }

    #[test]
    fn a_disk_is_no_drive() {
        assert_eq!(drive_without_medium(GUEST, "vda"), None);
        assert_eq!(drive_without_medium(GUEST, "sdb"), None);
        assert_eq!(drive_without_medium("<domain", "sda"), None);
    }
}
