//! What is chosen in the dialog, and what follows from it. Pure.

use std::collections::HashMap;

use crate::backend::Inspect;
use crate::migration::checks::{CheckResult, Verdict};
use crate::migration::{
    Calibration, Conflict, Coverage, MigrationOptions, MigrationPlan, Reach, Transport, Wish,
    suited, virsh,
};
use crate::model::{Failure, Guest, GuestKey, GuestState, HostId};
use crate::xml::XmlProblem;

use super::inspections::{Found, Inspections, Subject};
use super::logic::HostChoice;
use super::measuring::Measuring;
use super::messages::MigrateInit;
use super::party::Companion;

/// The choices and what they stand on.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// The guest.
    pub(super) guest: Guest,
    /// Guests that go along.
    pub(super) also: Vec<Companion>,
    /// Where it is.
    pub(super) source: HostChoice,
    /// Where it could go.
    pub(super) hosts: Vec<HostChoice>,
    /// Where it is to go.
    pub(super) chosen: Option<HostId>,
    pub(super) wished: MigrationOptions,
    transport_wished: bool,
    /// It is not at its source any more.
    pub(super) gone: bool,
    /// The hypervisor's own longest pause, ms.
    pub(super) default_downtime_ms: Option<u64>,
    /// The XML to begin from when it is switched on.
    pub(super) xml_template: Option<String>,
    xml: Option<Xml>,
    /// What the hosts answered.
    pub(super) inspections: Inspections,
    /// What was measured of the guest.
    pub(super) measuring: Measuring,
    /// What earlier moves tell of the guest and the link to each host.
    pub(super) known: HashMap<HostId, Calibration>,
}

/// The destination XML while it is switched on.
#[derive(Clone, Debug)]
struct Xml {
    text: String,
    revision: u64,
    checked: Option<Result<(), XmlProblem>>,
}

/// Why the move cannot be asked for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// No host can be chosen.
    NoDestination,
    /// The guest is not at its source any more.
    GuestGone,
    /// It is being moved already.
    Migrating,
    /// The destination XML is being looked at.
    XmlUnchecked,
    /// The destination XML is none.
    XmlWrong(XmlProblem),
    /// libvirt would refuse the move.
    Blocked(Box<CheckResult>),
}

impl Form {
    /// The usual choices for this guest.
    #[must_use]
    pub(super) fn new(init: MigrateInit) -> Self {
        let mut form = Self {
            guest: init.guest,
            also: init.also.into_iter().map(Companion::new).collect(),
            source: init.source,
            hosts: init.hosts,
            chosen: init.preselected,
            wished: MigrationOptions::default(),
            transport_wished: false,
            gone: false,
            default_downtime_ms: None,
            xml_template: None,
            xml: None,
            inspections: Inspections::default(),
            measuring: Measuring::wanted(),
            known: init.known,
        };
        form.reconsider();
        form
    }

    /// Takes other hosts in; a choice that cannot be made any more gives way to the first that can.
    pub(super) fn set_hosts(&mut self, hosts: Vec<HostChoice>) {
        self.hosts = hosts;
        self.reconsider();
    }

    /// Takes a guest in as it is now; `None` when it is not there any more.
    pub(super) fn set_guest(&mut self, key: GuestKey, guest: Option<Guest>) {
        if key != self.guest.key {
            match guest {
                Some(guest) => {
                    let own = self.also.iter_mut().find(|along| along.guest.key == key);
                    own.into_iter().for_each(|along| along.guest = guest.clone());
                }
                None => self.also.retain(|along| along.guest.key != key),
            }
            return;
        }
        self.gone = guest.is_none();
        self.guest = guest.unwrap_or_else(|| self.guest.clone());
    }

    /// Chooses a host that can be chosen.
    pub(super) fn choose(&mut self, host: HostId) {
        if self.hosts.iter().any(|choice| choice.host == host && choice.unusable.is_none()) {
            self.chosen = Some(host);
            self.reconsider();
        }
    }

