//! What is typed of a pool's options: mode, ids, options of the Ceph client.

use super::pool_check::{PoolFault, PoolField};

/// The highest mode that libvirt takes: it knows no set-uid, set-gid and sticky bits.
pub(super) const HIGHEST_MODE: u32 = 0o777;

/// A mode such as `0750`; `None` where nothing was typed.
///
/// # Errors
///
/// When it is no octal number, or more than 0777.
pub fn mode(text: &str) -> Result<Option<u32>, PoolFault> {
    let fault = || PoolFault::Mode(text.trim().to_owned());
    number(text, 8, HIGHEST_MODE).map_err(|()| fault())
}

/// A number of a user or group; `None` where nothing was typed.
///
/// # Errors
///
/// When it is no number, or the one by which libvirt means none.
pub fn id(field: PoolField, text: &str) -> Result<Option<u32>, PoolFault> {
    let fault = || PoolFault::Id(field, text.trim().to_owned());
    number(text, 10, u32::MAX - 1).map_err(|()| fault())
}

fn number(text: &str, base: u32, highest: u32) -> Result<Option<u32>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // Rust takes a sign, which libvirt's schema does not.
    let digits = text.chars().all(|character| character.is_digit(base));
    let number = u32::from_str_radix(text, base).ok().filter(|&number| digits && number <= highest);
    number.map(Some).ok_or(())
}

/// Options of the Ceph client, such as `client_mount_timeout=60`, with blanks between them.
///
/// # Errors
///
/// The first that has no name or no value.
pub fn ceph_options(text: &str) -> Result<Vec<(String, String)>, PoolFault> {
    let option = |part: &str| {
        let whole =
            part.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
        let (name, value) = whole.ok_or_else(|| PoolFault::CephOption(part.to_owned()))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    text.split_whitespace().map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_octal_and_what_libvirt_takes() {
        for (text, expected) in [("", None), (" ", None), ("0750", Some(0o750)), (" 7 ", Some(7))] {
            assert_eq!(mode(text), Ok(expected), "{text}");
        }
        for bad in ["0780", "rwx", "-1", "+7", "0o750", "1777", "77777777777"] {
            assert_eq!(mode(bad), Err(PoolFault::Mode(bad.into())), "{bad}");
        }
    }

    #[test]
    fn an_id_is_a_number_and_not_libvirts_word_for_none() {
        let owner = |text| id(PoolField::Owner, text);
        assert_eq!((owner(""), owner("0"), owner("107")), (Ok(None), Ok(Some(0)), Ok(Some(107))));
        for bad in ["root", "-1", "4294967295", "1.5"] {
            assert_eq!(owner(bad), Err(PoolFault::Id(PoolField::Owner, bad.into())), "{bad}");
        }
    }

    #[test]
    fn an_option_of_ceph_has_a_name_and_a_value() {
        let found = ceph_options("client_mount_timeout=60  mon_host=a,b:c=d").unwrap();
        let expected = [("client_mount_timeout", "60"), ("mon_host", "a,b:c=d")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(ceph_options(" "), Ok(Vec::new()));
        for bad in ["timeout", "=60", "timeout="] {
            assert_eq!(ceph_options(bad), Err(PoolFault::CephOption(bad.into())));
        }
    }
}
