//! What is to be copied where, and the job that comes of it: pure.

use crate::backend::{SecretWish, VolumeJob};
use crate::model::storage::{
    SecretValue, VolumeDefinition, VolumeDetails, VolumeFormat, VolumeKey,
};
use crate::model::{Bytes, HostId, SecretUuid};
use crate::storage::{Room, RoomVerdict, VolumeFault, abilities, room, suffix, volume_faults};
use crate::ui::labels;
use crate::ui::views::storage::PoolChoice;

/// What is chosen so far.
#[derive(Clone, Debug)]
pub struct CopyDraft {
    /// The original.
    pub volume: VolumeKey,
    /// What it is.
    pub details: VolumeDetails,
    /// The guests that use it, by name: then it cannot be moved.
    pub users: Vec<String>,
    /// Those of them that run and write to it, in one text: then the copy may be torn.
    pub writers: String,
    /// It may be.
    pub torn: bool,
    /// Hosts whose guests are looked at before the original is read or deleted.
    pub hosts: Vec<HostId>,
    /// Hosts that have what it builds on, by the same path, as far as is known.
    pub base_at: Vec<HostId>,
    /// Where it can go.
    pub choices: Vec<PoolChoice>,
    /// Where it is to go, by its place among them.
    pub chosen: usize,
    /// Its name there.
    pub name: String,
    /// Its format there, by its place among those that can be made.
    pub format: usize,
    /// The original is to go.
    pub delete: bool,
    /// Its passphrase, for the hosts that will have the copy; empty: none is set there.
    pub passphrase: SecretValue,
    /// What the secret that holds it will be called.
    pub secret: SecretUuid,
}

impl CopyDraft {
    /// Nothing chosen yet: the first pool that is another one, else its own under another name.
    #[must_use]
    pub fn new(
        volume: VolumeKey,
        details: VolumeDetails,
        users: Vec<String>,
        hosts: Vec<HostId>,
        choices: Vec<PoolChoice>,
        secret: SecretUuid,
    ) -> Self {
        let chosen = choices.iter().position(|choice| choice.key != volume.pool).unwrap_or(0);
        let place =
            |format: &VolumeFormat| VolumeFormat::CREATABLE.iter().position(|one| one == format);
        let format = details.format.as_ref().and_then(place).or_else(|| place(&VolumeFormat::Raw));
        let mut draft = Self {
            volume,
            details,
            users,
            writers: String::new(),
            torn: false,
            hosts,
            base_at: Vec::new(),
            choices,
            chosen,
            name: String::new(),
            format: format.unwrap_or(0),
            delete: false,
            passphrase: SecretValue(String::new()),
            secret,
        };
        draft.name = draft.free_name();
        draft
    }

    fn choice(&self) -> Option<&PoolChoice> {
        self.choices.get(self.chosen)
    }

    /// Its own name, or that with `-copy`.
    fn free_name(&self) -> String {
        let name = &self.volume.name;
        let free = |name: &str| {
            self.choice().is_none_or(|choice| !choice.taken.iter().any(|one| one == name))
        };
        let (stem, ending) = name
            .rsplit_once('.')
            .map_or((name.as_str(), String::new()), |(stem, ending)| (stem, format!(".{ending}")));
        let numbered = (2..).map(|number| format!("{stem}-copy-{number}{ending}"));
        let mut names = [name.clone(), format!("{stem}-copy{ending}")].into_iter().chain(numbered);
        names.find(|name| free(name)).unwrap_or_default()
    }

    /// Chooses a pool.
    pub fn choose_pool(&mut self, place: usize) {
        let follows = self.name == self.free_name();
        self.chosen = place;
        if follows {
            self.name = self.free_name();
        }
    }

    /// Chooses a format; the ending of the name follows.
    pub fn choose_format(&mut self, place: usize) {
        let ending =
            |place: usize| VolumeFormat::CREATABLE.get(place).map_or("", |one| suffix(one));
        if let Some(stem) = self.name.strip_suffix(ending(self.format)) {
            self.name = format!("{stem}{}", ending(place));
        }
        self.format = place;
    }

