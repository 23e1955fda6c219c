//! Changes to a pool's XML: cut out of the text as it stands, so that what we do not know survives.

use super::check::{XmlProblem, parse};
use super::tree::child;

/// A pool's XML without the sizes, which are one host's at one time; all else stays as it is. So
/// another host may be given it, and so it tells whether somebody changed it.
///
/// # Errors
///
/// When the text is no XML, or no pool.
pub fn pool_without_sizes(xml: &str) -> Result<String, XmlProblem> {
    let document = parse(xml)?;
    let root = document.root_element();
    if !root.has_tag_name("pool") {
        return Err(XmlProblem::no("pool", root.tag_name().name()));
    }
    let mut gone: Vec<_> = ["capacity", "allocation", "available"]
        .into_iter()
        .filter_map(|name| child(root, name).map(|node| node.range()))
        .collect();
    gone.sort_by_key(|range| range.start);
    let mut text = String::with_capacity(xml.len());
    let mut at = 0;
    for range in gone {
        // With the blanks before it, so that no empty line stays.
        text.push_str(xml[at..range.start].trim_end());
        at = range.end;
    }
    text.push_str(&xml[at..]);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sizes_go() {
        let xml = "<pool type='dir' xmlns:x='urn:x'>\n  <name>a</name><!-- mine -->\n  <x:odd a='1'/>\n  \
                   <capacity unit='bytes'>1</capacity>\n  <allocation>2</allocation>\n  \
                   <available>3</available>\n  <source>\n    <unknown/>\n  </source>\n</pool>\n";
        let cut = pool_without_sizes(xml).unwrap();
        assert_eq!(
            cut,
            "<pool type='dir' xmlns:x='urn:x'>\n  <name>a</name><!-- mine -->\n  <x:odd a='1'/>\n  \
             <source>\n    <unknown/>\n  </source>\n</pool>\n"
        );
        assert!(pool_without_sizes("<volume/>").is_err());
        assert!(pool_without_sizes("<pool").is_err());
    }
}
