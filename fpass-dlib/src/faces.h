// What F-pass uses of dlib, as cxx sees it. Whatever dlib throws reaches Rust as an error.
#pragma once

#include <cstdint>
#include <memory>

#include "rust/cxx.h"

namespace fpass {

struct Spot;
struct Area;

// A picture in dlib's form. Its pixels are overwritten before they are freed.
class Picture {
public:
    Picture(uint32_t width, uint32_t height, rust::Slice<const uint8_t> pixels);
    ~Picture();
    Picture(const Picture &) = delete;
    Picture &operator=(const Picture &) = delete;

    struct Pixels;
    const Pixels &held() const { return *pixels; }

private:
    std::unique_ptr<Pixels> pixels;
};

// HOG and a linear classifier: frontal faces.
class Detector {
public:
    Detector();
    ~Detector();
    rust::Vec<Area> faces(const Picture &picture) const;

private:
    struct Inner;
    std::unique_ptr<Inner> inner;
};

// Landmarks by an ensemble of regression trees.
class Predictor {
public:
    explicit Predictor(rust::Str path);
    ~Predictor();
    rust::Vec<Spot> landmarks(const Picture &picture, const Area &face) const;

private:
    struct Inner;
    std::unique_ptr<Inner> inner;
};

// The ResNet that maps a face to 128 values.
class Network {
public:
    explicit Network(rust::Str path);
    ~Network();
    void embed(const Picture &picture, rust::Slice<const Spot> landmarks, rust::Slice<float> values);

private:
    struct Inner;
    std::unique_ptr<Inner> inner;
};

std::unique_ptr<Picture> picture(uint32_t width, uint32_t height, rust::Slice<const uint8_t> pixels);
std::unique_ptr<Detector> detector();
std::unique_ptr<Predictor> predictor(rust::Str path);
std::unique_ptr<Network> network(rust::Str path);
// Version of the headers: major · 100 + minor.
uint32_t version();

}