    /// Whether it is encrypted: so is a copy of its bytes, by the same passphrase.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.details.encryption.is_some()
    }

    /// Its passphrase, to be set on each host that will have the copy.
    fn secret(&self) -> Option<(SecretWish, Vec<HostId>)> {
        let choice =
            self.choice().filter(|_| self.is_encrypted() && !self.passphrase.0.is_empty())?;
        let value = self.passphrase.clone();
        let wish = SecretWish::of_volume(self.secret, &choice.pool, self.name.trim(), value);
        Some((wish, choice.shared_with.clone()))
    }

    /// Whether the host itself copies: within one host, where nothing is deleted; nothing encrypted, for
    /// that it would write down readable.
    #[must_use]
    pub fn clones(&self) -> bool {
        let same_host =
            self.choice().is_some_and(|choice| choice.key.host == self.volume.pool.host);
        let can = self.choice().is_some_and(|choice| abilities(choice.pool.kind()).clone);
        same_host && can && !self.moves() && !self.is_encrypted()
    }

    /// Whether the original goes: not while guests use it, and not when its copy may be of no use.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.delete && self.users.is_empty() && !self.lacks_base()
    }

    /// What a copy of its bytes builds on, as the original does. (A clone holds all of it itself.)
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        let base = self.details.backing.as_ref().filter(|_| !self.clones());
        base.map(|base| base.path.as_str())
    }

    /// Whether it builds on something that is not known at its destination.
    #[must_use]
    pub fn lacks_base(&self) -> bool {
        let own = self.volume.pool.host;
        self.details.backing.is_some()
            && self.choice().is_some_and(|choice| {
                choice.key.host != own && !self.base_at.contains(&choice.key.host)
            })
    }

    /// Whether it is to be asked first if the copy may be torn.
    #[must_use]
    pub fn asks(&self) -> bool {
        !self.writers.is_empty() && !self.torn
    }

    /// Whether another format can be chosen: where the host copies files by itself.
    #[must_use]
    pub fn takes_format(&self) -> bool {
        self.clones() && self.choice().is_some_and(|choice| abilities(choice.pool.kind()).files)
    }

    /// The formats that can be chosen, by their places.
    #[must_use]
    pub fn formats(&self) -> Vec<usize> {
        (0..VolumeFormat::CREATABLE.len()).collect()
    }

    fn definition(&self) -> Option<VolumeDefinition> {
        let files = abilities(self.choice()?.pool.kind()).files;
        let own = self.details.format.clone().unwrap_or(VolumeFormat::Raw);
        let format = match (files, self.takes_format()) {
            (false, _) => VolumeFormat::Raw,
            (true, true) => VolumeFormat::CREATABLE.get(self.format)?.clone(),
            (true, false) => own,
        };
        let mut definition = VolumeDefinition::new(self.name.trim(), format, self.details.capacity);
        // Without this libvirt makes a full copy of a sparse file.
        if files && self.details.allocation < self.details.capacity {
            definition.allocation = Some(Bytes(0));
        }
        Some(definition)
    }

    /// What it takes of its new pool.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        let (pool, mut definition) = (&self.choice()?.pool, self.definition()?);
        if !self.clones() && abilities(pool.kind()).files {
            // The bytes of an image are there at once, however it grows.
            definition.format = VolumeFormat::Raw;
            definition.allocation = Some(self.details.allocation.min(definition.capacity));
        }
        Some(room(pool, &definition))
    }

    /// What is wrong with the name. (That a format can be read but not made is no fault of a copy.)
    #[must_use]
    pub fn fault(&self) -> Option<VolumeFault> {
        let choice = self.choice()?;
        let taken = |name: &str| choice.taken.iter().any(|one| one == name);
        let faults = volume_faults(&self.definition()?, choice.pool.kind(), taken);
        faults.into_iter().find(|fault| !matches!(fault, VolumeFault::NotCreatable(_)))
    }

    /// The job, if nothing is wrong.
    #[must_use]
    pub fn job(&self) -> Option<VolumeJob> {
        let fits = self.room()?.verdict != RoomVerdict::Refused;
        if self.fault().is_some() || !fits {
            return None;
        }
        let (volume, pool) = (self.volume.clone(), self.choice()?.key);
        let unless_written = (!self.torn).then(|| self.hosts.clone());
        Some(if self.clones() {
            VolumeJob::Clone { volume, pool, definition: self.definition()?, unless_written }
        } else {
            let (name, moves) = (self.name.trim().to_owned(), self.moves());
            let and_delete = moves.then(|| self.hosts.clone());
            let secret = self.secret();
            VolumeJob::Copy { volume, pool, name, and_delete, secret, unless_written }
        })
    }
}