    fn reconsider(&mut self) {
        let usable = |choice: &&HostChoice| choice.unusable.is_none();
        let kept = self.hosts.iter().filter(usable).find(|choice| Some(choice.host) == self.chosen);
        let choice = kept.or_else(|| self.hosts.iter().find(usable));
        self.chosen = choice.map(|choice| choice.host);
        if !self.transport_wished
            && let Some((transport, _)) = self.suited()
        {
            self.wished.transport = transport;
        }
    }

    fn suited(&self) -> Option<(Transport, Reach)> {
        Some(suited(&self.source.uri, &self.destination()?.uri))
    }

    /// Why the transport was chosen, as long as the user chose none.
    #[must_use]
    pub(super) fn reach(&self) -> Option<Reach> {
        self.suited().filter(|_| !self.transport_wished).map(|(_, reach)| reach)
    }

    /// Makes a choice, unless it cannot be made.
    pub(super) fn wish(&mut self, wish: Wish) {
        if self.ruled_out(&wish).is_some() {
            return;
        }
        self.transport_wished |= matches!(wish, Wish::Transport(_));
        wish.apply(&mut self.wished);
    }

    /// Switches the destination XML on or off.
    pub(super) fn switch_xml(&mut self, on: bool) {
        self.xml = on.then(|| Xml {
            text: self.xml_template.clone().unwrap_or_default(),
            revision: 0,
            checked: None,
        });
    }

    /// Takes an edited text in and names its revision; `None` while it is switched off.
    pub(super) fn edit_xml(&mut self, text: String) -> Option<u64> {
        let xml = self.xml.as_mut()?;
        *xml = Xml { text, revision: xml.revision + 1, checked: None };
        Some(xml.revision)
    }

    /// Takes in what was found about a revision; an older one's does not count.
    pub(super) fn checked_xml(&mut self, revision: u64, checked: Result<(), XmlProblem>) {
        if let Some(xml) = self.xml.as_mut().filter(|xml| xml.revision == revision) {
            xml.checked = Some(checked);
        }
    }

    /// The chosen host.
    #[must_use]
    pub(super) fn destination(&self) -> Option<&HostChoice> {
        self.hosts.iter().find(|choice| Some(choice.host) == self.chosen)
    }

    /// Whether the guest is shut off, so that only its definition moves.
    #[must_use]
    pub(super) const fn is_shut_off(&self) -> bool {
        !self.guest.state.is_active()
    }

    fn wished_now(&self) -> MigrationOptions {
        let mut wished = self.wished.clone();
        if self.is_shut_off() {
            wished.coverage = Coverage::Definition;
        }
        if self.guest.state == GuestState::Paused {
            wished.postcopy = false;
        }
        if wished.max_downtime_ms == self.default_downtime_ms {
            wished.max_downtime_ms = None;
        }
        wished.destination_xml = self.xml.as_ref().map(|xml| xml.text.clone());
        wished
    }

    /// The choices as they can be carried out.
    #[must_use]
    pub(super) fn options(&self) -> MigrationOptions {
        self.wished_now().settled()
    }

    /// Why a choice cannot be made now.
    #[must_use]
    pub(super) fn ruled_out(&self, wish: &Wish) -> Option<Conflict> {
        if self.guest.state == GuestState::Paused && *wish == Wish::Postcopy(true) {
            return Some(Conflict::PostcopyNotLive);
        }
        if self.is_shut_off() && matches!(wish, Wish::Coverage(Coverage::Live | Coverage::Stopped))
        {
            return Some(Conflict::NothingToSend);
        }
        self.wished_now().ruled_out(wish)
    }

    /// The longest pause to show, ms: what was chosen, else the hypervisor's own, else QEMU's default.
    #[must_use]
    pub(super) fn downtime_ms(&self) -> u64 {
        self.wished.max_downtime_ms.or(self.default_downtime_ms).unwrap_or(300)
    }

