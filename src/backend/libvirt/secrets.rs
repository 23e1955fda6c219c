//! Secrets: defined, and their values set; never read, never printed.

use base64::Engine as _;
use virt::connect::Connect;
use virt::secret::Secret;
use virt_sys as sys;

use super::error::from_virt;
use crate::model::storage::{SecretDefinition, SecretUsage, SecretValue};
use crate::model::{Failure, FailureKind, SecretUuid};
use crate::xml::build_secret;

/// A secret that is set at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SetSecret {
    /// Its UUID there: of the one that had this usage before, if there was one.
    pub(crate) uuid: SecretUuid,
    /// It was not there before.
    pub(crate) new: bool,
}

/// Defines a secret, unless the host has one of this usage, and sets its value.
///
/// # Errors
///
/// libvirt's; [`FailureKind::Other`] when a cephx key is no Base64.
pub(crate) fn set(
    connect: &Connect,
    definition: &SecretDefinition,
    value: &SecretValue,
) -> Result<SetSecret, Failure> {
    let bytes = match definition.usage {
        SecretUsage::Ceph(_) => base64::engine::general_purpose::STANDARD
            .decode(value.0.trim())
            .map_err(|_| Failure::own(FailureKind::Other, "the key is not Base64"))?,
        SecretUsage::Volume(_) | SecretUsage::Iscsi(_) => value.0.clone().into_bytes(),
    };
    let known = find(connect, &definition.usage)?;
    let new = known.is_none();
    let secret = match known {
        Some(secret) => secret,
        None => connect
            .define_secret_xml(&build_secret(definition), 0)
            .map_err(|error| from_virt(&error))?,
    };
    if let Err(error) = secret.set_value(&bytes, 0) {
        if new {
            // Without a value it is of no use to anybody.
            let _ = secret.undefine();
        }
        return Err(from_virt(&error));
    }
    let uuid = secret.uuid().map_err(|error| from_virt(&error))?;
    Ok(SetSecret { uuid: SecretUuid(uuid.into_bytes()), new })
}

/// Removes the secret of a usage; one that is not there is no failure.
///
/// # Errors
///
/// libvirt's.
pub(crate) fn remove(connect: &Connect, usage: &SecretUsage) -> Result<(), Failure> {
    match find(connect, usage)? {
        Some(secret) => secret.undefine().map_err(|error| from_virt(&error)),
        None => Ok(()),
    }
}

/// The secret of a usage, where there is one.
///
/// # Errors
///
/// libvirt's.
pub(super) fn find(connect: &Connect, usage: &SecretUsage) -> Result<Option<Secret>, Failure> {
    let kind = match usage {
        SecretUsage::Volume(_) => sys::VIR_SECRET_USAGE_TYPE_VOLUME,
        SecretUsage::Ceph(_) => sys::VIR_SECRET_USAGE_TYPE_CEPH,
        SecretUsage::Iscsi(_) => sys::VIR_SECRET_USAGE_TYPE_ISCSI,
    };
    let kind = i32::try_from(kind).unwrap_or(0);
    match connect.lookup_secret_by_usage(kind, usage.name()) {
        Ok(secret) => Ok(Some(secret)),
        Err(error) if error.code().to_raw() == sys::VIR_ERR_NO_SECRET => Ok(None),
        Err(error) => Err(from_virt(&error)),
    }
}
