//! Writes the inputs from which fuzzing starts: `RUSTFLAGS="--cfg fuzzing" cargo run --bin seeds`
//! in this directory.
//!
//! Everything is synthetic: gradients and noise for pictures, invented numbers for features.

use std::{error::Error, fs, io::Write, path::PathBuf};

use flate2::{Compression, write::GzEncoder};
use fpass_proto::{
    CameraReport, MachineStatus, PastAttempt, Prompt, QualifyReport, Refusal, TemplateReport,
    Verdict,
    root_socket::{VerifyRequest, answer_to_bytes, prompt_to_bytes},
};
use fpassd::fuzzing::{SealedStore, bundle, recovery_files};
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageEncoder,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use serde::Serialize;
use zbus::{Message, message::Header, wire::DynamicType};
use zip::{ZipWriter, write::SimpleFileOptions};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    configuration()?;
    arguments()?;
    stacks()?;
    messages()?;
    socket()?;
    records()?;
    recoveries()?;
    bundles()?;
    frames()?;
    clips()?;
    networks()?;
    manifests()?;
    pairs()?;
    archives()
}

fn put(target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&directory)?;
    Ok(fs::write(directory.join(name), bytes)?)
}

fn configuration() -> Result<()> {
    put("configuration", "recorded", "[camera]\nsource = \"recorded\"\npath = \"/clip.y4m\"\n")?;
    put("configuration", "adaptation", "[adaptation]\nenabled = true\nexpiry_days = 3650\n")?;
    put(
        "configuration",
        "rate",
        "recognition.false_match_rate = 1e-6\nverification = {judged_frames = 2}",
    )?;
    put("configuration", "nan", "[recognition]\nfalse_match_rate = nan\n")?;
    put("configuration", "infinity", "[recognition]\nfalse_match_rate = inf\n")?;
    put("configuration", "format", "[camera]\nformat = \"MJPG\"\n")?;
    put("configuration", "rotation", "[camera]\nrotation = 180\n")?;
    put("configuration", "automatic", "[camera]\nrotation = \"auto\"\n")?;
    put("configuration", "negative", "[camera]\nwidth = -1\n")?;
    put("configuration", "deep", "a = ".to_owned() + &"[".repeat(200))
}

fn arguments() -> Result<()> {
    put(
        "pam_arguments",
        "full",
        "timeout=7\0nullok\0quiet\0debug\0sole_factor\0service_ok=sudo,su-l",
    )?;
    put("pam_arguments", "recovery", "recovery\0nullok\0sole_factor")?;
    put("pam_arguments", "quiet-recovery", "quiet\0recovery")?;
    put("pam_arguments", "announce", "announce\0recovery\0nullok")?;
    put("pam_arguments", "announce-quiet", "announce\0quiet")?;
    put("pam_arguments", "prewarm", "prewarm\0quiet\0debug")?;
    put("pam_arguments", "twice", "nullok\0nullok")?;
    put("pam_arguments", "escape", "alwaysok\u{1b}[31m\u{202e}\n")?;
    put("pam_arguments", "huge", "timeout=99999999999999999999")
}

fn stacks() -> Result<()> {
    let ours = "auth [success=ok ignore=ignore default=die] pam_fpass.so\n";
    let common = "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n\
                  auth required pam_permit.so\n";
    put("pam_stack", "debian", format!("#%PAM-1.0\n@include a\n{ours}@include b\n\0{common}"))?;
    put(
        "pam_stack",
        "fedora",
        format!(
            "auth substack a\n{ours}auth include b\n\0auth required pam_env.so\n\
             auth sufficient pam_fprintd.so\nauth sufficient pam_unix.so\nauth required pam_deny.so\n"
        ),
    )?;
    put(
        "pam_stack",
        "exempt",
        format!(
            "auth required pam_unix.so\nauth [success=1 default=ignore] pam_succeed_if.so quiet uid = 0 \
             tty in tty1\n{ours}-auth optional pam_kwallet5.so \\\n  [a b\\]c]\n"
        ),
    )?;
    put(
        "pam_stack",
        "resets",
        "auth substack a\nauth substack a\0auth [success=reset default=2] x\nauth substack b\nauth [default=reset] y\0auth [ignore=reset success=done] z\n",
    )?;
    put("pam_stack", "cycle", "auth include a\0@include b\0auth substack a")?;
    put(
        "pam_stack",
        "broken",
        "auth\nauthx required x\nauth [success=4294967297] x\nauth required .so\nauth required \\",
    )
}