    /// The move, or what stands in its way.
    ///
    /// # Errors
    ///
    /// What stands in its way.
    pub(super) fn plan(&self) -> Result<MigrationPlan, Obstacle> {
        if self.gone {
            return Err(Obstacle::GuestGone);
        }
        if self.guest.migrating {
            return Err(Obstacle::Migrating);
        }
        let destination = self.chosen.ok_or(Obstacle::NoDestination)?;
        if let Some(xml) = &self.xml {
            xml.checked.clone().ok_or(Obstacle::XmlUnchecked)?.map_err(Obstacle::XmlWrong)?;
        }
        if let Some(Verdict::Blocked(reason)) = self.verdict(destination) {
            return Err(Obstacle::Blocked(reason));
        }
        Ok(MigrationPlan { guest: self.guest.key, destination, options: self.options() })
    }

    /// What is to be asked of hosts now about the first guest.
    pub(super) fn questions(&mut self) -> Vec<(u64, Inspect)> {
        let destination_xml = match &self.xml {
            None => None,
            // A text that is no XML, or not looked at yet, is no reason to ask.
            Some(Xml { text, checked: Some(Ok(())), .. }) => Some(text.clone()),
            Some(_) => return Vec::new(),
        };
        if self.gone {
            return Vec::new();
        }
        let new_name = self.wished.new_name.clone();
        let subject = Subject { guest: self.guest.clone(), new_name, destination_xml };
        let usable = self.hosts.iter().filter(|choice| choice.unusable.is_none());
        let usable: Vec<HostId> = usable.map(|choice| choice.host).collect();
        self.inspections.questions(subject, &usable)
    }

    /// Takes in what both hosts said of the first guest.
    pub(super) fn answered(&mut self, of: GuestKey, host: HostId, revision: u64, found: Found) {
        if of == self.guest.key {
            self.inspections.answered(host, revision, found);
        }
    }

    /// What is known of a host may be different now; of all hosts without one.
    pub(super) fn outdate(&mut self, host: Option<HostId>) {
        self.inspections.outdate(host);
        self.also.iter_mut().for_each(|along| along.inspections.outdate(host));
    }

    /// An obstacle was removed, or not.
    pub(super) fn mended(&mut self, result: Result<(), Failure>) {
        self.inspections.mended(result);
        self.also.iter_mut().for_each(|along| along.inspections.outdate(None));
    }

    /// The destination XML, where it is to be another.
    #[must_use]
    pub(super) fn own_xml(&self) -> Option<&str> {
        self.xml.as_ref().map(|xml| xml.text.as_str())
    }

    /// The destination XML as it is now, or as it would begin.
    #[must_use]
    pub(super) fn current_xml(&self) -> Option<String> {
        self.own_xml().map(str::to_owned).or_else(|| self.xml_template.clone())
    }

    /// All answers about a host for the present choices; `None` until it answered.
    #[must_use]
    pub(super) fn results(&self, host: HostId) -> Option<Vec<CheckResult>> {
        self.inspections.results(host, &self.options())
    }

    /// The verdict on a host for the present choices; `None` until it answered.
    #[must_use]
    pub(super) fn verdict(&self, host: HostId) -> Option<Verdict> {
        self.results(host).map(|results| Verdict::of(&results))
    }

