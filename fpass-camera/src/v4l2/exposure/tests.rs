use super::*;

/// The illumination of frames that are `millis` milliseconds apart.
fn illuminations(exposure: &mut Exposure, shades: &[u8], millis: u64) -> Vec<Illumination> {
    let start = Instant::now();
    let times = (0..).map(|n| start + Duration::from_millis(millis) * n);
    shades.iter().zip(times).map(|(shade, captured)| exposure.judge(*shade, captured)).collect()
}

/// Number of frames that are dropped before the first usable one.
fn dropped(frames_max: u32, shades: &[u8]) -> Option<usize> {
    let mut exposure = Exposure::new(frames_max);
    illuminations(&mut exposure, shades, 33).iter().position(|light| *light == Illumination::Lit)
}

#[test]
fn frames_of_a_changing_exposure_are_dropped() {
    let rising: Vec<u8> = (0..12).map(|n| n * 20).collect();
    let falling: Vec<u8> = rising.iter().rev().copied().collect();
    let hunting = [60, 90, 70, 85, 60, 90, 70, 85, 60, 90, 70, 85];
    for shades in [&rising[..], &falling, &hunting] {
        assert_eq!(dropped(60, shades), None, "{shades:?}");
    }
}

#[test]
fn steady_black_frames_are_dropped() {
    assert_eq!(dropped(60, &[0; 30]), None);
    assert_eq!(dropped(60, &[9; 30]), None);
    assert_eq!(dropped(60, &[10; 30]), Some(3));
    assert_eq!(dropped(60, &[0, 0, 0, 0, 80, 80, 80, 80]), Some(7));
}

#[test]
fn a_ramp_ends_with_four_equally_bright_frames() {
    let ramp = [12, 30, 55, 80, 100, 112, 118, 120, 121, 121, 120, 121];
    assert_eq!(dropped(60, &ramp), Some(9));
    assert_eq!(dropped(60, &[120; 12]), Some(3));
    // Noise and movement do not count, in proportion to the brightness.
    assert_eq!(dropped(60, &[200, 203, 206, 201, 204]), Some(3));
    assert_eq!(dropped(60, &[20, 24, 20, 24, 20]), None);
}

#[test]
fn movement_in_front_of_the_camera_does_not_delay() {
    assert_eq!(dropped(60, &[121, 119, 108, 111, 120, 114]), Some(4));
    assert_eq!(dropped(60, &[20, 60, 100, 121, 119, 112, 117, 120]), Some(6));
    // A change in one direction, or a large one, is an exposure that settles.
    assert_eq!(dropped(60, &[100, 104, 109, 113, 118, 123, 129]), None);
    assert_eq!(dropped(60, &[100, 99, 105, 111, 118, 117, 124]), None);
    assert_eq!(dropped(60, &[100, 120, 100, 120, 100, 120]), None);
}

#[test]
fn the_wait_is_bounded_in_frames() {
    let hunting = [60, 90, 70, 85, 60, 90, 70, 85];
    for frames_max in 0..5 {
        let expected = usize::try_from(frames_max).unwrap();
        assert_eq!(dropped(frames_max, &hunting), Some(expected));
    }
    assert_eq!(dropped(0, &[0; 3]), Some(0));
}

#[test]
fn the_wait_is_bounded_in_time() {
    let mut exposure = Exposure::new(60);
    let lights = illuminations(&mut exposure, &[0; 12], 200);
    assert_eq!(lights.iter().position(|light| *light == Illumination::Lit), Some(10));
}

#[test]
fn once_settled_the_light_may_change() {
    let mut exposure = Exposure::new(60);
    illuminations(&mut exposure, &[100; 4], 33);
    for shades in [&[30, 60, 90, 120][..], &[200; 4], &[0; 12], &[180; 12]] {
        let lights = illuminations(&mut exposure, shades, 33);
        assert!(lights.iter().all(|light| *light == Illumination::Lit), "{shades:?}");
    }
}

#[test]
fn of_alternating_frames_only_the_lit_ones_are_usable() {
    for pattern in [&[90, 6][..], &[6, 90], &[90, 92, 6], &[6, 5, 7, 90], &[200, 96, 200, 95]] {
        let shades = pattern.repeat(12);
        let mut exposure = Exposure::new(0);
        let lights = illuminations(&mut exposure, &shades, 33);
        let (_, known) = lights.split_at(WINDOW);
        let level = pattern.iter().max().unwrap() / 2 + 1;
        for (light, shade) in known.iter().zip(shades.iter().skip(WINDOW)) {
            let wanted = if *shade >= level { Illumination::Lit } else { Illumination::Dark };
            assert_eq!(*light, wanted, "{pattern:?} {shade}");
        }
    }
}

#[test]
fn alternating_frames_settle_by_their_lit_ones() {
    // Lit frames become brighter; the dark ones between them are never usable.
    let shades = [5, 30, 5, 60, 6, 90, 5, 100, 5, 101, 6, 100, 5, 101];
    let mut exposure = Exposure::new(60);
    let lights = illuminations(&mut exposure, &shades, 33);
    assert_eq!(lights.iter().position(|light| *light != Illumination::Settling), Some(11));
    assert_eq!(lights[11..], [Illumination::Lit, Illumination::Dark, Illumination::Lit]);
}

#[test]
fn a_dark_frame_is_not_the_first_usable_one() {
    for shades in [[90, 6].repeat(6), [6, 90].repeat(6)] {
        let first = dropped(60, &shades).unwrap();
        assert_eq!(shades[first], 90);
        assert!((4..=6).contains(&first), "{first}");
    }
}

#[test]
fn a_flash_and_a_light_that_is_switched_off_are_no_alternation() {
    for shades in [
        &[100, 100, 100, 100, 5, 100, 100, 100, 100][..],
        &[100, 100, 100, 100, 5, 5, 5, 5, 5, 5, 5, 5, 5],
        &[5, 5, 5, 5, 100, 100, 100, 100],
        // Flicker of lamps is weaker than an emitter that is off.
        &[100, 60, 100, 60, 100, 60, 100, 60],
    ] {
        let mut exposure = Exposure::new(0);
        let lights = illuminations(&mut exposure, shades, 33);
        assert!(lights.iter().all(|light| *light == Illumination::Lit), "{shades:?}");
    }
}

#[test]
fn when_the_emitter_stops_alternating_every_frame_is_usable() {
    let mut exposure = Exposure::new(0);
    illuminations(&mut exposure, &[90, 6].repeat(6), 33);
    let lights = illuminations(&mut exposure, &[6; 12], 33);
    let (_, later) = lights.split_at(WINDOW);
    assert!(later.iter().all(|light| *light == Illumination::Lit), "{lights:?}");
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
