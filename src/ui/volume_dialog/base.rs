//! The image on which a new volume builds: pure.

use crate::model::Bytes;
use crate::model::storage::{Volume, VolumeFormat, VolumeKind};

/// A volume of the pool on which another can build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Its name.
    pub name: String,
    /// Its path at the host.
    pub path: String,
    /// How QEMU reads it; `None` where volumes have no format.
    pub format: Option<VolumeFormat>,
    /// Its size as a guest sees it.
    pub capacity: Bytes,
    /// The guests that use it: it must not change any more.
    pub users: Vec<String>,
}

/// On what a new volume builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Below {
    /// On nothing.
    #[default]
    Nothing,
    /// On a volume of the pool, by its place among them.
    Volume(usize),
    /// On a file whose path is typed.
    File,
}

impl Base {
    /// A volume, unless nothing can build on it: what is not read yet, directories, and what is encrypted, for libvirt
    /// cannot give its secret.
    #[must_use]
    pub fn of(volume: &Volume, mut users: Vec<String>) -> Option<Self> {
        users.sort();
        // One that is away has two hosts.
        users.dedup();
        let details = volume.details.as_deref().filter(|details| details.encryption.is_none())?;
        matches!(details.kind, VolumeKind::File | VolumeKind::Block).then(|| Self {
            name: volume.name.clone(),
            path: details.path.clone(),
            format: details.format.as_ref().map(as_read),
            capacity: details.capacity,
            users,
        })
    }

    /// Whether a volume of this format can build on it: VMware's builds on its own alone.
    #[must_use]
    pub fn carries(&self, format: &VolumeFormat) -> bool {
        *format != VolumeFormat::Vmdk || self.format == Some(VolumeFormat::Vmdk)
    }
}

/// A CD image is, for QEMU, its bytes.
fn as_read(format: &VolumeFormat) -> VolumeFormat {
    match format {
        VolumeFormat::Iso => VolumeFormat::Raw,
        other => other.clone(),
    }
}

/// The format of a file of which nothing is known but its name.
#[must_use]
pub fn guess(path: &str) -> VolumeFormat {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        "vhd" => VolumeFormat::Vpc,
        ending => VolumeFormat::CREATABLE
            .into_iter()
            .find(|format| format.word() == ending)
            .unwrap_or(VolumeFormat::Raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::VolumeDetails;

    fn volume(kind: VolumeKind, format: Option<VolumeFormat>, encrypted: bool) -> Volume {
        let details = VolumeDetails {
            kind,
            path: "/p/v".into(),
            capacity: Bytes(9),
            allocation: Bytes(1),
            format,
            backing: None,
            encryption: encrypted.then(|| "luks".to_owned()),
            permissions: Default::default(),
        };
        Volume { name: "v".into(), details: Some(Box::new(details)) }
    }

    #[test]
    fn what_can_be_built_upon() {
        let base = |kind, format, encrypted| {
            Base::of(&volume(kind, format, encrypted), Vec::new()).map(|base| base.format)
        };
        let qcow2 = || Some(VolumeFormat::Qcow2);
        assert_eq!(base(VolumeKind::File, qcow2(), false), Some(qcow2()));
        let iso = Some(VolumeFormat::Iso);
        assert_eq!(base(VolumeKind::File, iso, false), Some(Some(VolumeFormat::Raw)));
        assert_eq!(base(VolumeKind::Block, None, false), Some(None));
        assert_eq!(base(VolumeKind::File, qcow2(), true), None);
        assert_eq!(base(VolumeKind::Directory, Some(VolumeFormat::Dir), false), None);
        let unread = Volume { name: "v".into(), details: None };
        assert_eq!(Base::of(&unread, Vec::new()), None);
    }

    #[test]
    fn a_name_tells_what_a_file_may_be() {
        for (path, expected) in [
            ("/srv/debian-12.qcow2", VolumeFormat::Qcow2),
            ("/srv/A.VMDK", VolumeFormat::Vmdk),
            ("/srv/a.vhd", VolumeFormat::Vpc),
            ("/srv/a.img", VolumeFormat::Raw),
            ("/dev/sdb", VolumeFormat::Raw),
            ("", VolumeFormat::Raw),
        ] {
            assert_eq!(guess(path), expected, "{path}");
        }
    }
}
