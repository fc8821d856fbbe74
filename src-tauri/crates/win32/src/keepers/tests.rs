use windows_sys::Win32::Security::{
    InitializeSecurityDescriptor, SECURITY_DESCRIPTOR, SetSecurityDescriptorDacl,
    SetSecurityDescriptorOwner,
};

use super::*;
use crate::SecurityAttributes;

const BY_SYSTEM: &str = "O:SYD:P(A;;FA;;;SY)(A;;GA;;;BA)";

fn found(keepers: &Keepers, kept: Kept, descriptor: &str) -> Option<Outsider> {
    let descriptor = SecurityAttributes::parse(descriptor).unwrap();
    // SAFETY: a descriptor that lives until the call returns.
    unsafe { keepers.judge(descriptor.descriptor(), kept) }.unwrap()
}

/// Who may change it by its list, with the list of the system and this.
fn let_in(kept: Kept, entries: &str) -> Option<&'static str> {
    let found = found(
        &Keepers::administrators(),
        kept,
        &format!("{BY_SYSTEM}{entries}"),
    );
    found.map(|outsider| {
        assert_eq!(outsider.by, Hold::Rights);
        outsider.who
    })
}

#[test]
fn what_administrators_alone_can_change_has_no_outsiders() {
    for kept in [Kept::File, Kept::Folder, Kept::FolderAbove, Kept::Key] {
        let readers = "(A;;FR;;;WD)(A;;GRGX;;;BU)(A;OICI;FR;;;AU)";
        assert_eq!(let_in(kept, readers), None);
        let installer = "(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)";
        assert_eq!(let_in(kept, installer), None);
        assert_eq!(let_in(kept, "(D;;FA;;;WD)"), None);
    }
}

#[test]
fn every_right_to_change_lets_an_outsider_in() {
    for right in ["GA", "GW", "SD", "WD", "WO", "0x2", "0x4", "0x10", "0x100"] {
        let entry = format!("(A;;{right};;;BU)");
        assert_eq!(let_in(Kept::File, &entry), Some("Users"), "{right}");
        assert_eq!(let_in(Kept::Folder, &entry), Some("Users"), "{right}");
    }
    assert_eq!(let_in(Kept::Folder, "(A;;0x40;;;WD)"), Some("Everyone"));
    for right in ["GA", "GW", "SD", "WD", "WO", "0x2", "0x4", "0x20"] {
        let entry = format!("(A;;{right};;;AU)");
        assert_eq!(let_in(Kept::Key, &entry), Some("Authenticated Users"));
    }
}

#[test]
fn a_secret_lets_nobody_read() {
    assert_eq!(let_in(Kept::Secret, ""), None);
    for right in ["GR", "FR", "0x1", "GW"] {
        let entry = format!("(A;;{right};;;BU)");
        assert_eq!(let_in(Kept::Secret, &entry), Some("Users"), "{right}");
    }
}

#[test]
fn a_folder_above_may_take_what_is_new_but_not_lose_what_is_there() {
    // The list of C:\ProgramData, where users can make folders.
    let new = "(A;CI;DCLCRPCR;;;BU)(A;CI;0x116;;;BU)";
    assert_eq!(let_in(Kept::FolderAbove, new), None);
    assert_eq!(let_in(Kept::Folder, new), Some("Users"));
    for right in ["0x40", "SD", "WD", "WO", "GA"] {
        let entry = format!("(A;;{right};;;BU)");
        assert_eq!(let_in(Kept::FolderAbove, &entry), Some("Users"), "{right}");
    }
}

#[test]
fn entries_for_what_will_be_inside_do_not_count() {
    assert_eq!(let_in(Kept::Folder, "(A;OICIIO;GA;;;WD)"), None);
    assert_eq!(let_in(Kept::Folder, "(A;OICIIO;GA;;;CO)"), None);
    // Whose entry this is, is not decided before something is made inside.
    assert_eq!(let_in(Kept::Folder, "(A;OICI;GA;;;CO)(A;;GA;;;CG)"), None);
    assert_eq!(let_in(Kept::Folder, "(A;OICI;GA;;;WD)"), Some("Everyone"));
}

#[test]
fn without_a_list_everybody_is_let_in_and_with_an_empty_one_nobody() {
    let administrators = Keepers::administrators();
    let judged = |text| found(&administrators, Kept::File, text);
    let everyone = outsider("Everyone", Hold::Rights);
    assert_eq!(judged("O:SY"), Some(everyone));
    assert_eq!(judged("O:SYD:P"), None);

    let owned = SecurityAttributes::parse("O:SY").unwrap();
    let mut without_list = SECURITY_DESCRIPTOR::default();
    let descriptor = (&raw mut without_list).cast();
    let (mut owner, mut flag) = (std::ptr::null_mut(), 0);
    let (present, no_list) = (1, std::ptr::null());
    // SAFETY: descriptors and an owner that live until the end of the test.
    let found = unsafe {
        succeeded(InitializeSecurityDescriptor(descriptor, 1)).unwrap();
        let from = owned.descriptor();
        succeeded(GetSecurityDescriptorOwner(
            from,
            &raw mut owner,
            &raw mut flag,
        ))
        .unwrap();
        succeeded(SetSecurityDescriptorOwner(descriptor, owner, 0)).unwrap();
        succeeded(SetSecurityDescriptorDacl(descriptor, present, no_list, 0)).unwrap();
        administrators.judge(descriptor, Kept::File).unwrap()
    };
    assert_eq!(found, Some(everyone));
}

#[test]
fn the_owner_counts_whatever_the_list_says() {
    let administrators = Keepers::administrators();
    let owner = |sid: &str| found(&administrators, Kept::File, &format!("O:{sid}D:P"));
    assert_eq!(owner("BA"), None);
    assert_eq!(owner("BU"), Some(outsider("Users", Hold::Owning)));
    let somebody = owner("S-1-5-21-1-2-3-1001");
    assert_eq!(
        somebody,
        Some(outsider("another user or group", Hold::Owning))
    );
    let nobody = found(&administrators, Kept::File, "D:P");
    assert_eq!(nobody, Some(outsider("nobody", Hold::Owning)));
}

#[test]
fn this_user_is_a_keeper_only_when_named_one() {
    let user = Sid::of_this_user().unwrap();
    let own = format!("O:{user}D:P(A;;GA;;;{user})");
    let with_user = Keepers::administrators_and_this_user().unwrap();
    assert_eq!(found(&with_user, Kept::File, &own), None);
    let administrators = Keepers::administrators();
    assert!(found(&administrators, Kept::File, &own).is_some());
    let open = format!("{own}(A;;GW;;;WD)");
    let everyone = outsider("Everyone", Hold::Rights);
    assert_eq!(found(&with_user, Kept::File, &open), Some(everyone));
}

#[test]
fn users_are_never_named() {
    for user in [
        "S-1-5-21-1-2-3-500",
        "S-1-5-21-1-2-3-1001",
        "S-1-12-1-1-2-3-4",
    ] {
        let entry = format!("(A;;GW;;;{user})");
        assert_eq!(let_in(Kept::File, &entry), Some("another user or group"));
    }
}
