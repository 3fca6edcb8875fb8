//! The lid of the machine: what logind reports about it, and which camera it covers.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use fpass_proto::{Refusal, names::VERIFICATION_INTERFACE};
use fpass_tests::{ALICE, Reply, Testbed, tree};
use nix::mount::{MsFlags, mount};

use crate::{session, sits, verdict, with_alice};

/// The camera, as its driver describes it.
const CAMERA: &str = "node /dev/video0 uvcvideo usb-1 0x04000001\nformat YUYV 640x480@30\n";

/// Compiles the scripted camera of the crate for cameras, and gives the library to preload.
fn scripted_camera() -> PathBuf {
    let shim = PathBuf::from("/run/scripted_camera.so");
    let source = |name: &str| tree::require(&format!("fpass-camera/tests/{name}")).unwrap();
    let built = Command::new("cc")
        .args(["-w", "-O1", "-shared", "-fPIC", "-o"])
        .arg(&shim)
        .args([source("scripted_device.c"), source("syscall_ioctl.c")])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(built.success());
    shim
}

/// A sysfs in which the camera is at a USB port that the firmware describes with this word.
fn place_camera(port: &str) {
    mount(Some("tmpfs"), "/sys", Some("tmpfs"), MsFlags::empty(), Some("mode=755")).unwrap();
    let device = Path::new("/sys/devices/pci0000:00/0000:00:14.0/usb1/1-5");
    let node = device.join("1-5:1.0/video4linux/video0");
    fs::create_dir_all(&node).unwrap();
    fs::write(device.join("1-5:1.0/bInterfaceNumber"), "00\n").unwrap();
    for (name, value) in [("idVendor", "046d"), ("idProduct", "0825"), ("removable", port)] {
        fs::write(device.join(name), format!("{value}\n")).unwrap();
    }
    fs::create_dir_all("/sys/class/video4linux").unwrap();
    symlink(node, "/sys/class/video4linux/video0").unwrap();
}

/// Restarts the daemon with a camera at such a port, before which nobody is.
fn sees_with_a_camera_at(testbed: &mut Testbed, port: &str) {
    place_camera(port);
    let script = Path::new("/run/scripted_camera");
    fs::write(script, CAMERA).unwrap();
    testbed.stop_daemon().unwrap();
    let camera = "[camera]\nsource = \"v4l2\"\ndevice = \"/dev/video0\"\npin = false\n";
    testbed.write_configuration(&format!("{camera}[verification]\ntimeout_ms = 2000\n")).unwrap();
    let shim = scripted_camera();
    testbed.start_daemon_with(&[("LD_PRELOAD", &shim), ("SCRIPTED_DEVICE", script)]).unwrap();
}

fn closes(testbed: &mut Testbed, is_closed: bool) {
    testbed.logind().says(|script| script.lid_closed = is_closed);
}

fn qualifies(testbed: &Testbed) -> Reply {
    let arguments = [&ALICE.uid_argument(), "string:alice", "uint32:2000"];
    testbed.call("alice", VERIFICATION_INTERFACE, "Qualify", &arguments).unwrap()
}

#[test]
fn a_closed_lid_covers_the_camera_that_is_built_in() {
    let mut testbed = with_alice();
    sits(&mut testbed, &session(|_| {}), None);
    sees_with_a_camera_at(&mut testbed, "fixed");
    closes(&mut testbed, true);
    let covered = Reply::refused(Refusal::LidClosed);
    assert_eq!(verdict(&testbed, "root", "sudo"), covered);
    assert_eq!(verdict(&testbed, "alice", ""), covered);
    assert_eq!(qualifies(&testbed), covered);
    closes(&mut testbed, false);
    let empty = Reply::refused(Refusal::NoFace);
    assert_eq!(verdict(&testbed, "root", "sudo"), empty, "nothing else stood in the way");
}

#[test]
fn a_closed_lid_covers_no_other_camera() {
    let mut testbed = with_alice();
    sits(&mut testbed, &session(|_| {}), None);
    closes(&mut testbed, true);
    assert_eq!(verdict(&testbed, "root", "sudo"), Reply::matched(), "a recording");
    sees_with_a_camera_at(&mut testbed, "removable");
    assert_eq!(verdict(&testbed, "root", "sudo"), Reply::refused(Refusal::NoFace));
}
