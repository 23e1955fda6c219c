//! The guests of a host that is asked: one by one, or, where many are asked about, from what its events
//! told and a list.

use std::collections::{HashMap, HashSet};

use virt::connect::Connect;
use virt::domain::Domain;
use virt_sys as sys;

use super::asker::Asker;
use super::convert::guest_state;
use super::error::from_virt;
use super::ffi;
use super::guest::lookup;
use crate::model::{Failure, FailureKind, Guest, GuestState, GuestUuid, StateReason, Twin};

/// All guests of a host.
pub(crate) struct Roster {
    known: HashMap<GuestUuid, Guest>,
    domains: HashMap<GuestUuid, Domain>,
    /// Those that have any; `None` where the host does not tell.
    with_snapshots: Option<HashSet<GuestUuid>>,
    with_checkpoints: Option<HashSet<GuestUuid>>,
}

impl Roster {
    /// Lists the guests; `known` is what the host's events told of them.
    ///
    /// # Errors
    ///
    /// libvirt's.
    pub(crate) fn read(
        connect: &Connect,
        known: HashMap<GuestUuid, Guest>,
    ) -> Result<Self, Failure> {
        let list = |flags| connect.list_all_domains(flags);
        let domains = list(0).map_err(|error| from_virt(&error))?;
        let domains = domains.into_iter().filter_map(|domain| Some((uuid(&domain)?, domain)));
        let with = |flags| Some(list(flags).ok()?.iter().filter_map(uuid).collect());
        Ok(Self {
            known,
            domains: domains.collect(),
            with_snapshots: with(sys::VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT),
            with_checkpoints: with(sys::VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT),
        })
    }
}

fn uuid(domain: &Domain) -> Option<GuestUuid> {
    Some(GuestUuid(domain.uuid().ok()?.into_bytes()))
}

/// What a guest is doing at its source.
pub(super) struct Own {
    pub(super) state: GuestState,
    pub(super) reason: StateReason,
    pub(super) persistent: Option<bool>,
    pub(super) autostart: Option<bool>,
    pub(super) managed_save: Option<bool>,
}

impl Asker {
    /// A guest of the host.
    pub(super) fn guest(&self, uuid: GuestUuid) -> Result<Domain, Failure> {
        let listed = self.roster.as_ref().and_then(|roster| roster.domains.get(&uuid));
        listed.map_or_else(|| lookup(&self.connect, uuid), |domain| Ok(domain.clone()))
    }

    /// What a guest is doing.
    pub(super) fn standing(&self, domain: &Domain, uuid: GuestUuid) -> Result<Own, Failure> {
        if let Some(guest) = self.roster.as_ref().and_then(|roster| roster.known.get(&uuid)) {
            return Ok(Own {
                state: guest.state,
                reason: guest.reason,
                persistent: Some(guest.persistent),
                autostart: Some(guest.autostart),
                managed_save: Some(guest.managed_save),
            });
        }
        let (state, reason) = ffi::state(domain)?;
        let (state, reason) = guest_state(state, reason);
        Ok(Own {
            state,
            reason,
            persistent: domain.is_persistent().ok(),
            autostart: domain.autostart().ok(),
            managed_save: domain.has_managed_save(0).ok(),
        })
    }

    /// A guest's definition, as it starts the next time.
    pub(super) fn definition(&self, domain: &Domain) -> Option<String> {
        let asked = self.roster.is_none() && domain.is_persistent().ok()?;
        asked.then(|| domain.xml_desc(sys::VIR_DOMAIN_XML_INACTIVE).ok())?
    }

    /// How many snapshots a guest has; counted only where it has any.
    pub(super) fn snapshots(&self, domain: &Domain, uuid: GuestUuid) -> Option<u32> {
        let with = self.roster.as_ref().and_then(|roster| roster.with_snapshots.as_ref());
        match with {
            Some(with) if !with.contains(&uuid) => Some(0),
            _ => ffi::snapshot_count(domain).ok(),
        }
    }

    /// How many checkpoints a guest has; counted only where it has any.
    pub(super) fn checkpoints(&self, domain: &Domain, uuid: GuestUuid) -> Option<u32> {
        let with = self.roster.as_ref().and_then(|roster| roster.with_checkpoints.as_ref());
        match with {
            Some(with) if !with.contains(&uuid) => Some(0),
            _ => ffi::checkpoint_count(domain).ok(),
        }
    }

    /// The same guest at this host, if it is there.
    pub(super) fn twin(&self, uuid: GuestUuid) -> Option<Option<Twin>> {
        if let Some(roster) = &self.roster {
            let twin = roster.known.get(&uuid);
            return Some(twin.map(|twin| Twin {
                name: twin.name.to_string(),
                active: twin.state.is_active(),
                definition: None,
            }));
        }
        match lookup(&self.connect, uuid) {
            Ok(domain) => {
                let (name, active) = (domain.name().ok()?, domain.is_active().ok()?);
                Some(Some(Twin { name, active, definition: self.definition(&domain) }))
            }
            Err(failure) => (failure.kind == FailureKind::Gone).then_some(None),
        }
    }

    /// The guest of this name at this host, if there is one.
    pub(super) fn namesake(&self, name: &str) -> Option<Option<GuestUuid>> {
        if let Some(roster) = &self.roster {
            let named = roster.known.values().find(|guest| &*guest.name == name);
            return Some(named.map(|guest| guest.key.uuid));
        }
        match self.connect.lookup_domain_by_name(name) {
            Ok(domain) => Some(Some(uuid(&domain)?)),
            Err(error) => (from_virt(&error).kind == FailureKind::Gone).then_some(None),
        }
    }
}
