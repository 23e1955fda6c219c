//! One choice of the user, and what becomes of the others when it is made.
//!
//! Some choices rank above others: how much of the guest moves, then who carries it, then whether
//! over parallel connections. A choice below that does not go with one above is dropped by
//! [`MigrationOptions::settle`] and cannot be made meanwhile ([`MigrationOptions::ruled_out`]), so
//! no contradiction ever reaches libvirt.

use super::{
    Compression, Conflict, Coverage, DiskCopy, MigrationOptions, Policy, Residence, Transport,
};

/// Longest pause QEMU takes, ms (`MAX_MIGRATE_DOWNTIME_SECONDS` in QEMU's `migration/options.c`).
pub const MAX_DOWNTIME_MS: u64 = 2_000_000;
/// Most parallel connections QEMU takes (`multifd-channels`).
pub const MAX_PARALLEL: u32 = 255;

/// One choice, as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// How much of the guest moves.
    Coverage(Coverage),
    /// Whether the definition moves too.
    Residence(Residence),
    /// Who carries the memory.
    Transport(Transport),
    /// Whether disks are copied.
    Disks(DiskCopy),
    /// Longest pause, ms.
    MaxDowntime(Option<u64>),
    /// Limit in MiB/s.
    Bandwidth(Option<u64>),
    /// Allow post-copy.
    Postcopy(bool),
    /// Limit in MiB/s after the switch to post-copy.
    PostcopyBandwidth(Option<u64>),
    /// Slow the guest down when it does not converge.
    AutoConverge(bool),
    /// What is done by itself when it does not finish.
    Policy(Policy),
    /// Compress.
    Compression(Compression),
    /// Parallel connections.
    Parallel(Option<u32>),
    /// Move even where libvirt sees no shared storage.
    AllowUnsafe(bool),
    /// Encrypt the memory stream.
    Tls(bool),
    /// Stop at an I/O error.
    AbortOnError(bool),
    /// Another name there.
    NewName(Option<String>),
    /// The destination's libvirt as the source reaches it.
    DestinationUri(Option<String>),
    /// Address of the memory stream.
    MigrateUri(Option<String>),
    /// Address the destination listens on.
    ListenAddress(Option<String>),
    /// The XML there.
    DestinationXml(Option<String>),
}

impl Wish {
    /// Writes the choice into the options, whatever else is chosen.
    pub fn apply(self, options: &mut MigrationOptions) {
        match self {
            Self::Coverage(value) => options.coverage = value,
            Self::Residence(value) => options.residence = value,
            Self::Transport(value) => options.transport = value,
            Self::Disks(value) => options.disks = value,
            Self::MaxDowntime(value) => options.max_downtime_ms = value,
            Self::Bandwidth(value) => options.bandwidth_mibps = value,
            Self::Postcopy(value) => options.postcopy = value,
            Self::PostcopyBandwidth(value) => options.postcopy_bandwidth_mibps = value,
            Self::AutoConverge(value) => options.auto_converge = value,
            Self::Policy(value) => options.policy = value,
            Self::Compression(value) => options.compression = value,
            Self::Parallel(value) => options.parallel = value,
            Self::AllowUnsafe(value) => options.allow_unsafe = value,
            Self::Tls(value) => options.tls = value,
            Self::AbortOnError(value) => options.abort_on_error = value,
            Self::NewName(value) => options.new_name = value,
            Self::DestinationUri(value) => options.destination_uri = value,
            Self::MigrateUri(value) => options.migrate_uri = value,
            Self::ListenAddress(value) => options.listen_address = value,
            Self::DestinationXml(value) => options.destination_xml = value,
        }
    }
}

