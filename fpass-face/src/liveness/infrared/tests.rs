//! Made frames: what an emitter lights at which distance, and what shines by itself.

use proptest::prelude::*;

use super::*;

const SIDES: (u32, u32) = (320, 240);
/// The emitter makes this level on white paper at half a metre.
const EMITTER: f32 = 200.0;

/// What is in front of the camera.
#[derive(Clone, Copy, Debug)]
struct Surface {
    /// Metres from the camera.
    distance: f32,
    /// Share of the infra-red light that it reflects.
    reflects: f32,
    /// Level of its own light, or of that of the room on it.
    shines: f32,
}

impl Surface {
    const SKIN: Self = Self { distance: 0.5, reflects: 0.6, shines: 20.0 };
    const WALL: Self = Self { distance: 1.5, reflects: 0.8, shines: 25.0 };

    fn level(&self, is_lit: bool) -> f32 {
        let emitter = if is_lit { EMITTER } else { 0.0 };
        self.shines + emitter * self.reflects * (0.5 / self.distance).powi(2)
    }
}

fn bounds() -> FaceBox {
    FaceBox::clip(120.0, 80.0, 80.0, 100.0, SIDES.0, SIDES.1).unwrap()
}

/// A picture of a face in an ellipse, with a grain of two levels.
fn picture(surface: impl Fn(bool, f32, f32) -> f32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..SIDES.1 {
        for x in 0..SIDES.0 {
            let (x, y) = (count(x as usize), count(y as usize));
            let (u, v) = ((x - 160.0) / 44.0, (y - 130.0) / 56.0);
            let grain = (x * 12.9 + y * 78.2).sin();
            let level = surface(u * u + v * v < 1.0, x, y) + 2.0 * grain;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            pixels.extend([level.clamp(0.0, 255.0) as u8; 3]);
        }
    }
    pixels
}

fn view(pixels: &[u8]) -> RgbView<'_> {
    RgbView::new(SIDES.0, SIDES.1, pixels).unwrap()
}

/// The light on a face of one surface in front of another one.
fn light(face: Surface, behind: Surface) -> EmitterLight {
    let frame = |is_lit| picture(|is_face, _, _| if is_face { face } else { behind }.level(is_lit));
    EmitterLight::measure(&view(&frame(true)), &view(&frame(false)), &bounds()).unwrap()
}

/// The outcome after this many equal frames.
fn outcome(lit: &[u8], unlit: &[u8], frames: u32) -> InfraredOutcome {
    let mut judge = InfraredJudge::default();
    (0..frames).for_each(|_| judge.add(&view(lit), &view(unlit), &bounds()));
    judge.outcome()
}

#[test]
fn a_face_in_front_of_a_room_is_lit_in_daylight_and_in_the_dark() {
    for daylight in [0.0, 20.0, 90.0] {
        for distance in [0.4, 0.5, 0.8] {
            let face = Surface { distance, shines: daylight, ..Surface::SKIN };
            let room = Surface { distance: 2.5 * distance, ..Surface::WALL };
            let light = light(face, Surface { shines: daylight * 1.5, ..room });
            assert!(light.is_on_a_face(), "{daylight} {distance}: {light:?}");
        }
    }
}

#[test]
fn a_screen_a_print_with_a_margin_and_a_face_at_a_wall_are_not() {
    let screen = Surface { distance: 0.5, reflects: 0.03, shines: 150.0 };
    let margin = Surface { reflects: 0.8, ..Surface::SKIN };
    let rows = [
        ("a screen", screen, Surface { shines: 10.0, ..screen }),
        ("a screen in front of a room", screen, Surface::WALL),
        ("a print", Surface::SKIN, margin),
        ("a dark print", Surface::SKIN, Surface { reflects: 0.5, ..Surface::SKIN }),
        ("a face at a wall", Surface::SKIN, Surface { distance: 0.55, ..Surface::WALL }),
        (
            "a face far away",
            Surface { distance: 1.6, ..Surface::SKIN },
            Surface { distance: 4.0, ..Surface::WALL },
        ),
    ];
    for (what, face, behind) in rows {
        let light = light(face, behind);
        assert!(!light.is_on_a_face(), "{what}: {light:?}");
    }
}

