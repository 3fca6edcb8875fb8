// The parts of dlib that F-pass uses, for cxx. Exceptions of dlib reach Rust as errors.
#pragma once

#include <cstdint>
#include <memory>

#include "rust/cxx.h"

namespace fpass {

struct Point;
struct Rectangle;

// A picture in dlib's memory. Its pixels are overwritten before they are freed.
class Image {
public:
    Image(uint32_t width, uint32_t height, rust::Slice<const uint8_t> pixels);
    ~Image();
    Image(const Image &) = delete;
    Image &operator=(const Image &) = delete;

    struct Pixels;
    const Pixels &held() const { return *pixels; }

private:
    std::unique_ptr<Pixels> pixels;
};

// Landmarks by an ensemble of regression trees.
class ShapePredictor {
public:
    explicit ShapePredictor(rust::Str path);
    ~ShapePredictor();
    rust::Vec<Point> landmarks(const Image &image, const Rectangle &face) const;

private:
    struct Inner;
    std::unique_ptr<Inner> inner;
};

// The ResNet that maps a face to 128 values.
class FaceNetwork {
public:
    explicit FaceNetwork(rust::Str path);
    ~FaceNetwork();
    void embed(const Image &image, rust::Slice<const Point> landmarks, rust::Slice<float> values);

private:
    struct Inner;
    std::unique_ptr<Inner> inner;
};

std::unique_ptr<Image> image(uint32_t width, uint32_t height, rust::Slice<const uint8_t> pixels);
std::unique_ptr<ShapePredictor> predictor(rust::Str path);
std::unique_ptr<FaceNetwork> network(rust::Str path);
// Version of the headers: 100 · major + minor.
uint32_t version();

}
