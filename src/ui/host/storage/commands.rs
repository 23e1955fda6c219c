//! What can be done in the storage tab, and when.

use crate::model::storage::{PoolKind, PoolState};
use crate::storage::{Building, Contents, Difference, SharingBadge, abilities, provable};
use crate::ui::views::storage::{PoolView, VolumeView};

/// Something to do in the tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Set up a pool.
    AddPool,
    /// For the chosen pool.
    Pool(PoolCommand),
    /// For the selected volumes.
    Volume(VolumeCommand),
}

/// Something to do to the chosen pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolCommand {
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Start it with the host, or not.
    Autostart,
    /// Look for volumes again.
    Refresh,
    /// Make the directory, file system, label or volume group it needs.
    Build,
    /// Format its device, whatever is on it.
    Overwrite,
    /// Forget it.
    Delete,
    /// Delete what it is made of.
    DeleteContents,
    /// Show its XML.
    Xml,
    /// Find out whether it is shared.
    Prove,
    /// Make a volume in it.
    NewVolume,
    /// Make a volume of a file.
    Upload,
}

/// Something to do to the selected volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VolumeCommand {
    /// Another size.
    Resize,
    /// Another name.
    Rename,
    /// Copy or move it.
    Copy,
    /// Write it into a file.
    Download,
    /// Overwrite it.
    Wipe,
    /// Delete them.
    Delete,
    /// Put their paths on the clipboard.
    CopyPath,
}

/// All of them, with the names of their actions, which are interface: menus, keys, AT-SPI.
pub(super) const ENTRIES: [(&str, Command); 20] = [
    ("add-pool", Command::AddPool),
    ("start", Command::Pool(PoolCommand::Start)),
    ("stop", Command::Pool(PoolCommand::Stop)),
    ("autostart", Command::Pool(PoolCommand::Autostart)),
    ("refresh", Command::Pool(PoolCommand::Refresh)),
    ("build", Command::Pool(PoolCommand::Build)),
    ("overwrite", Command::Pool(PoolCommand::Overwrite)),
    ("delete-pool", Command::Pool(PoolCommand::Delete)),
    ("delete-contents", Command::Pool(PoolCommand::DeleteContents)),
    ("xml", Command::Pool(PoolCommand::Xml)),
    ("prove", Command::Pool(PoolCommand::Prove)),
    ("new-volume", Command::Pool(PoolCommand::NewVolume)),
    ("upload", Command::Pool(PoolCommand::Upload)),
    ("resize", Command::Volume(VolumeCommand::Resize)),
    ("rename", Command::Volume(VolumeCommand::Rename)),
    ("copy", Command::Volume(VolumeCommand::Copy)),
    ("download", Command::Volume(VolumeCommand::Download)),
    ("wipe", Command::Volume(VolumeCommand::Wipe)),
    ("delete", Command::Volume(VolumeCommand::Delete)),
    ("copy-path", Command::Volume(VolumeCommand::CopyPath)),
];

/// Whether a command makes sense now.
#[must_use]
pub(super) fn enabled(
    command: Command,
    listed: bool,
    pool: Option<&PoolView>,
    volumes: &[VolumeView],
) -> bool {
    match (command, pool) {
        (Command::AddPool, _) => listed,
        (Command::Pool(command), Some(pool)) => pool_enabled(command, pool),
        (Command::Volume(command), Some(pool)) => volume_enabled(command, pool, volumes),
        (Command::Pool(_) | Command::Volume(_), None) => false,
    }
}

fn pool_enabled(command: PoolCommand, view: &PoolView) -> bool {
    let pool = &view.pool;
    let (can, active) = (abilities(pool.kind()), pool.state.is_active());
    let stopped = pool.state == PoolState::Inactive;
    match command {
        PoolCommand::Start => stopped,
        PoolCommand::Stop => !stopped && pool.state != PoolState::Building,
        PoolCommand::Autostart | PoolCommand::Xml => pool.persistent,
        PoolCommand::Refresh => active,
        PoolCommand::Build => stopped && can.building != Building::None,
        PoolCommand::Overwrite => stopped && can.building == Building::Format,
        PoolCommand::Delete => stopped && pool.persistent,
        PoolCommand::DeleteContents => stopped && pool.persistent && can.contents != Contents::Stay,
        PoolCommand::Prove => active && !provable_with(view).is_empty(),
        PoolCommand::NewVolume => active && can.create,
        PoolCommand::Upload => active && can.create && can.transfer,
    }
}

fn volume_enabled(command: VolumeCommand, view: &PoolView, volumes: &[VolumeView]) -> bool {
    let can = abilities(view.pool.kind());
    let single = volumes.len() == 1;
    let read = volumes.iter().all(|view| view.volume.details.is_some()) && !volumes.is_empty();
    if !view.pool.state.is_active() {
        return false;
    }
    match command {
        VolumeCommand::Resize => single && read && can.resize,
        // Partitions are called as the kernel calls them, whatever they are to be called.
        VolumeCommand::Rename => {
            let named = view.pool.kind() != PoolKind::Disk;
            single && read && named && can.transfer && can.create && can.delete
        }
        VolumeCommand::Copy => single && read && (can.transfer || can.clone),
        VolumeCommand::Download => single && read && can.transfer,
        VolumeCommand::Wipe => read && can.wipe,
        VolumeCommand::Delete => !volumes.is_empty() && can.delete,
        VolumeCommand::CopyPath => read,
    }
}

