use super::*;

/// Frames a second apart by `millis`.
fn verdicts(exposure: &mut Exposure, shades: &[u8], millis: u64) -> Vec<Light> {
    let start = Instant::now();
    let times = (0..).map(|n| start + Duration::from_millis(millis) * n);
    shades.iter().zip(times).map(|(shade, captured)| exposure.judge(*shade, captured)).collect()
}

/// How many frames are thrown away before the first that may be judged.
fn thrown_away(frames_max: u32, shades: &[u8]) -> Option<usize> {
    let mut exposure = Exposure::new(frames_max);
    verdicts(&mut exposure, shades, 33).iter().position(|light| *light == Light::Lit)
}

#[test]
fn no_frame_of_a_changing_exposure_is_judged() {
    let rising: Vec<u8> = (0..12).map(|n| n * 20).collect();
    let falling: Vec<u8> = rising.iter().rev().copied().collect();
    let hunting = [60, 90, 70, 85, 60, 90, 70, 85, 60, 90, 70, 85];
    for shades in [&rising[..], &falling, &hunting] {
        assert_eq!(thrown_away(60, shades), None, "{shades:?}");
    }
}

#[test]
fn black_frames_are_no_exposure_however_steady() {
    assert_eq!(thrown_away(60, &[0; 30]), None);
    assert_eq!(thrown_away(60, &[9; 30]), None);
    assert_eq!(thrown_away(60, &[10; 30]), Some(3));
    assert_eq!(thrown_away(60, &[0, 0, 0, 0, 80, 80, 80, 80]), Some(7));
}

#[test]
fn a_ramp_is_over_when_four_frames_are_equally_bright() {
    let ramp = [12, 30, 55, 80, 100, 112, 118, 120, 121, 121, 120, 121];
    assert_eq!(thrown_away(60, &ramp), Some(9));
    assert_eq!(thrown_away(60, &[120; 12]), Some(3));
    // Noise and movement do not count, in proportion to the brightness.
    assert_eq!(thrown_away(60, &[200, 203, 206, 201, 204]), Some(3));
    assert_eq!(thrown_away(60, &[20, 24, 20, 24, 20]), None);
}

#[test]
fn somebody_who_moves_before_the_camera_is_not_waited_for() {
    assert_eq!(thrown_away(60, &[121, 119, 108, 111, 120, 114]), Some(4));
    assert_eq!(thrown_away(60, &[20, 60, 100, 121, 119, 112, 117, 120]), Some(6));
    // One way, or too far: that is an exposure.
    assert_eq!(thrown_away(60, &[100, 104, 109, 113, 118, 123, 129]), None);
    assert_eq!(thrown_away(60, &[100, 99, 105, 111, 118, 117, 124]), None);
    assert_eq!(thrown_away(60, &[100, 120, 100, 120, 100, 120]), None);
}

#[test]
fn the_wait_is_bounded_in_frames() {
    let hunting = [60, 90, 70, 85, 60, 90, 70, 85];
    for frames_max in 0..5 {
        let expected = usize::try_from(frames_max).unwrap();
        assert_eq!(thrown_away(frames_max, &hunting), Some(expected));
    }
    assert_eq!(thrown_away(0, &[0; 3]), Some(0));
}

#[test]
fn the_wait_is_bounded_in_time() {
    let mut exposure = Exposure::new(60);
    let lights = verdicts(&mut exposure, &[0; 12], 200);
    assert_eq!(lights.iter().position(|light| *light == Light::Lit), Some(10));
}

#[test]
fn once_settled_the_light_may_change() {
    let mut exposure = Exposure::new(60);
    verdicts(&mut exposure, &[100; 4], 33);
    for shades in [&[30, 60, 90, 120][..], &[200; 4], &[0; 12], &[180; 12]] {
        let lights = verdicts(&mut exposure, shades, 33);
        assert!(lights.iter().all(|light| *light == Light::Lit), "{shades:?}");
    }
}

#[test]
fn of_alternating_frames_only_the_lit_ones_are_judged() {
    for pattern in [&[90, 6][..], &[6, 90], &[90, 92, 6], &[6, 5, 7, 90], &[200, 96, 200, 95]] {
        let shades = pattern.repeat(12);
        let mut exposure = Exposure::new(0);
        let lights = verdicts(&mut exposure, &shades, 33);
        let (_, known) = lights.split_at(WINDOW);
        let level = pattern.iter().max().unwrap() / 2 + 1;
        for (light, shade) in known.iter().zip(shades.iter().skip(WINDOW)) {
            let wanted = if *shade >= level { Light::Lit } else { Light::Dark };
            assert_eq!(*light, wanted, "{pattern:?} {shade}");
        }
    }
}

#[test]
fn alternating_frames_settle_by_their_lit_ones() {
    // Lit frames grow brighter; dark ones lie between them and are never judged.
    let shades = [5, 30, 5, 60, 6, 90, 5, 100, 5, 101, 6, 100, 5, 101];
    let mut exposure = Exposure::new(60);
    let lights = verdicts(&mut exposure, &shades, 33);
    assert_eq!(lights.iter().position(|light| *light != Light::Settling), Some(11));
    assert_eq!(lights[11..], [Light::Lit, Light::Dark, Light::Lit]);
}

#[test]
fn a_dark_frame_is_not_the_first_to_be_judged() {
    for shades in [[90, 6].repeat(6), [6, 90].repeat(6)] {
        let first = thrown_away(60, &shades).unwrap();
        assert_eq!(shades[first], 90);
        assert!((4..=6).contains(&first), "{first}");
    }
}

#[test]
fn a_blink_and_a_light_that_goes_off_are_no_alternation() {
    for shades in [
        &[100, 100, 100, 100, 5, 100, 100, 100, 100][..],
        &[100, 100, 100, 100, 5, 5, 5, 5, 5, 5, 5, 5, 5],
        &[5, 5, 5, 5, 100, 100, 100, 100],
        // Flicker of lamps is weaker than an emitter that is off.
        &[100, 60, 100, 60, 100, 60, 100, 60],
    ] {
        let mut exposure = Exposure::new(0);
        let lights = verdicts(&mut exposure, shades, 33);
        assert!(lights.iter().all(|light| *light == Light::Lit), "{shades:?}");
    }
}

#[test]
fn when_the_emitter_stops_to_alternate_every_frame_counts_again() {
    let mut exposure = Exposure::new(0);
    verdicts(&mut exposure, &[90, 6].repeat(6), 33);
    let lights = verdicts(&mut exposure, &[6; 12], 33);
    let (_, later) = lights.split_at(WINDOW);
    assert!(later.iter().all(|light| *light == Light::Lit), "{lights:?}");
}

#[test]
fn the_brightness_is_the_mean_over_the_picture() {
    let frame = |pixels: Vec<u8>| Frame::new(64, 48, pixels, 0).unwrap();
    for shade in [0, 77, 255] {
        assert_eq!(brightness(&frame(vec![shade; 64 * 48 * 3])), shade);
    }
    let half = [vec![0; 64 * 24 * 3], vec![200; 64 * 24 * 3]].concat();
    assert!(brightness(&frame(half)).abs_diff(100) <= 3);
    let green = [0, 200, 0].repeat(64 * 48);
    assert_eq!(brightness(&frame(green)), 100);
}