impl MigrationOptions {
    /// What of the present choices cannot be together; empty when libvirt would take them.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        self.clone().settle()
    }

    /// Why a choice cannot be made beside those of higher rank; `None` when it can.
    #[must_use]
    pub fn ruled_out(&self, wish: &Wish) -> Option<Conflict> {
        let mut with = self.settled();
        wish.clone().apply(&mut with);
        let conflicts = with.settle();
        let mut kept = with.clone();
        wish.clone().apply(&mut kept);
        if kept == with { None } else { conflicts.into_iter().next() }
    }

    /// The choices as they can be carried out.
    #[must_use]
    pub fn settled(&self) -> Self {
        let mut settled = self.clone();
        settled.settle();
        settled
    }

    /// Drops what does not go with a choice of higher rank, and says what and why.
    pub fn settle(&mut self) -> Vec<Conflict> {
        let mut found = Vec::new();
        self.settle_amounts(&mut found);
        if self.coverage != Coverage::Live {
            drop_if(&mut self.policy, Conflict::PolicyNotLive, &mut found);
        }
        if self.policy == Policy::Postcopy && !self.postcopy {
            self.postcopy = true;
            found.push(Conflict::PolicyNeedsPostcopy);
        }
        if self.coverage == Coverage::Definition {
            self.settle_definition(&mut found);
        }
        if self.coverage != Coverage::Live {
            drop_if(&mut self.postcopy, Conflict::PostcopyNotLive, &mut found);
            drop_if(&mut self.auto_converge, Conflict::AutoConvergeNotLive, &mut found);
            drop_if(&mut self.max_downtime_ms, Conflict::DowntimeNotLive, &mut found);
        }
        match self.transport {
            Transport::Tunnelled => self.settle_tunnelled(&mut found),
            Transport::Direct => {
                drop_if(&mut self.destination_uri, Conflict::DestinationUriDirect, &mut found);
            }
            Transport::PeerToPeer => {}
        }
        self.settle_parallel(&mut found);
        if self.policy == Policy::Postcopy && !self.postcopy {
            drop_if(&mut self.policy, Conflict::PolicyNeedsPostcopy, &mut found);
        }
        if !self.postcopy {
            let limit = &mut self.postcopy_bandwidth_mibps;
            drop_if(limit, Conflict::PostcopyLimitAlone, &mut found);
        }
        found
    }

    fn settle_amounts(&mut self, found: &mut Vec<Conflict>) {
        match self.max_downtime_ms {
            Some(0) => drop_if(&mut self.max_downtime_ms, Conflict::ZeroDowntime, found),
            Some(ms) if ms > MAX_DOWNTIME_MS => {
                drop_if(&mut self.max_downtime_ms, Conflict::DowntimeTooLong, found);
            }
            _ => {}
        }
        if self.bandwidth_mibps == Some(0) {
            drop_if(&mut self.bandwidth_mibps, Conflict::ZeroBandwidth, found);
        }
        if self.postcopy_bandwidth_mibps == Some(0) {
            drop_if(&mut self.postcopy_bandwidth_mibps, Conflict::ZeroBandwidth, found);
        }
        if self.parallel.is_some_and(|count| !(1..=MAX_PARALLEL).contains(&count)) {
            drop_if(&mut self.parallel, Conflict::ParallelOutOfRange, found);
        }
    }

    fn settle_definition(&mut self, found: &mut Vec<Conflict>) {
        if self.transport == Transport::Tunnelled {
            drop_if(&mut self.transport, Conflict::DefinitionTunnelled, found);
        }
        if self.residence == Residence::UntilShutDown {
            self.residence = Residence::Permanent;
            found.push(Conflict::DefinitionTemporary);
        }
        drop_if(&mut self.disks, Conflict::DefinitionWithDisks, found);
        drop_if(&mut self.bandwidth_mibps, Conflict::NothingToSend, found);
        drop_if(&mut self.compression, Conflict::NothingToSend, found);
        drop_if(&mut self.parallel, Conflict::NothingToSend, found);
        drop_if(&mut self.tls, Conflict::NothingToSend, found);
        drop_if(&mut self.abort_on_error, Conflict::NothingToSend, found);
        drop_if(&mut self.migrate_uri, Conflict::NothingToSend, found);
        drop_if(&mut self.listen_address, Conflict::NothingToSend, found);
        found.dedup();
    }

    fn settle_tunnelled(&mut self, found: &mut Vec<Conflict>) {
        drop_if(&mut self.parallel, Conflict::TunnelledParallel, found);
        drop_if(&mut self.disks, Conflict::TunnelledDisks, found);
        drop_if(&mut self.tls, Conflict::TunnelledTls, found);
        drop_if(&mut self.postcopy, Conflict::PostcopyTunnelled, found);
        drop_if(&mut self.migrate_uri, Conflict::TunnelledAddress, found);
        drop_if(&mut self.listen_address, Conflict::TunnelledAddress, found);
        found.dedup();
    }

    fn settle_parallel(&mut self, found: &mut Vec<Conflict>) {
        match (self.parallel, self.compression) {
            (Some(_), Compression::Xbzrle) => {
                drop_if(&mut self.compression, Conflict::XbzrleParallel, found);
            }
            (None, Compression::Zlib | Compression::Zstd) => {
                drop_if(&mut self.compression, Conflict::CompressionNeedsParallel, found);
            }
            _ => {}
        }
        if self.parallel.is_some() {
            drop_if(&mut self.postcopy, Conflict::PostcopyParallel, found);
        }
    }
}