/// The pools of other hosts with which a proof is worth trying: those that are active and not proved.
#[must_use]
pub fn provable_with(view: &PoolView) -> Vec<crate::model::storage::PoolKey> {
    if !provable(&view.pool.definition.source) {
        return Vec::new();
    }
    let open = view.elsewhere.iter().map(|there| &there.sharing).filter(|sharing| {
        let possible = match sharing.badge {
            SharingBadge::SameNameOnly | SharingBadge::SameSource => true,
            SharingBadge::Proved | SharingBadge::Missing => false,
        };
        possible && !sharing.differences.contains(&Difference::Inactive)
    });
    open.filter_map(|sharing| sharing.pool).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::storage::{
        Pool, PoolDefinition, PoolKey, PoolSource, Volume, VolumeDetails, VolumeFormat, VolumeKind,
    };
    use crate::model::{Bytes, HostId, PoolUuid};
    use crate::storage::Sharing;
    use crate::ui::views::storage::Elsewhere;

    fn pool(source: PoolSource, state: PoolState) -> PoolView {
        let pool = Pool {
            state,
            ..Pool::running(
                PoolKey { host: HostId(1), uuid: PoolUuid([1; 16]) },
                PoolDefinition::new("p", source, "/p"),
            )
        };
        PoolView { pool, elsewhere: Vec::new(), users_unread: Vec::new(), last: Default::default() }
    }

    fn volume(read: bool) -> VolumeView {
        let details = VolumeDetails {
            kind: VolumeKind::File,
            path: "/p/v".into(),
            capacity: Bytes(1),
            allocation: Bytes(1),
            format: Some(VolumeFormat::Raw),
            backing: None,
            encryption: None,
            permissions: Default::default(),
        };
        let details = read.then(|| Box::new(details));
        VolumeView { volume: Volume { name: "v".into(), details }, users: Vec::new() }
    }

    #[test]
    fn a_stopped_pool_is_started_or_deleted_and_nothing_else() {
        let stopped = pool(PoolSource::Dir, PoolState::Inactive);
        let can: Vec<&str> = ENTRIES
            .iter()
            .filter(|(_, command)| enabled(*command, true, Some(&stopped), &[volume(true)]))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(
            can,
            ["add-pool", "start", "autostart", "build", "delete-pool", "delete-contents", "xml"]
        );
        let stopped = pool(PoolSource::Mpath, PoolState::Inactive);
        let contents = Command::Pool(PoolCommand::DeleteContents);
        assert!(!enabled(contents, true, Some(&stopped), &[]), "libvirt has no such call");
    }

    #[test]
    fn each_kind_offers_what_it_can_do() {
        let can = |source, volumes: &[VolumeView], command| {
            let view = pool(source, PoolState::Running);
            enabled(Command::Volume(command), true, Some(&view), volumes)
        };
        let one = [volume(true)];
        assert!(can(PoolSource::Dir, &one, VolumeCommand::Resize));
        let disk = PoolSource::Disk {
            device: "/dev/sdb".into(),
            label: Default::default(),
            part_separator: None,
        };
        assert!(!can(disk.clone(), &one, VolumeCommand::Resize));
        assert!(can(disk.clone(), &one, VolumeCommand::Copy));
        assert!(!can(disk, &one, VolumeCommand::Rename), "libvirt chooses a partition's name");
        assert!(!can(PoolSource::Mpath, &one, VolumeCommand::Delete));
        let two = [volume(true), volume(true)];
        assert!(!can(PoolSource::Dir, &two, VolumeCommand::Rename));
        assert!(can(PoolSource::Dir, &two, VolumeCommand::Delete));
        let unread = [volume(false)];
        assert!(can(PoolSource::Dir, &unread, VolumeCommand::Delete));
        assert!(!can(PoolSource::Dir, &unread, VolumeCommand::CopyPath));
    }

    #[test]
    fn a_proof_is_offered_while_it_is_open() {
        let mut view = pool(PoolSource::Dir, PoolState::Running);
        let key = PoolKey { host: HostId(2), uuid: PoolUuid([1; 16]) };
        let mut sharing = Sharing {
            host: HostId(2),
            badge: SharingBadge::SameNameOnly,
            pool: Some(key),
            differences: Vec::new(),
        };
        let prove =
            |view: &PoolView| enabled(Command::Pool(PoolCommand::Prove), true, Some(view), &[]);
        assert!(!prove(&view), "no other host");
        view.elsewhere = vec![Elsewhere { name: "b".into(), sharing: sharing.clone() }];
        assert!(prove(&view) && provable_with(&view) == [key]);
        sharing.badge = SharingBadge::Proved;
        view.elsewhere = vec![Elsewhere { name: "b".into(), sharing }];
        assert!(!prove(&view));
    }
}