/// Messages of both directions.
fn messages() -> Result<()> {
    let call = |member| Message::method_call("/org/fpass/Fpass1", member);
    let verify = call("Verify").build(&(1000_u32, "alice", "sudo", "pts/3", 5000_u32))?;
    put("bus_call", "verify", verify.data())?;
    put("bus_call", "qualify", call("Qualify").build(&(1000_u32, "alice", 5000_u32))?.data())?;
    put("bus_call", "rename", call("Rename").build(&(1000_u32, "face", "with glasses"))?.data())?;
    put("bus_call", "enroll", call("Remove").build(&(1000_u32, "face"))?.data())?;
    let code = "3-ABCD-EFGH-JKMN-PQRS";
    let recover = call("Recover").build(&(1000_u32, "alice", "login", "tty1", code))?;
    put("bus_call", "recover", recover.data())?;
    put("bus_call", "prewarm", call("Prewarm").build(&(1000_u32,))?.data())?;
    let hostile = (1000_u32, "../root\0", "-rf", "\u{9b}31m", u32::MAX);
    put("bus_call", "hostile", call("Verify").build(&hostile)?.data())?;

    let header = verify.header();
    for word in ["match", "no-match", "removed", "strong"] {
        reply(&header, word, &word)?;
    }
    let template = TemplateReport { label: "face".into(), created: 1, samples: 7, adapted: 2 };
    reply(&header, "templates", &vec![template.clone(), template])?;
    let counts = QualifyReport {
        judged: 40,
        matching: 39,
        strictly_matching: 30,
        flawed: 2,
        flaw: "too-dark".into(),
        strength: "fair".into(),
        separation: 150,
    };
    reply(&header, "qualify", &counts)?;
    let detail = "YUYV up to 640x480".into();
    let camera =
        CameraReport { id: "/dev/video0".into(), name: "Camera".into(), usable: true, detail };
    reply(&header, "cameras", &vec![camera])?;
    let status = MachineStatus {
        version: "0.1.0".into(),
        recogniser: "fused".into(),
        camera: "/dev/video0".into(),
        embedding_ms: 12.5,
        advice: String::new(),
        key: "file".into(),
        memory: "locked".into(),
        liveness: "turn".into(),
    };
    reply(&header, "status", &status)?;
    let attempt =
        PastAttempt { ended: 1, service: "sudo".into(), result: "no-match".into(), count: 2 };
    reply(&header, "history", &vec![attempt])?;
    reply(&header, "codes", &vec![code; 10])?;
    let error = Message::error(&header, Refusal::NeverEnrolled.error_name());
    put("bus_reply", "error", error.build(&(Refusal::NeverEnrolled.sentence(),))?.data())?;
    let prompted =
        Message::signal("/org/fpass/Fpass1", "org.fpass.Fpass1.Verification", "Prompted");
    put("bus_reply", "prompted", prompted.build(&Prompt::LookThenTurnLeft.as_str())?.data())?;
    let signal =
        |member| Message::signal("/org/fpass/Fpass1", "org.fpass.Fpass1.Enrolment", member);
    let progress = signal("EnrollProgress").build(&(1_u32, 2_u32, 7_u32, "hold-still"))?;
    put("bus_reply", "progress", progress.data())?;
    let finished = signal("EnrollFinished").build(&(1_u32, "enrolled", "strong"))?;
    put("bus_reply", "finished", finished.data())
}

fn socket() -> Result<()> {
    let request = VerifyRequest {
        uid: 1000,
        user: "alice",
        service: "sudo",
        terminal: "pts/1",
        timeout_ms: 5000,
    };
    put("root_socket", "request", request.to_bytes())?;
    put("root_socket", "verdict", answer_to_bytes(Ok(Verdict::Match)))?;
    let prompts: Vec<u8> = Prompt::ALL.iter().flat_map(|prompt| prompt_to_bytes(*prompt)).collect();
    put("root_socket", "prompts", [prompts, answer_to_bytes(Ok(Verdict::NoMatch))].concat())?;
    put("root_socket", "unknown_prompt", b"prompt sing\0prompt look\0match\0")?;
    put("root_socket", "refusal", answer_to_bytes(Err(Refusal::NeverEnrolled)))
}

fn reply<T: Serialize + DynamicType>(call: &Header<'_>, name: &str, body: &T) -> Result<()> {
    put("bus_reply", name, Message::method_return(call).build(body)?.data())
}

