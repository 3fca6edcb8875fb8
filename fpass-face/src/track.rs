//! Tracking of a face, which spares most frames the search of the whole frame.

use crate::geometry::FaceBox;
use crate::image::RgbView;

/// Most frames in a row in which only the tracked place is searched. A second person may have come
/// in since.
const FOLLOWED_MAX: u32 = 9;

/// The place of the face in the last frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Track {
    last: Option<(FaceBox, (u32, u32))>,
    followed: u32,
}

impl Track {
    /// The place to search in the next frame; `None` when the whole frame must be searched.
    pub(crate) fn next_place(&self, view: &RgbView<'_>) -> Option<FaceBox> {
        let (place, sides) = self.last?;
        let fits = sides == (view.width(), view.height());
        (fits && self.followed < FOLLOWED_MAX).then_some(place)
    }

    /// Records the place of a face in the last frame.
    pub(crate) fn follow(&mut self, view: &RgbView<'_>, place: FaceBox) {
        self.followed = if self.last.is_some() { self.followed + 1 } else { 0 };
        self.last = Some((place, (view.width(), view.height())));
    }

    /// Ends the track: the face was lost, or the next frame does not follow the last one.
    pub(crate) fn lose(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDES: (u32, u32) = (64, 48);

    fn place() -> FaceBox {
        FaceBox::clip(10.0, 10.0, 20.0, 20.0, SIDES.0, SIDES.1).unwrap()
    }

    #[test]
    fn after_the_most_tracked_frames_the_whole_frame_is_searched() {
        let pixels = vec![0; 3 * 64 * 48];
        let view = RgbView::new(SIDES.0, SIDES.1, &pixels).unwrap();
        let mut track = Track::default();
        assert_eq!(track.next_place(&view), None);
        track.follow(&view, place());
        for _ in 0..FOLLOWED_MAX {
            assert_eq!(track.next_place(&view), Some(place()));
            track.follow(&view, place());
        }
        assert_eq!(track.next_place(&view), None);
        track.lose();
        track.follow(&view, place());
        assert_eq!(track.next_place(&view), Some(place()));
    }

    #[test]
    fn after_a_lost_face_or_another_frame_size_the_whole_frame_is_searched() {
        let pixels = vec![0; 3 * 64 * 48];
        let view = RgbView::new(SIDES.0, SIDES.1, &pixels).unwrap();
        let turned = RgbView::new(SIDES.1, SIDES.0, &pixels).unwrap();
        let mut track = Track::default();
        track.follow(&view, place());
        assert_eq!(track.next_place(&turned), None);
        track.lose();
        assert_eq!(track.next_place(&view), None);
    }
}