    /// The same move as a command.
    #[must_use]
    pub(super) fn command(&self) -> Option<virsh::VirshCommand> {
        let of = virsh::VirshMove {
            source_uri: &self.source.uri,
            destination_uri: &self.destination()?.uri,
            name: &self.guest.name,
            uuid: self.guest.key.uuid,
        };
        Some(virsh::command(of, &self.options()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::Residence;
    use crate::model::{Bytes, GuestKey, GuestUuid, StateReason};
    use crate::ui::migrate::logic::Unusable;

    fn host(id: u32, uri: &str, unusable: Option<Unusable>) -> HostChoice {
        let name = format!("host-{id}");
        HostChoice { host: HostId(id), name, detail: String::new(), uri: uri.into(), unusable }
    }

    fn form(state: GuestState) -> Form {
        Form::new(MigrateInit {
            also: Vec::new(),
            known: HashMap::new(),
            guest: Guest {
                key: GuestKey { host: HostId(1), uuid: GuestUuid([1; 16]) },
                name: "web".into(),
                state,
                reason: StateReason::None,
                persistent: true,
                autostart: false,
                managed_save: false,
                memory_max: Bytes(1 << 30),
                vcpus: 1,
                migrating: false,
            },
            source: host(1, "qemu+ssh://a/system", None),
            hosts: vec![
                host(2, "qemu+ssh://b/system", Some(Unusable::NotConnected)),
                host(3, "qemu+ssh://c/system", None),
                host(4, "qemu:///system", None),
            ],
            preselected: None,
        })
    }

    #[test]
    fn the_first_usable_host_is_chosen_and_stays_while_it_can() {
        let mut form = form(GuestState::Running);
        assert_eq!(form.chosen, Some(HostId(3)));
        form.choose(HostId(2));
        assert_eq!(form.chosen, Some(HostId(3)), "not connected");
        form.choose(HostId(4));
        let mut hosts = form.hosts.clone();
        hosts[0].unusable = None;
        form.set_hosts(hosts.clone());
        assert_eq!(form.chosen, Some(HostId(4)), "a better one does not push it away");
        hosts[2].unusable = Some(Unusable::NotConnected);
        form.set_hosts(hosts);
        assert_eq!(form.chosen, Some(HostId(2)));
        form.set_hosts(Vec::new());
        assert_eq!(form.plan(), Err(Obstacle::NoDestination));
    }

    #[test]
    fn the_transport_follows_the_destination_until_it_is_chosen() {
        let mut form = form(GuestState::Running);
        assert_eq!(form.options().transport, Transport::PeerToPeer);
        form.choose(HostId(4));
        assert_eq!(form.options().transport, Transport::Direct);
        assert_eq!(form.reach(), Some(Reach::OnlyFromHere));
        form.wish(Wish::Transport(Transport::Tunnelled));
        form.choose(HostId(3));
        assert_eq!((form.options().transport, form.reach()), (Transport::Tunnelled, None));
    }

    #[test]
    fn a_guest_that_is_shut_off_moves_its_definition() {
        let mut form = form(GuestState::ShutOff);
        form.wish(Wish::Postcopy(true));
        let options = form.options();
        assert_eq!(options.coverage, Coverage::Definition);
        assert_eq!(options.residence, Residence::Permanent);
        assert!(!options.postcopy);
        assert_eq!(options.conflicts(), []);
        let mut guest = form.guest.clone();
        guest.state = GuestState::Running;
        form.set_guest(guest.key, Some(guest));
        assert_eq!(form.options(), MigrationOptions::default(), "it was started meanwhile");
    }

    #[test]
    fn a_paused_guest_has_no_post_copy() {
        let form = form(GuestState::Paused);
        let why = form.ruled_out(&Wish::Postcopy(true));
        assert_eq!(why, Some(Conflict::PostcopyNotLive));
    }

    #[test]
    fn the_hypervisors_own_pause_is_no_choice() {
        let mut form = form(GuestState::Running);
        form.default_downtime_ms = Some(300);
        form.wish(Wish::MaxDowntime(Some(300)));
        assert_eq!((form.options().max_downtime_ms, form.downtime_ms()), (None, 300));
        form.wish(Wish::MaxDowntime(Some(900)));
        assert_eq!((form.options().max_downtime_ms, form.downtime_ms()), (Some(900), 900));
        form.wish(Wish::MaxDowntime(Some(0)));
        assert_eq!(form.options().max_downtime_ms, Some(900));
    }

    #[test]
    fn xml_goes_only_when_it_is_xml() {
        let mut form = form(GuestState::Running);
        form.switch_xml(true);
        assert_eq!(form.plan(), Err(Obstacle::XmlUnchecked));
        let first = form.edit_xml("<a".into()).unwrap();
        let second = form.edit_xml("<a/>".into()).unwrap();
        let problem = crate::xml::check("<a").unwrap_err();
        form.checked_xml(first, Err(problem.clone()));
        assert_eq!(form.plan(), Err(Obstacle::XmlUnchecked), "that was the older text");
        form.checked_xml(second, Ok(()));
        assert_eq!(form.plan().unwrap().options.destination_xml.as_deref(), Some("<a/>"));
        form.switch_xml(false);
        assert_eq!(form.plan().unwrap().options.destination_xml, None);
    }
}
