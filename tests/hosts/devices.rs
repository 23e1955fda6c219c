//! Pools of devices, on disks that both hosts see.

use super::Hosts;

pub(crate) fn of_all_kinds(hosts: &mut Hosts) {
    hosts.say("devices");
}