/// One template: label, time, samples by both networks, adapted samples.
type Content = (&'static str, u64, Vec<(Vec<f32>, Vec<f32>)>, Vec<(u64, (Vec<f32>, Vec<f32>))>);

fn records() -> Result<()> {
    let features = || (vec![0.5; 128], vec![-0.25; 128]);
    let template = |label| (label, 1_700_000_000, vec![features()], vec![(1, features())]);
    let bytes = |content: &Vec<Content>| postcard::to_allocvec(content);
    let one = bytes(&vec![template("face")])?;
    put("record_plain", "one", &one)?;
    put("record_plain", "pinned", [&one[..], b"\x01\x10uvcvideo usb-1-5"].concat())?;
    put("record_plain", "two", bytes(&vec![template("face"), template("with glasses")])?)?;
    put("record_plain", "same-label", bytes(&vec![template("face"), template("face")])?)?;
    put("record_plain", "tombstone", bytes(&Vec::new())?)?;
    let mut odd = template("nan");
    odd.2[0].0[5] = f32::NAN;
    put("record_plain", "nan", bytes(&vec![odd])?)?;
    // A list that claims to be longer than memory.
    put("record_plain", "long", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])?;
    put("record_sealed", "content", sealed(b"content"))?;
    put("record_sealed", "tombstone", sealed(&[0]))?;
    put("record_sealed", "cut", sealed(b"content").get(..40).unwrap_or_default())
}

fn sealed(content: &[u8]) -> Vec<u8> {
    SealedStore::default().seal(content)
}

/// Files of recovery codes, and codes as they are typed.
fn recoveries() -> Result<()> {
    let [fresh, foreign, used] = recovery_files();
    put("recovery_file", "fresh", &fresh)?;
    // The same as content, to which the target adds a checksum.
    put("recovery_file", "content", &fresh[..fresh.len() - 32])?;
    put("recovery_file", "foreign", foreign)?;
    put("recovery_file", "used", used)?;
    put("recovery_file", "cut", &fresh[..100])?;
    put("recovery_file", "typed", "3-ABCD-EFGH-JKMN-PQRS")?;
    put("recovery_file", "careless", " l oabc-defg hjkm-npqr s\n")?;
    put("recovery_file", "no-code", "3-ABCD-EFGH-JKMN-PQR\u{202e}")
}

/// Bundles of templates; the target signs whatever it is given once more.
fn bundles() -> Result<()> {
    let sealed = bundle();
    put("fleet_bundle", "whole", &sealed)?;
    put("fleet_bundle", "unsigned", sealed.get(..sealed.len() - 64).unwrap_or_default())?;
    put("fleet_bundle", "header", sealed.get(..130).unwrap_or_default())
}

/// A soft pattern with some noise in it.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 28) as u8
    };
    let pixel = |x: u32, y: u32, noise: u8| [(x * 5) as u8, (y * 7) as u8, noise * 16];
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| pixel(x, y, noise()))
        .collect()
}

fn frames() -> Result<()> {
    for (name, width, height, stride) in [
        ("pair", 2_u16, 1_u16, 4_u32),
        ("rows", 34, 3, 72),
        ("tight", 32, 2, 0),
        ("short", 640, 480, 1280),
    ] {
        let mut bytes = [width.to_le_bytes(), height.to_le_bytes()].concat();
        bytes.extend(stride.to_le_bytes());
        bytes.extend((0..=255).cycle().take(usize::from(width.min(34)) * 2 * 3 + 24));
        put("frame_yuyv", name, bytes)?;
    }
    for (number, name) in (0_u8..).zip(["yuyv", "nv12", "rgb", "bgr", "grey", "y10", "y16"]) {
        let mut bytes = vec![number, 34, 0, 4, 0];
        bytes.extend((number % 2 * 110).to_le_bytes().iter().chain(&[0; 3]));
        bytes.extend((0..=255).cycle().take(110 * 6));
        put("frame_raw", name, bytes)?;
    }
    let pixels = picture(48, 32);
    let colour = jpeg(&pixels, 48, 32, ExtendedColorType::Rgb8)?;
    let grey = jpeg(&pixels[..48 * 32], 48, 32, ExtendedColorType::L8)?;
    let mut bomb = colour.clone();
    if let Some(place) = bomb.windows(2).position(|pair| pair == [0xff, 0xc0]) {
        bomb[place + 5..place + 9].fill(0xff);
    }
    let bare = without_tables(&colour);
    for (name, bytes) in
        [("colour", &colour), ("grey", &grey), ("bomb", &bomb), ("without-tables", &bare)]
    {
        put("frame_mjpeg", name, bytes)?;
    }
    put("recording_picture", "colour.jpg", &colour)?;
    put("recording_picture", "bomb.jpg", &bomb)?;
    for (name, kind) in [
        ("rgb.png", ColorType::Rgb8),
        ("grey.png", ColorType::L8),
        ("alpha.png", ColorType::Rgba8),
        ("deep.png", ColorType::Rgb16),
    ] {
        let mut bytes = Vec::new();
        let raw = pixels.repeat(3);
        let length = 16 * 12 * usize::from(kind.bytes_per_pixel());
        PngEncoder::new(&mut bytes).write_image(&raw[..length], 16, 12, kind.into())?;
        put("recording_picture", name, bytes)?;
    }
    let mut wide = Vec::new();
    DynamicImage::new_luma8(1921, 1)
        .write_to(&mut std::io::Cursor::new(&mut wide), image::ImageFormat::Png)?;
    put("recording_picture", "wide.png", wide)
}