/// The name of a format by its place.
pub(super) fn format_name(place: usize) -> String {
    VolumeFormat::CREATABLE.get(place).map(labels::storage::format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolUuid;
    use crate::model::storage::{
        Backing, Pool, PoolDefinition, PoolKey, PoolSource, SecretUsage, VolumeKind,
    };

    fn key(host: u32, number: u8) -> PoolKey {
        PoolKey { host: HostId(host), uuid: PoolUuid([number; 16]) }
    }

    fn choice(key: PoolKey, taken: &[&str]) -> PoolChoice {
        let pool = Pool {
            capacity: Bytes(100 << 30),
            available: Bytes(100 << 30),
            ..Pool::running(key, PoolDefinition::new("p", PoolSource::Dir, "/p"))
        };
        let taken = taken.iter().map(|&name| name.to_owned()).collect();
        PoolChoice { key, host: "a".into(), pool, taken, shared_with: vec![key.host, HostId(9)] }
    }

    fn draft(users: &[&str]) -> CopyDraft {
        let details = VolumeDetails {
            kind: VolumeKind::File,
            path: "/p/web.qcow2".into(),
            capacity: Bytes(20 << 30),
            allocation: Bytes(1 << 30),
            format: Some(VolumeFormat::Qcow2),
            backing: None,
            encryption: None,
            permissions: Default::default(),
        };
        let volume = VolumeKey { pool: key(1, 1), name: "web.qcow2".into() };
        let choices =
            vec![choice(key(1, 1), &["web.qcow2"]), choice(key(1, 2), &[]), choice(key(2, 1), &[])];
        let users = users.iter().map(|&name| name.to_owned()).collect();
        CopyDraft::new(volume, details, users, vec![HostId(1)], choices, SecretUuid([3; 16]))
    }

    #[test]
    fn within_one_host_the_host_copies_also_in_another_format() {
        let mut draft = draft(&[]);
        assert_eq!((draft.chosen, draft.name.as_str()), (1, "web.qcow2"));
        let raw = VolumeFormat::CREATABLE.iter().position(|one| *one == VolumeFormat::Raw);
        draft.choose_format(raw.unwrap());
        let Some(VolumeJob::Clone { pool, definition, .. }) = draft.job() else {
            panic!("a clone");
        };
        assert_eq!((pool, definition.name.as_str()), (key(1, 2), "web.img"));
        assert_eq!((definition.format, definition.allocation), (VolumeFormat::Raw, Some(Bytes(0))));
    }

    #[test]
    fn what_builds_on_another_image_goes_only_where_that_is() {
        let mut draft = draft(&[]);
        let path = "/p/base".to_owned();
        draft.details.backing = Some(Backing { path, format: None });
        assert_eq!((draft.base(), draft.lacks_base()), (None, false), "a clone is whole");
        draft.delete = true;
        assert_eq!((draft.base(), draft.moves()), (Some("/p/base"), true), "it is the same host");
        draft.choose_pool(2);
        assert_eq!((draft.base(), draft.lacks_base()), (Some("/p/base"), true));
        assert!(matches!(draft.job(), Some(VolumeJob::Copy { and_delete: None, .. })));
        draft.base_at = vec![HostId(2)];
        assert!(matches!(draft.job(), Some(VolumeJob::Copy { and_delete: Some(_), .. })));
    }

    #[test]
    fn a_copy_of_bytes_takes_what_the_image_takes() {
        let mut draft = draft(&[]);
        assert_eq!(draft.room().map(|room| room.now), Some(Bytes(0)), "QEMU writes what there is");
        draft.choose_pool(2);
        let room = draft.room().unwrap();
        assert_eq!((room.now, room.verdict), (Bytes(1 << 30), RoomVerdict::Grows));
        draft.choices[2].pool.available = Bytes(1 << 29);
        assert!(draft.job().is_none());
    }

    #[test]
    fn what_is_encrypted_stays_so() {
        let mut draft = draft(&[]);
        draft.details.encryption = Some("luks".into());
        for place in 0..3 {
            draft.choose_pool(place);
            assert!(!draft.takes_format());
            assert!(matches!(draft.job(), Some(VolumeJob::Copy { secret: None, .. })), "{place}");
        }
        draft.passphrase = SecretValue("sesame".into());
        let Some(VolumeJob::Copy { secret: Some((secret, hosts)), .. }) = draft.job() else {
            panic!("with its passphrase");
        };
        assert_eq!(hosts, [HostId(2), HostId(9)]);
        let usage = SecretUsage::Volume("/p/web.qcow2".into());
        assert_eq!((secret.definition.usage, secret.value.0.as_str()), (usage, "sesame"));
    }

    #[test]
    fn to_another_host_it_goes_through_this_computer() {
        let mut draft = draft(&[]);
        draft.choose_pool(2);
        assert!(!draft.takes_format());
        draft.delete = true;
        let Some(VolumeJob::Copy { pool, name, and_delete, .. }) = draft.job() else {
            panic!("a copy");
        };
        assert_eq!((pool, name.as_str()), (key(2, 1), "web.qcow2"));
        assert_eq!(and_delete, Some(vec![HostId(1)]));
    }

    #[test]
    fn what_guests_use_is_copied_and_never_moved() {
        let mut draft = draft(&["web"]);
        draft.delete = true;
        draft.choose_pool(2);
        assert!(matches!(draft.job(), Some(VolumeJob::Copy { and_delete: None, .. })));
    }

    #[test]
    fn what_guests_write_to_is_copied_only_when_it_may_be_torn() {
        let hosts = |draft: &CopyDraft| match draft.job() {
            Some(VolumeJob::Copy { unless_written, .. }) => unless_written,
            Some(VolumeJob::Clone { unless_written, .. }) => unless_written,
            other => panic!("{other:?}"),
        };
        let mut draft = draft(&["web"]);
        assert!(!draft.asks(), "web is shut off; should it be started, the job is refused");
        assert_eq!(hosts(&draft), Some(vec![HostId(1)]));
        draft.writers = "web".into();
        assert!(draft.asks());
        draft.torn = true;
        for pool in [1, 2] {
            draft.choose_pool(pool);
            assert_eq!((draft.asks(), hosts(&draft)), (false, None));
        }
    }

    #[test]
    fn in_its_own_pool_it_gets_another_name() {
        let mut draft = draft(&[]);
        draft.choose_pool(0);
        assert_eq!(draft.name, "web-copy.qcow2");
        draft.name = "web.qcow2".into();
        assert_eq!(draft.fault(), Some(VolumeFault::NameTaken));
        assert!(draft.job().is_none());
    }
}
