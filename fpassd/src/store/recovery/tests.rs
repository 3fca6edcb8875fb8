use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, thread, time::Instant};

use fpass_proto::{EnrolmentState, Refusal};

use super::{
    super::tests::{ALICE, BOB, HORIZON, add, label, store, template},
    *,
};

fn with_codes() -> (tempfile::TempDir, Store, Vec<Code>) {
    let (directory, store) = store();
    add(&store, ALICE, template("face")).unwrap();
    let codes = store.renew_codes(ALICE, None).unwrap();
    (directory, store, codes)
}

fn redeem(store: &Store, uid: Uid, code: &Code) -> Result<(), Refusal> {
    store.redeem(uid, code, || true).map_err(|error| error.refusal())
}

fn path(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("1000.recovery")
}

#[test]
fn a_user_who_is_not_enrolled_gets_no_codes() {
    let (_directory, store) = store();
    let refused = |uid| store.renew_codes(uid, None).err().unwrap().refusal();
    assert_eq!(refused(ALICE), Refusal::NeverEnrolled);
    add(&store, ALICE, template("face")).unwrap();
    store.clear(ALICE, None).unwrap();
    assert_eq!(refused(ALICE), Refusal::Removed);
    assert_eq!(store.codes_left(ALICE).unwrap(), 0);
    assert_eq!(store.remove_codes(ALICE).err().unwrap().refusal(), Refusal::NoRecoveryCodes);
}

#[test]
fn consent_for_another_record_keeps_the_old_codes() {
    let (_directory, store, codes) = with_codes();
    let changed = store.renew_codes(ALICE, Some(7)).err().unwrap();
    assert_eq!(changed.refusal(), Refusal::Cancelled);
    redeem(&store, ALICE, &codes[0]).unwrap();
}

#[test]
fn a_code_works_once_for_its_user_and_number() {
    let (_directory, store, codes) = with_codes();
    add(&store, BOB, template("face")).unwrap();
    assert_eq!(redeem(&store, BOB, &codes[0]), Err(Refusal::NoRecoveryCodes));
    let bobs = store.renew_codes(BOB, None).unwrap();
    assert_eq!(redeem(&store, ALICE, &bobs[0]), Err(Refusal::RecoveryRefused));
    let elsewhere = Code::new(1, Zeroizing::new(*codes[0].secret()));
    assert_eq!(redeem(&store, ALICE, &elsewhere), Err(Refusal::RecoveryRefused));
    assert_eq!(store.codes_left(ALICE).unwrap(), 10);
    assert_eq!(redeem(&store, ALICE, &codes[0]), Ok(()));
    assert_eq!(redeem(&store, ALICE, &codes[0]), Err(Refusal::RecoveryRefused));
    assert_eq!(store.codes_left(ALICE).unwrap(), 9);
    for code in &codes[1..] {
        assert_eq!(redeem(&store, ALICE, code), Ok(()));
    }
    assert_eq!(redeem(&store, ALICE, &codes[0]), Err(Refusal::NoRecoveryCodes));
}

#[test]
fn new_codes_replace_the_old_ones() {
    let (_directory, store, old) = with_codes();
    let new = store.renew_codes(ALICE, None).unwrap();
    assert_eq!(redeem(&store, ALICE, &old[0]), Err(Refusal::RecoveryRefused));
    assert_eq!(redeem(&store, ALICE, &new[0]), Ok(()));
    store.remove_codes(ALICE).unwrap();
    assert_eq!(redeem(&store, ALICE, &new[1]), Err(Refusal::NoRecoveryCodes));
}

#[test]
fn removing_an_f_pass_deletes_its_codes_and_the_next_one_has_none() {
    type End = fn(&Store);
    let ends: [End; 3] = [
        |store| store.clear(ALICE, None).unwrap(),
        |store| store.remove(ALICE, None, HORIZON, &label("face")).unwrap(),
        |store| store.forget(ALICE).unwrap(),
    ];
    for end in ends {
        let (directory, store, codes) = with_codes();
        end(&store);
        assert!(!path(&directory).exists());
        assert_eq!(redeem(&store, ALICE, &codes[0]), Err(Refusal::NoRecoveryCodes));
    }
    let (directory, store, codes) = with_codes();
    let kept = fs::read(path(&directory)).unwrap();
    store.clear(ALICE, None).unwrap();
    fs::write(path(&directory), &kept).unwrap();
    fs::set_permissions(path(&directory), fs::Permissions::from_mode(0o600)).unwrap();
    add(&store, ALICE, template("face")).unwrap();
    assert_eq!(redeem(&store, ALICE, &codes[0]), Err(Refusal::NoRecoveryCodes));
}