fn jpeg(pixels: &[u8], width: u32, height: u32, kind: ExtendedColorType) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 60).write_image(pixels, width, height, kind)?;
    Ok(bytes)
}

/// As webcams send them: without Huffman tables.
fn without_tables(jpeg: &[u8]) -> Vec<u8> {
    let mut kept = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != 0xc4 {
            kept.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    kept.extend_from_slice(&jpeg[at..]);
    kept
}

fn clips() -> Result<()> {
    for (name, header, frame) in [
        ("420", "YUV4MPEG2 W4 H2 F30:1 Ip C420jpeg", 12),
        ("422", "YUV4MPEG2 W4 H2 F30000:1001 C422 XCOLORRANGE=FULL", 16),
        ("444", "YUV4MPEG2 W3 H3 F25:1 C444", 27),
        ("mono", "YUV4MPEG2 W35 H1 F120:1 Cmono", 35),
        ("bomb", "YUV4MPEG2 W65535 H65535 F30:1", 4),
        ("cut", "YUV4MPEG2 W1920 H1080 F30:1", 4),
    ] {
        let mut bytes = format!("{header}\n").into_bytes();
        for _ in 0..2 {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend((0..=255).cycle().skip(60).take(frame));
        }
        put("recording_clip", name, bytes)?;
    }
    Ok(())
}

fn networks() -> Result<()> {
    for (name, sides) in [("packed", 0), ("open", 1)] {
        let mut bytes = vec![sides];
        bytes.extend(fpass_models::fold::sample::packed_bytes());
        put("network_fold", name, bytes)?;
    }
    put("network_fold", "empty", [0])
}

fn manifests() -> Result<()> {
    put("model_manifest", "no-role", "package = []\nfile = []\n")?;
    put(
        "model_manifest",
        "cohort",
        "package = []\nfile = []\ncohort = { sface_mean = [0.0, nan] }\n",
    )
}

fn pairs() -> Result<()> {
    put("pairs_list", "two-folds", "2\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\nBob\t1\t2\nBob 2 Ann 9\n")?;
    put("pairs_list", "head", "10\t300\n")?;
    put("pairs_list", "overflow", format!("2 {}\nAnn 1 2\n", usize::MAX))
}

fn archives() -> Result<()> {
    let mut other = archive_of(&[("weights/b.bin", b"weights"), ("weights/a.bin", b"weights")])?;
    put("weights_archive", "source", &other)?;
    other.truncate(other.len() / 2);
    put("weights_archive", "source-cut", other)?;
    put("weights_archive", "source-altered", archive_of(&[("weights/a.bin", b"Weights")])?)?;
    put("weights_archive", "source-outside", archive_of(&[("weights/../../a.bin", b"weights")])?)?;
    let mut wheel = vec![1];
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["weights/b.bin", "weights/a.bin"] {
        writer.start_file(name, SimpleFileOptions::default())?;
        writer.write_all(b"weights")?;
    }
    wheel.extend(writer.finish()?.into_inner());
    put("weights_archive", "wheel", wheel)
}

fn archive_of(members: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut builder = tar::Builder::new(GzEncoder::new(vec![0], Compression::default()));
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().ok_or("no GNU header")?.name[..name.len()]
            .copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *content)?;
    }
    Ok(builder.into_inner()?.finish()?)
}
