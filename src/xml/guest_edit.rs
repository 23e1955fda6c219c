//! Changes to a guest's XML: cut out of the text as it stands, never written anew from our own
//! structures.

use roxmltree::Document;

use super::tree::{child, children};

/// The drive of this name as it stands in the text, without its medium; `None` where there is no
/// such drive.
#[must_use]
pub fn drive_without_medium(xml: &str, target: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let devices = child(document.root_element(), "devices")?;
    let drive = children(devices, "disk").find(|disk| {
        matches!(disk.attribute("device"), Some("cdrom" | "floppy"))
            && child(*disk, "target").and_then(|node| node.attribute("dev")) == Some(target)
    })?;
    let mut text = String::new();
    let mut at = drive.range().start;
    for medium in drive
        .children()
        .filter(|node| node.has_tag_name("source") || node.has_tag_name("backingStore"))
    {
        text.push_str(xml.get(at..medium.range().start)?);
        at = medium.range().end;
    }
    text.push_str(xml.get(at..drive.range().end)?);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_disk_is_no_drive() {
        assert_eq!(drive_without_medium(GUEST, "vda"), None);
        assert_eq!(drive_without_medium(GUEST, "sdb"), None);
        assert_eq!(drive_without_medium("<domain", "sda"), None);
    }
}
