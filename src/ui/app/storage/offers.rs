//! What hosts can set up: each is asked once while it is connected.

use std::collections::HashMap;

use crate::model::storage::{PoolKind, PoolKindOffer, PoolOffer};
use crate::model::{Failure, HostId};
use crate::ui::views::storage::HostOffer;

/// What was asked and told.
#[derive(Default)]
pub(super) struct Offers(HashMap<HostId, HostOffer>);

impl Offers {
    /// Those of these hosts that are to be asked; they count as asked.
    pub(super) fn unasked(&mut self, connected: impl Iterator<Item = HostId>) -> Vec<HostId> {
        let new: Vec<HostId> = connected.filter(|host| !self.0.contains_key(host)).collect();
        self.0.extend(new.iter().map(|&host| (host, HostOffer::Awaited)));
        new
    }

    pub(super) fn told(&mut self, host: HostId, told: Result<PoolOffer, Failure>) {
        let offer = match told {
            Ok(offer) => HostOffer::Told(offer.into()),
            Err(failure) => HostOffer::Failed(failure),
        };
        // What a host says that went since does not count.
        self.0.entry(host).and_modify(|known| *known = offer);
    }

    /// The host is connected no more.
    pub(super) fn forget(&mut self, host: HostId) {
        self.0.remove(&host);
    }

    /// Those that failed may be asked again.
    pub(super) fn forget_failures(&mut self) {
        self.0.retain(|_, offer| !matches!(offer, HostOffer::Failed(_)));
    }

    pub(super) fn of(&self, host: HostId) -> HostOffer {
        self.0.get(&host).cloned().unwrap_or(HostOffer::Awaited)
    }

    /// What a host can do with pools of this kind, if it said so.
    pub(super) fn kind(&self, host: HostId, kind: PoolKind) -> Option<&PoolKindOffer> {
        self.0.get(&host)?.told()?.kinds.get(&kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn a_host_is_asked_again_when_it_comes_back_and_a_failure_is_kept() {
        let (a, b) = (HostId(1), HostId(2));
        let mut offers = Offers::default();
        assert_eq!(offers.unasked([a].into_iter()), [a]);
        assert_eq!(offers.unasked([a, b].into_iter()), [b], "a is on its way");
        offers.told(a, Ok(PoolOffer::default()));
        let failure = Failure::own(FailureKind::Denied, "no");
        offers.told(b, Err(failure.clone()));
        assert_eq!(offers.of(b), HostOffer::Failed(failure));
        assert!(offers.unasked([a, b].into_iter()).is_empty());
        offers.forget(a);
        offers.told(a, Err(Failure::own(FailureKind::LinkLost, "late")));
        assert_eq!(offers.of(a), HostOffer::Awaited);
        offers.forget_failures();
        assert_eq!(offers.unasked([a, b].into_iter()), [a, b]);
    }
}