#[test]
fn another_template_or_label_keeps_the_codes() {
    let (_directory, store, codes) = with_codes();
    add(&store, ALICE, template("glasses")).unwrap();
    store.remove(ALICE, None, HORIZON, &label("face")).unwrap();
    assert_eq!(redeem(&store, ALICE, &codes[0]), Ok(()));
}

#[test]
fn codes_survive_a_lost_key() {
    let (directory, store, codes) = with_codes();
    fs::remove_file(directory.path().join("key")).unwrap();
    assert!(store.state(ALICE).is_err());
    assert_eq!(redeem(&store, ALICE, &codes[0]), Ok(()));
    assert_eq!(store.codes_left(ALICE).unwrap(), 9);
}

#[test]
fn damaged_and_foreign_files_are_refused_until_new_codes_are_made() {
    let (directory, store, codes) = with_codes();
    let path = path(&directory);
    let genuine = fs::read(&path).unwrap();
    let damages: [&dyn Fn(); 4] = [
        &|| fs::write(&path, &genuine[..100]).unwrap(),
        &|| fs::write(&path, b"").unwrap(),
        &|| {
            fs::write(&path, &genuine).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        },
        &|| {
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
        },
    ];
    for damage in damages {
        damage();
        assert_eq!(redeem(&store, ALICE, &codes[0]), Err(Refusal::RecoveryUnreadable));
        assert_eq!(store.codes_left(ALICE).err().unwrap().refusal(), Refusal::RecoveryUnreadable);
    }
    let new = store.renew_codes(ALICE, None).unwrap();
    assert_eq!(redeem(&store, ALICE, &new[0]), Ok(()));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    fs::write(&path, b"damaged").unwrap();
    store.remove_codes(ALICE).unwrap();
    assert!(!path.exists());
}

#[test]
fn of_two_redemptions_at_the_same_time_one_succeeds() {
    let (_directory, store, codes) = with_codes();
    let code = &codes[4];
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let tries: Vec<_> =
            (0..2).map(|_| scope.spawn(|| redeem(&store, ALICE, code).is_ok())).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    outcomes.sort_unstable();
    assert_eq!(outcomes, [false, true]);
    assert_eq!(store.codes_left(ALICE).unwrap(), 9);
}

#[test]
fn a_code_stays_unused_if_nobody_waits() {
    let (_directory, store, codes) = with_codes();
    let abandoned = store.redeem(ALICE, &codes[0], || false).err().unwrap();
    assert_eq!(abandoned.refusal(), Refusal::Cancelled);
    assert_eq!(redeem(&store, ALICE, &codes[0]), Ok(()));
}

#[test]
fn a_code_of_a_record_removed_meanwhile_is_refused() {
    let (_directory, store, codes) = with_codes();
    thread::scope(|scope| {
        let slow = scope.spawn(|| redeem(&store, ALICE, &codes[0]));
        store.clear(ALICE, None).unwrap();
        // Deleted before or after, but never written back.
        let _ = slow.join().unwrap();
    });
    assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed);
    assert_eq!(store.codes_left(ALICE).unwrap(), 0);
}

#[test]
#[ignore = "prints a figure: cargo test -p fpassd a_hash_takes -- --ignored --nocapture"]
#[allow(clippy::print_stdout)]
fn a_hash_takes() {
    let code = Code::new(0, Zeroizing::new([1; 10]));
    let mut times: Vec<_> = (0..21)
        .map(|_| {
            let started = Instant::now();
            hash(&code, ALICE, &[1; recovery::SALT]).unwrap();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("one recovery code: median {:?}, longest {:?}", times[10], times[20]);
}
