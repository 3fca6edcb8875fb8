//! The picture that an enrolling person sees of themselves: small, only while somebody asks for it,
//! and only until the enrolment ends.
//!
//! The engine puts the frames here that it examines. The bus passes on a sealed file, so it sees no
//! pixel. See docs/adr/0065-the-picture-of-an-enrolment.md.

mod picture;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fpass_face::{
    Comparator, Face, FaceError, Features, Observation, Orientation, RgbView, StageTimes,
};
use fpass_proto::Refusal;
use tokio::sync::watch;

use self::picture::Picture;
pub(crate) use self::picture::SealedPicture;
use crate::{cancel::CancelFlag, face_recogniser::FaceRecogniser};

/// How long pictures are made after somebody asked for one.
const INTEREST: Duration = Duration::from_secs(1);
/// Longest wait for a picture.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The pictures of one enrolment. Copies share them.
#[derive(Clone)]
pub(crate) struct Viewfinder(Arc<Shared>);

struct Shared {
    /// When somebody last asked for a picture.
    asked: Mutex<Option<Instant>>,
    last: watch::Sender<Option<Arc<Picture>>>,
}

impl Default for Viewfinder {
    fn default() -> Self {
        let (last, _) = watch::channel(None);
        Self(Arc::new(Shared { asked: Mutex::new(None), last }))
    }
}

impl fmt::Debug for Viewfinder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Viewfinder").finish_non_exhaustive()
    }
}

impl Viewfinder {
    /// The next picture, as a sealed file.
    ///
    /// # Errors
    /// [`Refusal::DeadlinePassed`] when no picture comes within a second, [`Refusal::Internal`]
    /// when the file cannot be made.
    async fn next(&self) -> Result<SealedPicture, Refusal> {
        let mut pictures = self.0.last.subscribe();
        *self.asked() = Some(Instant::now());
        let changed = tokio::time::timeout(WAIT_MAX, pictures.changed()).await;
        if !matches!(changed, Ok(Ok(()))) {
            return Err(Refusal::DeadlinePassed);
        }
        let picture = pictures.borrow().clone().ok_or(Refusal::DeadlinePassed)?;
        picture.seal().map_err(|error| {
            tracing::warn!(%error, "a picture cannot be handed out");
            Refusal::Internal
        })
    }

    /// Whether somebody asked for a picture a short time ago.
    fn is_wanted(&self) -> bool {
        self.asked().is_some_and(|asked| asked.elapsed() < INTEREST)
    }

    /// Takes a frame and what was found in it.
    fn show(&self, view: &RgbView<'_>, observation: &Observation) {
        if self.is_wanted() {
            self.0.last.send_replace(Some(Arc::new(Picture::of(view, observation))));
        }
    }

    fn asked(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recogniser whose frames also go to a viewfinder.
pub(crate) struct WatchedRecogniser<'a> {
    /// The recogniser.
    pub(crate) inner: &'a mut dyn FaceRecogniser,
    /// Where its frames go.
    pub(crate) viewfinder: Viewfinder,
}

impl FaceRecogniser for WatchedRecogniser<'_> {
    fn begin(&mut self) {
        self.inner.begin();
    }

    fn observe(&mut self, view: &RgbView<'_>) -> Result<Observation, FaceError> {
        let observation = self.inner.observe(view)?;
        self.viewfinder.show(view, &observation);
        Ok(observation)
    }

    fn orientation(&mut self, view: &RgbView<'_>, face: &Face) -> Result<Orientation, FaceError> {
        self.inner.orientation(view, face)
    }

    fn embed(
        &mut self,
        view: &RgbView<'_>,
        face: &Face,
        wanted: Comparator,
    ) -> Result<Features, FaceError> {
        self.inner.embed(view, face, wanted)
    }

    fn forget(&mut self) -> Result<(), FaceError> {
        self.inner.forget()
    }

    fn times(&self) -> StageTimes {
        self.inner.times()
    }
}

/// The enrolments that run, and who may see their pictures. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Viewfinders(Arc<Mutex<HashMap<u32, Viewer>>>);