#[test]
fn a_reflection_in_a_pane_lights_too_small_a_part() {
    let spot = |x: f32, y: f32| (x - 160.0).hypot(y - 120.0) < 14.0;
    let lit = picture(|is_face, x, y| if is_face && spot(x, y) { 255.0 } else { 12.0 });
    let unlit = picture(|_, _, _| 10.0);
    let light = EmitterLight::measure(&view(&lit), &view(&unlit), &bounds()).unwrap();
    assert!(light.face >= FACE_MIN && light.parts < PARTS_MIN, "{light:?}");
    assert!(!light.is_on_a_face());
}

#[test]
fn frames_that_differ_in_size_and_faces_that_fill_the_picture_are_not_judged() {
    let (large, small) = (vec![9; 320 * 240 * 3], vec![9; 240 * 320 * 3]);
    let other = RgbView::new(240, 320, &small).unwrap();
    assert_eq!(EmitterLight::measure(&view(&large), &other, &bounds()), None);
    let all = FaceBox::clip(0.0, 0.0, 320.0, 240.0, 320, 240).unwrap();
    assert_eq!(EmitterLight::measure(&view(&large), &view(&large), &all), None);
}

#[test]
fn three_lit_frames_in_a_row_decide_unless_six_others_came_before() {
    use InfraredOutcome::{Lit, NoAlternation, Unlit};
    let frame = |is_lit| {
        picture(|is_face, _, _| if is_face { Surface::SKIN } else { Surface::WALL }.level(is_lit))
    };
    let (lit, unlit) = (frame(true), frame(false));
    assert_eq!(InfraredJudge::default().outcome(), Unlit);
    for (frames, expected) in [(1, Unlit), (2, Unlit), (3, Lit), (9, Lit)] {
        assert_eq!(outcome(&lit, &unlit, frames), expected, "{frames}");
        // An emitter that lights nothing, and one that is on when it should be off.
        assert_eq!(outcome(&unlit, &unlit, frames), Unlit, "{frames}");
        assert_eq!(outcome(&unlit, &lit, frames), Unlit, "{frames}");
    }
    let mut judge = InfraredJudge::default();
    let add = |judge: &mut InfraredJudge, times| {
        (0..times).for_each(|_| judge.add(&view(&lit), &view(&unlit), &bounds()));
        judge.outcome()
    };
    assert_eq!(add(&mut judge, 2), Unlit);
    judge.interrupt();
    assert_eq!(add(&mut judge, 2), Unlit);
    assert_eq!(add(&mut judge, 1), Lit);
    (0..6).for_each(|_| judge.add(&view(&unlit), &view(&unlit), &bounds()));
    assert_eq!(add(&mut judge, 9), Unlit, "a picture was held up first");
    let mut judge = InfraredJudge::default();
    (0..29).for_each(|_| judge.add_constant());
    assert_eq!(judge.outcome(), Unlit);
    judge.add_constant();
    assert_eq!(judge.outcome(), NoAlternation);
    assert_eq!(add(&mut judge, 1), Unlit);
}

#[test]
fn values_that_are_no_numbers_are_not_lit() {
    for (face, background, parts) in
        [(f32::NAN, 0.0, 1.0), (50.0, f32::NAN, 1.0), (50.0, 0.0, f32::NAN)]
    {
        assert!(!EmitterLight { face, background, parts }.is_on_a_face());
    }
}

proptest! {
    #[test]
    fn what_shines_by_itself_is_never_lit(
        face in 0.0_f32..255.0,
        behind in 0.0_f32..255.0,
        reflects in 0.0_f32..0.05,
    ) {
        let screen = |shines| Surface { distance: 0.5, reflects, shines };
        prop_assert!(!light(screen(face), screen(behind)).is_on_a_face());
    }
}