/// Takes a choice back to its default and notes why, when it was made at all.
fn drop_if<T: Default + PartialEq>(choice: &mut T, why: Conflict, found: &mut Vec<Conflict>) {
    if *choice != T::default() {
        *choice = T::default();
        found.push(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COVERAGES: [Coverage; 3] = [Coverage::Live, Coverage::Stopped, Coverage::Definition];
    const TRANSPORTS: [Transport; 3] =
        [Transport::PeerToPeer, Transport::Direct, Transport::Tunnelled];
    const COMPRESSIONS: [Compression; 4] =
        [Compression::None, Compression::Xbzrle, Compression::Zlib, Compression::Zstd];
    const DISKS: [DiskCopy; 3] = [DiskCopy::None, DiskCopy::Full, DiskCopy::Incremental];

    fn address() -> Option<String> {
        Some("tcp://10.0.0.2".into())
    }

    /// Every choice the dialog has that takes part in an exclusion.
    fn wishes() -> Vec<Wish> {
        let mut wishes: Vec<Wish> = Vec::new();
        wishes.extend(COVERAGES.map(Wish::Coverage));
        wishes.extend([Residence::UntilShutDown, Residence::Permanent].map(Wish::Residence));
        wishes.extend(TRANSPORTS.map(Wish::Transport));
        wishes.extend(DISKS.map(Wish::Disks));
        wishes.extend(COMPRESSIONS.map(Wish::Compression));
        wishes.extend([None, Some(2)].map(Wish::Parallel));
        wishes.extend(Policy::ALL.map(Wish::Policy));
        for on in [false, true] {
            wishes.extend([
                Wish::Postcopy(on),
                Wish::AutoConverge(on),
                Wish::Tls(on),
                Wish::AbortOnError(on),
            ]);
        }
        wishes.extend([None, address()].map(Wish::MigrateUri));
        wishes.extend([None, address()].map(Wish::DestinationUri));
        wishes.extend([None, Some(300)].map(Wish::MaxDowntime));
        wishes.extend([None, Some(50)].map(Wish::PostcopyBandwidth));
        wishes
    }

    fn all_options() -> Vec<MigrationOptions> {
        let mut all = vec![MigrationOptions::default()];
        let groups: Vec<Vec<Wish>> = vec![
            COVERAGES.map(Wish::Coverage).into(),
            TRANSPORTS.map(Wish::Transport).into(),
            DISKS.map(Wish::Disks).into(),
            COMPRESSIONS.map(Wish::Compression).into(),
            [None, Some(2)].map(Wish::Parallel).into(),
            [false, true].map(Wish::Postcopy).into(),
            [false, true].map(Wish::AutoConverge).into(),
            [Policy::None, Policy::Postcopy].map(Wish::Policy).into(),
            [false, true].map(Wish::Tls).into(),
            [None, address()].map(Wish::MigrateUri).into(),
            [Residence::UntilShutDown, Residence::Permanent].map(Wish::Residence).into(),
        ];
        for group in groups {
            all = all
                .iter()
                .flat_map(|options| {
                    group.iter().map(|wish| {
                        let mut with = options.clone();
                        wish.clone().apply(&mut with);
                        with
                    })
                })
                .collect();
        }
        all
    }

    #[test]
    fn a_limit_after_post_copy_needs_post_copy() {
        let limit = Wish::PostcopyBandwidth(Some(50));
        let mut options = MigrationOptions::default();
        assert_eq!(options.ruled_out(&limit), Some(Conflict::PostcopyLimitAlone));
        options.postcopy = true;
        assert_eq!(options.ruled_out(&limit), None);
        limit.apply(&mut options);
        assert!(options.conflicts().is_empty());
        options.postcopy = false;
        assert_eq!(options.settle(), [Conflict::PostcopyLimitAlone]);
        assert_eq!(options.postcopy_bandwidth_mibps, None);
    }

    /// libvirt's and QEMU's refusals, written down a second time from their sources: the flag
    /// checks of `qemuMigrationSrcBeginPhase`, `qemuMigrationSrcPerformJob`,
    /// `qemuMigrationParamsFromFlags` (libvirt 11.3) and QEMU's capability check.
    fn refused(options: &MigrationOptions) -> Option<&'static str> {
        let live = options.coverage == Coverage::Live;
        let offline = options.coverage == Coverage::Definition;
        let tunnelled = options.transport == Transport::Tunnelled;
        let parallel = options.parallel.is_some();
        let copies = options.disks != DiskCopy::None;
        let packs = matches!(options.compression, Compression::Zlib | Compression::Zstd);
        let rules = [
            (options.policy == Policy::Postcopy && !options.postcopy, "its last step would fail"),
            (options.policy != Policy::None && !live, "nothing to steer"),
            (options.postcopy && !live, "post-copy migration is not supported with non-live"),
            (options.postcopy && tunnelled, "post-copy is not supported with tunnelled migration"),
            (options.postcopy && parallel, "Postcopy is not yet compatible with multifd"),
            (offline && copies, "offline migration cannot handle non-shared storage"),
            (
                offline && options.residence != Residence::Permanent,
                "offline migration must be specified with the persistent flag set",
            ),
            (offline && tunnelled, "tunnelled offline migration does not make sense"),
            (tunnelled && parallel, "Parallel migration is not supported with tunnelled"),
            (tunnelled && copies, "migration of disks is not supported with tunnelled"),
            (tunnelled && options.tls, "tunnelled"),
            (tunnelled && options.migrate_uri.is_some(), "tunnelled takes no migration URI"),
            (packs && !parallel, "is only supported with parallel migration"),
            (
                parallel && options.compression == Compression::Xbzrle,
                "isn't supported with parallel migration",
            ),
        ];
        rules.into_iter().find(|(hit, _)| *hit).map(|(_, text)| text)
    }

    #[test]
    fn whatever_is_wished_what_is_settled_is_accepted() {
        let all = all_options();
        assert_eq!(all.len(), 3 * 3 * 3 * 4 * 2 * 2 * 2 * 2 * 2 * 2 * 2);
        for options in all {
            let settled = options.settled();
            assert_eq!(refused(&settled), None, "{options:?}");
            assert_eq!(settled.conflicts(), [], "{options:?}");
            assert_eq!(settled.coverage, options.coverage, "the first rank is never dropped");
            if refused(&options).is_some() {
                assert_ne!(options.conflicts(), [], "{options:?}");
            }
        }
    }

    #[test]
    fn a_choice_can_be_made_exactly_when_it_survives() {
        for options in all_options().into_iter().step_by(7) {
            for wish in wishes() {
                let mut with = options.settled();
                wish.clone().apply(&mut with);
                let settled = with.settled();
                let mut again = settled.clone();
                wish.clone().apply(&mut again);
                let survives = again == settled;
                let ruled_out = options.ruled_out(&wish);
                assert_eq!(survives, ruled_out.is_none(), "{options:?} {wish:?}");
            }
        }
    }

    #[test]
    fn any_three_choices_one_after_the_other_end_without_contradiction() {
        let wishes = wishes();
        for first in &wishes {
            for second in &wishes {
                for third in &wishes {
                    let mut options = MigrationOptions::default();
                    for wish in [first, second, third] {
                        if options.ruled_out(wish).is_none() {
                            wish.clone().apply(&mut options);
                        }
                    }
                    assert_eq!(refused(&options.settled()), None, "{first:?} {second:?} {third:?}");
                }
            }
        }
    }

    #[test]
    fn the_reason_names_the_pair() {
        let mut options = MigrationOptions::default();
        assert_eq!(options.ruled_out(&Wish::Postcopy(true)), None);
        options.coverage = Coverage::Stopped;
        assert_eq!(options.ruled_out(&Wish::Postcopy(true)), Some(Conflict::PostcopyNotLive));
        options.coverage = Coverage::Definition;
        let temporary = Wish::Residence(Residence::UntilShutDown);
        assert_eq!(options.ruled_out(&temporary), Some(Conflict::DefinitionTemporary));
        let parallel = MigrationOptions { parallel: Some(4), ..MigrationOptions::default() };
        let xbzrle = Wish::Compression(Compression::Xbzrle);
        assert_eq!(parallel.ruled_out(&xbzrle), Some(Conflict::XbzrleParallel));
        let zstd = Wish::Compression(Compression::Zstd);
        assert_eq!(parallel.ruled_out(&zstd), None);
        let single = MigrationOptions::default();
        assert_eq!(single.ruled_out(&zstd), Some(Conflict::CompressionNeedsParallel));
    }

    #[test]
    fn amounts_out_of_range_are_refused() {
        let options = MigrationOptions::default();
        for (wish, why) in [
            (Wish::MaxDowntime(Some(0)), Some(Conflict::ZeroDowntime)),
            (Wish::MaxDowntime(Some(1)), None),
            (Wish::MaxDowntime(Some(MAX_DOWNTIME_MS)), None),
            (Wish::MaxDowntime(Some(MAX_DOWNTIME_MS + 1)), Some(Conflict::DowntimeTooLong)),
            (Wish::Bandwidth(Some(0)), Some(Conflict::ZeroBandwidth)),
            (Wish::Parallel(Some(0)), Some(Conflict::ParallelOutOfRange)),
            (Wish::Parallel(Some(256)), Some(Conflict::ParallelOutOfRange)),
            (Wish::Parallel(Some(255)), None),
        ] {
            assert_eq!(options.ruled_out(&wish), why, "{wish:?}");
        }
    }
}