/// Who may see the pictures of an enrolment, and until when.
#[derive(Clone, Debug)]
struct Viewer {
    /// Unique bus name of the caller who enrols. The bus gives no name twice.
    name: String,
    /// Raised when the enrolment ends.
    ended: CancelFlag,
    viewfinder: Viewfinder,
}

/// An enrolment whose caller may see its pictures, until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenViewfinder {
    /// Where its frames go.
    pub(crate) viewfinder: Viewfinder,
    request: u32,
    ended: CancelFlag,
    all: Viewfinders,
}

impl Viewfinders {
    /// Lets the caller with this unique name see the pictures of a request.
    pub(crate) fn open(&self, request: u32, name: &str) -> OpenViewfinder {
        let (viewfinder, ended) = (Viewfinder::default(), CancelFlag::default());
        let (name, all) = (name.to_owned(), self.clone());
        let viewer = Viewer { name, ended: ended.clone(), viewfinder: viewfinder.clone() };
        self.lock().insert(request, viewer);
        OpenViewfinder { viewfinder, request, ended, all }
    }

    /// The next picture of a request, for the caller with this unique name.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] when no such request runs or another caller made it;
    /// [`Refusal::DeadlinePassed`] when there is no picture within a second.
    pub(crate) async fn next(&self, request: u32, name: &str) -> Result<SealedPicture, Refusal> {
        let viewer = self.lock().get(&request).filter(|viewer| viewer.name == name).cloned();
        let Viewer { ended, viewfinder, .. } = viewer.ok_or(Refusal::NotAuthorized)?;
        tokio::select! {
            biased;
            () = ended.raised() => Err(Refusal::NotAuthorized),
            picture = viewfinder.next() => picture,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, Viewer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenViewfinder {
    fn drop(&mut self) {
        self.all.lock().remove(&self.request);
        self.ended.raise();
        // The engine or a caller that still waits may have a copy.
        self.viewfinder.0.last.send_replace(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = ":1.5";

    fn frame() -> Vec<u8> {
        [10, 20, 30].repeat(640 * 480)
    }

    fn nobody() -> Observation {
        Observation::NoFace { frame_brightness: 20.0 }
    }

    /// Shows a frame again and again.
    fn engine(viewfinder: Viewfinder) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            let pixels = frame();
            let view = RgbView::new(640, 480, &pixels).unwrap();
            loop {
                viewfinder.show(&view, &nobody());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    }

    #[tokio::test]
    async fn only_the_caller_of_an_enrolment_sees_it_and_only_until_its_end() {
        let all = Viewfinders::default();
        let open = all.open(7, ALICE);
        let engine = engine(open.viewfinder.clone());
        assert_eq!(all.next(7, ALICE).await.unwrap().width, 320);
        for (request, name) in [(7, ":1.6"), (7, ""), (8, ALICE), (0, ALICE)] {
            let refused = all.next(request, name).await.map(drop);
            assert_eq!(refused, Err(Refusal::NotAuthorized), "{request} {name}");
        }
        let late = open.viewfinder.clone();
        drop(open);
        assert_eq!(all.next(7, ALICE).await.map(drop), Err(Refusal::NotAuthorized));
        engine.abort();
        let _ = engine.await;
        assert!(late.0.last.borrow().is_none(), "the last picture was kept");
    }

    #[tokio::test]
    async fn who_waits_when_the_enrolment_ends_gets_nothing() {
        let all = Viewfinders::default();
        let open = all.open(7, ALICE);
        let waiting = {
            let all = all.clone();
            tokio::spawn(async move { all.next(7, ALICE).await.map(drop) })
        };
        tokio::task::yield_now().await;
        drop(open);
        assert_eq!(waiting.await.unwrap(), Err(Refusal::NotAuthorized));
    }

    #[tokio::test]
    async fn no_picture_is_made_unless_somebody_asks() {
        let open = Viewfinders::default().open(7, ALICE);
        let pixels = frame();
        open.viewfinder.show(&RgbView::new(640, 480, &pixels).unwrap(), &nobody());
        assert!(open.viewfinder.0.last.borrow().is_none());
        assert_eq!(open.viewfinder.next().await.map(drop), Err(Refusal::DeadlinePassed));
    }
}
