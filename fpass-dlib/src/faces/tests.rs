//! What is refused before dlib is asked; what it computes is tested by `fpass-face` on weights and pictures.

use super::*;

#[test]
fn pictures_whose_bytes_do_not_fit_are_refused() {
    let sides = [(0, 0, 0), (0, 4, 0), (4, 0, 0), (2, 2, 11), (2, 2, 13), (u32::MAX, u32::MAX, 3)];
    for (width, height, bytes) in sides {
        let refused = Picture::new(width, height, &vec![0; bytes]).err();
        assert_eq!(refused, Some(DlibError::Picture), "{width}×{height}, {bytes} bytes");
    }
    assert!(Picture::new(2, 2, &[0; 12]).is_ok());
}

#[test]
fn files_that_are_no_model_are_refused() {
    let directory = std::env::temp_dir().join(format!("fpass-dlib-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let text = directory.join("text.dat");
    std::fs::write(&text, "not weights").unwrap();
    let empty = directory.join("empty.dat");
    std::fs::write(&empty, []).unwrap();
    for path in [&text, &empty, &directory, &directory.join("absent.dat")] {
        let path = path.to_str().unwrap();
        assert_eq!(Predictor::open(path).err(), Some(DlibError::Predictor), "{path}");
        assert_eq!(Network::open(path).err(), Some(DlibError::Network), "{path}");
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_picture_without_faces_has_none() {
    let picture = Picture::new(320, 240, &vec![128; 3 * 320 * 240]).unwrap();
    assert_eq!(Detector::new().unwrap().faces(&picture).unwrap(), []);
}

#[test]
fn the_version_is_one_that_the_binding_knows() {
    assert!([19, 20].contains(&version().0), "{:?}", version());
}
